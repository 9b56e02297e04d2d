"""Opting out, in one step; withdrawing that, in two (11 CCR 7026, 7028)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from customers.models import Customer
from privacy.ledger.actions import act, check_still_allowed
from privacy.optouts.actions.letters import write_letter
from privacy.optouts.errors import AlreadyWithdrawn, EvidenceMissing, NotAsked, OnAnotherChannel
from privacy.optouts.models import Channel, Letter, LetterKind, OptOut, OptOutSource, SubjectKind
from privacy.optouts.policies import Subject, owed_sha256, serves, withdrawal_token

MANAGES = "privacy.manage_optouts"
RECORDS = (MANAGES, "privacy.work_tickets")  # who works on a request that asks for it may write a choice down, too


def opt_out(
    subject: Subject,
    *,
    channel: str,
    purpose: str,
    source: str,
    received_at: datetime,
    now: datetime,
    by: Any = None,
    evidence: str | None = None,
    evidence_message: int | None = None,
    customer_id: int | None = None,
) -> tuple[OptOut, bool]:
    """Stop using this channel for this purpose, now. Returns the opt-out, and whether it is new.

    Said twice, it stands once: the first choice stays as it is, with its own date, and what was asked meanwhile, whether to
    withdraw it, is answered by that. received_at: when the wish reached us. The person behind an address is named where exactly
    one customer has it. Raises NoLongerAllowed, OnAnotherChannel. Source: statement I, OPTOUTS.md.
    """
    with act("opt_out", by=by, reason=source, fails_alone=False, message=evidence_message):
        with connection.cursor() as cursor:  # of two who write the same wish at this moment, the second finds the first's
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(subject.key[:8], "big", signed=True)])
        check_still_allowed(by, *RECORDS)
        standing = OptOut.objects.filter(subject_key=subject.key, channel=channel, purpose=purpose, withdrawn_at__isnull=True)
        if found := standing.select_for_update(no_key=True).first():
            if found.withdrawal_asked_at and found.withdrawal_asked_at < received_at:
                found.withdrawal_asked_at = None
                found.save(update_fields=["withdrawal_asked_at"])
            return found, False
        customer_id = customer_id or customer_behind(subject)
        if customer_id is None and not serves(subject, channel):
            raise OnAnotherChannel(subject.masked, Channel(channel).label)
        wish = OptOut(
            subject_kind=subject.kind,
            subject_key=subject.key,
            customer_id=customer_id,
            address=None if subject.kind == SubjectKind.CUSTOMER else subject.canonical,
            masked=subject.masked,
            owed_sha256=_owed(subject, customer_id),
            channel=channel,
            purpose=purpose,
            source=OptOutSource(source),
            evidence=evidence,
            evidence_message=evidence_message,
            recorded_by=by,
            received_at=min(received_at, now),
            suppressed_at=now,
        )
        wish.save(force_insert=True)
        return wish, True


def _owed(subject: Subject, customer_id: int | None) -> bytes | None:
    """What third parties are told to leave out: the address itself, or that of the customer who chose by phone or by post."""
    if subject.kind == SubjectKind.EMAIL:
        return owed_sha256(subject.canonical)
    address = Customer.objects.filter(pk=customer_id).values_list("email_key", flat=True).first() if customer_id else None
    return owed_sha256(address) if address else None


def customer_behind(subject: Subject) -> int | None:
    """Key of the customer whom the subject means, where exactly one can be meant."""
    if subject.kind == SubjectKind.CUSTOMER:
        return int(subject.canonical)
    field = "email_key" if subject.kind == SubjectKind.EMAIL else "phone"
    found = list(Customer.objects.filter(**{field: subject.canonical}).order_by().values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def ask_to_withdraw(opt_out_id: int, *, now: datetime, by: Any = None, evidence: str = "") -> tuple[OptOut, Letter | None]:
    """First step: the person wants offers again. They are asked to confirm by a link sent to the address itself.

    Returns the opt-out and the letter; no letter where we know no e-mail address: then the person confirms to a colleague.
    Raises AlreadyWithdrawn, NoLongerAllowed.
    """
    with act("ask_to_withdraw", by=by, reason=evidence, opt_out=opt_out_id):
        wish = OptOut.objects.select_for_update().get(pk=opt_out_id)
        check_still_allowed(by, MANAGES)
        if wish.withdrawn_at:
            raise AlreadyWithdrawn
        wish.withdrawal_asked_at = now
        wish.withdrawal_evidence = evidence or wish.withdrawal_evidence
        wish.save(update_fields=["withdrawal_asked_at", "withdrawal_evidence"])
        if not (wish.address and wish.may_be_confirmed_by_mail):
            return wish, None
        link = f"{settings.PUBLIC_URL.rstrip('/')}/opt-out/again/{withdrawal_token(wish.pk, now=now)}"
        letter = write_letter(
            LetterKind.WITHDRAWAL,
            to_address=wish.address,
            subject="Please confirm: receive messages from Lumens again?",
            body=(
                "Somebody told us that you would like to receive this again:\n\n"
                f"    {wish.get_purpose_display()}, by {wish.get_channel_display()}\n\n"
                f"If that is so, please confirm within seven days:\n\n    {link}\n\n"
                "If it is not, you need not do anything: you stay opted out.\n"
            ),
            now=now,
        )
        return wish, letter


def confirm_withdrawal(opt_out_id: int, *, now: datetime, by: Any = None, evidence: str = "") -> OptOut:
    """Second step: the person has confirmed, by the link or (by: a colleague) by phone or letter.

    Raises NotAsked, AlreadyWithdrawn, EvidenceMissing, NoLongerAllowed.
    """
    with act("confirm_withdrawal", by=by, reason=evidence, opt_out=opt_out_id):
        wish = OptOut.objects.select_for_update().get(pk=opt_out_id)
        check_still_allowed(by, MANAGES)
        if wish.withdrawn_at:
            raise AlreadyWithdrawn
        if wish.withdrawal_asked_at is None or wish.withdrawal_asked_at >= now:
            raise NotAsked
        if by is not None and not evidence.strip():
            raise EvidenceMissing
        wish.withdrawn_at = now
        wish.withdrawal_evidence = "\n".join(filter(None, [wish.withdrawal_evidence, evidence or "confirmed by the link"]))
        wish.save(update_fields=["withdrawn_at", "withdrawal_evidence"])
        return wish
