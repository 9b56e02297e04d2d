"""Everything about one customer in one place: identity (masked), choices, orders, requests, who got their data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customers.classification import Category
from customers.doors.masks import masked
from customers.models import Address, Customer, Order, PaymentMethod
from privacy.agreements.models import Disclosure
from privacy.optouts.models import OptOut
from privacy.tickets.models import Ticket

SHOWN = 20


@dataclass(frozen=True)
class Fact:
    """One thing we hold, as it may be shown: its name and its masked value."""

    label: str
    value: str


@dataclass(frozen=True)
class Holding:
    """What we hold of one category, with the entitlement that reveals it."""

    category: Category
    facts: Sequence[Fact]

    @property
    def permission(self) -> str:
        return f"customers.reveal_{self.category.value}"


@dataclass(frozen=True)
class Person:
    """One customer, masked. opt_outs: those that hold at the instant; disclosures: newest first."""

    customer: Customer
    holdings: Sequence[Holding]
    opt_outs: Sequence[OptOut]
    past_opt_outs: int
    orders: Sequence[Order]
    tickets: Sequence[Ticket]
    disclosures: Sequence[Disclosure]
    counts: dict[str, int]


def person(pk: int, *, now: datetime) -> Person | None:
    """The customer of that key with everything about them, or None. Says nothing in clear."""
    customer = Customer.objects.filter(pk=pk).first()
    if customer is None:
        return None
    addresses = list(customer.addresses.all())
    payments = list(customer.payment_methods.all())
    opt_outs = OptOut.objects.filter(customer=customer)
    tickets = Ticket.objects.filter(customer=customer).prefetch_related("rights").order_by("-received_at")
    return Person(
        customer=customer,
        holdings=[_contact(customer, addresses), *_demographic(addresses), *_financial(payments)],
        opt_outs=list(opt_outs.active(at=now).order_by("purpose", "channel")),
        past_opt_outs=opt_outs.filter(withdrawn_at__isnull=False).count(),
        orders=list(customer.orders.order_by("-collected_at")[:SHOWN]),
        tickets=list(tickets[:SHOWN]),
        disclosures=_disclosures(customer),
        counts={
            "survey entries": customer.survey_entries.count(),
            "contest entries": customer.contest_entries.count(),
            "contributions": customer.contributions.count(),
        },
    )


def _facts(record: Any, *names: str, prefix: str = "") -> list[Fact]:
    found = []
    for name in names:
        column = record._meta.get_field(name)
        value = getattr(record, column.attname)
        if value not in (None, ""):
            label = f"{prefix} {column.verbose_name}".strip() if prefix else str(column.verbose_name)
            found.append(Fact(label.capitalize(), masked(value, column)))
    return found


def _contact(customer: Customer, addresses: Sequence[Address]) -> Holding:
    facts = _facts(customer, "name", "email", "phone")
    for address in addresses:
        facts += _facts(address, "line1", "city", prefix=address.get_kind_display())
    return Holding(Category.CONTACT, facts)


def _demographic(addresses: Sequence[Address]) -> list[Holding]:
    facts = [fact for address in addresses[:1] for fact in _facts(address, "postal_code", "region", "country")]
    return [Holding(Category.DEMOGRAPHIC, facts)] if facts else []


def _financial(payments: Sequence[PaymentMethod]) -> list[Holding]:
    facts = [fact for payment in payments for fact in _facts(payment, "brand", "last_four")]
    return [Holding(Category.FINANCIAL, facts)] if facts else []


def _disclosures(customer: Customer) -> list[Disclosure]:
    """Disclosures that name this person. Which people a disclosure was about is the agreements room's to say."""
    try:
        from privacy.agreements.queries import disclosures_about  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return []
    return list(disclosures_about(customer))
