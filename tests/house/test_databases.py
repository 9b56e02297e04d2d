"""The tests' own databases."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from customers.models import KeyMark
from privacy.access.jobs.changes import reconcile_system
from privacy.models import Department, Entitlement, StatementVersion


@pytest.mark.django_db(transaction=True)
def test_nothing_that_a_test_commits_is_met_by_the_next_jobs_included():
    from procrastinate.contrib.django.models import ProcrastinateJob

    Department.objects.create(code="left", name="Left behind")
    reconcile_system.defer(system_id=1)
    assert ProcrastinateJob.objects.exists()
    call_command("flush", verbosity=0, interactive=False)
    assert not ProcrastinateJob.objects.exists()
    assert not Department.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_undone_also_where_migrating_had_written():
    def everything():
        return {
            model: list(model._base_manager.order_by("pk").values())
            for model in (ContentType, Permission, Entitlement, StatementVersion, KeyMark)
        }

    before = everything()
    assert all(before.values())
    Entitlement.objects.filter(code="tickets").update(name="Something else")
    Permission.objects.all().delete()
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
    assert everything() == before
