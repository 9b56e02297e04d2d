"""Letters: written inside the act that owes them, sent after its commit, once."""

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import Q
from procrastinate.contrib.django import app

from privacy.ledger.actions import act, check_still_allowed
from privacy.optouts.errors import StillBeingSent
from privacy.optouts.models import Letter, LetterKind
from privacy.optouts.policies import MOST_LETTERS_A_DAY, Subject

logger = logging.getLogger(__name__)
SEND_LETTER = "privacy.optouts.jobs.send_letter"
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


def write_letter(
    kind: LetterKind,
    *,
    to_address: str,
    subject: str,
    body: str,
    now: datetime,
    in_reply_to: str = "",
    automatic: bool = True,
    evidence_message: int | None = None,
    ticket_reference: str = "",
) -> Letter | None:
    """Owe somebody a mail; it goes out after the commit of the act that this is part of. Raises NoSubject for an unusable
    address.

    Automatic letters: at most one per received message and address, and at most MOST_LETTERS_A_DAY to one address in 24 hours;
    beyond that nothing is written and None is returned. Line breaks in subject and in_reply_to become spaces (ASVS 1.3.11).
    """
    recipient = Subject.of_email(to_address)
    with act("write_letter", by=None, reason=kind, fails_alone=False, message=evidence_message):
        if automatic:
            with connection.cursor() as cursor:  # one writer per address at a time, so that the count below holds
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(recipient.key[:8], "big", signed=True)])
            lately = Q(made_at__gt=now - timedelta(days=1))
            same = Q(evidence_message=evidence_message, evidence_message__isnull=False)
            theirs = Letter.objects.filter(lately | same, to_key=recipient.key, automatic=True).order_by()
            answered = list(theirs.values_list("evidence_message", flat=True)[:50])
            if len(answered) >= MOST_LETTERS_A_DAY or (evidence_message is not None and evidence_message in answered):
                return None
        letter = Letter.objects.create(
            kind=kind,
            to_address=recipient.canonical,
            to_key=recipient.key,
            subject=_one_line(subject)[:300],
            body=body,
            own_message_id=f"<{uuid4()}@{settings.OWN_DOMAIN}>",
            in_reply_to=_one_line(in_reply_to)[:500] or None,
            automatic=automatic,
            evidence_message=evidence_message,
            ticket_reference=ticket_reference,
            made_at=now,
            try_after=now,
        )
        app.configure_task(SEND_LETTER).defer(letter_id=letter.pk)
        return letter


def send_letter(letter_id: int, *, now: datetime, connection: BaseEmailBackend | None = None) -> bool:
    """Send one letter, by the mail server of the settings or another `connection`. Returns whether it left now.

    That sending began is committed first: a process killed in between leaves a letter that may have left, which is shown to
    people and never sent twice by itself. A mail server that refuses is tried again, with growing pauses.
    """
    with act("begin_sending", by=None, letter=letter_id):
        letter = Letter.objects.select_for_update(skip_locked=True).filter(pk=letter_id).first()
        if letter is None or letter.sent_at or letter.sending_at:
            return False
        letter.sending_at = now
        letter.tries += 1
        letter.save(update_fields=["sending_at", "tries"])
    try:
        _mail(letter, connection).send()
    except Exception as error:  # whatever the mail server or its library says: the letter waits and is tried again
        logger.warning("letter %s was not sent: %s", letter.pk, type(error).__name__)
        with act("postpone_letter", by=None, letter=letter_id):
            pause = min(FIRST_PAUSE * 2 ** min(letter.tries, 10), LONGEST_PAUSE)
            Letter.objects.filter(pk=letter_id).update(
                sending_at=None, try_after=now + pause, last_error=type(error).__name__[:200]
            )
        return False
    with act("finish_sending", by=None, letter=letter_id):
        Letter.objects.filter(pk=letter_id).update(sent_at=now, last_error="")
    return True


def send_again(letter_id: int, *, by: object, reason: str, now: datetime) -> None:
    """Somebody looked, and a letter that waits, or whose sending was cut short, is to be sent now after all.

    Raises NoLongerAllowed; StillBeingSent while the mail server is told of it. One that has left stays as it is.
    """
    with act("send_letter_again", by=by, reason=reason, letter=letter_id):
        letter = Letter.objects.select_for_update().get(pk=letter_id)
        check_still_allowed(by, "privacy.work_tickets")
        if Letter.objects.being_sent(at=now).filter(pk=letter.pk).exists():
            raise StillBeingSent
        if letter.sent_at is None:
            letter.sending_at = None
            letter.try_after = now
            letter.save(update_fields=["sending_at", "try_after"])
            app.configure_task(SEND_LETTER).defer(letter_id=letter.pk)


def _mail(letter: Letter, connection: BaseEmailBackend | None) -> EmailMessage:
    headers = {"Message-ID": letter.own_message_id}
    if letter.automatic:
        headers["Auto-Submitted"] = "auto-replied" if letter.in_reply_to else "auto-generated"
    if letter.in_reply_to:
        headers["In-Reply-To"] = headers["References"] = letter.in_reply_to
    to = [letter.to_address]
    return EmailMessage(letter.subject, letter.body, settings.DEFAULT_FROM_EMAIL, to, headers=headers, connection=connection)


def _one_line(text: str) -> str:
    return " ".join(text.split())
