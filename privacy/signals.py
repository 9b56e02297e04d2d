"""Ports of Django that rooms answer: after migrating, at sign-in, at a refused sign-in."""

from typing import Any

from django.core import checks
from django.db import connections
from django.db.models.signals import post_migrate


def connect() -> None:
    """Called once by the app's `ready`."""
    from customers.doors.exports import exported
    from customers.doors.masks import searched, searching
    from privacy.access import signals as access
    from privacy.datamap import policies as datamap
    from privacy.ledger import signals as ledger
    from privacy.statement import signals as statement

    post_migrate.connect(statement.install, dispatch_uid="statement.install")
    post_migrate.connect(mark_keys_of_a_new_database, dispatch_uid="customers.mark_keys")
    post_migrate.connect(install_entitlements, dispatch_uid="access.install_entitlements")
    post_migrate.connect(ledger.let_no_trigger_be_ignored, dispatch_uid="ledger.let_no_trigger_be_ignored")
    post_migrate.connect(ledger.let_triggers_compare_many_rows, dispatch_uid="ledger.let_triggers_compare_many_rows")
    post_migrate.connect(ledger.let_only_triggers_write_the_ledger, dispatch_uid="ledger.let_only_triggers_write_the_ledger")
    post_migrate.connect(ledger.grant_application_role, dispatch_uid="ledger.grant_application_role")
    access.connect()
    searching.connect(access.check_searches, dispatch_uid="access.check_searches")
    searched.connect(access.record_search, dispatch_uid="access.record_search")
    exported.connect(ledger.record_list_export, dispatch_uid="ledger.record_list_export")
    checks.register(datamap.check_data_map, "datamap")


def install_entitlements(sender: Any, using: str, **kwargs: Any) -> None:
    """After migrating: the entitlements of this back-office are what the catalogue says."""
    if sender.name == "privacy" and "privacy_entitlement" in connections[using].introspection.table_names():
        from privacy.access.actions import install_catalogue

        install_catalogue()


def mark_keys_of_a_new_database(sender: Any, using: str, **kwargs: Any) -> None:
    """After migrating: the database knows its keys before anybody can write an encrypted value into it.

    Where it is marked already nothing is compared here: that is for whoever would work with the keys (`check_keys`).
    """
    if sender.name == "privacy" and "customers_keymark" in connections[using].introspection.table_names():
        from customers.actions import mark_keys
        from customers.models import KeyMark
        from privacy.ledger.actions import SYSTEM, act

        if not KeyMark.objects.exists():
            mark_keys(in_act=lambda: act("mark_keys", by=SYSTEM, reason="the keys that the database was made with"))
