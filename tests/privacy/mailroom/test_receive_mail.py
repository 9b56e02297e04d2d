"""What becomes of the mail that people and machines send: through the command, into the real database."""

import subprocess
import sys

import pytest
from django.apps import apps
from django.core import mail as outbox

from privacy.mailroom import jobs
from privacy.mailroom.gateways.reader import ProcessReader
from privacy.mailroom.models import Message, MessageOutcome, Undeliverable
from privacy.models import Letter, OptOut, Ticket
from privacy.optouts.actions import send_letter
from privacy.optouts.policies import one_click_token, unsubscribe_address
from tests.factories.customers import CustomerFactory
from tests.factories.mailroom import HOSTILE, OLD_BOUNCES, ROBOTS, delivery_report, feedback_report, mail, outcomes, read_receipt
from tests.factories.processes import ROOT, environment_here

pytestmark = pytest.mark.django_db


def send_everything():
    for pk in Letter.objects.filter(sent_at=None).values_list("pk", flat=True):
        send_letter(pk, now=Letter.objects.get(pk=pk).made_at)
    return outbox.outbox


def test_a_person_who_answers_unsubscribe_is_opted_out_and_told_so(receive):
    result, code = receive(mail(subject="Re: Unsubscribe", sender="Ann <Ann@Example.COM>", message_id="<a@b>"))
    assert (code, outcomes(result)) == (0, ["opted_out"])
    assert result["received"] == 1
    assert result["messages"][0]["address"] == "ann@example.com"
    assert set(result["outcomes"]) == set(MessageOutcome.values)
    wish = OptOut.objects.get()
    assert (wish.channel, wish.purpose, wish.address, wish.source) == ("email", "all", "ann@example.com", "mail")
    assert wish.evidence_message == Message.objects.get().pk
    assert (wish.suppressed_at - wish.received_at).total_seconds() < 60
    (letter,) = send_everything()
    assert letter.to == ["ann@example.com"]
    assert letter.extra_headers["Auto-Submitted"] == "auto-replied"
    assert letter.extra_headers["In-Reply-To"] == "<a@b>"


def test_the_word_may_stand_in_the_first_own_line_above_what_is_quoted(receive):
    text = "STOP!\n\nOn Mon, Nov 23, 2026 at 9:00 AM Lumens <offers@lumens.com> wrote:\n> Lamps for less\n"
    result, _ = receive(mail(text, subject="Re: Lamps for less"))
    assert outcomes(result) == ["opted_out"]


def test_an_html_only_mail_is_read_too(receive):
    html = "<html><body><div>Unsubscribe</div><div class='gmail_quote'>On Monday Lumens wrote:<p>lamps</p></div></body></html>"
    result, _ = receive(mail(html, subject="Re: lamps", content_type="text/html"))
    assert outcomes(result) == ["opted_out"]


def test_stop_inside_prose_goes_to_a_person(receive):
    result, _ = receive(mail("Please stop the delivery of my lamp until Friday.\n", subject="Order 17"))
    assert outcomes(result) == ["ticket_opened"]
    assert not OptOut.objects.exists()
    ticket = Ticket.objects.get(reference=result["messages"][0]["ticket"])
    assert [right.kind for right in ticket.rights.all()] == ["question"]
    assert ticket.due_at is not None


def test_an_opt_out_in_words_of_their_own_is_proposed_to_a_person(receive):
    result, _ = receive(mail("Could you take me off your mailing list? Thanks\n", subject="emails"))
    right = Ticket.objects.get(reference=result["messages"][0]["ticket"]).rights.get()
    assert (right.kind, right.proposed) == ("opt_out", True)


@pytest.mark.parametrize("which", ROBOTS)
def test_a_robot_never_opts_out_opens_nothing_and_is_never_answered(receive, which):
    result, _ = receive(ROBOTS[which])
    assert outcomes(result) == ["automatic"]
    assert not OptOut.objects.exists()
    assert not Ticket.objects.exists()
    assert not Letter.objects.exists()


def test_x_auto_response_suppress_proves_nothing(receive):
    result, _ = receive(mail(subject="unsubscribe", more="X-Auto-Response-Suppress: All\nAuto-Submitted: no"))
    assert outcomes(result) == ["opted_out"]


@pytest.mark.parametrize("message", [delivery_report(), *OLD_BOUNCES.values()], ids=["RFC 3464", *OLD_BOUNCES])
def test_a_bounce_is_undeliverable_and_never_an_opt_out(receive, message):
    result, _ = receive(message)
    assert outcomes(result) == ["undeliverable"]
    assert not OptOut.objects.exists()
    assert Undeliverable.objects.get().address in {"gone@example.net", "eve@example.net"}
    assert not Letter.objects.exists()


def test_a_read_receipt_of_a_mail_called_unsubscribe_opts_nobody_out(receive):
    result, _ = receive(read_receipt())
    assert outcomes(result) == ["undeliverable"]
    assert not OptOut.objects.exists()


def test_a_complaint_opts_out_the_recipient_and_is_not_answered(receive):
    result, _ = receive(feedback_report("abuse", recipient="carl@example.net"))
    assert outcomes(result) == ["feedback_report"]
    assert OptOut.objects.get().address == "carl@example.net"
    assert not Letter.objects.exists()


def test_an_opt_out_report_opts_out_whom_it_names(receive):
    receive(feedback_report("opt-out", recipient="other@example.net", removal="<dora@example.net>"))
    assert [wish.address for wish in OptOut.objects.all()] == ["dora@example.net"]


def test_an_authentication_report_changes_nothing(receive):
    result, _ = receive(feedback_report("auth-failure"))
    assert outcomes(result) == ["feedback_report"]
    assert not OptOut.objects.exists()


def test_a_complaint_without_an_address_is_understood_by_our_own_link(receive):
    message = feedback_report("abuse", redacted=True).replace(
        b"Subject: Unsubscribe\r\n\r\nBuy",
        f"List-Unsubscribe: <https://lumens.example/opt-out/{one_click_token('erik@example.net')}>\r\n\r\nBuy".encode(),
    )
    receive(message)
    assert OptOut.objects.get().address == "erik@example.net"


def test_mail_to_an_unsubscribe_address_opts_out_its_subject_whoever_sent_it(receive):
    customer = CustomerFactory(email="Fay@example.org", email_key="fay@example.org")
    to = unsubscribe_address(customer.pk, domain="lumens.com")
    assert len(to.partition("@")[0]) <= 64
    result, _ = receive(mail("", sender="somebody-else@example.com", to=to.upper(), subject=""))
    assert outcomes(result) == ["opted_out"]
    assert OptOut.objects.get().address == "fay@example.org"
    assert OptOut.objects.get().customer == customer


def test_a_forged_unsubscribe_address_is_only_mail(receive):
    result, _ = receive(mail(to="unsubscribe+" + "a" * 42 + "@lumens.com"))
    assert outcomes(result) == ["ticket_opened"]


def test_the_same_message_twice_is_done_once(receive):
    message = mail(subject="Unsubscribe", message_id="<same@example.com>")
    result, _ = receive(message, b"Received: by another way\r\n" + message, message)
    assert outcomes(result) == ["opted_out", "duplicate", "duplicate"]
    assert OptOut.objects.count() == Letter.objects.count() == 1


def test_the_same_message_id_with_another_body_is_another_message(receive):
    result, _ = receive(mail("one\n", message_id="<same@example.com>"), mail("two\n", message_id="<same@example.com>"))
    assert outcomes(result) == ["ticket_opened", "ticket_opened"]


def test_without_a_message_id_equal_bytes_are_a_duplicate(receive):
    result, _ = receive(mail("a\n", message_id=""), mail("a\n", message_id=""), mail("b\n", message_id=""))
    assert outcomes(result) == ["ticket_opened", "duplicate", "ticket_opened"]


def test_an_answer_to_a_request_joins_it_by_our_letter_or_by_its_number(receive):
    first, _ = receive(mail("Where is my data?\n"), name="first")
    reference = first["messages"][0]["ticket"]
    letter = Letter.objects.get(ticket_reference=reference)
    result, _ = receive(
        mail("More about it.\n", subject="Re: something else", more=f"In-Reply-To: {letter.own_message_id}"),
        mail("And more.\n", subject=f"AW: Ihre Nachricht [{reference.lower()}]"),
        name="second",
    )
    assert outcomes(result) == ["ticket_reply", "ticket_reply"]
    assert {message["ticket"] for message in result["messages"]} == {reference}
    assert Ticket.objects.get().events.filter(kind="message").count() == 2


def test_an_answer_reopens_a_closed_request_and_a_robots_answer_does_not(receive):
    from privacy.tickets.actions import close_ticket

    receive(mail("A question\n"), name="first")
    ticket = Ticket.objects.get()
    close_ticket(ticket.pk, outcome="fulfilled", by=None, now=ticket.received_at)
    tag = f"Re: [{ticket.reference}]"
    receive(mail("I am away\n", subject=tag, more="Auto-Submitted: auto-replied"), name="robot")
    ticket.refresh_from_db()
    assert ticket.closed_at is not None
    receive(mail("But still?\n", subject=tag), name="person")
    ticket.refresh_from_db()
    assert ticket.closed_at is None
    assert ticket.state == "acknowledged"
    assert ticket.due_at is not None


def test_at_most_three_confirmations_a_day_go_to_one_address(receive):
    receive(*[mail(f"stop\n{n}\n", subject=f"offer {n}") for n in range(6)])
    assert Message.objects.filter(outcome="opted_out").count() == 6
    assert Letter.objects.count() == 3
    assert OptOut.objects.count() == 1


def test_a_mailing_lists_mail_is_not_answered(receive):
    receive(mail("a question\n", more="List-Id: <talk.example.com>"))
    assert not Letter.objects.exists()
    assert Ticket.objects.get().state == "received"


def test_line_breaks_hidden_in_headers_reach_no_header_of_ours(receive):
    evil = "=?utf-8?Q?unsubscribe=0D=0ABcc:_victim@example.com?="
    receive(mail(subject=evil, message_id="<x@y>"), mail(subject="=?utf-8?Q?Hi=0D=0ABcc:_victim@example.com?="))
    for letter in send_everything():
        whole = letter.message().as_bytes()
        assert b"\nBcc" not in whole
        assert letter.recipients() == ["ann@example.com"]


def test_two_senders_in_one_message_are_read_in_one_way(receive):
    receive(mail(subject="unsubscribe", more="From: second@example.com"))
    assert [wish.address for wish in OptOut.objects.all()] == ["ann@example.com"]
    assert Message.objects.get().notes == ["more than one From header: the first counts"]


@pytest.mark.parametrize("second", ["<>", "MAILER-DAEMON"])
def test_of_two_from_headers_the_second_makes_no_bounce_of_a_persons_wish(receive, second):
    result, _ = receive(mail("Delivery failed, so please unsubscribe me.\n", subject="unsubscribe", more=f"From: {second}"))
    assert outcomes(result) == ["opted_out"]
    assert [wish.address for wish in OptOut.objects.all()] == ["ann@example.com"]


def test_a_look_alike_sender_is_not_taken_for_somebody_else(receive):
    result, _ = receive(mail(subject="unsubscribe", sender="\u0430nn@example.com"))
    assert outcomes(result) == ["ticket_opened"]
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("which", HOSTILE)
def test_hostile_mail_gets_an_outcome_and_the_next_one_is_read(receive, which):
    result, code = receive(HOSTILE[which], mail(subject="unsubscribe", sender="next@example.com"))
    first, second = outcomes(result)
    assert first in {"quarantined", "ticket_opened"}
    assert second == "opted_out"
    assert code == (1 if first == "quarantined" else 0)
    kept = Message.objects.order_by("pk").first()
    assert kept.raw == HOSTILE[which]


def test_what_fails_while_it_is_sorted_is_kept_and_shown(receive, monkeypatch):
    from privacy.mailroom.actions import sorting

    monkeypatch.setattr(sorting, "_opened", lambda *a, **k: 1 / 0)
    result, code = receive(mail(), mail("\n", subject="unsubscribe"))
    assert outcomes(result) == ["quarantined", "opted_out"]
    assert code == 1
    assert "ZeroDivisionError" in result["messages"][0]["reason"]


def test_what_was_kept_but_not_sorted_is_taken_up_by_the_clock(receive, django_db_blocker):
    from datetime import timedelta

    from django.utils import timezone

    from privacy.mailroom.actions import keep_message

    keep_message(mail(subject="unsubscribe"), door="file", received_at=timezone.now() - timedelta(minutes=5))
    jobs.sort_waiting(0)
    assert Message.objects.get().outcome == "opted_out"


def test_nothing_a_customer_wrote_lies_in_clear_in_the_database(receive):
    from django.db import connection

    receive(mail("my secret marker-7431\n", subject="marker-7431", sender="marker-7431@example.com"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(privacy|pghistory|procrastinate)' ORDER BY 1"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', ["%marker-7431%"])
            assert cursor.fetchone()[0] == 0, table
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{b'marker-7431'.hex()}%"])
            assert cursor.fetchone()[0] == 0, table


@pytest.mark.parametrize(
    ("message", "statements"),
    [(mail("\n", subject="unsubscribe"), 20), (mail(), 22), (mail(more="Auto-Submitted: auto-replied"), 12)],
    ids=["a wish", "a question", "a robot"],
)
def test_a_message_costs_few_statements(message, statements, django_assert_max_num_queries):
    with ProcessReader() as reader, django_assert_max_num_queries(statements):
        jobs.receive_one(message, door="file", reader=reader)


def test_a_request_enters_the_ledger_as_it_stays(receive):
    receive(mail())
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.due_at is None) == ("acknowledged", False)
    events = apps.get_model("privacy", "TicketLedgerEvent").objects.filter(pgh_obj_id=ticket.pk)
    assert [event.pgh_label for event in events] == ["insert"]


def test_who_hands_over_a_closed_standard_input_is_told_so_in_one_line():
    command = [sys.executable, "manage.py", "receive_mail", "-"]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *command],
        cwd=ROOT,
        env=environment_here(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [done.stderr.strip()]
    assert "standard input is closed" in done.stderr
