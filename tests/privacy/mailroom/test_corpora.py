"""Forms of mail that public collections hold: each was sorted wrongly before it stood here."""

import pytest

from privacy.mailroom.policies.words import first_own_line, is_unsubscribe_word
from privacy.models import Letter, OptOut
from tests.factories.mailroom import mail, outcomes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "said", ["STOP STOP STOP", "optout", "Un-subscribe", "please unsubscribe me from these emails", "remove me from all lists"]
)
def test_what_people_write_who_want_no_more_mail_is_understood(said):
    assert is_unsubscribe_word(said)


@pytest.mark.parametrize("said", ["stop stop it please", "please do not unsubscribe me", "remove me and my wife from the order"])
def test_what_only_sounds_like_it_goes_to_a_person(said):
    assert not is_unsubscribe_word(said)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nunsubscribe\n-----BEGIN PGP SIGNATURE-----\nabc\n",
        "Unsubscribe\n\nOp 23-11-2026 om 09:00 schreef Lumens:\n> Save now\n",
        "Unsubscribe\n\nVerstuurd vanaf mijn iPhone\n",
    ],
)
def test_signatures_and_quotes_of_other_programs_hide_no_wish(text):
    assert is_unsubscribe_word(first_own_line(text))


def test_a_notice_in_words_of_a_mail_system_without_an_address_is_no_wish(receive):
    said, _ = receive(
        mail(
            sender="Mail Delivery Subsystem <mail-delivery-subsystem@relay.example>",
            subject="unsubscribe",
            text="Your message could not be delivered to the following recipients:\n\n<ann@example.com>: mailbox full\n",
        )
    )
    assert outcomes(said) == ["undeliverable"]
    assert not OptOut.objects.exists()
    assert not Letter.objects.exists()
