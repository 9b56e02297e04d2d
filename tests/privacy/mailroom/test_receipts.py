"""Receipts and challenges in plain words are a program's; who writes about them is a person. A pipe is no mailbox."""

import os

import pytest

from privacy.models import Letter, Message, OptOut, Ticket
from tests.factories.mailroom import mail, outcomes, run

pytestmark = pytest.mark.django_db

_SENT_BY_PROGRAMS = {
    "Outlook's receipt": mail(
        "Your message\n\n   To: Customer Service\n   Subject: Unsubscribe\n   Sent: Monday, November 23, 2026 10:00:00 AM\n\n"
        " was read on Monday, November 23, 2026 11:02:10 AM (UTC-05:00).\n",
        subject="Read: Unsubscribe",
    ),
    "deleted unread": mail(
        "Your message was deleted without being read on Monday, November 23, 2026 11:02:10 AM.\n", subject="Not read: Stop"
    ),
    "Thunderbird's": mail(
        "This is a Return Receipt for the mail that you sent to ann@example.com.\n\nNote: This Return Receipt only acknowledges\n"
        "that the message was displayed on the recipient's computer.\n",
        subject="Return Receipt (displayed) - Lamps",
    ),
    "a German one": mail(
        "Ihre Nachricht\n\n   An: Kundendienst\n   Betreff: Lampen\n\nwurde am Montag, 23. November 2026 11:02:10 gelesen.\n",
        subject="Gelesen: Lampen",
    ),
    "TMDA's challenge": mail(
        "To release your message for delivery, please send an empty message\nto the following address.\n\n"
        "ann-confirm-1@example.com\n",
        subject="Please confirm your message",
    ),
    "a click": mail(
        "Ann here, I'm protecting myself from receiving junk mail.\nPlease click the link below to complete the verification\n"
        "process. You have to do this only once.\n",
        subject="Re: Lamps (verification)",
    ),
    "a guest list": mail(
        'Your message about "Lamps" was waitlisted. Please add yourself to my\nGuest List so your messages will be delivered.\n',
        subject="Re: Lamps for less",
    ),
    "by its header": mail("Simply reply, leaving the subject intact.\n", subject="(conf#1)", more="X-AskVersion: 2.5"),
}
_SENT_BY_PEOPLE = {
    "who read something": mail("I read your statement. Delete my data.\n", subject="Read: your privacy statement"),
    "who wants a receipt": mail("Please confirm that you have deleted my data.\n", subject="Please confirm my message"),
    "who is tired of verifying": mail(
        "Why must I complete the verification process? My message was read on Monday and nobody answers.\n",
        subject="Verification",
    ),
    "who answers a receipt": mail(
        "What is this?\n\n> Your message was read on Monday, November 23, 2026.\n", subject="Re: Read: my complaint"
    ),
    "who quotes a challenge": mail(
        "I get this from you. Remove me.\n\n> To release your message for delivery, please send an empty message\n", subject="Huh"
    ),
}


@pytest.mark.parametrize("name", _SENT_BY_PROGRAMS)
def test_a_receipt_or_a_challenge_in_plain_words_opens_nothing_and_is_not_answered(tmp_path, name):
    (tmp_path / "one.eml").write_bytes(_SENT_BY_PROGRAMS[name])
    result, _ = run(str(tmp_path / "one.eml"))
    assert outcomes(result) == ["automatic"]
    assert not Ticket.objects.exists()
    assert not Letter.objects.exists()
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("name", _SENT_BY_PEOPLE)
def test_a_person_who_writes_about_receipts_and_verifications_is_heard(tmp_path, name):
    (tmp_path / "one.eml").write_bytes(_SENT_BY_PEOPLE[name])
    assert outcomes(run(str(tmp_path / "one.eml"))[0]) == ["ticket_opened"]


def test_a_pipe_that_nobody_writes_to_holds_up_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "one.eml").write_bytes(mail())
    result, code = run(str(tmp_path / "one.eml"), str(tmp_path / "pipe"))
    assert code == 2
    assert "receive_mail -" in result["error"]
    assert not Message.objects.exists()
