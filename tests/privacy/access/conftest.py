"""Other systems, started once for a whole run."""

import pytest

from tests.factories.systems import running_application, running_cluster


@pytest.fixture(scope="session")
def cluster():
    """A second PostgreSQL, with password logins."""
    with running_cluster() as found:
        yield found


@pytest.fixture(scope="session")
def application():
    """A real scim2-server in a process of its own."""
    with running_application() as found:
        yield found
