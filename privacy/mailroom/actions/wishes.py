"""Wishes and facts that a message carries: complaints, bounces, unsubscribe addresses, unsubscribe words."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings

from customers.models import Customer
from privacy.mailroom.actions.outcome import Sorted, done
from privacy.mailroom.models import Message, MessageOutcome, Undeliverable
from privacy.mailroom.policies import Report, may_be_answered, may_be_written_to
from privacy.optouts.actions import opt_out, write_letter
from privacy.optouts.errors import BadToken, NoSubject
from privacy.optouts.models import Channel, LetterKind, OptOut, OptOutSource, Purpose
from privacy.optouts.policies import Choice, Subject, read_one_click_token, read_unsubscribe_address

Facts = dict[str, Any]


def sender_of(facts: Facts) -> Subject | None:
    """The first address of the first From header: one reading everywhere (ASVS 1.5.3)."""
    try:
        return Subject.of_email(facts["from"][0][1]) if facts["from"] else None
    except NoSubject:
        return None


def _ours(facts: Facts) -> set[str]:
    """Addresses of ours that a report may name: those of our domain that it came to, the author of the mail that it encloses,
    and the one that we write from. They want no less mail.
    """
    to = [address for address in facts["to"] if address.lower().endswith(f"@{settings.OWN_DOMAIN}".lower())]
    return {address.lower() for address in (*to, *facts["original"].get("from", []), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])}


def settle_feedback(message: Message, facts: Facts, report: Report, *, now: datetime) -> Sorted:
    """A mailbox provider reports (ARF): “opt-out” and “abuse” opt the recipient out; anything else is only kept. RFC 5965."""
    if report.kind not in {"opt-out", "abuse"}:
        return done(message, MessageOutcome.FEEDBACK_REPORT, f"{report.kind}: nothing to do", now=now)
    ours = _ours(facts)
    subjects = [subject for address in report.recipients if address.lower() not in ours and (subject := _usable(address))]
    choices = [_choice_of_link(link) for link in report.unsubscribe_links] if not subjects else []
    subjects += [subject for choice in choices if choice and (subject := _usable(choice.address))]
    for subject in subjects:
        wish, new = _opt_out(message, subject, source=OptOutSource.FEEDBACK_REPORT, evidence=report.kind, now=now)
        message.opt_out = message.opt_out or wish
        # Anybody can write "opt-out" into a report about strangers. Who complains of spam wants no more mail, this one neither.
        if new and report.kind == "opt-out" and may_be_written_to(subject.canonical):
            _confirm(message, subject, wish, now=now, by_report=True)
    result = f"{report.kind}: {len(subjects)} opted out" if subjects else f"{report.kind}: names nobody whom we can opt out"
    return done(message, MessageOutcome.FEEDBACK_REPORT, result, now=now, address=subjects[0].canonical if subjects else None)


def _choice_of_link(header: str) -> Choice | None:
    for token in re.findall(r"/opt-out/([\w-]{20,800})", header):
        try:
            return read_one_click_token(token)
        except BadToken:
            continue
    return None


def _usable(address: str) -> Subject | None:
    try:
        return Subject.of_email(address)
    except NoSubject:
        return None


def note_undeliverable(message: Message, report: Report, *, now: datetime) -> Sorted:
    """Mail of ours did not arrive (RFC 3464): a fact about each address of its own, never an opt-out. Where it did, nothing."""
    for one in report.undelivered:
        subject = _usable(one.address)
        Undeliverable.objects.create(
            message=message,
            address=subject.canonical if subject else one.address or None,
            address_key=subject.key if subject else None,
            masked=subject.masked if subject else "",
            action=one.action,
            status=one.status,
            reported_at=message.received_at,
        )
    if not report.undelivered:
        return done(message, MessageOutcome.AUTOMATIC, f"delivery report: {report.arrived} delivered", now=now)
    worst = min(report.undelivered, key=lambda one: one.action != "failed")
    reason = f"{report.kind} {worst.action} {worst.status}".strip()
    if len(report.undelivered) + report.arrived > 1:
        counted = Counter(one.action or "not delivered" for one in report.undelivered)
        counted.update({"delivered": report.arrived} if report.arrived else {})
        reason += ": " + ", ".join(f"{counted[said]} {said}" for said in sorted(counted, key=_worst_first))
    return done(message, MessageOutcome.UNDELIVERABLE, reason, now=now, address=worst.address or None)


def _worst_first(said: str) -> int:
    return {"failed": 0, "delivered": 2}.get(said, 1)


def choice_by_address(facts: Facts) -> tuple[Choice, Customer] | None:
    """What the address says that a message was sent to: the choice of its token, where that is of a customer whom we have."""
    for recipient in facts["recipients"]:
        try:
            choice = read_unsubscribe_address(recipient)
        except BadToken:
            continue
        customer = Customer.objects.filter(pk=choice.customer_id).first() if choice.customer_id else None
        if customer:
            return choice, customer
    return None


def wish_by_address(
    message: Message, facts: Facts, choice: Choice, customer: Customer, *, now: datetime, beside: Callable[[], str]
) -> Sorted:
    """Mail to an address that carries a token (`choice_by_address`): the token's subject, whoever it comes from.

    beside: hands what else the message says to a request, and says to which.
    """
    subject = _usable(customer.email) or Subject.of_customer(customer.pk, customer.member_id)
    why = "sent to an unsubscribe address" + beside()
    wish, _ = _opt_out(
        message,
        subject,
        source=OptOutSource.ADDRESS,
        evidence="mail to an unsubscribe address",
        now=now,
        choice=choice,
        customer_id=customer.pk,
    )
    message.opt_out = wish
    if subject.kind == "email" and may_be_answered(facts):
        _confirm(message, subject, wish, now=now, in_reply_to=facts["message_id"])
    return done(message, MessageOutcome.OPTED_OUT, why, now=now, address=subject.canonical)


def wish_by_word(message: Message, facts: Facts, where: str, *, now: datetime, beside: Callable[[], str]) -> Sorted | None:
    """A person wrote an unsubscribe word: their address is opted out of e-mail and told so. None: nobody knows whose it is.

    beside: hands what else the message says to a request, and says to which.
    """
    sender = sender_of(facts)
    if sender is None:
        return None  # a person has to find out who it is
    why = f"unsubscribe word in the {where}" + beside()
    wish, _ = _opt_out(message, sender, source=OptOutSource.MAIL, evidence=f"unsubscribe word in the {where}", now=now)
    message.opt_out = wish
    if may_be_answered(facts):
        _confirm(message, sender, wish, now=now, in_reply_to=facts["message_id"])
    return done(message, MessageOutcome.OPTED_OUT, why, now=now, address=sender.canonical)


def _opt_out(
    message: Message,
    subject: Subject,
    *,
    source: str,
    evidence: str,
    now: datetime,
    choice: Choice | None = None,
    customer_id: int | None = None,
) -> tuple[OptOut, bool]:
    return opt_out(
        subject,
        channel=choice.channel if choice else Channel.EMAIL,
        purpose=choice.purpose if choice else Purpose.ALL,
        source=source,
        received_at=message.received_at,
        now=now,
        evidence=evidence,
        evidence_message=message.pk,
        customer_id=customer_id,
    )


def _confirm(
    message: Message, subject: Subject, wish: OptOut, *, now: datetime, in_reply_to: str = "", by_report: bool = False
) -> None:
    """Tell the person that it is done, to the address itself: that is also how a forged sender comes to light.

    by_report: a mailbox provider, or whoever says to be one, told us.
    """
    ticket = message.ticket
    # Whoever knows the Message-ID of a letter about a request may reopen it: that letter is for its requester only.
    reference = ticket.reference if ticket and bytes(ticket.requester_key or b"") == subject.key else ""
    besides = f"\nA colleague reads what else you wrote. Its number is {reference}; please keep it in the subject.\n"
    asked = "Your mailbox provider told us that you want us" if by_report else "You asked us"
    write_letter(
        LetterKind.CONFIRMATION,
        to_address=subject.canonical,
        subject=f"You are unsubscribed [{reference}]" if reference else "You are unsubscribed",
        body=(
            f"{asked} to stop, and we did: {wish.get_purpose_display()}, by {wish.get_channel_display()}.\n\n"
            "Messages about your orders still reach you. If you did not ask for this, answer this message and tell us.\n"
        )
        + (besides if reference else ""),
        now=now,
        in_reply_to=in_reply_to,
        evidence_message=message.pk,
        ticket_reference=reference,
    )
