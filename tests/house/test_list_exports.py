"""Every list as a file: what its page shows, masked as there, written down, and ended with the access of its reader."""

import csv
import io
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib import admin
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from customers.doors import exports
from customers.models import Address, Customer, EmailOpen
from privacy.mailroom.gateways.reader import ProcessReader
from privacy.mailroom.jobs import receive_one
from privacy.models import (
    AccessGrant,
    DeniedAttempt,
    Employee,
    Entitlement,
    RecordedRead,
    SuppressionDelivery,
    SuppressionItem,
    Ticket,
)
from privacy.tickets.actions import claim
from tests.factories.access import grant, sign_in
from tests.factories.agreements import ThirdPartyFactory
from tests.factories.customers import AddressFactory, CustomerFactory
from tests.factories.mailroom import mail
from tests.factories.optouts import OptOutFactory
from tests.factories.tickets import make_ticket
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.slow(30)

CSV = {"csv": "1"}


@pytest.fixture
def omni(db, client):
    """Somebody who holds every entitlement of this back-office, signed in."""
    employee = EmployeeFactory(login="omni")
    grant(employee, *Entitlement.objects.filter(system__code="back-office").values_list("code", flat=True))
    sign_in(client, employee)
    return employee


def _list(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _rows(answer):
    assert answer.status_code == 200, answer.content[:300]
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


@pytest.mark.parametrize("model", [Customer, Address])
def test_what_customers_gave_us_leaves_only_with_who_proved_lately_who_they_are(omni, client, model):
    assert client.post(_list(model), CSV).streaming
    sign_in(client, omni, recently=False)
    answer = client.post(_list(model), CSV)
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/reauthenticate/")
    assert client.post(_list(Employee), CSV).streaming, "a list of our own work needs none"


TABLES = sorted(admin.site._registry.keys() - {EmailOpen}, key=lambda model: model._meta.label)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_every_table_can_be_taken_along_as_its_page_shows_it(omni, client, model):
    customer = CustomerFactory(name="Greta Lindqvist", email="greta@mail.example", phone="+19165550123")
    AddressFactory(customer=customer, line1="12 Lamp Street")
    make_ticket(name="Greta Lindqvist", email="greta@mail.example", phone="+19165550123")
    header, *rows = _rows(client.post(_list(model), CSV))
    page = client.get(_list(model)).content.decode()
    assert len(rows) == model._default_manager.count()
    assert len(header) > 1
    assert not rows or all(name.casefold() in page.casefold() for name in header)
    assert all(len(row) == len(header) for row in rows)
    text = str(rows)
    assert not any(plain in text for plain in ("Lindqvist", "greta@mail", "5550123", "Lamp Street", "<"))


def test_who_opened_which_mail_leaves_in_no_list(omni, client):
    assert ">CSV" not in client.get(_list(EmailOpen)).content.decode()
    assert client.post(_list(EmailOpen), CSV).status_code == 403


def test_that_a_list_left_is_written_down_before_and_after(omni, client):
    CustomerFactory.create_batch(3)
    answer = client.post(_list(Customer), CSV)
    begun = RecordedRead.objects.get(kind="export")
    assert (begun.by, begun.subject, begun.reason, begun.rows_seen) == (omni, "customers.customer list", "begun", 0)
    _rows(answer)
    ended = RecordedRead.objects.filter(kind="export").latest("pk")
    assert (ended.reason, ended.rows_seen) == ("finished", 3)


def test_what_cannot_be_written_down_does_not_leave(omni, client, monkeypatch):
    def away(*arguments, **named):
        raise DatabaseError("away")

    monkeypatch.setattr("privacy.ledger.actions.record_read", away)
    with pytest.raises(DatabaseError):
        client.post(_list(Employee), CSV)


def test_the_filters_of_the_page_are_those_of_the_file(omni, client):
    CustomerFactory(source="shipper")
    CustomerFactory.create_batch(2, source="customer")
    assert len(_rows(client.post(f"{_list(Customer)}?source=shipper", CSV))) == 1 + 1
    mine = _rows(client.post(f"{_list(Employee)}?q=omni", CSV))
    assert len(mine) == 1 + 1, mine


def test_looking_is_not_taking_along(omni, client):
    assert not client.get(f"{_list(Employee)}?csv=1").streaming
    assert not RecordedRead.objects.exists()


def test_lists_of_customers_leave_with_the_grant_for_exports_only(db, client):
    ana = EmployeeFactory(login="ana")
    grant(ana, "requests.work")
    sign_in(client, ana)
    CustomerFactory()
    make_ticket()
    assert ">CSV" not in client.get(_list(Customer)).content.decode()
    assert client.post(_list(Customer), CSV).status_code == 403
    assert client.post(_list(AccessGrant), CSV).status_code == 403
    assert DeniedAttempt.objects.filter(employee=ana).count() == 2
    assert not RecordedRead.objects.exists()
    assert ">CSV" in client.get(_list(Ticket)).content.decode()
    assert len(_rows(client.post(_list(Ticket), CSV))) == 2


@pytest.mark.parametrize("model", [Customer, Employee], ids=["by key", "by cursor"])
def test_a_list_stops_in_the_middle_when_access_ends(omni, client, monkeypatch, model):
    monkeypatch.setattr(exports, "PIECE", 2)
    monkeypatch.setattr("customers.doors.tables.PIECE", 2)
    monkeypatch.setattr("customers.doors.masked_tables.PIECE", 2)
    CustomerFactory.create_batch(6)
    EmployeeFactory.create_batch(6)
    pieces = iter(client.post(_list(model), CSV).streaming_content)
    next(pieces), next(pieces)
    AccessGrant.objects.filter(employee=omni).update(ends_at=timezone.now())
    rest = b"".join(pieces).decode()
    assert rest == exports.STOPPED
    assert RecordedRead.objects.filter(kind="export").latest("pk").reason == "stopped before the end"


def test_a_cell_that_a_spreadsheet_would_calculate_is_text(omni, client):
    EmployeeFactory(login="eve", name="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in str(_rows(client.post(_list(Employee), CSV)))


def test_instants_can_be_sorted_and_where_nothing_is_nothing_stands(omni, client):
    CustomerFactory(phone="", collected_at=datetime(2026, 1, 31, 20, 5, tzinfo=UTC))
    header, row = _rows(client.post(_list(Customer), CSV))
    cells = dict(zip(header, row, strict=True))
    assert cells["Collected at"] == "2026-01-31 15:05:00-05:00"  # the house's own zone
    assert cells["Telephone"] == ""


def test_a_filter_that_there_is_not_leads_back_to_the_list(omni, client):
    assert client.post(f"{_list(AccessGrant)}?state__exact=revoked&starts_at__gte=never", CSV).status_code in (302, 400)
    assert client.post(f"{_list(Employee)}?nonsense=1", CSV).status_code in (302, 400)
    assert not RecordedRead.objects.exists()


# --- pages with a shape of their own ---------------------------------------------------------------------------------


def _tickets():
    """Two requests in reach of the queue, of which one is omni's."""
    mine = make_ticket()
    claim(mine.pk, by=Employee.objects.get(login="omni"), now=timezone.now())
    make_ticket()


def _opt_outs():
    OptOutFactory(channel="email")
    OptOutFactory(channel="post")


def _messages():
    with ProcessReader() as reader:
        for subject in ("unsubscribe", "Where is it?"):
            receive_one(mail(subject=subject), door="file", reader=reader)


SHOWN = {
    "tickets:queue": (_tickets, "tab=mine", 1, "tab=all", 2),
    "optouts:list": (_opt_outs, "channel=post", 1, "", 2),
    "mailroom:inbox": (_messages, "outcome=opted_out", 1, "", 2),
    "access:people": (lambda: EmployeeFactory(name="Greta", login="greta"), "find=greta", 1, "state=all&find=gret", 1),
    "access:denied": (
        lambda: DeniedAttempt.objects.create(at=timezone.now(), kind="page", path="/x/"),
        "kind=sign_in",
        0,
        "find=/x/",
        1,
    ),
    "agreements:parties": (lambda: ThirdPartyFactory(code="greta"), "find=greta", 1, "find=nobody", 0),
    "agreements:ndas": (lambda: EmployeeFactory(name="Greta"), "find=gret", 1, "find=nobody", 0),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_with_a_shape_of_its_own_hands_out_the_rows_that_it_shows(omni, client, name):
    make, *asked = SHOWN[name]
    make()
    for query, count in zip(asked[::2], asked[1::2], strict=True):
        address = reverse(name) + (f"?{query}" if query else "")
        assert f'action="{escape(address)}"' in client.get(address).content.decode()
        assert len(_rows(client.post(address, CSV))) == 1 + count, query


def test_the_grants_of_one_standing_are_those_of_the_file(omni, client):
    ended = grant(EmployeeFactory(login="ben"), "requests.work")[0]
    AccessGrant.objects.filter(pk=ended.pk).update(state="suspended")
    (found,) = _rows(client.post(reverse("access:grants") + "?state=suspended&find=ben", CSV))[1:]
    assert found[0] == str(ended.employee)
    assert _rows(client.post(reverse("access:grants") + "?state=in+force&find=ben", CSV))[1:] == []


def test_a_request_names_whoever_has_it_by_their_login(omni, client):
    _tickets()
    header, *rows = _rows(client.post(reverse("tickets:queue") + "?tab=mine", CSV))
    assert dict(zip(header, rows[0], strict=True))["Assignee"] == "omni"


def test_a_request_says_what_it_asks_for_and_for_whom_masked_as_on_its_page(omni, client):
    customer = CustomerFactory(email="greta@mail.example", email_key="greta@mail.example")
    make_ticket("deletion", "question", email="greta@mail.example")
    make_ticket(email="", phone="916-555-0123", channel="phone")
    with ProcessReader() as reader:
        receive_one(mail(sender="=2+3@mail.example", subject="Delete my data, please"), door="file", reader=reader)
    address = reverse("tickets:queue") + "?tab=unassigned"
    header, *rows = _rows(client.post(address, CSV))
    page = unescape(client.get(address).content.decode())
    told = {(row["Asks for"], row["Person"]) for row in (dict(zip(header, row, strict=True)) for row in rows)}
    assert told == {
        ("deletion, concern or question", f"{customer.member_id}, g•••@m•••.example"),
        ("concern or question", "•••• ••23"),
        ("deletion?", "'=•••@m•••.example"),  # no formula; nobody confirmed what it asks for
    }
    for part in (part for one in told for said in one for part in said.split(", ")):
        assert part.removesuffix("?").lstrip("'") in page


def test_the_file_keeps_the_order_of_the_page(omni, client):
    """Soonest due first, or newest first: what was taken down last came neither last nor is due last."""
    now = timezone.now()  # a week apart: of two days around a holiday, both are due on one
    early, late = (make_ticket("deletion", received_at=now - timedelta(days=days), now=now) for days in (8, 1))
    earliest = make_ticket("deletion", received_at=now - timedelta(days=15), now=now)
    for tab, shown in (("unassigned", [earliest, early, late]), ("all", [late, early, earliest])):
        address = f"{reverse('tickets:queue')}?tab={tab}"
        page, references = client.get(address).content.decode(), [ticket.reference for ticket in shown]
        assert sorted(references, key=page.index) == references
        assert [row[0] for row in _rows(client.post(address, CSV))[1:]] == references


def test_opt_outs_that_are_written_down_late_stand_where_the_page_has_them(omni, client):
    now = timezone.now()
    for days, channel in ((1, "email"), (9, "post"), (4, "phone")):
        OptOutFactory(channel=channel, received_at=now - timedelta(days=days))
    rows = _rows(client.post(reverse("optouts:list"), CSV))[1:]
    assert [row[1] for row in rows] == ["e-mail", "phone", "post"]


def test_a_page_stops_in_the_middle_when_access_ends_too(omni, client, monkeypatch):
    monkeypatch.setattr("customers.doors.masked_tables.PIECE", 2)
    monkeypatch.setattr("customers.doors.tables.PIECE", 2)
    OptOutFactory.create_batch(6)
    pieces = iter(client.post(reverse("optouts:list"), CSV).streaming_content)
    next(pieces), next(pieces)
    AccessGrant.objects.filter(employee=omni).update(ends_at=timezone.now())
    assert b"".join(pieces).decode() == exports.STOPPED


def test_an_item_names_its_deliveries_by_their_number_to_that_third_party(omni, client):
    now, (one, other) = timezone.now(), (ThirdPartyFactory() for _ in range(2))
    for party, sequence in ((one, 1), (other, 7)):
        sent = SuppressionDelivery.objects.create(
            third_party=party, sequence=sequence, additions=1, removals=0, made_at=now, deadline=now
        )
    SuppressionItem.objects.create(third_party=other, owed_sha256=b"o" * 32, added_in=sent)
    header, row = _rows(client.post(_list(SuppressionItem), CSV))
    assert dict(zip(header, row, strict=True))["Added in"] == "7"
