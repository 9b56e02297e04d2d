"""The web server is killed with -9 in the middle of a revocation: all has happened or nothing, and the next try ends it once."""

import http.client
import io
import re
import time
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from privacy.ledger.queries import verify
from privacy.models import AccessGrant, SystemChange
from tests.factories.access import grant, sign_in
from tests.factories.processes import holder, waits_of_others
from tests.factories.systems import held, wait_until
from tests.factories.warm import running_web
from tests.factories.workforce import EmployeeFactory

pytestmark = [pytest.mark.slow(15), pytest.mark.django_db(transaction=True)]

# What somebody else holds until the server is dead, and whether the revocation can have been committed by then.
HELD = {
    "their grants": "SELECT 1 FROM privacy_accessgrant FOR UPDATE",
    "the entries about grants": "LOCK TABLE privacy_accessgrantledgerevent IN SHARE MODE",
    "what is to be removed elsewhere": "LOCK TABLE privacy_systemchange IN SHARE MODE",
    "the jobs": "LOCK TABLE procrastinate_jobs IN SHARE MODE",
}
SECONDS = (0.03, 0.1, 0.15, 0.2)


class Revocation:
    """ana, with access here and in another system, and root, who is about to revoke all of it with one POST."""

    def __init__(self, client, cluster):
        self.ana, self.root = EmployeeFactory(login="ana"), EmployeeFactory(login="root")
        grant(self.ana, "requests.work", "reveal.contact")
        grant(self.root, "access.administer")
        groups = [cluster.group(), cluster.group()]
        self.account = cluster.person(*groups)
        self.ana.login = self.account
        self.ana.save()
        held(self.ana, cluster.system(), *groups)
        self.path = reverse("access:revoke_all", args=[self.ana.pk])
        page = sign_in(client, self.root).get(self.path).content.decode()
        self.token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        self.cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.before = self.standing()

    def begin(self, server):
        """The POST, sent; nobody waits for the answer yet."""
        link = http.client.HTTPConnection(*server, timeout=30)
        body = urlencode({"reason": "left at once", "csrfmiddlewaretoken": self.token})
        origin = f"http://127.0.0.1:{server[1]}"
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin, "Cookie": self.cookie}
        link.request("POST", self.path, body, form)
        return link

    def standing(self):
        self.ana.refresh_from_db()
        return {
            "active": AccessGrant.objects.active().filter(employee=self.ana).count(),
            "removals": SystemChange.objects.removals().filter(employee=self.ana).count(),
            "epoch": self.ana.session_epoch,
        }

    def is_done(self):
        """All of it or nothing; the rows are what their last entries say."""
        assert verify([]).findings == []
        now = self.standing()
        if now == self.before:
            return False
        assert (now["active"], now["removals"]) == (0, 2)
        assert now["epoch"] > self.before["epoch"]
        return True

    def finish(self):
        """The same act once more, by a new server; then what is due elsewhere is done. Each grant has ended once."""
        with running_web() as (server, _):
            assert self.begin(server).getresponse().status == 302
        assert self.is_done()
        call_command("push_removals", stdout=io.StringIO())
        removals = SystemChange.objects.removals().filter(employee=self.ana)
        assert [(one.state, one.attempts) for one in removals] == [("proven", 1)] * 2
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(DISTINCT pgh_obj_id) FROM privacy_accessgrantledgerevent"
                " WHERE employee_id = %s AND state IN ('revoking', 'revoked') AND revoked_at IS NOT NULL AND pgh_label = 'update'"
                " AND pgh_context_id IN (SELECT id FROM pghistory_context WHERE metadata->>'reason' = 'left at once')",
                [self.ana.pk],
            )
            assert cursor.fetchone() == (4, 4)


@pytest.fixture
def revocation(client, cluster):
    return Revocation(client, cluster)


@pytest.mark.parametrize("what", HELD)
def test_a_server_killed_at_this_place_has_done_all_or_nothing_and_the_next_try_ends_it_once(revocation, cluster, what):
    with running_web() as (server, process), holder() as holding:
        holding.execute(HELD[what])
        revocation.begin(server)
        wait_until(lambda: "Lock" in waits_of_others().values())
        process.kill()
        process.wait()
    wait_until(lambda: not waits_of_others())
    assert not revocation.is_done()
    revocation.finish()
    assert cluster.groups_of(revocation.account) == set()


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_server_killed_at_this_moment_has_done_all_or_nothing_and_the_next_try_ends_it_once(revocation, cluster, seconds):
    with running_web() as (server, process):
        warm = http.client.HTTPConnection(*server, timeout=30)
        warm.request("GET", "/statement/")
        assert warm.getresponse().status == 200
        revocation.begin(server)
        time.sleep(seconds)
        process.kill()
        process.wait()
    wait_until(lambda: not waits_of_others())
    revocation.is_done()
    revocation.finish()
    assert cluster.groups_of(revocation.account) == set()
