"""What holds for every page and every form of the demonstration company, found by following links (SECURITY.md)."""

from datetime import timedelta
from unittest import mock
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client, TestCase
from django.urls import resolve
from django.utils import timezone

from customers.doors.pages import may_open
from customers.models import Customer
from privacy.access.backends import GrantBackend
from privacy.desk.jobs.demonstration import load_demonstration
from privacy.models import AccessGrant, Employee, Entitlement, OptOut, SuppressionDelivery, SuppressionItem, Ticket, TicketEvent
from privacy.promises.queries import declared, standings
from tests.factories.access import grant, sign_in
from tests.factories.workforce import EmployeeFactory
from tests.house.hostile import MADE, MARKS, plant
from tests.house.pages import Page, newest, walk
from tests.house.swapped_ids import SwappedIds

pytestmark = pytest.mark.slow(170)
BEGINNINGS = ["/", "/admin/tables/"]

# What everybody may do for themselves, whatever access they have.
ONES_OWN = {
    "access:ask",
    "access:withdraw",
    "account_change_password",
    "account_logout",
    "logout",
    "account_reset_password",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "programme:acknowledge",
    "desk:end_session",
    "usersessions_list",
}
# A list that was on its way out when access ended is shown once more, and that it was is written down.
LAST_LOOK = {"desk:search", "admin:customers_customer_changelist"}


def _added(before):
    """How much was written since, table by table; that somebody was refused is written down and changes nothing else."""
    after = newest()
    tables = [table for table in after if after[table] != before.get(table, 0) and "deniedattempt" not in table]
    return {table: _events_after(before.get(table, 0), table) for table in tables}


def _events_after(number, table):
    """Counted, not subtracted: numbers that an earlier test drew and took back are left out."""
    if table == "procrastinate_jobs":
        return newest()[table] - number
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE pgh_id > %s", [number])
        return cursor.fetchone()[0]


def _wrong(answer, page):
    """What is wrong with an answer, whatever it shows."""
    if answer.status_code >= 400:
        return [str(answer.status_code)]
    if "Content-Security-Policy" not in answer.headers or answer.headers["Cache-Control"] != "no-store":
        return ["headers"]
    return page.refused if page else []


def _forms(seen, *, but):
    """(name, act, names of fields) → (address, fields) of every form of the house that is more than one's own affair.

    but: parts of addresses that are left out.
    """
    found = {}
    for address, (_, forms) in seen.items():
        for form in forms:
            to = urlsplit(urljoin(address, form.action)).path
            name = resolve(to).view_name if form.method == "post" else "logout"
            if any(part in to for part in but) or name.startswith("admin:privacy"):  # its tables have no form but the sign-out
                continue
            if name not in ONES_OWN | LAST_LOOK:
                found.setdefault((name, to.rsplit("/", 2)[-2], tuple(sorted(form.fields))), (to, form.fields))
    return found


def _as_at_the_start(get_user):
    """Whoever sends a request, in whose course all access ends: the view still knows it, the database no longer does."""

    def remembered(backend, user_id):
        employee = get_user(backend, user_id)
        everything = Entitlement.objects.values_list("permissions", flat=True)
        employee.__dict__["_permissions_in_force"] = {name for permissions in everything for name in permissions}
        return employee

    return remembered


class TestTheWholeHouse(SwappedIds, TestCase):
    """The demonstration company, loaded and walked through once, and somebody in it who holds every entitlement."""

    @classmethod
    def setUpTestData(cls):
        load_demonstration(customers=25, seed=7, now=timezone.now())
        cls.stands = standings(now=timezone.now())
        cls.omni = EmployeeFactory(login="omni")
        grant(cls.omni, *Entitlement.objects.filter(system__code="back-office").values_list("code", flat=True))
        client, before = sign_in(Client(), cls.omni), newest()
        cls.seen = {
            address: (_wrong(answer, page), page.forms if page else []) for address, answer, page in walk(client, BEGINNINGS)
        }
        cls.written = _added(before)

    def setUp(self):
        sign_in(self.client, self.omni)

    def test_the_same_seed_makes_the_same_company(self):
        """As these were when it was last loaded; another version of Faker may make others."""
        customers = Customer.objects.order_by("member_id").values_list("member_id", "name")
        assert list(customers[:3]) == [("LM1000000", "James Green"), ("LM1000001", "Nguyễn Thị Hương"), ("LM1000002", "Cody Ray")]
        requesters = Ticket.objects.order_by("reference").values_list("requester_masked", flat=True)
        assert list(requesters[:3]) == ["j•••@i•••.example", "g•••@o•••.example", "n•••@y•••.example"]

    def test_one_promise_is_broken_in_it_and_it_is_the_one_that_is_meant_to_be_found(self):
        assert [one.promise.id for one in self.stands if one.is_broken] == ["A2b-cookies"]

    def test_its_colleagues_work_by_day(self):
        by_hand = [
            *TicketEvent.objects.exclude(by=None).values_list("at", flat=True),
            *OptOut.objects.exclude(recorded_by=None).values_list("suppressed_at", flat=True),
        ]
        assert len(by_hand) > 200
        assert {timezone.localtime(at).hour for at in by_hand} <= set(range(8, 19))  # a call of 17:59 is written down after it
        assert max(by_hand) < timezone.now()

    def test_whoever_sends_for_the_company_is_told_every_week_of_those_who_opted_out_and_applies_it(self):
        (told,) = [one for one in self.stands if one.promise.id == "G-suppression"]
        assert told.standing == "kept"
        now = timezone.now()
        sent = SuppressionDelivery.objects.order_by("third_party", "made_at")
        assert len(sent) > 100
        for delivery in sent.filter(made_at__lt=now - timedelta(days=7)):
            assert (delivery.state, delivery.made_at < delivery.receipt_at < delivery.deadline) == ("applied", True)
        for item in SuppressionItem.objects.select_related("added_in"):
            assert OptOut.objects.filter(owed_sha256=item.owed_sha256, suppressed_at__lte=item.added_in.made_at).exists()

    def test_no_page_breaks_writes_or_needs_what_the_policy_forbids(self):
        failures = [f"{address}: {what}" for address, (wrong, _) in self.seen.items() for what in wrong]
        assert not failures, "\n".join(failures)
        assert len(self.seen) > 400, sorted(self.seen)
        assert self.written == {}, f"a GET wrote: {self.written}"

    def test_no_promise_leads_who_only_reads_to_a_closed_door(self):
        rhea = EmployeeFactory(login="rhea")
        grant(rhea, "promises.read")
        client = sign_in(Client(), rhea)
        for door in {door for one in declared() for door in (one.evidence, one.evidence_soon) if door}:
            assert may_open(rhea, door) is (client.get(door).status_code == 200), door
        in_danger = [one.promise.id for one in standings(now=timezone.now()) if one.figure.broken or one.figure.at_risk]
        assert "A2b-cookies" in in_danger
        for promise in in_danger:
            address = f"/admin/promises/{promise}/"
            links = {link for link in Page(client.get(address).content.decode()).links if "/static/" not in link}
            assert not [link for link in links if client.get(urljoin(address, link)).status_code >= 400]
        mends = self.client.get("/admin/promises/A2b-cookies/").content.decode()
        assert "/admin/sharing/parties/" in mends  # who may open that is led there
        assert "/admin/sharing/parties/" not in client.get("/admin/promises/A2b-cookies/").content.decode()

    def test_a_form_whose_senders_access_ends_while_it_is_answered_changes_nothing(self):
        theirs, others = f"/people/{self.omni.pk}/", f"/people/{Employee.objects.get(login='priya.nair').pk}/"
        # One's own access one may always give up.
        own = {f"/grants/{pk}/" for pk in AccessGrant.objects.filter(employee=self.omni).values_list("pk", flat=True)}
        found = _forms(self.seen, but=own)
        forms = {key: (to.replace(theirs, others), fields) for key, (to, fields) in found.items()}
        able = {address for address, fields in forms.values() if self._wrote(address, fields)}
        assert len(able) > 20, ("the same forms, sent by somebody who may", len(forms), sorted(able))
        AccessGrant.objects.filter(employee=self.omni).update(ends_at=timezone.now())
        self.omni.refresh_from_db()
        sign_in(self.client, self.omni)  # its session would be over too; here only the right is
        with mock.patch.object(GrantBackend, "get_user", _as_at_the_start(GrantBackend.get_user)):
            sent = {address: self._wrote(address, fields) for address, fields in forms.values()}
        wrote = {address: tables for address, tables in sent.items() if tables}
        assert not wrote, "\n".join(f"{address}: {tables}" for address, tables in sorted(wrote.items()))

    def _wrote(self, address, fields):
        """What that form would write, table by table; it is undone."""
        before = newest()
        with transaction.atomic():
            answer = self.client.post(address, fields)
            list(answer.streaming_content if answer.streaming else ())
            added = _added(before)
            transaction.set_rollback(True)
        return added

    def test_hostile_words_in_every_column_make_no_node_no_link_and_no_template(self):
        planted, kept = plant()
        assert len(planted) > 300, kept
        failures = []
        for address, answer, page in walk(self.client, BEGINNINGS, most=600, most_of_one_kind=1):
            if answer.status_code >= 500:
                failures.append(f"{address}: {answer.status_code}")
            failures += [f"{address}: {what}" for what in page.refused] if page else []
            text = "" if answer.streaming else answer.content.decode(errors="replace")
            failures += [f"{address}: {mark}" for mark in MARKS if (mark == MADE and mark in text) or (page and page.tags[mark])]
        assert not failures, "\n".join(failures)
