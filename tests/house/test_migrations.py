"""One line of history per app, and nothing in the models that no migration makes."""

import pytest
from django.core.management import call_command
from django.db import connection


def test_the_history_of_each_app_is_one_line():
    call_command("check", "--fail-level", "WARNING")


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_every_trigger_that_a_model_declares_stands_in_the_database():
    """A migration that forgot one would leave a table outside the ledger."""
    import pgtrigger

    declared = {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        installed = {name for (name,) in cursor.fetchall()}
    assert declared
    assert not declared - installed
