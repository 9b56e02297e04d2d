"""What every test stands on."""

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import databases

# A loaded machine makes examples slowly; that is no fault of what is tested.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker) -> None:
    databases.install()
    with django_db_blocker.unblock():
        databases.use_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        databases.keep_what_migrating_wrote()


@pytest.hookimpl(trylast=True)  # after pytest-django has put tests that empty the database behind the others
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, the slowest before the others: none of them comes last and alone."""
    seconds: dict[Path, int] = {}
    for item in items:
        for mark in item.iter_markers("slow"):
            seconds[item.path] = max(seconds.get(item.path, 0), mark.args[0])
    items.sort(key=lambda item: -seconds.get(item.path, 0))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    from tests.factories import workforce  # models, which are there only once Django is set up

    workforce.forget()


def pytest_collection_finish() -> None:
    """All that was imported and collected stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
