"""What stands below a quotation: an answer where the quotation is marked, nobody knows whose where it is not."""

import pytest

from privacy.mailroom.policies import asks_to_unsubscribe, beside_the_wish
from privacy.mailroom.policies.quotations import own_text
from privacy.models import Message, OptOut
from tests.factories.mailroom import outcomes
from tests.privacy.mailroom.test_parts import BANNER, PHOTO, PLAIN, of_parts

ANN = ["ann@example.com", "Ann Example"]


@pytest.mark.parametrize(
    "introduced",
    ["On Nov 23, 2026, at 10:00 AM, Lumens wrote:", "Am 23.11.2026 um 10:00 schrieb Lumens:",
     'On 11/23/26, 10:00 AM, "Lumens" wrote:'],
)  # fmt: skip
def test_the_first_word_below_an_attribution_without_an_address_is_nobodys_wish(introduced):
    assert asks_to_unsubscribe("Re: Lamps", f"Sent from my iPhone\n\n{introduced}\n\nUnsubscribe\n\nBig sale") == ""
    assert asks_to_unsubscribe("Re: Lamps", f"Unsubscribe\n\n{introduced}\n\nBig sale today") == "text"
    assert asks_to_unsubscribe("Re: Lamps", f"{introduced}\n\n> Big sale today\n\nUnsubscribe") == "text"


EXPRESS = (
    "----- Original Message ----- \nFrom: {}\nTo: Ann\nSent: Monday, November 23, 2026 10:00 AM\nSubject: L\n\n"
    "> Lamps\n> Unsubscribe\n"
)
ZOHO = "---- On Mon, 23 Nov 2026 10:00:00 -0500 {} wrote ----\n\n> Lamps\n> Unsubscribe\n"


@pytest.mark.parametrize("quotation", [EXPRESS.format("Lumens <offers@lumens.com>"), ZOHO.format("offers@lumens.com")])
def test_who_answers_below_what_outlook_express_quotes_is_read(quotation):
    assert asks_to_unsubscribe("Re: L", f"{quotation}\nUnsubscribe\n") == "text"
    assert own_text(f"{quotation}\nMy lamp came cracked.") == "My lamp came cracked."
    assert (
        beside_the_wish("Re: L", f"Unsubscribe\n\n{quotation}\nMy lamp came cracked.", ANN, ["lumens.com"])
        == "My lamp came cracked."
    )
    assert beside_the_wish("Re: L", f"Unsubscribe\n\n{quotation}", ANN, ["lumens.com"]) == ""
    assert asks_to_unsubscribe("Re: L", quotation) == ""


def test_what_outlook_express_forwards_with_marks_is_read():
    forwarded = EXPRESS.format("Bob <bob@f.example>")
    assert "> Lamps" in own_text(f"See below.\n\n{forwarded}", passed_on=True)
    assert "> Lamps" in beside_the_wish("Fw: L", f"Unsubscribe\n\n{forwarded}", ANN, ["lumens.com"])


FROM = ">From the first day on the lamp hums."


@pytest.mark.parametrize("text", [f"Hello,\n\n{FROM}\nDelete my data.", f"{FROM}\n", f"Hello,\n{FROM}"])
def test_a_sentence_that_a_mail_system_marked_for_its_first_word_is_its_senders(text):
    assert FROM[1:] in own_text(text)
    assert FROM[1:] in beside_the_wish("Re: L", f"unsubscribe\n\n{text}", ANN)


@pytest.mark.parametrize(
    "text", [f"> Lamps\n{FROM}\n> Lamps", f"{FROM}\n>Lamps", f"On Monday, 11/23/2026 10:00, Lumens wrote:\n{FROM}"]
)
def test_a_quoted_sentence_that_begins_so_is_quoted(text):
    assert beside_the_wish("Re: L", f"unsubscribe\n\n{text}", ANN) == ""


def test_a_table_is_no_quotation():
    table = "| Order | 4711 |\n| Lamp | broken |"
    assert table in own_text(f"Hello\n\n{table}")
    assert own_text("Hello\n\n| quoted\n|\n| more") == "Hello"


HEADED = "From: Lumens <offers@lumens.com>\nSent: Monday, November 23, 2026 10:00 AM\nTo: Ann\nSubject: Lamps\n\nLamps for less"


@pytest.mark.django_db
def test_a_quotation_that_a_picture_parts_is_nobodys_wish(receive):
    result, _ = receive(of_parts((PLAIN, HEADED), (PHOTO, "x"), (PLAIN, "Unsubscribe\nBig sale"), subject="Re: Lamps"))
    assert outcomes(result) == ["ticket_opened"]
    assert not OptOut.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("above", ["> Lamps for less", BANNER, f"Unsubscribe\n\n{HEADED}"])
def test_a_wish_beside_a_part_that_ends_otherwise_is_honoured(receive, above):
    result, _ = receive(of_parts((PLAIN, above), (PHOTO, "x"), (PLAIN, "Unsubscribe"), subject="Re: Lamps"))
    assert outcomes(result) == ["opted_out"]


@pytest.mark.django_db
def test_what_somebody_forwards_goes_on_below_a_picture(receive):
    forwarded = "Begin forwarded message:\n\n> From: Bob <bob@f.example>\n> Subject: L\n>\n> See:"
    receive(of_parts((PLAIN, f"Please read\n\n{forwarded}"), (PHOTO, "x"), (PLAIN, "> The lamp sparks."), subject="Fwd: L"))
    assert Message.objects.get().text.endswith("> The lamp sparks.")


YAHOO = "On Monday, November 23, 2026 at 10:00:00 AM EST, Lumens <offers@lumens.com> wrote:  \n \n "
TABLES = ["|  |\n| Only today 20% off |\n| Unsubscribe |\n\n|  | Lamps |", "| \n| \n\n |\n\n| \nUnsubscribe\n |\n\n|\nLamps"]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_yahoo_quotes_is_nobodys_wish_and_no_more_words_of_its_reader(table):
    assert asks_to_unsubscribe("Re: L", f"{YAHOO}{table}") == ""
    assert asks_to_unsubscribe("Re: L", f"Unsubscribe\n\n{YAHOO}{table}") == "text"
    assert beside_the_wish("Re: L", f"Unsubscribe\n\n{YAHOO}{table}", ANN, ["lumens.com"]) == ""


@pytest.mark.parametrize("quoted", ["| Lamps\n| | Unsubscribe |\n|", "|  |\n| Unsubscribe |", "|\nUnsubscribe"])
def test_a_row_of_a_table_is_nobodys_wish(quoted):
    assert asks_to_unsubscribe("Re: L", f"On 11/23/26 10:00, Lumens wrote:\n\n{quoted}\n") == ""


def test_who_answers_below_what_is_marked_with_strokes_is_read():
    assert asks_to_unsubscribe("Re: L", f"{YAHOO.strip()}\n| Lamps\n|\n| More lamps\n\nUnsubscribe\n") == "text"
