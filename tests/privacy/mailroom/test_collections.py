"""Mail in the manner of public collections: each of these was sorted wrongly once.

A thousand real messages were taken in (test sets of other mail programs, bounces of many mail servers, complaints of providers);
what is here is written anew after the ones that came out wrong.
"""

import pytest

from privacy.mailroom.policies import asks_to_unsubscribe, is_unsubscribe_word
from privacy.mailroom.policies.quotations import own_text
from privacy.models import Letter, Message, OptOut, Ticket, Undeliverable
from privacy.tickets.actions import close_ticket
from tests.factories.mailroom import mail, outcomes, run

pytestmark = pytest.mark.django_db

QUOTE = "> Lamps for less\n> To unsubscribe, click here.\n"
# What mail programs write above the quote, by language.
ATTRIBUTIONS = """
man. 23. nov. 2026 kl. 09.00 skrev Lumens <offers@lumens.com>:
ma 23. marrask. 2026 klo 9.00 Lumens <offers@lumens.com> kirjoitti:
pon., 23 lis 2026 o 09:00 Lumens <offers@lumens.com> napisał(a):
пн, 23 нояб. 2026 г. в 09:00, Lumens <offers@lumens.com>:
Lumens <offers@lumens.com> 于2026年11月23日周一 09:00写道：
2026년 11월 23일 (월) 오전 9:00, Lumens <offers@lumens.com>님이 작성:
Lumens <offers@lumens.com>, 23 Kas 2026 Pzt, 09:00 tarihinde şunu yazdı:
po 23. 11. 2026 v 9:00 odesílatel Lumens <offers@lumens.com> napsal:
Lumens <offers@lumens.com> ezt írta (időpont: 2026. nov. 23., H, 9:00):
בתאריך יום ב׳, 23 בנוב׳ 2026 ב-9:00 מאת Lumens <offers@lumens.com>:\u202c
في الاثنين، 23 نوفمبر 2026 في 9:00 ص تمت كتابة ما يلي بواسطة Lumens <offers@lumens.com>:
Vào Th 2, 23 thg 11, 2026 vào lúc 09:00 Lumens <offers@lumens.com> đã viết:
""".strip().splitlines()


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_the_word_below_a_quote_is_found_whatever_language_introduces_the_quote(attribution):
    assert asks_to_unsubscribe("Re: Lamps", f"{attribution}\n\n{QUOTE}\nUnsubscribe\n") == "text"
    in_pieces = attribution.replace(" <", "\n<")
    assert asks_to_unsubscribe("Re: Lamps", f"{in_pieces}\n{QUOTE}\nUnsubscribe\n") == "text"


@pytest.mark.parametrize("attribution", [*ATTRIBUTIONS, "On 11/23/26 09:00, Lumens wrote:"])
def test_what_stands_right_above_an_attribution_is_still_the_senders(attribution):
    assert asks_to_unsubscribe("Re: Lamps", f"Unsubscribe\n{attribution}\n{QUOTE}") == "text"
    in_pieces = attribution.replace(" <", "\n<")
    assert asks_to_unsubscribe("Re: Lamps", f"Unsubscribe\n{in_pieces}\n{QUOTE}") == "text"
    assert asks_to_unsubscribe("Re: Lamps", f"My lamp is late\nand broken\n{attribution}\n{QUOTE}\nStop\n") == ""


@pytest.mark.parametrize(
    "said",
    [
        "I ordered this in 2026:",
        "It came on 11/23/2026 at 10:30.\nThis is what it says:",
        "My lamp, bought at 10:30, looks like this:\nThe order says:",
    ],
)
def test_what_a_person_says_about_a_quote_leaves_their_question_a_question(said):
    assert asks_to_unsubscribe("Re: Lamps", f"Is it in stock?\n{said}\n{QUOTE}\nStop\n") == ""


@pytest.mark.parametrize("said", ["Is it in stock?", ""])
@pytest.mark.parametrize(
    "header",
    ["Fra: Lumens\nSendt: mandag\nTil: Ann\nEmne: x", "Od: Lumens\nWysłano: poniedziałek\nDo: Ann",
     "发件人: Lumens\n发送时间: 2026年11月23日", "От: Lumens\nОтправлено: понедельник", "差出人: Lumens\n送信日時: 2026年",
     "보낸 사람: Lumens\n보낸 날짜: 2026", "Lähettäjä: Lumens\nLähetetty: x"],
)  # fmt: skip
def test_a_word_in_the_message_below_a_quoted_heading_is_the_other_sides(said, header):
    assert asks_to_unsubscribe("Re: Lamps", f"{said}\n\n{header}\n\nunsubscribe\n") == ""


@pytest.mark.parametrize(
    "header",
    ["\u202b\u200fמאת\u200f: Lumens <offers@lumens.com>\n*\u200fנשלח:* יום שני\nאל: Ann",
     "Од: Lumens <offers@lumens.com>\nПослато: x\nЗа: Ann\nНаслов: Lamps",
     "מאת: Lumens <offers@lumens.com>\nנשלח: יום שני\nאל: Ann\nנושא: Lamps",
     "\u200fمن: Lumens <offers@lumens.com>\n\u200fتم الإرسال: الاثنين\n\u200fإلى: Ann\n\u200fالموضوع: Lamps",
     "จาก: Lumens <offers@lumens.com>\nส่ง: x\nถึง: Ann\nเรื่อง: Lamps",
     "Từ: Lumens <offers@lumens.com>\nĐã gửi: x\nĐến: Ann\nChủ đề: Lamps",
     "Od: Lumens <offers@lumens.com>\nPoslano: ponedjeljak\nZa: Ann\nPredmet: Lamps",
     "От: Lumens <offers@lumens.com>\nИзпратено: x\nДо: Ann\nОтносно: Lamps"],
)  # fmt: skip
def test_what_stands_below_a_heading_of_another_language_is_neither_a_wish_nor_a_remark(header):
    assert asks_to_unsubscribe("Re: Lamps", f"Is it in stock?\n\n{header}\n\nunsubscribe\n") == ""
    assert own_text(f"Unsubscribe\n\n{header}\n\nWhere is my order?\n") == "Unsubscribe"


@pytest.mark.parametrize(
    "said",
    ["Un-subscribe", "UN SUBSCRIBE", "OptOut", "STOP STOP STOP", "unsubscribe, unsubscribe!", "Se désinscrire",
     "Unsubscribe from this list", "Please unsubscribe me from your emails", "unsubscribe from all marketing emails",
     "Unsubscribe me from all your mailing lists, please"],
)  # fmt: skip
def test_the_word_spelt_in_another_way_or_said_more_than_once(said):
    assert is_unsubscribe_word(said)


@pytest.mark.parametrize(
    "said", ["stop remove", "unsubscribe my mother from all emails", "un", "opt", "unsubscribe from nothing"]
)
def test_what_only_looks_like_it_goes_to_a_person(said):
    assert not is_unsubscribe_word(said)


def test_a_signed_message_says_what_stands_inside_the_armour(receive):
    signed = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{}\n-----BEGIN PGP SIGNATURE-----\n\niQEzBA\n=abcd\n"
        "-----END PGP SIGNATURE-----\n"
    )
    result, _ = receive(mail(signed.format("Unsubscribe")), mail(signed.format("Where is my lamp?")))
    assert outcomes(result) == ["opted_out", "ticket_opened"]
    assert Message.objects.order_by("pk").last().text == "Where is my lamp?"


CALENDAR = (
    "--c\nContent-Type: text/plain\n\nStop\n\nMonday, 10 am\n"
    "--c\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n--c--\n"
)


def test_a_meeting_called_stop_opts_nobody_out(receive):
    result, _ = receive(
        mail(CALENDAR, subject="Invitation: Stop", content_type="multipart/alternative; boundary=c"),
        mail("BEGIN:VCALENDAR\nMETHOD:CANCEL\nEND:VCALENDAR\n", subject="Cancel", content_type="text/calendar; method=CANCEL"),
        mail("\n", subject="Cancel", more="Content-Class: urn:content-classes:calendarmessage"),
    )
    assert set(outcomes(result)) == {"ticket_opened"}
    assert not OptOut.objects.exists()
    assert not Letter.objects.exists()


# (From, subject, text, further headers, whom it is about)
RETURNED = {
    "the name alone is a mail system's": (
        "Mail Delivery System <relay7@example.org>", "Delivery status notification",
        "Delevery failed permanently:\n\nRCPT host 192.0.2.1: 553 5.3.0 <eve@example.net>... No such user here\n", "",
        "eve@example.net",
    ),
    "a Return-Path that a server filled in": (
        "imss@example.org", "Mail could not be delivered",
        "Sent <<< RCPT TO:<eve@example.net>\nUnable to deliver message to <eve@example.net> (and others).\n",
        "Return-Path: <MAILER-DAEMON@example.org>", "eve@example.net",
    ),
    "no sender at all": (
        "Postmaster <>", "Undeliverable: eve@example.net",
        "Your Message\nDid not reach the following recipient: eve@example.net\n", "", "eve@example.net",
    ),
    "a formula that no person writes": (
        "ndr@example.org", "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nIt could not be delivered to eve@example.net\n", "",
        "eve@example.net",
    ),
    "a gateway": (
        "Antivirus_for_SMTP_Gateways@example.org", "Delivery failure notification",
        "Your message\ncould not be delivered to the following recipients:\n\neve@example.net\n", "", "eve@example.net",
    ),
    "a daemon with a subject of its own": (
        "MAILER-DAEMON@example.org", "failure delivery",
        "Message from example.org. Unable to deliver message to the following address(es).\n\n<eve@example.net>:\n550 gone\n", "",
        "eve@example.net",
    ),
    "a daemon in Russian": (
        "Mail Delivery System <Mailer-Daemon@example.ru>", "Ваше сообщение не доставлено",
        "Это письмо создано автоматически. Письмо недоставлено:\n\n  eve@example.net\n    unknown user\n",
        "Auto-Submitted: auto-replied", "eve@example.net",
    ),
    "a full mailbox": (
        "<Postmaster@example.org>", "Mail Delivery Warning",
        'Delivery of email to this address\n"eve@example.net"\nhas been postponed due to a full mailbox.\n', "",
        "eve@example.net",
    ),
    "the address inside a sentence": (
        "postmaster@example.org", "Undeliverable Mail",
        "Delivery failed 20 attempts: eve@example.net\n\nOriginal message follows.\n"
        "Received: by postmaster@elsewhere.example\n", "", "eve@example.net",
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", RETURNED)
def test_returned_mail_of_many_servers_is_undeliverable_and_names_whom_it_did_not_reach(receive, which):
    sender, subject, text, more, about = RETURNED[which]
    result, _ = receive(mail(text, sender=sender, subject=subject, more=more))
    assert outcomes(result) == ["undeliverable"]
    assert Undeliverable.objects.get().address == about
    assert not Letter.objects.exists()
    assert not OptOut.objects.exists()


def test_what_is_only_late_is_noted_as_late(receive):
    sender, subject, text, more, _ = RETURNED["a full mailbox"]
    receive(mail(text, sender=sender, subject=subject, more=more))
    assert Undeliverable.objects.get().action == "delayed"


def test_a_report_without_usable_fields_is_read_for_the_address_in_its_text(receive):
    text = (
        "--b\nContent-Type: text/plain\n\nThe following recipients did not receive this message:\n\n<eve@example.net>\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.org\n\n--b--\n"
    )
    receive(
        mail(text, sender="MAILER-DAEMON@example.org", content_type="multipart/report; report-type=delivery-status; boundary=b")
    )
    assert Undeliverable.objects.get().address == "eve@example.net"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Undeliverable parcel", "My lamp could not be delivered, the driver found nobody. Please delete my data, too.\n"),
        ("Delivery failure", "UPS failed to deliver order 550 to me. Where is it?\n"),
        ("Re: Undeliverable: Lamps", "Why did I get this? It says: could not be delivered to the following recipients.\n"),
        ("Delivery problem", "Nobody was able to deliver my chandelier.\n"),
    ],
)
def test_a_person_whose_parcel_did_not_arrive_is_a_person(receive, subject, text):
    result, _ = receive(mail(text, subject=subject))
    assert outcomes(result) == ["ticket_opened"]


def complaint(*, subject="complaint about message from 192.0.2.1"):
    original = "X-HmXmrOriginalRecipient: bob@outlook.example\nFrom: offers@lumens.com\nTo: somebody@example.com\nSubject: Lamps"
    return mail(
        f"--c\nContent-Type: message/rfc822\n\n{original}\n\nunsubscribe\n--c--\n",
        sender="staff@outlook.example",
        subject=subject,
        content_type="multipart/mixed; boundary=c",
    )


def test_a_complaint_in_the_form_of_outlook_opts_out_its_original_recipient(receive):
    result, _ = receive(complaint(), complaint(subject="Fwd: what I got"))
    assert outcomes(result) == ["feedback_report", "ticket_opened"]
    assert OptOut.objects.get().address == "bob@outlook.example"


def test_reports_about_mail_as_such_open_no_request(receive):
    aggregate = "Report domain: lumens.com Submitter: example.net Report-ID: 123"
    result, _ = receive(
        mail("\n", sender="dmarc@example.net", subject=aggregate),
        mail("\n", sender="tls@example.net", subject="TLS report", more="TLS-Report-Domain: lumens.com"),
        mail("--b\n\nx\n--b--\n", sender="r@example.net", content_type="multipart/report; report-type=tlsrpt; boundary=b"),
    )
    assert set(outcomes(result)) == {"automatic"}


def test_spaces_before_the_first_header_hide_none(receive):
    result, _ = receive(b" " * 200 + b"\r\n" + mail(subject="unsubscribe"))
    assert outcomes(result) == ["opted_out"]


def test_an_mbox_whose_lines_end_in_returns_loses_no_message(tmp_path):
    box = tmp_path / "mac.mbox"
    messages = [mail(f"{n}\n", subject=word, sender=f"p{n}@example.com", ends="\r") for n, word in enumerate(("stop", "Hello"))]
    box.write_bytes(b"".join(b"From p@example.com Mon Nov 23 10:00:00 2026\r" + message + b"\r" for message in messages))
    result, _ = run(str(box))
    assert outcomes(result) == ["opted_out", "ticket_opened"]
    assert [bool(message.raw) for message in Message.objects.order_by("pk")] == [True, True]


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_last_character_cut_in_two_does_not_spoil_the_others(receive, charset):
    body = mail(content_type=f"text/plain; charset={charset}").partition(b"\r\n\r\n")[0]
    result, _ = receive(body + b"\r\n\r\n" + "Désabonnement\n\né".encode(charset)[:-1])
    assert outcomes(result) == ["opted_out"]


@pytest.fixture
def closed(receive):
    """Ann's request, answered and closed."""
    receive(mail("Where is my data?\n"), name="first")
    ticket = Ticket.objects.get()
    close_ticket(ticket.pk, outcome="fulfilled", by=None, now=ticket.received_at)
    return ticket


def test_a_stranger_who_writes_the_number_of_a_closed_request_opens_their_own(receive, closed):
    result, _ = receive(mail("Delete my data.\n", sender="bob@example.com", subject=f"Re: [{closed.reference}]"))
    assert outcomes(result) == ["ticket_opened"]
    assert result["messages"][0]["ticket"] != closed.reference
    assert result["messages"][0]["reason"] == f"names {closed.reference}, which is closed, from another address"
    closed.refresh_from_db()
    assert closed.closed_at is not None


def test_who_answers_our_own_letter_from_another_address_reopens_their_request(receive, closed):
    letter = Letter.objects.get(ticket_reference=closed.reference)
    result, _ = receive(mail("And now?\n", sender="ann@work.example", more=f"References: <x@y> {letter.own_message_id}"))
    assert outcomes(result) == ["ticket_reply"]
    assert result["messages"][0]["reason"] == "from another address than the request"
    closed.refresh_from_db()
    assert closed.closed_at is None


@pytest.mark.parametrize("tag", ["LUM-2026-999999", "LUM-2026-0000010", "lum-20261-000001", "XLUM-2026-000001"])
def test_a_number_that_no_request_has_opens_a_new_one(receive, tag):
    receive(mail("A question\n"), name="first")
    result, _ = receive(mail("Another\n", subject=f"Re: [{tag}]"), name="second")
    assert outcomes(result) == ["ticket_opened"]
    assert Ticket.objects.count() == 2
