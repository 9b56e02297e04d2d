"""Every night what is really there is compared, and a night that was missed is made up for."""

import asyncio
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from privacy.access.jobs import changes
from privacy.access.jobs.changes import reconcile_every_system
from privacy.access.queries import not_compared_tonight
from privacy.models import Reconciliation, System, SystemKind
from tests.factories.systems import SystemFactory

NIGHT = timezone.make_aware(datetime(2026, 3, 10, 2, 17))


def elsewhere(**values):
    return SystemFactory(kind=SystemKind.POSTGRESQL, address="postgresql://u:p@127.0.0.1:1/x", **values)


def compared(system, *, began_at, ended=True, failure=""):
    ended_at = began_at + timedelta(minutes=1) if ended else None
    return Reconciliation.objects.create(system=system, began_at=began_at, ended_at=ended_at, failure=failure)


@pytest.mark.django_db
def test_each_system_is_compared_once_a_night_and_whoever_was_missed_an_hour_later():
    wiki, shop = elsewhere(), elsewhere()
    elsewhere(reconciled=False)
    SystemFactory()  # by hand
    assert not_compared_tonight(now=NIGHT) == [wiki.pk, shop.pk]
    compared(wiki, began_at=NIGHT)
    compared(shop, began_at=NIGHT, failure="It did not answer in time.")
    for hours in (1, 8, 23):
        assert not_compared_tonight(now=NIGHT + timedelta(hours=hours)) == [shop.pk]
    compared(shop, began_at=NIGHT + timedelta(hours=1))
    assert not_compared_tonight(now=NIGHT + timedelta(hours=23)) == []
    assert not_compared_tonight(now=NIGHT + timedelta(hours=24)) == [wiki.pk, shop.pk]


@pytest.mark.django_db
def test_a_machine_that_is_off_at_night_compares_in_the_morning():
    wiki = elsewhere()
    compared(wiki, began_at=NIGHT - timedelta(hours=10))
    assert not_compared_tonight(now=NIGHT + timedelta(hours=6)) == [wiki.pk]


@pytest.mark.django_db
def test_what_a_killed_worker_left_in_the_middle_is_compared_anew():
    wiki = elsewhere()
    compared(wiki, began_at=NIGHT, ended=False)
    assert not_compared_tonight(now=NIGHT + timedelta(minutes=30)) == []
    assert not_compared_tonight(now=NIGHT + timedelta(minutes=61)) == [wiki.pk]


def test_the_worker_asks_every_hour():
    periodic = app.periodic_registry.periodic_tasks
    assert ("access.reconcile_every_system", "17 * * * *") in {(one.task.name, one.cron) for one in periodic.values()}


@pytest.mark.django_db(transaction=True)
def test_its_jobs_compare_each_system_and_two_jobs_for_one_system_are_one(monkeypatch):
    monkeypatch.setattr(changes, "close_old_connections", connections.close_all)  # the test's database is to be dropped
    wiki, shop = elsewhere(), elsewhere()
    assert reconcile_every_system() == 2
    assert reconcile_every_system() == 2
    jobs = ProcrastinateJob.objects.filter(task_name="access.reconcile_system", status="todo")
    assert sorted(job.args["system_id"] for job in jobs) == [wiki.pk, shop.pk]
    for job in jobs:
        asyncio.run(app.tasks[job.task_name].func(**job.args))
    assert sorted(Reconciliation.objects.values_list("system", flat=True)) == [wiki.pk, shop.pk]
    assert all(one.failure for one in Reconciliation.objects.all())
    assert System.objects.filter(failure="").exclude(kind=SystemKind.HERE).count() == 0
