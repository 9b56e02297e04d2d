"""Two colleagues, or a colleague and the requester, do something to the same request; and what is told is told to somebody."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from privacy.mailroom.gateways.reader import ProcessReader
from privacy.mailroom.jobs import receive_one
from privacy.models import EventKind, Letter, OptOut, Ticket, TicketChannel, TicketEvent
from privacy.tickets import actions, errors
from privacy.tickets.actions.closing import GONE
from privacy.tickets.policies import nth_business_day
from privacy.tickets.queries import next_due
from tests.factories.access import grant, sign_in
from tests.factories.mailroom import mail
from tests.factories.tickets import make_ticket
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
at_once = pytest.mark.django_db(transaction=True)


def worker(*more):
    employee = EmployeeFactory()
    grant(employee, "requests.work", *more)
    return employee


@at_once
def test_nothing_is_replied_after_a_request_was_closed():
    for _ in range(3):
        ana, now = worker(), timezone.now()
        ticket = make_ticket(claimed_by=ana)
        closed, replied = together(
            lambda t=ticket, a=ana, n=now: actions.close_ticket(t.pk, outcome="fulfilled", by=a, now=n),
            lambda t=ticket, a=ana, n=now: actions.reply(t.pk, text="Here it is.", by=a, now=n),
        )
        assert isinstance(closed, Ticket)
        assert isinstance(replied, (TicketEvent, errors.TicketClosed))
        kinds = list(ticket.events.order_by("pk").values_list("kind", flat=True))
        assert kinds.count(EventKind.REPLY) == isinstance(replied, TicketEvent)
        assert kinds[-1] == EventKind.CLOSED
        assert Letter.objects.filter(kind="reply", ticket_reference=ticket.reference).count() == isinstance(replied, TicketEvent)


@at_once
def test_what_the_requester_writes_while_their_request_is_closed_reopens_it_or_comes_before():
    ana, now = worker(), timezone.now()
    ticket = make_ticket(claimed_by=ana)
    message = {"message": 1, "message_id": "<a@b>", "at": now, "now": now, "same_sender": True, "may_reopen": True}
    together(
        lambda: actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=now),
        lambda: actions.receive_message(ticket.pk, **message),
    )
    ticket.refresh_from_db()
    kinds = list(ticket.events.order_by("pk").values_list("kind", flat=True))
    written_after = kinds.index(EventKind.MESSAGE) > kinds.index(EventKind.CLOSED)
    assert (ticket.closed_at is None) == written_after
    assert (EventKind.REOPENED in kinds) == written_after


@at_once
def test_a_stranger_reopens_no_request_that_is_closed_while_their_mail_is_read():
    ana, now = worker(), timezone.now()
    ticket = make_ticket(claimed_by=ana)
    closed = []

    def close_it_first(execute, sql, params, many, context):
        if "FOR UPDATE" in sql and '"privacy_ticket"' in sql and not closed:
            closed.append(together(lambda: actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=now)))
        return execute(sql, params, many, context)

    letter = mail("And me?\n", subject=f"About {ticket.reference}", sender="eve@evil.example")
    with ProcessReader() as reader, connection.execute_wrapper(close_it_first):
        done = receive_one(letter, door="file", reader=reader)
    assert closed
    assert done.outcome == "ticket_opened"
    ticket.refresh_from_db()
    assert ticket.closed_at is not None
    assert not ticket.events.filter(kind__in=[EventKind.REOPENED, EventKind.MESSAGE], by=None, facts__same_sender=False).exists()


@at_once
def test_a_right_that_two_end_at_once_ends_once():
    ana, now = worker(), timezone.now()
    right = make_ticket(claimed_by=ana).rights.get()
    results = together(*[lambda: actions.end_right(right.pk, outcome="fulfilled", by=ana, now=now)] * 3)
    assert sum(isinstance(result, errors.TicketRefused) for result in results) == 2
    assert TicketEvent.objects.filter(kind=EventKind.RIGHT_ENDED).count() == 1


@at_once
def test_a_released_request_and_a_claim_leave_one_owner_or_none():
    ana, bob, now = worker(), worker(), timezone.now()
    ticket = make_ticket(claimed_by=ana)
    _, claimed = together(lambda: actions.release(ticket.pk, by=ana, now=now), lambda: actions.claim(ticket.pk, by=bob, now=now))
    ticket.refresh_from_db()
    assert ticket.assignee == (None if isinstance(claimed, errors.AlreadyClaimed) else bob)


def test_a_right_that_is_not_asked_for_any_more_is_refused_in_words():
    ana, now = worker(), timezone.now()
    ticket = make_ticket(claimed_by=ana)
    gone = ticket.rights.get().pk
    actions.change_kinds(ticket.pk, kinds=["deletion"], by=ana, now=now)
    with pytest.raises(errors.TicketRefused, match=GONE):
        actions.end_right(gone, outcome="denied", denial_reason="no_match", by=ana, now=now)


@pytest.mark.parametrize("email", ["", "no address"])
def test_nothing_is_on_record_as_told_that_nobody_was_told(email):
    ana, now = worker("optouts.manage"), timezone.now()
    ticket = make_ticket("opt_out", email=email, phone="877-445-4486", claimed_by=ana, preferred_channel=TicketChannel.EMAIL)
    for tell in (
        lambda: actions.acknowledge(ticket.pk, by=ana, now=now),
        lambda: actions.reply(ticket.pk, text="Done.", by=ana, now=now),
    ):
        with pytest.raises(errors.CannotReply):
            tell()
    actions.suppress(ticket.pk, channel="phone", purpose="all", by=ana, now=now)
    assert OptOut.objects.count() == 1
    assert not Letter.objects.exists()
    assert not ticket.events.filter(kind__in=[EventKind.ACKNOWLEDGED, EventKind.REPLY]).exists()


def test_more_time_is_not_taken_where_the_requester_cannot_be_told():
    ana, now = worker(), timezone.now()
    ticket = make_ticket("access_categories", email="no address", claimed_by=ana, preferred_channel=TicketChannel.EMAIL)
    with pytest.raises(errors.CannotReply):
        actions.extend(ticket.pk, by=ana, reason="many records", now=now)
    assert not ticket.events.filter(kind=EventKind.EXTENDED).exists()


def test_a_closed_day_moves_the_due_dates_of_many_requests_in_few_statements():
    officer, now = EmployeeFactory(), timezone.now()
    grant(officer, "settings.manage")
    counted = []
    for many in (3, 12):
        for _ in range(many):
            make_ticket("access_categories", now=now)
        with CaptureQueriesContext(
            connection,
        ) as statements:
            actions.close_on((now + timedelta(days=400 + many)).date(), name="far away", by=officer)
        counted.append(len(statements))
    assert counted[0] == counted[1]
    before = dict(Ticket.objects.values_list("pk", "due_at"))
    day = now.date()
    for ahead in range(1, 15):
        actions.close_on(day + timedelta(days=ahead), name="a storm", by=officer)
    after = dict(Ticket.objects.values_list("pk", "due_at"))
    assert all(after[pk] > before[pk] for pk in before)


def test_pages_with_many_rows_ask_no_more_of_the_database_than_pages_with_few(client):
    sign_in(client, worker("optouts.manage"))
    addresses = [reverse("tickets:queue") + "?tab=all", reverse("mailroom:inbox"), reverse("mailroom:letters")]
    addresses.append(reverse("optouts:list"))
    counted = []
    for many in (2, 9):
        with ProcessReader() as reader:
            for n in range(many):
                receive_one(mail(sender=f"p{many}.{n}@example.com"), door="file", reader=reader)
                receive_one(mail("stop\n", sender=f"q{many}.{n}@example.com"), door="file", reader=reader)
        statements = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            statements.append(len(asked))
        counted.append(statements)
    assert counted[0] == counted[1]


@at_once
def test_a_request_that_is_opened_while_the_calendar_changes_is_due_by_the_new_one():
    chief, opened, closed = worker("settings.manage"), threading.Event(), threading.Event()

    def opens():
        with transaction.atomic():
            make_ticket("opt_out")
            opened.set()
            assert not closed.wait(1), "the calendar waits for the request that is being opened"

    def closes():
        assert opened.wait(30)
        actions.close_on(nth_business_day(timezone.localdate(), 1), name="stocktaking", by=chief)
        closed.set()

    assert together(opens, closes) == [None, None]
    ticket = Ticket.objects.get()
    assert ticket.due_at == next_due(ticket)
