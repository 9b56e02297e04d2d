"""Who a requester may be (REQUESTS.md, "Finding the person")."""

from contextlib import suppress
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Q

from customers.canonical import NotAnAddress, NotAPhoneNumber, email_key, phone_key
from customers.models import Customer
from privacy.optouts.errors import NoSubject
from privacy.optouts.models import Channel
from privacy.optouts.policies import Subject, serves
from privacy.tickets.models import Ticket

CERTAIN = 90  # from this score on, and only when nobody else reaches it, the person is matched without being asked
MOST_CANDIDATES = 5
CHOSEN = "chosen by a colleague"  # the last reason of a match that nobody computed


@dataclass(frozen=True)
class Requester:
    """What a requester told us about themselves; every part may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""
    post: str = ""


@dataclass(frozen=True)
class Match:
    """A customer who may be the requester: score 0 to 100 (None where a colleague said so), and why."""

    customer: Customer
    score: int | None
    reasons: list[str] = field(default_factory=list)


def find_person(requester: Requester) -> list[Match]:
    """Customers who may be this requester, likeliest first.

    Nobody is merged by a look-alike: addresses match whole or not at all.
    """
    email = _key(email_key, NotAnAddress, requester.email)
    phone = _key(phone_key, NotAPhoneNumber, requester.phone)
    asked = Q()
    if email:
        asked |= Q(email_key=email)
    if phone:
        asked |= Q(phone=phone)
    found = list(Customer.objects.filter(asked).order_by("pk")[:MOST_CANDIDATES]) if asked else []
    name = " ".join(requester.name.split())
    if not found and len(name) >= 3:
        found = list(Customer.objects.filter(name__iexact=name).order_by("pk")[:MOST_CANDIDATES])
    matches = [_scored(customer, email=email, phone=phone, name=name) for customer in found]
    return sorted(matches, key=lambda match: (-(match.score or 0), match.customer.pk))


def certain_match(matches: list[Match]) -> Match | None:
    """The one customer who is surely meant, if there is one."""
    sure = [match for match in matches if (match.score or 0) >= CERTAIN]
    return sure[0] if len(sure) == 1 else None


def subjects_of(ticket: Ticket) -> list[Subject]:
    """The requester's usable e-mail address, and their number: what an opt-out of theirs can be under."""
    found = []
    for make, value in ((Subject.of_email, ticket.requester_email), (Subject.of_phone, ticket.requester_phone)):
        with suppress(NoSubject):
            found += [make(value)] if value else []
    return found


def channel_to_stop(ticket: Ticket) -> Channel:
    """What an opt-out of the requester is offered to stop first: e-mail, but calls where we know nothing but a number."""
    known = subjects_of(ticket)
    only_a_number = known and not ticket.customer_id and not any(serves(one, Channel.EMAIL) for one in known)
    return Channel.PHONE if only_a_number else Channel.EMAIL


def _scored(customer: Customer, *, email: str, phone: str, name: str) -> Match:
    score, reasons = 0, []
    if email and customer.email_key == email:
        score, reasons = 90, ["same e-mail address"]
    if phone and customer.phone == phone:
        score, reasons = max(score, 70) + (8 if score else 0), [*reasons, "same phone number"]
    if name and customer.name:
        likeness = SequenceMatcher(None, name.casefold(), customer.name.casefold()).ratio()
        if likeness > 0.95:
            score, reasons = score + (2 if score >= CERTAIN else 15 if score else 40), [*reasons, "same name"]
        elif likeness > 0.75:
            score, reasons = score + (1 if score >= CERTAIN else 8), [*reasons, "similar name"]
        elif score:
            reasons.append("another name")
    return Match(customer, min(score, 100), reasons)


def _key(canonical: Any, refusal: type[Exception], text: str) -> str:
    try:
        return str(canonical(text)) if text else ""
    except refusal:
        return ""


def requester_of(ticket: Ticket) -> Requester:
    """What a ticket's requester told about themselves."""
    return Requester(
        name=ticket.requester_name or "",
        email=ticket.requester_email or "",
        phone=ticket.requester_phone or "",
        post=ticket.requester_post or "",
    )
