"""Other systems, started once for a whole run; commands, as they answer with --json."""

import json

import pytest
from django.core.management import call_command

from tests.factories.scim import Provider, running_server
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


@pytest.fixture
def okta(db):
    """An identity provider, connected to a SCIM server of ours."""
    with running_server() as url:
        provider = Provider(url)
        yield provider
        provider.close()


@pytest.fixture
def run(capsys):
    """Runs a command; gives its exit status and what it printed."""

    def run(*arguments):
        code = 0
        try:
            call_command(*arguments, "--json")
        except SystemExit as stop:
            code = stop.code
        return code, json.loads(capsys.readouterr().out)

    return run
