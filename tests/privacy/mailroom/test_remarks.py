"""However short a remark is, and wherever it stands, a person reads what is not known to be nothing."""

from pathlib import Path
from time import process_time

import pytest

from privacy.mailroom.policies import beside_the_wish
from privacy.mailroom.policies.beside import MOST_CHARACTERS, MOST_LINES
from privacy.mailroom.policies.quotations import own_text

ANN = ["ann.lee@example.com"]
THE_RULER = "____________"
DATA = "Please delete all my personal data and refund order 12345"

# Where remarks were lost that looked like a signature, a footer, a quotation, or stood too far below.
ANYWHERE = [
    "Thanks,\nAnn\n\nThe lamp arrived cracked and the shop on Elm Street refuses to take it back, please send somebody "
    "to collect it this week.",
    "Kind regards,\nAnn Lee\n\nP.S. The chandelier fell down last night and nearly hit the baby. Send somebody at once.",
    "-- \nAnn Lee\n\nPS: please delete all my personal data and refund order 12345",
    f"{THE_RULER}\nAnn Lee\n{DATA}",
    "\n" * 205 + DATA,
    "Thanks\n" * 2 * MOST_LINES + DATA,
    "-- \nAnn\n\nOn Mon, Nov 23, 2026 at 10:00 AM Lumens <o@l.example> wrote:\n> text\n\n"
    "Please delete my account and all my data",
    "This message is confidential and intended for you. The dimmer sparks when switched on and the carpet burned, send the fire "
    "report to our insurer.",
    "This message is confidential. Please send me a replacement bulb.",
    "If you received this e-mail in error, please notify the sender.\n\nPrinted statement please",
    "> You can reply\n\nMy lamp arrived cracked.\n\n> end",
    "Sent from my iPhone\n\nAlso the lamp arrived cracked",
    "Sent from my iPhone, the lamp is broken",
    "Thanks\n\nLamp Arrived Cracked",
    "Thanks,\nAnn\nWhen will the lamp arrive",
    "Thanks,\nAnn\nAnn Lee, Boston\nSwitch to ann@new.example",
    "Thanks,\nAnn\n20261234567",
    "---------- Forwarded message ---------\nFrom: Bob <bob@f.example>\nDate: Mon, Nov 23, 2026 at 10:00 AM\nSubject: lamp\n\n"
    "Refund me.",
    "From: Ann Lee <ann.lee@example.com>\nSent: Monday, November 16, 2026 9:00 AM\nTo: Lumens\nSubject: My lamp\n\nRefund me.",
    "From: my view this is late\nTo: be honest, delete it now",
]


@pytest.mark.parametrize("remark", ANYWHERE)
def test_a_remark_is_read_wherever_it_stands(remark):
    assert beside_the_wish("Re: Our autumn offers", f"Unsubscribe\n\n{remark}\n", ANN)


# Each is one line, or two.
SHORT = """
Please unsubscribe bob@other.example.
bob@other.example / jane@other.example
Same for jane.lee@example.com please.
Forget everything about me.
Forget me.
Exercise my Article 17 rights
Article 15 request
CPRA request
Send my file.
Remove my phone number too.
Also remove my postal address.
Remove my details
My address changed.
Use ann@new.example instead
Write me at ann@new.example
Stop the robocalls
Stop the letters
No whatsapp either
No tracking
No cookies or profiling
No more brochures
No junk mail by post
Where is #12345?
My card was stolen.
You overcharged me.
I am suing you.
The chandelier never came.
This is a child's address.
My mother died.
My mother died last week.
Call me: 617-555-0100
Call me.
Third time asking!
I unsubscribed last month and you still write.
Please do not unsubscribe me from your newsletter.
I never receive your newsletter.
Please keep my newsletter.
Why no answer?
REFUND
Lamp broken
Delete me completely
Purge my records.
Die Lampe ist kaputt.
Lampe kaputt
Vergessen Sie mich
Datenschutzauskunft bitte
Löschen Sie alles.
Oubliez-moi
Olvídenme
Vergeet mij
Waar blijft mijn lamp?
Удалите все мои персональные данные
Где мой заказ?
请删除我的个人信息
灯坏了
請刪除我的帳號
個人情報を削除してください
제 데이터를 삭제해 주세요
Radera mina uppgifter
Slet mine data
Usuń moje dane
Vymažte moje údaje
Verilerimi silin
""".strip().splitlines()


@pytest.mark.parametrize("remark", SHORT)
@pytest.mark.parametrize("below", ["", "Thanks,\nAnn\n", "-- \nAnn Lee\nAcme Corp\n", "Sent from my iPhone\n"])
def test_a_remark_is_read_however_short_it_is(remark, below):
    text = remark.replace(" / ", "\n")
    assert beside_the_wish("Re: Our autumn offers", f"Unsubscribe\n\n{below}{text}\n", ANN)
    assert beside_the_wish("Unsubscribe", f"{text}\n", ANN)


# What people and their programs write around the word: invented, and separated by lines of "===".
PLAIN = (Path(__file__).parent / "plain_wishes.txt").read_text(encoding="utf-8").replace("{space}", " ").split("\n===\n")


@pytest.mark.parametrize("text", PLAIN)
def test_what_people_and_programs_write_around_the_word_is_nothing(text):
    assert beside_the_wish("Re: Big sale", f"{text}\n", ANN) == ""


def test_a_number_is_of_a_signature_only_below_a_name():
    assert beside_the_wish("Unsubscribe", "617-555-0100\n", ANN)
    assert beside_the_wish("Unsubscribe", "Thanks,\nAnn\n617-555-0100\n", ANN) == ""


def test_an_own_subject_is_read_too():
    assert beside_the_wish("Broken lamp", "Unsubscribe\n", ANN) == "Broken lamp"
    assert beside_the_wish("Your newsletter", "Unsubscribe\n", ANN) == ""


def test_what_stands_beyond_the_bounds_is_a_persons():
    assert beside_the_wish("Unsubscribe", "Thanks\n" * (MOST_LINES - 1), ANN) == ""
    assert beside_the_wish("Unsubscribe", "Thanks\n" * (MOST_LINES + 1), ANN)
    assert beside_the_wish("Unsubscribe", "please " * (MOST_CHARACTERS // 7 + 1), ANN)


def test_the_conversation_keeps_what_stands_below_a_ruler_and_what_is_forwarded():
    assert own_text(f"My letter:\n\n{THE_RULER}\n\nDelete my account.\n{THE_RULER}\n").count("Delete my account.") == 1
    assert "Delete my account." in own_text("Yes\n-- \nAnn\nDelete my account.\n")
    forwarded = "---------- Forwarded message ---------\nFrom: Ann <a@b.c>\nDate: Mon, Nov 23, 2026\nSubject: x\n\nRefund me.\n"
    assert own_text(f"Please act on the below\n\n{forwarded}").endswith("Refund me.")
    outlook = f"{THE_RULER}\nFrom: Lumens <o@l.example>\nSent: Monday\nTo: Ann\nSubject: Sale\n\nBuy lamps\n"
    assert own_text(f"Is it in stock?\n\n{outlook}") == "Is it in stock?"
    assert own_text(f"Is it in stock?\n\n{outlook}", passed_on=True).endswith("Buy lamps")


HOSTILE = [
    "-- ", "( ", "> ", "| ", "@", "a@", "a@b.c ", "<", "*", "_", " ", "\t", ". ", "? ", "a.", "1.", "1 (", "Acme ", "please ",
    "On wrote: ", "From: a ", "Thanks for your the ", "no e-mails, mail and ", "your the this that ", "remove my name and ",
    "This message is confidential ", "Sent from my ", "a:", "2026 10:00:", "&amp;", "hi A ", "+1 555 ", "www.",
    "am hat geschrieben ", ">>> a@b ", "op heeft ",
]  # fmt: skip


@pytest.mark.parametrize("said", HOSTILE)
@pytest.mark.parametrize(
    ("length", "ends"), [(1, "\n"), (60, "\n"), (395, "\n"), (990, "\n"), (590, ". "), (2_900, "\n\n"), (60_000, "")]
)
def test_no_repeated_text_keeps_the_machine_busy(said, length, ends):
    line = (said * (length // len(said) + 1))[:length] if length > 1 else said
    text = ((line + ends) * (60_000 // len(line + ends) + 1))[:60_000]
    begun = process_time()
    beside_the_wish("unsubscribe", f"Unsubscribe\n\n{text}", ANN)
    own_text(text)
    assert process_time() - begun < 0.6  # about 0.03 on the machine where this was written


@pytest.mark.parametrize(
    "line",
    ["RMA 12345", "Case 12345", "Ticket LUM-2026-000123", "SO-123456", "Kundennummer 12345", "Ref 4711", "DOB 01/02/1980",
     "SSN 123-45-6789", "123-45-6789", "4111 1111 1111 1111", "No answer from anybody since 2024", "Keine Antwort seit 2024",
     "No heat in this house since 2008", "Circuit Trips Nightly",
     '"The stairs smell of burning"', "Guardian of Ann Lee", "lee.jane@other.example"],
)  # fmt: skip
def test_a_case_a_number_or_somebody_else_below_a_name_is_no_part_of_a_signature(line):
    assert line in beside_the_wish("Re: Lamps", f"Unsubscribe\n\nThanks,\nAnn Lee\n{line}\n", ["ann@example.com"])


@pytest.mark.parametrize(
    "line",
    ["12 Main Street", "Reno, NV 89501", "10115 Berlin", "Hauptstraße 12a", "1012 AB Amsterdam", "London SW1A 1AA",
     "12 rue de Rivoli, 75001 Paris", "Suite 400", "PO Box 1234", "555-123-4567", "030 1234567", "+49 30 1234567",
     "77 W 5th Street, New York, NY 10001-1234", "D-80331 München", "ann.lee@acme.com", "“Be the change” - Gandhi"],
)  # fmt: skip
def test_where_somebody_lives_and_how_they_are_reached_is_part_of_their_signature(line):
    assert beside_the_wish("Re: Lamps", f"Unsubscribe\n\nThanks,\nAnn Lee\n{line}\n", ["ann@example.com"]) == ""


@pytest.mark.parametrize(
    "remark",
    ["Electrical Hazard", "Company Car", "Bank Robbery", "Hotel Bedbugs", "Electric Shock Support", "Poor Service",
     "Worst Company", "Design Flaw", "School Closes Early", "Schlechter Service", "Service Nightmare", "Station Wagon Hit",
     "Supply Cord Frays", "Manager Hung Up", "Wiring Loose"],
)  # fmt: skip
@pytest.mark.parametrize("sender", [["ann@example.com"], ["ann@example.com", "Ann Lee"]])
def test_a_remark_in_capitals_with_a_word_of_companies_is_a_remark(remark, sender):
    assert remark in beside_the_wish("Re: Lamps", f"Unsubscribe\n\nAnn Lee\n{remark}\n", sender)
    assert remark in beside_the_wish("Re: Lamps", f"Unsubscribe\n\nThanks,\nAnn Lee\nAcme Corp\n{remark}\n", sender)


@pytest.mark.parametrize(
    "house",
    ["Acme Consulting Group", "University of Lisbon", "Klinik Rosenheim", "Banco Santander", "Head of Growth",
     "Director of Sales", "Geschäftsführer: Hans Krüger", "Senior Lighting Designer", "Vertex Lighting", "Department of Energy"],
)  # fmt: skip
def test_an_office_or_a_company_below_a_name_is_part_of_a_signature(house):
    assert beside_the_wish("Re: Lamps", f"Unsubscribe\n\nThanks,\nAnn Lee\n{house}\n", ["ann@example.com"]) == ""
