"""Ports of Django that rooms answer: after migrating, at sign-in, at a refused sign-in."""

from django.db.models.signals import post_migrate


def connect() -> None:
    """Called once by the app's `ready`."""
    from privacy.access import signals as access
    from privacy.ledger import signals as ledger
    from privacy.statement import signals as statement

    post_migrate.connect(statement.install, dispatch_uid="statement.install")
    post_migrate.connect(ledger.grant_application_role, dispatch_uid="ledger.grant_application_role")
    access.connect()
