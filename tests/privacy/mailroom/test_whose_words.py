"""Whose words are they? What a person wrote themselves, or passes on, is no quotation, no warning, no signature."""

import pytest

from privacy.mailroom.policies import asks_to_unsubscribe, beside_the_wish
from privacy.mailroom.policies.banners import is_a_banner
from privacy.mailroom.policies.formatted import only_formatted
from privacy.mailroom.policies.quotations import own_text
from privacy.models import Message, OptOut, Ticket
from tests.factories.mailroom import feedback_report, mail, outcomes
from tests.privacy.mailroom.test_parts import HTML, PLAIN, of_parts

ANN = ["ann@example.com", "Ann Example"]
HEADERS = "Date: Mon, 23 Nov 2026 10:00:00 -0500\nFrom: {}\nTo: info@lumens.com\n"

OF_ONESELF = [
    "Am 3. November schrieb ich Ihnen, dass die Lampe kaputt ist.",
    "Am 3. November schrieb ich Ihnen Folgendes:",
    "Op 3 november schreef ik u dat de lamp stuk is.",
    "Den 3 november skrev jag till er att lampan är trasig.",
    "W dniu 3 listopada napisałem do Państwa w sprawie lampy.",
    "Le 3 novembre je vous ai écrit",
    "On Monday somebody from your shop wrote",
    "Am 3. November schrieb mir bob@shop.example, dass die Lampe kommt.",
]


@pytest.mark.parametrize("said", OF_ONESELF)
def test_what_somebody_says_that_they_wrote_is_no_quotation(said):
    assert own_text(f"Guten Tag,\n{said}\nBisher keine Antwort.") == f"Guten Tag,\n{said}\nBisher keine Antwort."
    assert said.split(" ", 2)[-1] in beside_the_wish("Re: Lamps", f"unsubscribe\n\n{said}\n", ANN)


@pytest.mark.parametrize(
    "line",
    ["Also take bob@other.example off your list", "My refund for the order of March 2026 never came",
     "Deliver before 12:30 please", "Meine Bestellung vom 03.11.2026 fehlt noch"],
)  # fmt: skip
@pytest.mark.parametrize("blank", ["", "\n"])
def test_a_line_right_above_a_quotation_is_its_senders(line, blank):
    quoted = "On 11/23/26 10:00, Lumens wrote:\n> Lamps"
    assert own_text(f"Hello\n\n{line}\n{blank}{quoted}") == f"Hello\n\n{line}{blank and chr(10)}".strip()
    assert line in beside_the_wish("Re: Lamps", f"unsubscribe\n\n{line}\n{blank}{quoted}", ANN)


FORWARDS = {
    "Thunderbird": "-------- Forwarded Message --------\nSubject: My complaint\n" + HEADERS,
    "AOL": "-----Original Message-----\nFrom: {}\nTo: info@lumens.com\nSent: Mon, Nov 23, 2026 10:00 am\nSubject: My complaint\n",
    "Outlook": "From: {}\nSent: Monday, November 23, 2026 10:00 AM\nTo: info@lumens.com\nSubject: My complaint\n",
    "Gmail": "---------- Forwarded message ---------\nFrom: {}\nDate: Mon, Nov 23, 2026 at 10:00 AM\nSubject: My complaint\n",
}


@pytest.mark.parametrize("program", FORWARDS)
@pytest.mark.parametrize("author", ["Ann Example <ann@example.com>", "Bob Lee <bob@f.example>"])
@pytest.mark.django_db
def test_what_somebody_forwards_is_read_whatever_program_they_forward_it_with(receive, program, author):
    forwarded = f"{FORWARDS[program].format(author)}\nDelete all my data, I asked you in May.\n"
    receive(mail(f"Is this from you?\n\n{forwarded}", subject="Fwd: My complaint"))
    assert Message.objects.get().text.endswith("Delete all my data, I asked you in May.")
    result, _ = receive(mail(f"unsubscribe\n\n{forwarded}", subject="Fwd: My complaint"), name="wish")
    assert outcomes(result) == ["opted_out"]
    assert result["messages"][0]["ticket"]


@pytest.mark.parametrize("program", ["Thunderbird", "AOL", "Outlook"])
def test_who_forwards_our_own_mail_with_the_word_above_it_says_nothing_else(program):
    forwarded = f"{FORWARDS[program].format('Lumens <offers@lumens.com>')}\nOrder today!\n"
    said = beside_the_wish("FW: Sale", f"unsubscribe\n\n{forwarded}", ANN, ["lumens.com"])
    assert said == "" or program == "Thunderbird"  # what is marked as forwarded is always read


@pytest.mark.django_db
@pytest.mark.parametrize("above", ["", "Sent from my Galaxy\n\n"])
def test_a_blank_reply_is_nobodys_wish_whatever_the_formatted_text_quotes(receive, above):
    heading = "From: Lumens <offers@lumens.com>\nSent: Monday, November 23, 2026 10:00 AM\nTo: Ann\nSubject: Lamps\n"
    plain = f"{above}{heading}\nLamps for less. To opt out visit http://x.example/"
    html = (
        "".join(f"<div>{line}</div>" for line in plain.splitlines()).replace("<offers@lumens.com>", "")
        + "<td><a>Unsubscribe</a></td>"
    )
    result, _ = receive(of_parts((PLAIN, plain), (HTML, html), kind="alternative", subject="Re: Lamps"))
    assert outcomes(result) == ["ticket_opened"]
    assert not OptOut.objects.exists()


def test_what_only_the_formatted_text_says_is_known_by_its_numbers_and_not_by_words_of_a_quotation():
    quoted = "unsubscribe\n\n> Is your lamp broken? My favorite lamp is here"
    assert only_formatted(quoted, "unsubscribe\n#4711-22") == "#4711-22"
    assert only_formatted(quoted, "unsubscribe\nMy lamp is broken") == "My lamp is broken"
    assert only_formatted(quoted, "UNSUB\u00adSCRIBE\nIs your lamp broken?") == ""


@pytest.mark.parametrize("remark", ["Zerbrochenes Glas", "Reine Abzocke", "Neue Anschrift", "Falsche Größe", "GAS LEAK"])
@pytest.mark.parametrize("above", ["", "Danke\nAnn Example\n"])
def test_two_words_in_capitals_are_nobodys_name_where_the_sender_has_another(remark, above):
    assert remark in beside_the_wish("Re: Lamps", f"Abmelden\n\n{above}{remark}\n", ANN)


@pytest.mark.parametrize(
    "remark", ["Contract 4711", "Vertrag 12", "Code 4711", "Coupon 300", "Paid 300", "Owed 300", "Model 12a"]
)
def test_a_number_behind_a_word_is_a_houses_only_in_a_street(remark):
    assert remark in beside_the_wish("Re: Lamps", f"unsubscribe\n\nThanks,\nAnn\n{remark}\n", ANN)
    for place in ("Hauptstr. 12", "Lindenweg 4a", "12 Main Street", "Suite 400", "Calle Mayor 5"):
        assert beside_the_wish("Re: Lamps", f"unsubscribe\n\nThanks,\nAnn\n{place}\n", ANN) == ""


@pytest.mark.parametrize(
    "heading",
    ["To: Lumens Privacy\nFrom: A. E. Smith\nDate: 11/23/2026\nRe: CCPA",
     "Von: Anna Beispiel-Meier, Hauptstr. 1\nAn: Lumens\nDatum: 23.11.2026\nBetreff: Auskunft",
     "Please move my delivery\nFrom: 12:30\nTo: 14:30"],
)  # fmt: skip
def test_the_heading_of_a_letter_hides_no_letter(heading):
    text = f"{heading}\n\nDelete all my data."
    assert own_text(text) == text
    assert "Delete all my data." in beside_the_wish("unsubscribe", text, ANN)


WARNING = (
    "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you know the "
    "content is safe"
)


@pytest.mark.parametrize("line", ["Where is my lamp", "My lamp is broken", "Order 4711", "Please call me"])
def test_a_gateways_warning_takes_no_line_of_its_sender_with_it(line):
    assert own_text(f"{WARNING}\n{line}\nIt was order 4711") == f"{line}\nIt was order 4711"


@pytest.mark.parametrize(
    "line",
    ["Please use caution when opening my parcel, glass is broken", "Please use caution when opening the parcel",
     "This email came from an unknown person, my daughter, who is 9 years old",
     "You don't often get e-mail from me, but my lamp burned", "Do not open my files and links, delete my account 4711 now",
     "Attention: the e-mail about the outside lantern has no answer", "CAUTION: This email came from outside. The lamp is broken",
     "Warning: the message with the money is outside", "Attention sender: outside light is broken",
     "Notice: the message on the outside of the box says fragile", "Do not click the link in your e-mail, it is a scam",
     "Achtung: Die Nachricht wegen der Lampe außerhalb des Hauses blieb ohne Antwort"],
)  # fmt: skip
def test_what_a_person_warns_of_is_no_gateways_warning(line):
    assert not is_a_banner(line)


@pytest.mark.parametrize(
    "warning",
    ["You don't often get email from me@example.com.", "Please use caution when opening attachments.", "CAUTION: External email.",
     "EXTERNAL EMAIL: Use caution", "Vorsicht: Externe E-Mail!", "[This sender might be impersonating a domain]",
     "CAUTION: This email originated from outside our organization. Do not click links in order to stay safe. Report any scam.",
     "WARNING: This email originated from outside of our organization. Please be careful with invoice or payment requests.",
     "Notice: This email is from outside the University. If it asks for money or gift cards, it is a scam.",
     "ACHTUNG: Diese E-Mail kommt von außerhalb. Vorsicht bei jeder Rechnung!",
     "This email has been scanned for viruses", "CAUTION: This email originated from outside of Acme Lighting."],
)  # fmt: skip
def test_a_gateways_warning_is_one(warning):
    assert is_a_banner(warning)
    assert asks_to_unsubscribe("Re: Lamps", f"{warning}\nUnsubscribe\n") == "text"


@pytest.mark.parametrize("remark", ["Charged Twice", "Not really"])
def test_a_short_line_within_a_disclaimer_is_no_part_of_its_sentence(remark):
    disclaimer = (
        f"This message is confidential and intended for the addressee.\n{remark}\nPlease delete it if you are not the addressee."
    )
    assert remark in beside_the_wish("Re: Lamps", f"unsubscribe\n\n{disclaimer}\n", ANN)


@pytest.mark.django_db
def test_who_is_out_of_office_by_lotus_notes_reopens_nothing(receive):
    result, _ = receive(mail("I am back on Monday.", subject="AUTO: Smith, John is out of the office. (returning 05/01/2010)"))
    assert outcomes(result) == ["automatic"]
    result, _ = receive(mail("Is it gone?", subject="Auto: lamp for my car"), name="person")
    assert outcomes(result) == ["ticket_opened"]


@pytest.mark.django_db
@pytest.mark.parametrize("sender", ["ann@example.com", "staff@example.com", "abuse@provider.example"])
def test_who_asks_about_a_report_that_they_enclose_is_read_and_opts_nobody_out(receive, sender):
    report = (
        "Content-Type: message/feedback-report\n",
        "Feedback-Type: abuse\nUser-Agent: P/1\nVersion: 1\nOriginal-Rcpt-To: <s@x.net>\n",
    )
    result, _ = receive(of_parts((PLAIN, "What is this?"), report, subject="Strange mail", sender=sender))
    assert outcomes(result) == ["ticket_opened"]
    assert "What is this?" in Message.objects.get().text
    assert not OptOut.objects.exists()


@pytest.mark.django_db
def test_a_complaint_opts_out_who_complains_and_none_of_us(receive):
    several = "offers@lumens.com>\nOriginal-Rcpt-To: <carl@example.net"
    copied = feedback_report("abuse", recipient=several).replace(
        b"\r\nSubject: FW", b"\r\nCc: carl@example.net\r\nSubject: FW", 1
    )
    receive(copied)
    assert [wish.address for wish in OptOut.objects.all()] == ["carl@example.net"]
    assert not Ticket.objects.exists()


QUOTED_UNMARKED = [
    "On Mon, Nov 23, 2026 at 10:00 AM, Lumens <offers@lumens.com> wrote:",
    "On Monday, November 23, 2026 at 10:00:00 AM EST, Lumens <offers@lumens.com> wrote:",
    "In a message dated 11/23/2026 10:00:00 AM Eastern Standard Time,\noffers@lumens.com writes:",
    "Op 23-11-2026 10:00 heeft Lumens <offers@lumens.com> geschreven:",
    "On November 23, 2026 at 10:00 AM EST offers@lumens.com wrote:",
]


@pytest.mark.parametrize("introduced", QUOTED_UNMARKED)
def test_the_first_word_of_an_unmarked_quotation_is_nobodys_wish(introduced):
    for subject in ("Re: Lamps", "Fwd: x"):
        assert asks_to_unsubscribe(subject, f"{introduced}\n\nUnsubscribe\n\nBig sale today") == ""
    assert beside_the_wish("Re: Lamps", f"unsubscribe\n\n{introduced}\n\nBig sale today", ANN) == ""


@pytest.mark.parametrize("introduced", [QUOTED_UNMARKED[2], "At Mon, 23 Nov 2026 10:00:00 -0500,\nLumens wrote:"])
def test_a_wish_below_a_quotation_that_two_lines_introduce_is_honoured(introduced):
    assert asks_to_unsubscribe("Re: Lamps", f"{introduced}\n\n> Only today\n\nunsubscribe") == "text"


OF_OTHERS = [
    "On 11/3/2026 tom@lumens.com wrote: you get a refund. I never got it.",
    "On 11/20/2026 at 10:30 AM your driver wrote:",
    "Am 20.11.2026 um 10:30 schrieb der Fahrer:",
    "In a message dated November 3 your colleague tom@lumens.com promised me a refund",
    "Am Montag schrieb mir tom@lumens.com dass ich mein Geld bekomme",
    "---------- Forwarded message ----------",
    "----- Original Message -----",
    "From: 12 Main Street\nTo: 14 Oak Road\nDate: 12/24/2026, 10:30",
]


@pytest.mark.parametrize("said", OF_OTHERS)
def test_what_somebody_tells_of_others_hides_nothing_below_it(said):
    assert "I want my $500 back." in beside_the_wish("Re: Lamps", f"unsubscribe\n\n{said}\nI want my $500 back.", ANN)
    assert "I want my $500 back." in own_text(f"Hello,\n\n{said}\nI want my $500 back.")


@pytest.mark.django_db
def test_what_apples_programs_forward_is_read(receive):
    forwarded = "Begin forwarded message:\n\n> From: Tom <tom@baker.com>\n> Subject: L\n> To: a@b.c\n> \n> Lumens owes me $500."
    result, _ = receive(mail(f"unsubscribe\n\n{forwarded}\n", subject="Fwd: L"))
    assert result["messages"][0]["ticket"]
    assert "Lumens owes me $500." in Message.objects.get().text


def test_a_conversation_that_is_forwarded_is_ours_only_where_all_of_it_is():
    ours = "From: Lumens <offers@lumens.com>\nSent: Monday, November 23, 2026 10:00 AM\nTo: Tom\nSubject: L\n\nWe refuse.\n"
    theirs = "From: Tom <tom@baker.com>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Lumens\nSubject: L\n\nDelete her data.\n"
    assert beside_the_wish("FW: L", f"unsubscribe\n\n{ours}", ANN, ["lumens.com"]) == ""
    assert "Delete her data." in beside_the_wish("FW: L", f"unsubscribe\n\n{ours}\n{theirs}", ANN, ["lumens.com"])
    for author in ("Lumens <offers@lumens.com.evil.example>", '"offers@lumens.com" <x@shady.com>'):
        other = ours.replace("Lumens <offers@lumens.com>", author)
        assert beside_the_wish("FW: L", f"unsubscribe\n\n{other}", ANN, ["lumens.com"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sender", "more"),
    [("scomp@aol.net", ""), ("feedback@arf.mail.yahoo.com", ""), ("noreply@provider.example", ""),
     ("someone@provider.example", "Auto-Submitted: auto-generated"), ("someone@provider.example", "Precedence: bulk")],
)  # fmt: skip
def test_a_providers_complaint_in_an_ordinary_envelope_is_honoured(receive, sender, more):
    report = (
        "Content-Type: message/feedback-report\n",
        "Feedback-Type: abuse\nUser-Agent: P/1\nVersion: 1\nOriginal-Rcpt-To: <s@x.net>\n",
    )
    result, _ = receive(of_parts((PLAIN, "This is a complaint."), report, subject="Complaint", sender=sender, more=more))
    assert outcomes(result) == ["feedback_report"]
    assert [wish.address for wish in OptOut.objects.all()] == ["s@x.net"]


@pytest.mark.parametrize("right", ["Datenauskunft", "DSAR", "Rückruf", "Kabelbrand", "Todesfall", "Injury"])
def test_a_right_or_a_harm_in_one_word_is_no_signature(right):
    assert right in beside_the_wish("Re: Lamps", f"unsubscribe\n\nAnn Example\n{right}\n", ANN)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "subject",
    ["Auto: dome lights absent from my order 12345", "Auto: parcel came while we were out of the office, refund please"],
)
def test_a_car_is_no_automatic_answer(receive, subject):
    assert outcomes(receive(mail("Please help.", subject=subject))[0]) == ["ticket_opened"]
