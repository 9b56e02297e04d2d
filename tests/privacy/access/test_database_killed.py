"""All of the database server is killed with -9 while a roster ends hundreds of grants: nothing is ended, or all of it once."""

import signal
import subprocess
import sys
import time

import psycopg
import pytest

from lumens_admin.embedded import EmbeddedPostgres, binary, processes
from tests.factories.processes import ROOT, environment_here
from tests.privacy.access.test_mass_revocation import EACH, company, end_all_but

pytestmark = [pytest.mark.slow(20), pytest.mark.django_db(transaction=True)]

PEOPLE = 60


class OwnServer:
    """A durable server of the test's own, with a copy of the test's database; commands of the house work on it."""

    def __init__(self, tmp_path):
        self.server = EmbeddedPostgres(tmp_path / "postgres")
        self.var = tmp_path / "var"

    def begin(self):
        self.server.start()
        with psycopg.connect(self.server.dsn(), autocommit=True) as link:
            link.execute("CREATE DATABASE lumens")
        here = environment_here()["DATABASE_URL"]
        dump = subprocess.Popen([binary("pg_dump"), "--no-owner", "--no-privileges", f"--dbname={here}"], stdout=subprocess.PIPE)
        restore = [binary("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={self.url}"]
        subprocess.run(restore, stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
        assert dump.wait() == 0

    @property
    def url(self):
        return self.server.dsn(database="lumens")

    def command(self, *arguments):
        environment = environment_here(DATABASE_URL=self.url, LUMENS_VAR=str(self.var), LUMENS_AS_OWNER="1")
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ask(self, question):
        with psycopg.connect(self.url) as link:
            return link.execute(question).fetchone()[0]

    def kill_and_start_again(self):
        """Every process of it, at once; its files stay as they are."""
        alive = processes.of_server(self.server.data_dir, self.server._name)
        assert len(alive) > 5
        processes.send(alive, signal.SIGKILL)
        assert processes.until(lambda: not processes.of_server(self.server.data_dir, self.server._name), 10)
        self.server.start()

    def standing(self):
        return {
            "active": self.ask("SELECT count(*) FROM privacy_accessgrant g JOIN privacy_entitlement e ON e.id = g.entitlement_id"
                               " WHERE e.code LIKE 'part.%' AND g.state = 'approved'"),
            "here": self.ask("SELECT count(*) FROM privacy_employee WHERE login ~ '^p[0-9]+$' AND left_at IS NULL"),
            "removals": self.ask("SELECT count(*) FROM privacy_systemchange WHERE wanted = 'removed'"),
            "entries": self.ask("SELECT count(*) FROM privacy_accessgrantledgerevent WHERE pgh_label = 'update'"),
        }  # fmt: skip


@pytest.fixture
def own(tmp_path):
    own = OwnServer(tmp_path)
    yield own
    own.server.stop()


def wait_for(own, question, process):
    until = time.monotonic() + 60
    while not own.ask(question):
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < until, "it never came so far"
        time.sleep(0.01)


def test_a_database_that_dies_in_a_mass_revocation_has_ended_nothing_or_each_grant_once(own, tmp_path):
    command = end_all_but(company(PEOPLE), tmp_path / "roster.csv")
    own.begin()
    before = own.standing()
    assert (before["active"], before["here"], before["removals"]) == (PEOPLE * EACH, PEOPLE, 0)

    process = own.command(*command)
    wait_for(own, "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_xid IS NOT NULL", process)
    own.kill_and_start_again()
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1, said
    assert "has happened whole or not at all; run the same command again" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert own.standing() == before, "killed as it began to write"

    # The jobs come last: while somebody holds their table, all is written, and nothing committed.
    with psycopg.connect(own.url) as holding:
        holding.execute("LOCK TABLE procrastinate_jobs IN SHARE MODE")
        process = own.command(*command)
        wait_for(own, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'procrastinate_jobs'::regclass", process)
        own.kill_and_start_again()
        said = process.communicate(timeout=60)[0]
        holding.close()
    assert process.returncode == 1, said
    assert own.standing() == before, "killed before its commit"

    process = own.command(*command)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    own.kill_and_start_again()
    after = own.standing()
    assert (after["active"], after["here"], after["removals"]) == (0, 0, PEOPLE * EACH), "committed is not lost"
    assert after["entries"] - before["entries"] == PEOPLE * EACH, "once each"
    for what in ("seal_ledger", "verify_ledger"):  # its rows are what their last entries say
        read = own.command(what)
        said = read.communicate(timeout=120)[0]
        assert read.returncode == 0, said
