"""The tests' own databases."""

import pytest
from django.core.management import call_command

from privacy.access.jobs.changes import reconcile_system
from privacy.models import Department


@pytest.mark.django_db(transaction=True)
def test_nothing_that_a_test_commits_is_met_by_the_next_jobs_included():
    from procrastinate.contrib.django.models import ProcrastinateJob

    Department.objects.create(code="left", name="Left behind")
    reconcile_system.defer(system_id=1)
    assert ProcrastinateJob.objects.exists()
    call_command("flush", verbosity=0, interactive=False)
    assert not ProcrastinateJob.objects.exists()
    assert not Department.objects.exists()
