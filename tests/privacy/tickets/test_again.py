"""People write again on a closed request, or turn out to be somebody else: clocks start anew, and so does verification."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from privacy.mailroom.actions import keep_message, sort_message
from privacy.mailroom.gateways.reader import ProcessReader
from privacy.models import Letter, Ticket
from privacy.tickets import actions, errors, queries
from privacy.tickets.jobs import settle_clocks
from privacy.tickets.policies import is_paused, was_verified
from privacy.tickets.promises import past_the_clock
from tests.factories.customers import CustomerFactory
from tests.factories.mailroom import mail
from tests.factories.tickets import do, make_ticket

pytestmark = pytest.mark.django_db
HOW = "postal code and the number of the last order matched"


def verified(ticket, by):
    for to in ("verifying", "verified"):
        actions.advance(ticket.pk, to=to, how=HOW, by=by, now=timezone.now())
    actions.reply(ticket.pk, text="Here is what you asked for.", by=by, now=timezone.now())


def writes_again(ticket, *, sender, arrived_at, read_at):
    letter = Letter.objects.filter(ticket_reference=ticket.reference).first()
    key = keep_message(
        mail("And now?\n", sender=sender, more=f"References: {letter.own_message_id}"), door="imap", received_at=arrived_at
    )
    with ProcessReader() as reader:
        assert sort_message(key, reader=reader, now=read_at).outcome == "ticket_reply"
    ticket.refresh_from_db()


def closed_question(ana, *, now):
    ticket = make_ticket(claimed_by=ana, now=now)
    actions.acknowledge(ticket.pk, by=ana, now=now)
    actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=now)
    return ticket


# --- the clock ----------------------------------------------------------------------------------------------------------


def test_the_clock_of_a_second_question_starts_when_its_mail_arrived_not_when_it_was_read(ana):
    now = timezone.now()
    ticket = closed_question(ana, now=now - timedelta(days=90))
    arrived_at = now - timedelta(days=9)
    writes_again(ticket, sender="ann@example.com", arrived_at=arrived_at, read_at=now)
    assert ticket.events.get(kind="reopened").at == arrived_at
    assert ticket.due_at == make_ticket(received_at=arrived_at).due_at


def test_what_was_paused_before_a_mail_was_read_is_over_although_the_mail_came_before_it(ana):
    now = timezone.now()
    ticket = make_ticket(claimed_by=ana, now=now - timedelta(days=30))
    actions.acknowledge(ticket.pk, by=ana, now=now - timedelta(days=30))
    arrived_at = now - timedelta(days=20)
    actions.pause(ticket.pk, by=ana, reason="asked for the order", now=now - timedelta(days=15))
    actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=now - timedelta(days=10))
    writes_again(ticket, sender="ann@example.com", arrived_at=arrived_at, read_at=now)
    assert not is_paused(ticket.events.all())
    assert ticket.due_at == make_ticket(received_at=arrived_at).due_at
    actions.pause(ticket.pk, by=ana, reason="asked again", now=now)
    actions.resume(ticket.pk, by=ana, reason="it came", now=now + timedelta(days=7))
    ticket.refresh_from_db()
    assert ticket.due_at < make_ticket(received_at=arrived_at + timedelta(days=12)).due_at


def test_who_was_told_to_wait_for_one_question_can_be_told_so_for_the_next(ana):
    now = timezone.now()
    ticket = make_ticket(claimed_by=ana, regime="gdpr", now=now - timedelta(days=60))
    actions.extend(ticket.pk, by=ana, reason="records abroad", now=now - timedelta(days=59))
    actions.pause(ticket.pk, by=ana, reason="asked for the order", now=now - timedelta(days=58))
    actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=now - timedelta(days=50))
    writes_again(ticket, sender="ann@example.com", arrived_at=now, read_at=now)
    assert ticket.due_at == make_ticket(regime="gdpr", received_at=now).due_at
    with pytest.raises(errors.NotPaused):
        actions.resume(make_ticket(claimed_by=ana).pk, by=ana, reason="", now=now)
    actions.pause(ticket.pk, by=ana, reason="asked again", now=now)
    actions.resume(ticket.pk, by=ana, reason="it came", now=now + timedelta(days=7))
    actions.extend(ticket.pk, by=ana, reason="records abroad", now=now + timedelta(days=8))
    with pytest.raises(errors.CannotExtend, match="already"):
        actions.extend(ticket.pk, by=ana, reason="again", now=now + timedelta(days=9))
    ticket.refresh_from_db()
    assert ticket.due_at == queries.next_due(ticket) > now + timedelta(days=90)


def test_a_page_of_promises_asks_once_for_the_days_on_which_the_company_is_closed():
    now = timezone.now()
    for _ in range(5):
        make_ticket("deletion", received_at=now - timedelta(days=60))
    with CaptureQueriesContext(connection) as asked:
        assert past_the_clock("deletion")(now).value == 5
    assert sum("privacy_closure" in query["sql"] for query in asked) == 1


def test_due_dates_that_are_not_what_the_rules_say_are_right_again_the_next_morning(ana):
    now = timezone.now()
    right, wrong = make_ticket("deletion", now=now), make_ticket("deletion", email="bob@example.com", now=now)
    Ticket.objects.filter(pk=wrong.pk).update(due_at=None)
    with CaptureQueriesContext(connection) as first:
        settle_clocks()
    assert set(Ticket.objects.values_list("due_at", flat=True)) == {right.due_at}
    with CaptureQueriesContext(connection) as second:  # nothing is written where nothing is different
        settle_clocks()
    assert [sum('UPDATE "privacy_ticket" SET' in one["sql"] for one in asked) for asked in (first, second)] == [1, 0]


# --- who it is ----------------------------------------------------------------------------------------------------------


def test_who_was_verified_as_one_customer_is_not_verified_as_another(page, ana):
    CustomerFactory(email="ann@example.com", email_key="ann@example.com")
    joe = CustomerFactory(member_id="M-JOE")
    ticket = make_ticket("deletion", claimed_by=ana)
    verified(ticket, ana)
    actions.advance(ticket.pk, to="decided", by=ana, now=timezone.now())
    answer = do(page, ticket, "match", customer="M-JOE")
    assert "Record verification" in answer.content.decode()
    answer = do(page, ticket, "end", outcome="fulfilled")
    assert answer.status_code == 409
    assert "not verified" in answer.content.decode()
    do(page, ticket, "verify", how=HOW)
    do(page, ticket, "reply", text="Here is what you asked for.")
    do(page, ticket, "end", outcome="fulfilled")
    ticket.refresh_from_db()
    assert (ticket.outcome, ticket.customer) == ("fulfilled", joe)


@pytest.mark.parametrize("before", [True, False])
def test_who_turns_out_to_be_no_customer_or_only_now_one_is_verified_again(ana, before):
    ann = CustomerFactory()
    ticket = make_ticket("access_specific", email="nobody@example.com", claimed_by=ana)
    if before:
        actions.match_person(ticket.pk, customer=ann, by=ana, now=timezone.now())
    verified(ticket, ana)
    actions.match_person(ticket.pk, customer=None if before else ann, by=ana, now=timezone.now())
    with pytest.raises(errors.NotVerified):
        actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=timezone.now())


def test_who_is_said_to_be_who_they_were_stays_verified(ana):
    ann = CustomerFactory(email="ann@example.com", email_key="ann@example.com")
    ticket = make_ticket("deletion", claimed_by=ana)
    verified(ticket, ana)
    actions.match_person(ticket.pk, customer=ann, by=ana, now=timezone.now())
    with pytest.raises(errors.MayNotFollow):
        actions.advance(ticket.pk, to="verifying", by=ana, now=timezone.now())
    assert actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=timezone.now()).outcome == "fulfilled"


def test_who_was_verified_for_categories_is_not_verified_for_specific_pieces(page, ana):
    ticket = make_ticket("access_categories", claimed_by=ana)
    verified(ticket, ana)
    actions.advance(ticket.pk, to="decided", by=ana, now=timezone.now())
    said = do(page, ticket, "kinds", kinds=["access_specific"]).content.decode()
    assert "three facts that match what is on file, and a signed declaration" in said
    answer = do(page, ticket, "end", outcome="fulfilled")
    assert answer.status_code == 409
    assert "not verified" in answer.content.decode()
    do(page, ticket, "verify", how=HOW)
    do(page, ticket, "reply", text="Here is what you asked for.")
    do(page, ticket, "end", outcome="fulfilled")
    assert Ticket.objects.get(pk=ticket.pk).outcome == "fulfilled"


@pytest.mark.parametrize("kinds", [["access_categories"], ["correction"], ["access_specific", "question"]])
def test_who_asks_for_no_more_than_before_stays_verified(ana, kinds):
    ticket = make_ticket("access_specific", claimed_by=ana)
    verified(ticket, ana)
    actions.change_kinds(ticket.pk, kinds=kinds, by=ana, now=timezone.now())
    assert actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=timezone.now()).outcome == "fulfilled"


def test_who_writes_from_another_address_on_a_closed_request_gets_nothing_on_the_word_of_the_first(page, ana):
    now = timezone.now()
    ticket = make_ticket("access_categories", claimed_by=ana)
    actions.acknowledge(ticket.pk, by=ana, now=now)
    verified(ticket, ana)
    actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=now)
    # The mail lay there before anybody was verified, and is read afterwards.
    writes_again(ticket, sender="eve@evil.example", arrived_at=now - timedelta(hours=1), read_at=timezone.now())
    assert not was_verified(ticket.events.all())
    answer = do(page, ticket, "kinds", kinds=["access_specific"])
    assert "Begin verification" in answer.content.decode()
    answer = do(page, ticket, "end", outcome="fulfilled")
    assert answer.status_code == 409
    do(page, ticket, "begin-verifying")
    do(page, ticket, "verify", how=HOW)
    assert do(page, ticket, "end", outcome="fulfilled").status_code == 409, "the first was answered, not the second"
    do(page, ticket, "reply", text="Here is what you asked for.")
    do(page, ticket, "end", outcome="fulfilled")
    assert Ticket.objects.get(pk=ticket.pk).outcome == "fulfilled"


def test_who_wants_out_and_to_be_deleted_is_opted_out_at_once_and_verified_for_the_rest(page, ana):
    ticket = make_ticket("opt_out", "deletion", claimed_by=ana)
    do(page, ticket, "suppress", channel="email", purpose="all")
    for verb, typed in (
        ("begin-verifying", {}),
        ("verify", {"how": HOW}),
        ("reply", {"text": "Done."}),
        ("end", {"outcome": "fulfilled"}),
    ):
        assert do(page, ticket, verb, **typed).status_code == 200, verb
    ticket.refresh_from_db()
    assert (ticket.outcome, ticket.state) == ("fulfilled", "closed")
