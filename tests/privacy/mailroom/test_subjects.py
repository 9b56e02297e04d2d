"""A robot or a person? A subject that only begins as a robot's may be a person's: somebody reads it."""

import pytest

from privacy.mailroom.policies import asks_to_unsubscribe, beside_the_wish, is_unsubscribe_word
from privacy.mailroom.policies.subjects import is_an_automatic_replys, may_be_an_automatic_replys
from privacy.models import Letter, Message, OptOut, TicketRight
from tests.factories.mailroom import mail, outcomes

# (subject, the kind of request that a person finds)
PEOPLES = [
    ("I am away next week, please hold my parcel", "question"),
    ("Out of office lamps - delete my data", "deletion"),
    ("On vacation from Monday: can you deliver later?", "question"),
    ("I'm out of town until Friday, please deliver on Monday", "question"),
    ("Away from my desk lamp, it hums", "question"),
    ("Automatic reply button is broken on your site", "question"),
    ("Automatisches Licht flackert", "question"),
    ("Automatic reply remote lost", "question"),
    ("Abwesend bei der Lieferung", "question"),
    ("Accusé de réception de ma demande ?", "question"),
    ("不在通知が届きません", "question"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("subject", "kind"), PEOPLES)
def test_whose_subject_only_begins_like_an_absence_is_read_by_a_person(receive, subject, kind):
    result, _ = receive(mail("Thank you\n", subject=subject))
    assert outcomes(result) == ["ticket_opened"]
    assert TicketRight.objects.get().kind == kind
    assert not Letter.objects.exists()  # should it be a robot after all, it gets no answer


@pytest.mark.django_db
@pytest.mark.parametrize("subject", ["I am away until 5 January", "Re: Out of office until Monday", "Abwesend bis Montag"])
def test_what_may_be_a_robots_opts_nobody_out_and_is_not_answered(receive, subject):
    result, _ = receive(mail("stop\n\nI am back on Monday.\n", subject=subject))
    assert outcomes(result) == ["ticket_opened"]
    assert not OptOut.objects.exists()
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    "subject",
    ["Automatic reply: Lamps for less", "Out of office: Lamps", "Out of Office Re: Lamps", "Out of Office AutoReply: Lamps",
     "Autoreply", "AUTOREPLY: Re: Lamps", "Out of the office", "Out of office!", "OOO: Lamps",
     "Automatic reply: Re: Lamps", "Out of office: Re: Lamps",
     "Vacation reply: Lamps", "Vacation", "I am away", "I'm out of the office", "On vacation", "On vacation Re: Lamps",
     "Automatic reply from Ann", "Automatische Antwort: Lampen", "Abwesenheitsnotiz: Lampen", "[Auto-Reply] Lamps",
     "Automatyczna odpowiedź: x", "Frånvaromeddelande: x", "Poissaoloviesti: x", "Mensagem automática"],
)  # fmt: skip
def test_a_subject_that_is_the_form_of_an_answering_program_is_its(subject):
    assert is_an_automatic_replys(subject)


@pytest.mark.parametrize(
    "subject", ["Re: Holiday lamps", "Where is my lamp?", "Office lamps", "Re: Autumn sale", "Is this an automatic lamp?"]
)
def test_ordinary_subjects_are_peoples(subject):
    assert not is_an_automatic_replys(subject)
    assert not may_be_an_automatic_replys(subject)


# Behind "Re:" stands the subject of ours that a person answers: at most a doubt, and none where they say only the word.
BEHIND = [
    "Re: Vacation: 20% off cabin lights", "Re: Auto: 20% off headlight bulbs", "Re: Out of office: desk lamps for home",
    "Re: OOO: lamps", "AW: Abwesend: Licht an", "Re: Out of office: Lamps",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("subject", BEHIND)
def test_who_answers_an_offer_that_is_called_like_an_absence_is_a_person(receive, subject):
    result, _ = receive(
        mail("Unsubscribe\n\nThanks,\nAnn\n", subject=subject),
        mail("Where is my order 12345?\n", subject=subject, sender="bob@example.com"),
        mail("stop\n\nI am back on Monday.\n", subject=subject, sender="eve@example.com"),
        mail("stop\n", subject=subject, sender="dan@example.com", more="Auto-Submitted: auto-replied"),
    )
    assert outcomes(result) == ["opted_out", "ticket_opened", "ticket_opened", "automatic"]
    assert OptOut.objects.get().address == "ann@example.com"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sender", ["bounce-house@party.example", "owner-lisa@farm.example", "big-bounce@x.example", "the-bounces@band.example",
               "majordomo@hotel.example"],
)  # fmt: skip
def test_an_address_that_only_sounds_like_a_robots_is_read_by_a_person(receive, sender):
    result, _ = receive(mail("x\n", subject="Unsubscribe", sender=sender), mail("Delete my data\n", sender=sender))
    assert outcomes(result) == ["ticket_opened", "ticket_opened"]
    assert not OptOut.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("postmaster@tiny.example", "Re: Sale", "Unsubscribe\n\n> 550 lamps on sale\n"),
        ("System Administrator <joe@tiny.example>", "My data", "Please delete all my data.\n\n> account 4.1.2 was rejected\n"),
        ("postmaster@tiny.example", "Undeliverable: Lamps", "Why did we get this?\n\n> could not be delivered to <a@y.net>\n"),
        ("postmaster@tiny.example", "Lamps", "We want 550 lamps for our hall.\n"),
    ],
)
def test_a_colleague_who_looks_after_mail_is_no_mail_system(receive, sender, subject, text):
    result, _ = receive(mail(text, sender=sender, subject=subject))
    assert outcomes(result) == ["ticket_opened"]


def test_capitals_in_turkish_and_entities_of_html_are_the_word():
    assert is_unsubscribe_word("ABONELİKTEN ÇIK")
    assert is_unsubscribe_word("&quot;Unsubscribe&quot;")
    assert not is_unsubscribe_word("&quot;Unsubscribe&quot; my mother")


DANISH = "Fra: Bob Lee <bob@f.example>\nSendt: 23. november 2026 10:00\nTil: Ann\nEmne: {}\n\nSlet mine data!\n"
FINNISH = "Lähettäjä: Lumens <offers@lumens.com>\nLähetetty: 23. marraskuuta 2026 10.00\nVastaanottaja: Ann\nAihe: {}\n\nOsta!\n"


@pytest.mark.parametrize("before", ["VS: ", "Re: VS: ", "Vs: ", "[EXTERNAL] VS: "])
def test_what_danes_forward_is_nobodys_wish_and_what_finns_answer_is_theirs(before):
    subject = f"{before}Unsubscribe"
    assert asks_to_unsubscribe(subject, f"Se nedenfor.\n\n{DANISH.format('Unsubscribe')}") == ""
    assert asks_to_unsubscribe(subject, f"Unsubscribe\n\n{DANISH.format('Unsubscribe')}") == "text"
    assert asks_to_unsubscribe(subject, f"Hei\n\n{FINNISH.format('Unsubscribe')}") == "subject"
    assert asks_to_unsubscribe(subject, "Lumens <offers@lumens.com> kirjoitti 23.11.2026 kello 10.00:\n> Osta!") == "subject"
    assert asks_to_unsubscribe(subject, "") == "subject"


@pytest.mark.django_db
@pytest.mark.parametrize("before", ["VS:", "VB:"])
def test_what_scandinavians_forward_is_read(receive, before):
    forwarded = DANISH.format("Lampe")
    result, _ = receive(*[mail(f"{said}\n\n{forwarded}", subject=f"{before} Lampe") for said in ("Se nedenfor.", "Unsubscribe")])
    assert outcomes(result) == ["ticket_opened", "opted_out"]
    assert all(message["ticket"] for message in result["messages"])
    assert [text[-15:] for text in Message.objects.order_by("pk").values_list("text", flat=True)] == ["Slet mine data!"] * 2


def test_who_answers_in_finnish_passes_nothing_on():
    assert (
        beside_the_wish("VS: Lamppu", f"unsubscribe\n\n{FINNISH.format('L').replace('lumens.com', 'x.example')}", ["a@b.c"]) == ""
    )


@pytest.mark.parametrize("subject", ["(no subject)", "<Kein Betreff>", "(sans objet)", "(geen onderwerp)", "-- no subject --"])
def test_what_programs_write_where_there_is_no_subject_says_nothing(subject):
    assert beside_the_wish(subject, "Unsubscribe", ["ann@example.com"]) == ""
    assert beside_the_wish(f"{subject} parcel 4711", "Unsubscribe", ["ann@example.com"]) != ""
