"""The promises about mail and requests say what is so, and go red when it is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy.mailroom.actions import keep_message
from privacy.mailroom.gateways.reader import ProcessReader
from privacy.mailroom.jobs import receive_one
from privacy.models import Message, OptOut, RightKind, SuppressionDelivery, Ticket, TicketEvent
from privacy.promises.queries import standings
from privacy.tickets.actions import claim, reply, set_preferred_channel, suppress
from tests.factories.access import grant
from tests.factories.agreements import ThirdPartyFactory
from tests.factories.mailroom import feedback_report, mail
from tests.factories.optouts import OptOutFactory
from tests.factories.tickets import make_ticket
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


def stand(promise, now=None):
    (one,) = standings(now=now or timezone.now(), only=[promise])
    return one


def test_nothing_is_green_before_anything_happened():
    for promise in (
        "A1-mail",
        "I-optout",
        "J-access",
        "J-correct",
        "L-contact",
        "L-printed",
        "C-service",
        "J-channels",
        "G-suppression",
    ):
        assert stand(promise).standing == "not_measured", promise
    assert stand("C-offers").standing == "not_measured"


def test_an_opt_out_is_honoured_within_a_minute_and_a_slow_one_breaks_the_promise():
    with ProcessReader() as reader:
        receive_one(mail(subject="unsubscribe"), door="file", reader=reader)
    kept = stand("I-optout")
    assert kept.standing == "kept"
    assert 0 <= kept.figure.value < 60
    wish = OptOut.objects.get()
    OptOut.objects.update(received_at=wish.suppressed_at - timedelta(seconds=61))
    broken = stand("I-optout")
    assert broken.standing == "broken"
    assert broken.figure.broken[0].url.endswith(f"/opt-outs/{wish.pk}/")


def test_a_complaint_that_a_mailbox_provider_reports_and_that_is_honoured_hours_late_breaks_the_promise():
    with ProcessReader() as reader:
        receive_one(feedback_report("opt-out"), door="file", reader=reader)
    assert stand("I-optout").standing == "kept"
    wish = OptOut.objects.get()
    OptOut.objects.update(received_at=wish.suppressed_at - timedelta(hours=3))
    late = stand("I-optout")
    assert (late.standing, late.figure.value) == ("broken", 3 * 3_600)
    assert [row.url for row in late.figure.broken] == [f"/admin/opt-outs/{wish.pk}/"]


def test_a_wish_in_prose_that_a_person_reads_after_an_hour_has_the_clock_of_its_request():
    with ProcessReader() as reader:
        receive_one(mail(subject="Your offers", text="Please see that I get none of these again."), door="file", reader=reader)
    ticket = Ticket.objects.get()
    worker = EmployeeFactory()
    grant(worker, "requests.work", "optouts.manage")
    claim(ticket.pk, by=worker, now=timezone.now())
    suppress(ticket.pk, channel="email", purpose="all", by=worker, now=timezone.now() + timedelta(hours=1))
    assert OptOut.objects.get().suppressed_at - OptOut.objects.get().received_at >= timedelta(hours=1)
    assert stand("I-optout", timezone.now() + timedelta(hours=2)).standing == "not_measured"


@pytest.mark.parametrize("kind", ["opt_out", "limit_use"])
def test_a_wish_told_by_phone_that_nobody_honoured_within_its_clock_breaks_the_promise_too(kind):
    now = timezone.now()
    late = make_ticket(kind, channel="phone", received_at=now - timedelta(days=40))
    make_ticket(kind, channel="phone", received_at=now)
    make_ticket("deletion", channel="phone", received_at=now - timedelta(days=40))
    broken = stand("I-optout", now)
    assert broken.standing == "broken"
    assert [row.url for row in broken.figure.broken] == [f"/admin/requests/{late.pk}/"]


def test_a_wish_that_was_lost_breaks_the_promise():
    with ProcessReader() as reader:
        receive_one(mail(subject="unsubscribe"), door="file", reader=reader)
    Message.objects.update(opt_out=None)
    assert stand("I-optout").standing == "broken"


def test_the_figure_is_how_long_the_oldest_wish_waits_that_nobody_honoured_and_never_how_many_they_are():
    now = timezone.now()
    for days_ago in (40, 50, 60):
        make_ticket("opt_out", channel="phone", received_at=now - timedelta(days=days_ago))
    told = stand("I-optout", now)
    assert (told.standing, told.figure.value, len(told.figure.broken)) == ("broken", 60 * 86_400, 3)
    keep_message(mail(subject="unsubscribe"), door="imap", received_at=now - timedelta(days=61))
    assert stand("I-optout", now).figure.value == 61 * 86_400
    OptOutFactory(received_at=now - timedelta(seconds=5), suppressed_at=now)
    one_honoured = stand("I-optout", now)
    assert (one_honoured.standing, one_honoured.figure.value) == ("broken", 61 * 86_400)


def test_a_message_nobody_sorted_breaks_the_promise_after_a_quarter_of_an_hour():
    now = timezone.now()
    keep_message(mail(), door="imap", received_at=now - timedelta(minutes=14))
    assert stand("A1-mail", now).standing == "kept"
    assert stand("A1-mail", now + timedelta(minutes=2)).standing == "broken"


@pytest.mark.parametrize(
    ("promise", "kind"),
    [("J-access", "access_specific"), ("E4-verify", "access_categories"), ("J-correct", "correction"), ("L-contact", "question"),
     ("L-contact", "deletion"), ("L-contact", "shine_the_light"), ("L-printed", "printed_statement"),
     ("C-referral", "referral_removal")],
)  # fmt: skip
def test_a_request_past_its_clock_breaks_its_promise_and_only_its_own(promise, kind):
    now = timezone.now()
    ticket = make_ticket(kind, received_at=now - timedelta(days=1))
    assert stand(promise, now).standing == "kept"
    late = stand(promise, now + timedelta(days=60))
    assert late.standing == "broken"
    assert late.figure.broken[0].label == ticket.reference
    near = stand(promise, ticket.due_at - timedelta(days=1))
    assert near.standing == "at_risk"
    others = {"J-correct", "L-contact", "L-printed"} - {promise}
    assert {stand(other, now + timedelta(days=60)).standing for other in others} == {"not_measured"}


def test_of_many_requests_past_their_clock_all_are_counted_and_the_first_are_named(monkeypatch):
    monkeypatch.setattr("privacy.tickets.promises.MOST_NAMED", 2)
    now = timezone.now()
    late = [make_ticket("correction", received_at=now - timedelta(days=days)) for days in (200, 190, 180)]
    late.append(make_ticket("correction", "question", received_at=now - timedelta(days=210)))
    half_done = make_ticket("correction", "question", received_at=now - timedelta(days=220))
    half_done.rights.filter(kind="correction").update(ended_at=now, outcome="fulfilled")
    make_ticket("correction", "question", received_at=now)
    told = stand("J-correct", now)
    assert (told.standing, told.figure.value) == ("broken", 4)
    assert [row.label for row in told.figure.broken] == [late[3].reference, late[0].reference]


def test_who_asks_for_two_things_is_late_with_the_one_whose_clock_ran_out_and_not_with_the_other():
    now = timezone.now()
    ticket = make_ticket("access_specific", "shine_the_light", received_at=now)
    for later, late in ((ticket.due_at + timedelta(seconds=1), [1, 0]), (now + timedelta(days=90), [1, 1])):
        assert [stand(promise, later).figure.value for promise in ("J-access", "L-contact")] == late


def test_of_many_replies_on_the_other_channel_and_requests_without_one_all_are_counted(monkeypatch):
    monkeypatch.setattr("privacy.tickets.promises.MOST_NAMED", 2)
    ticket = make_ticket(preferred_channel="phone")
    for _ in range(3):
        TicketEvent.objects.create(ticket=ticket, kind="reply", at=timezone.now(), facts={"channel": "email"})
    make_ticket()
    make_ticket()
    Ticket.objects.update(channel="pigeon")
    for promise in ("C-service", "J-channels"):
        told = stand(promise).figure
        assert (told.value, len(told.broken)) == (3, 2), promise


@pytest.mark.parametrize("kind", RightKind.values)
def test_whatever_somebody_asks_for_a_promise_breaks_when_it_is_not_answered_in_time(kind):
    ticket = make_ticket(kind)

    def broken_at(now):
        return [one.promise.id for one in standings(now=now) if ticket.reference in [row.label for row in one.figure.broken]]

    assert broken_at(ticket.due_at) == []
    assert broken_at(ticket.due_at + timedelta(seconds=1))


def test_a_reply_on_the_other_channel_breaks_the_promise():
    ticket = make_ticket(preferred_channel="phone")
    TicketEvent.objects.create(ticket=ticket, kind="reply", at=timezone.now(), facts={"channel": "phone"})
    assert stand("C-service").standing == "kept"
    TicketEvent.objects.create(ticket=ticket, kind="reply", at=timezone.now(), facts={"channel": "email"})
    assert stand("C-service").standing == "broken"


def test_a_customer_who_is_telephoned_although_they_wish_for_mail_breaks_the_promise_whatever_was_written_down():
    ana = EmployeeFactory()
    grant(ana, "requests.work")
    ticket = make_ticket(claimed_by=ana)
    reply(ticket.pk, text="Here it is.", by=ana, now=timezone.now())
    set_preferred_channel(ticket.pk, channel="phone", by=ana, reason="said so", now=timezone.now())
    reply(ticket.pk, text="Told them on the phone.", by=ana, now=timezone.now())
    assert stand("C-service").standing == "kept", "each went the way that was wished for then"
    first, second = TicketEvent.objects.filter(kind="reply").order_by("pk")
    TicketEvent.objects.filter(pk=second.pk).update(letter=first.letter, facts={"channel": "email"})
    (row,) = stand("C-service").figure.broken
    assert row.label == ticket.reference


def test_an_overdue_receipt_breaks_the_promise():
    now = timezone.now()
    SuppressionDelivery.objects.create(
        third_party=ThirdPartyFactory(), sequence=1, profile="sha256_hex", additions=1, removals=0, file_name="x",
        file_sha256="0" * 64, made_at=now, deadline=now + timedelta(days=10),
    )  # fmt: skip
    assert stand("G-suppression", now).standing == "kept"
    assert stand("G-suppression", now + timedelta(days=9)).standing == "at_risk"
    assert stand("G-suppression", now + timedelta(days=11)).standing == "broken"
