"""A message in several parts: all that a person wrote in them is read, and files that came with it reach somebody."""

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.mailroom.gateways.parsing.text import LONGEST_TEXT
from privacy.mailroom.gateways.reader import ProcessReader
from privacy.models import Message, OptOut, Ticket
from privacy.optouts.policies import unsubscribe_address
from privacy.tickets.actions import claim, close_ticket, read_conversation
from tests.factories.access import grant, sign_in
from tests.factories.customers import CustomerFactory
from tests.factories.mailroom import delivery_report, mail, outcomes
from tests.factories.workforce import EmployeeFactory

PHOTO = "Content-Type: image/png; name=lamp.png\nContent-Disposition: inline; filename=lamp.png\n"
LOGO = 'Content-Type: image/png; name=image001.png\nContent-ID: <logo@x>\nContent-Disposition: inline; filename="image001.png"\n'
PDF = 'Content-Type: application/pdf; name="request.pdf"\nContent-Disposition: attachment; filename="request.pdf"\n'
TXT = "Content-Type: text/plain; name=letter.txt\nContent-Disposition: attachment; filename=letter.txt\n"
PLAIN, HTML = "Content-Type: text/plain; charset=utf-8\n", "Content-Type: text/html; charset=utf-8\n"
BANNER = "CAUTION: This email originated from outside of the organization."


def parts(*each, kind="mixed", boundary="b"):
    """One part that consists of others: each a head and its text."""
    inner = "".join(f"--{boundary}\n{head}\n{text}\n" for head, text in each)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n', f"{inner}--{boundary}--\n"


def of_parts(*each, kind="mixed", **more):
    head, text = parts(*each, kind=kind, boundary="whole")
    return mail(text, content_type=head.removeprefix("Content-Type: ").rstrip(), **more)


def read(raw):
    with ProcessReader() as reader:
        return reader.read(raw)


@pytest.mark.django_db
def test_what_only_the_formatted_text_says_is_read_too(receive):
    plain = "Unsubscribe\n\nOn Mon, Nov 23, 2026 at 10:00 AM Lumens <offers@lumens.com> wrote:\n> Order today"
    html = "<p>Unsubscribe<p>Please delete all my personal data.<blockquote>Order now, today!</blockquote>"
    result, _ = receive(of_parts((PLAIN, plain), (HTML, html), kind="alternative"))
    assert outcomes(result) == ["opted_out"]
    assert [right.kind for right in Ticket.objects.get().rights.all()] == ["deletion"]
    assert Message.objects.get().text == "Unsubscribe\n\nPlease delete all my personal data."


@pytest.mark.django_db
def test_who_forwards_from_outlook_is_read_with_what_they_forward(receive):
    heading = "From: Bob Lee <bob@f.example>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Ann\nSubject: Lamp\n"
    receive(mail(f"See below.\n\n{heading}\nThe lamp sparks.\n", subject="FW: Lamp"))
    assert Message.objects.get().text.endswith("The lamp sparks.")
    receive(mail(f"See below.\n\n{heading}\nThe lamp sparks.\n", subject="Re: Lamp"), name="reply")
    assert Message.objects.order_by("pk").last().text == "See below."


@pytest.mark.django_db
def test_what_stands_below_a_photograph_is_read_too(receive):
    result, _ = receive(
        of_parts((PLAIN, "Hello, see the picture\n-- \nAnn"), (PHOTO, "x"), (PLAIN, "Please delete all my personal data"))
    )
    assert outcomes(result) == ["ticket_opened"]
    assert [right.kind for right in Ticket.objects.get().rights.all()] == ["deletion"]
    assert Message.objects.get().text == "Hello, see the picture\n-- \nAnn\n\nPlease delete all my personal data"


@pytest.mark.django_db
def test_who_writes_the_word_above_a_photograph_and_a_request_below_it_gets_both(receive):
    result, _ = receive(of_parts((PLAIN, "Unsubscribe"), (PHOTO, "x"), (PLAIN, "Also, please delete all my personal data.")))
    assert outcomes(result) == ["opted_out"]
    assert [right.kind for right in Ticket.objects.get().rights.all()] == ["deletion"]


@pytest.mark.django_db
@pytest.mark.parametrize("banner", [(PLAIN, BANNER), (HTML, f"<p>{BANNER}</p>")], ids=["plain", "html"])
@pytest.mark.parametrize(
    "body", [(PLAIN, "Unsubscribe"), parts((PLAIN, "Unsubscribe"), (HTML, "<p>Unsubscribe</p>"), kind="alternative")]
)
def test_a_gateways_warning_in_a_part_of_its_own_hides_no_wish(receive, banner, body):
    result, _ = receive(of_parts(banner, body, subject="Re: Offers"))
    assert outcomes(result) == ["opted_out"]
    assert not Ticket.objects.exists()


def test_one_of_two_forms_of_the_same_text_is_read():
    both = ((PLAIN, "stop *It*"), (HTML, "<p>STOP<p>it"))
    assert read(of_parts(*both, kind="alternative"))["texts"] == ["stop *It*"]
    assert read(of_parts(*reversed(both), kind="alternative"))["texts"] == ["stop *It*"]
    for nothing in ("", " \u200b ", "Your mail program does not display HTML.", "This e-mail requires an HTML viewer."):
        assert read(of_parts((PLAIN, nothing), (HTML, "<p>stop"), kind="alternative"))["text"] == "stop"
    inner = parts((HTML, "<p>one"), (PHOTO, "x"), (HTML, "<p>two"))
    assert read(of_parts((PLAIN, ""), inner, kind="alternative"))["texts"] == ["one", "two"]
    assert read(of_parts((PLAIN, "stop it"), (HTML, "<p>stop   it</p>")))["text"] == "stop it"  # twice the same in one mail
    assert read(of_parts((HTML, "<img src=cid:logo@x>stop"), (LOGO, "x"), kind="related"))["text"] == "stop"


def test_many_long_parts_are_read_as_far_as_one_may_be_long():
    facts = read(of_parts(*[(HTML, f"<p>{number} " + "lamp " * 20_000) for number in range(40)]))
    assert len(facts["text"]) <= LONGEST_TEXT
    assert facts["cut"]
    assert not read(mail("short\n"))["cut"]
    both = (PLAIN, "hello " * 20_000), (HTML, "<p>hello</p> " * 60_000)
    assert not read(of_parts(*both, kind="alternative"))["cut"]


FILES = {
    "a PDF": [(PDF, "x")],
    "a text file": [(TXT, "I demand that you delete all my data.")],
    "a text file shown below": [("Content-Type: text/plain; name=a.txt\nContent-Disposition: inline; filename=a.txt\n", "me")],
    "a photograph": [(PHOTO, "x")],
    "a forwarded message": [("Content-Type: message/rfc822\n", "From: bob@example.com\nSubject: lamps\n\nbuy\n")],
    "a document without a name": [("Content-Type: application/msword\n", "x")],
    "two": [(PDF, "x"), (TXT, "y")],
    "an encrypted message": [("Content-Type: application/pkcs7-mime; name=smime.p7m\n", "x")],
    "Outlook's own form with a file in it": [
        ("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n", "eJ8+IgEAAgKQBgABAAAAAAA=")
    ],
}
NO_FILES = {
    "a signature": [("Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment\n", "x")],
    "a PGP signature": [("Content-Type: application/pgp-signature; name=s.asc\n", "x")],
    "a PGP key": [("Content-Type: application/pgp-keys; name=k.asc\nContent-Disposition: attachment; filename=k.asc\n", "x")],
    "a card": [("Content-Type: text/vcard; name=ann.vcf\nContent-Disposition: attachment; filename=ann.vcf\n", "BEGIN:VCARD")],
    "a card by its name": [("Content-Type: application/octet-stream; name=ann.vcf\n", "BEGIN:VCARD")],
    "a logo": [(HTML, "<img src='cid:logo@x'>"), (LOGO, "x")],
    "an empty file": [("Content-Type: text/plain; name=ATT00001.txt\nContent-Disposition: attachment\n", "\n")],
    "Outlook's own form alone": [
        ("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n", "eJ8+IgEAAQKQBgABAAAAAAA=")
    ],
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FILES)
def test_a_file_beside_the_word_reaches_a_person(receive, name):
    result, _ = receive(of_parts((PLAIN, "Unsubscribe"), *FILES[name], subject="Re: Offers"))
    assert outcomes(result) == ["opted_out"]
    assert OptOut.objects.get().address == "ann@example.com"
    assert result["messages"][0]["ticket"] == Ticket.objects.get().reference
    assert len(FILES[name]) == read(of_parts((PLAIN, "Unsubscribe"), *FILES[name]))["files"]
    said = "1 file came with it; it is kept" if len(FILES[name]) == 1 else "2 files came with it; they are kept"
    assert f"{said} with the message" in Message.objects.get().notes


@pytest.mark.django_db
@pytest.mark.parametrize("name", NO_FILES)
def test_what_programs_add_to_a_message_is_no_file_of_its_sender(receive, name):
    result, _ = receive(of_parts((PLAIN, "Unsubscribe"), *NO_FILES[name], subject="Re: Offers"))
    assert outcomes(result) == ["opted_out"]
    assert not Ticket.objects.exists()
    assert Message.objects.get().notes == []


@pytest.mark.django_db
def test_a_file_sent_to_an_unsubscribe_address_reaches_a_person(receive):
    customer = CustomerFactory(email="dora@example.net")
    receive(of_parts((PLAIN, ""), (PDF, "x"), to=unsubscribe_address(customer.pk, domain="lumens.com")))
    assert OptOut.objects.get().address == "dora@example.net"
    assert Ticket.objects.exists()


@pytest.mark.django_db
def test_a_file_beside_the_word_reopens_the_request_that_it_answers(receive):
    receive(mail("What do you know about me?\n"))
    ticket = Ticket.objects.get()
    close_ticket(ticket.pk, by=None, outcome="fulfilled", now=timezone.now())
    letter = ticket.events.get(kind="acknowledged").letter
    answer = of_parts((PLAIN, "Cancel"), (PDF, "x"), more=f"In-Reply-To: {letter.own_message_id}")
    receive(answer, name="later")
    ticket.refresh_from_db()
    assert ticket.closed_at is None


@pytest.mark.django_db
def test_the_mail_that_came_back_is_no_file(receive):
    receive(delivery_report())
    assert Message.objects.get().notes == []


@pytest.mark.django_db
def test_who_reads_a_request_sees_that_files_came_with_it_and_where_they_are(receive, client):
    receive(of_parts((PLAIN, "Where is my lamp?"), (PDF, "x"), (TXT, "y")))
    ticket, ana = Ticket.objects.get(), EmployeeFactory()
    for code in ("requests.work", "reveal.mail"):
        grant(ana, code)
    page = sign_in(client, ana).get(reverse("tickets:ticket", args=[ticket.pk])).text
    link = f'<a href="{reverse("mailroom:message", args=[Message.objects.get().pk])}">'
    assert "2 files came with it; they are kept with the message" in page, "also before the conversation may be read"
    assert link in page
    claim(ticket.pk, by=ana, now=timezone.now())
    read_conversation(ticket.pk, by=ana, now=timezone.now(), address="")
    page = client.get(reverse("tickets:ticket", args=[ticket.pk])).text
    assert page.count("2 files came with it") == 1
    assert link in page


@pytest.mark.django_db
def test_a_request_whose_text_is_shown_in_part_says_so(receive):
    receive(
        mail("Where is my lamp?\n\nOn Mon, 2 Nov 2026, Lumens wrote:\n> Your lamp is on its way.\n"),
        mail("lamp " * (LONGEST_TEXT // 5 + 10)),
        mail("Where is my lamp?\n"),
    )
    quoted, cut, whole = Message.objects.order_by("pk")
    assert quoted.notes == ["only the words of its sender are shown; all of it is kept with the message"]
    assert cut.notes == ["only the beginning of its text is shown; all of it is kept with the message"]
    assert whole.notes == []
