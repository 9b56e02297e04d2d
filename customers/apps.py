import os

from django.apps import AppConfig
from django.db.models.signals import pre_migrate


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = "Customers"

    def ready(self) -> None:
        if os.environ.get("LUMENS_DRAFT"):
            pre_migrate.connect(_prepare_draft, sender=self, dispatch_uid="customers.prepare_draft")


def _prepare_draft(sender: AppConfig, using: str, **kwargs: object) -> None:
    """Throwaway migrations made by `makemigrations` lack the SQL that the tables need first."""
    from django.db import connections

    from customers import sql

    with connections[using].cursor() as cursor:
        for forward, _backward in sql.BEFORE_TABLES:
            cursor.execute(forward)
