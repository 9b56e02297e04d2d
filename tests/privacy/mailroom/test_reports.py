"""Reports of machines in unusual forms: each was read wrongly, or for half of its addresses, before it stood here."""

import pytest

from privacy.models import OptOut, Undeliverable
from tests.factories.mailroom import delivery_report, feedback_report, mail, outcomes, read_receipt

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("message", "opted_out"),
    [
        (feedback_report("opt-out", removal="<dora@example.net>\nRemoval-Recipient: eve@example.net"), ["dora", "eve"]),
        (feedback_report("abuse", recipient="carl@example.net>\nOriginal-Rcpt-To: <dora@example.net"), ["carl", "dora"]),
        (feedback_report("abuse", recipient="carl@example.net>\nOriginal-Rcpt-To: <carl@example.net"), ["carl"]),
        (feedback_report("opt-out", recipient="carl@example.net"), ["carl"]),
        (feedback_report("abuse\nFeedback-Type: abuse"), ["carl"]),
        (feedback_report("abuse", recipient="redacted@example.net"), []),
        (feedback_report("abuse", recipient="redacted@example.net").replace(b"\r\nTo: redacted@", b"\r\nTo: eve@"), ["eve"]),
        (feedback_report("not-spam", removal="<dora@example.net>"), []),
        (feedback_report("fraud", removal="<dora@example.net>"), []),
        (feedback_report("abuse", recipient="CustomerService@lumens.com>\nOriginal-Rcpt-To: <carl@example.net"), ["carl"]),
    ],
    ids=[
        "two removals",
        "two recipients",
        "one recipient twice",
        "no removal",
        "its type twice",
        "redacted",
        "redacted in one place",
        "not spam",
        "fraud",
        "our own address",
    ],
)
def test_a_complaint_opts_out_everybody_whom_it_names_and_nobody_else(receive, message, opted_out):
    result, _ = receive(message)
    assert outcomes(result) == ["feedback_report"]
    assert not opted_out or result["messages"][0]["reason"].endswith(f": {len(opted_out)} opted out")
    assert sorted(wish.address for wish in OptOut.objects.all()) == [f"{name}@example.net" for name in opted_out]


def test_an_encoded_report_is_read_by_its_own_words(receive):
    encoded = "Content-Transfer-Encoding: base64\r\n\r\nRmVlZGJhY2stVHlwZTogbm90LXNwYW0K\r\n--b"  # Feedback-Type: not-spam
    head, _, rest = feedback_report().decode().partition("feedback-report\r\n\r\n")
    result, _ = receive(f"{head}feedback-report\r\n{encoded}{rest.partition('--b')[2]}".encode())
    assert result["messages"][0]["reason"] == "not-spam: nothing to do"
    assert not OptOut.objects.exists()


def test_a_delivery_report_in_unicode_names_whom_it_is_about(receive):
    receive(
        delivery_report().replace(b"message/delivery-status", b"message/global-delivery-status").replace(b"rfc822;", b"utf-8;")
    )
    assert Undeliverable.objects.values_list("address", "action", "status").get() == ("gone@example.net", "failed", "5.1.1")


@pytest.mark.parametrize(
    ("sender", "outcome"), [("dora@example.net", "undeliverable"), ("Ann <ann@example.com>", "ticket_opened")]
)
def test_a_receipt_in_an_ordinary_envelope_is_one_if_it_is_its_senders(receive, sender, outcome):
    ordinary = read_receipt().replace(b"multipart/report; report-type=disposition-notification", b"multipart/mixed")
    result, _ = receive(ordinary.replace(b"From: dora@example.net", f"From: {sender}".encode()))
    assert outcomes(result) == [outcome]
    assert not OptOut.objects.exists()


IN_WORDS = {
    "Postfix breaks its line": (
        "relay@x.net", "Undelivered Mail Returned to Sender",
        "Sorry to inform you that your message could not\nbe delivered to one or more recipients.\n\n<a@y.net>: gone\n",
        ["a@y.net"],
    ),
    "a ruler of dashes": (
        "E500_SMTP@x.net", "Returned Mail - Error During Delivery",
        "------ Failed Recipients ------\n\n<a@y.net>: mailbox unavailable.\n-------- Returned Mail --------\n", ["a@y.net"],
    ),
    "MDaemon": ("MDaemon@x.net", "Permanent Delivery Failure", "unsubscribe\n\n> a@y.net\n", ["a@y.net"]),
    "a daemon without a subject": (
        "MAILER-DAEMON@x.net", "", "I'm afraid I wasn't able to deliver the following message.\n\nTo: a@y.net\n", ["a@y.net"],
    ),
    "words behind each address": (
        "MAILER-DAEMON@x.net", "Undelivered Mail Returned to Sender",
        "<a@y.net>: user unknown\n\n<b@y.net>: mailbox full\n", ["a@y.net", "b@y.net"],
    ),
    "a daemon in Chinese": ("MAILER-DAEMON@x.net", "x", "邮件无法送达。\n\n<a@y.net>:\n\n<b@y.net>:\n", ["a@y.net", "b@y.net"]),
    "first whom it was sent to": (
        "postmaster@x.net", "Undeliverable: x",
        "Your message\n\n  To: talk@y.net\n\ndid not reach the following recipient(s):\n\na@y.net on Friday\n", ["a@y.net"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", IN_WORDS)
def test_a_notice_in_words_names_everybody_whom_it_is_about(receive, which):
    sender, subject, text, about = IN_WORDS[which]
    result, _ = receive(mail(text, sender=sender, subject=subject))
    assert outcomes(result) == ["undeliverable"]
    assert sorted(Undeliverable.objects.values_list("address", flat=True)) == about


# (From, subject, text, further headers, about whom)
LESS_USUAL = {
    "the subject ends in what happened": (
        "gateway@relay.example", "RE: Lamps for less : non remis (delivery failed)",
        "*****\nVotre message n'a pas pu etre remis a\na@y.net\n\n*****\nYour message could not be delivered to\na@y.net\n", "",
        ["a@y.net"],
    ),
    "headers of the mail that came back are its own": (
        "admin@y.net", "Non-Delivery: Lamps for less",
        'Non-Delivery Report\nThe mail below could not be delivered to the following user:\n\n"A" <a@y.net>\n\nOld message:\n',
        'Precedence: bulk\nX-Original-To: "A" <a@y.net>', ["a@y.net"],
    ),
    "it says from whom they take no mail": (
        "Mail Delivery Subsystem <MAILER-DAEMON@AOL.com>", "Mail Delivery Problem",
        "Your mail to the following recipients could not be delivered as they are\nnot accepting mail from offers@lumens.com:\n"
        "\tlampfan\n", "", ["lampfan@aol.com"],
    ),
    "the same without a name": (
        "Mail Delivery Subsystem <MAILER-DAEMON@y.net>", "Mail Delivery Problem",
        "Your mail failed, for they take no mail from offers@lumens.com.\nIt was sent to <a@y.net>.\n", "", ["a@y.net"],
    ),
    "a name, and how addresses are written there": (
        "MAILER-DAEMON@college.example", "Returned mail - directory error",
        "----Message not delivered to the following:\n\n  ann    No such name in the directory\n\n"
        "Try first.last@college.example instead of NAME@college.example.\n", "", [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", LESS_USUAL)
def test_a_notice_names_whom_it_is_about_and_not_whom_else_it_mentions(receive, which):
    sender, subject, text, more, about = LESS_USUAL[which]
    result, _ = receive(mail(text, sender=sender, subject=subject, more=more))
    assert outcomes(result) == ["undeliverable"]
    assert [one for one in Undeliverable.objects.values_list("address", flat=True) if one] == about
    assert not OptOut.objects.exists()


def test_a_report_that_a_gateway_wrapped_to_add_its_footer_names_whom_it_names(receive):
    inner = delivery_report(recipient="a@y.net").decode().replace("\r\n", "\n")
    text = f"--w\nContent-Type: message/rfc822\n\n{inner}\n--w\nContent-Type: text/plain\n\nThis e-mail is confidential.\n--w--\n"
    result, _ = receive(
        mail(text, sender="postmaster@y.net", subject="Delivery Status Notification", content_type="multipart/mixed; boundary=w"),
        mail(text, subject="Fwd: What does this mean?", content_type="multipart/mixed; boundary=w"),
    )
    assert outcomes(result) == ["undeliverable", "ticket_opened"]
    assert Undeliverable.objects.get().address == "a@y.net"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Lamps : non remis (delivery failed)", "What is this?\n> Your message could not be delivered to\n> a@y.net\n"),
        ("My parcel (delivery failed)", "It could not be delivered to\nmy neighbour, who was out.\n"),
    ],
)
def test_who_asks_about_such_a_notice_is_a_person(receive, subject, text):
    result, _ = receive(mail(text, subject=subject))
    assert outcomes(result) == ["ticket_opened"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("host mx2.dead.example[1.2.3.4] said: 550 5.1.1 user unknown", "5.1.1"),
        ("host mx2.dead.example[4.2.3.4] said: 550 user unknown", ""),
        ("user unknown (#5.1.1).", "5.1.1"),
    ],
)
def test_an_ip_address_is_no_status(receive, said, status):
    receive(mail(f"<a@y.net>: {said}\n", sender="MAILER-DAEMON@x.net", subject="Undelivered Mail Returned to Sender"))
    assert Undeliverable.objects.values_list("address", "status").get() == ("a@y.net", status)
