"""A robot or a person? A subject that only begins as a robot's may be a person's: somebody reads it."""

import pytest

from privacy.mailroom.policies.subjects import is_an_automatic_replys, may_be_an_automatic_replys
from privacy.models import Letter, OptOut, TicketRight
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
     "Autoreply", "AUTOREPLY: Re: Lamps", "Out of the office", "Out of office!", "Re: Out of office: Lamps", "OOO: Lamps",
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
