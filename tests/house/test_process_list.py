"""Whoever may list processes on the machine sees no password, key or token in what was started (ASVS 13.3.1)."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from privacy.models import SystemKind
from tests.factories.processes import ROOT, environment_here, running_web, running_worker
from tests.factories.systems import SystemFactory, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD, TOKEN = "opensesame-of-the-database", "opensesame-of-the-wiki"


def command_lines():
    """What `ps` shows of every process of the machine, by its id."""
    found = {}
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[int(place.parent.name)] = place.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has ended
    return found


def test_the_process_list_shows_no_secret_of_what_runs(tmp_path, monkeypatch):
    if settings.DATABASES["default"]["PASSWORD"]:
        pytest.skip("needs a server that lets us in without a password, so that any can be written into the address")
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", PASSWORD)
    SystemFactory(kind=SystemKind.POSTGRESQL, address="postgresql://us@127.0.0.1:1/x", secret=TOKEN)
    environment = environment_here()
    assert PASSWORD in environment["DATABASE_URL"]
    reading = [sys.executable, str(ROOT / "manage.py"), "receive_mail", "-"]
    with (
        running_web(tmp_path) as (_, web),
        running_worker(tmp_path, at=timezone.now()),
        subprocess.Popen(reading, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as command,
    ):
        ours = {"lumens_admin.serve.web", "lumens_admin.serve.worker", "receive_mail", "postgres:"}
        wait_until(lambda: all(any(one in line for line in command_lines().values()) for one in ours))
        seen = command_lines()
        assert {web.pid, command.pid} <= seen.keys()
        command.stdin.close()
    secrets = {PASSWORD, TOKEN, settings.SECRET_KEY, *settings.FIELD_KEYS, settings.INDEX_KEY}
    assert not [line for line in seen.values() if any(secret in line for secret in secrets)]
