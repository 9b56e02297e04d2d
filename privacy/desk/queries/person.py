"""Everything about one customer in one place: identity (masked), choices, orders, requests, who got their data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BinaryField

from customers.classification import Category
from customers.doors.cells import label_of
from customers.doors.masked_tables import sealed_rows
from customers.doors.masks import DOTS, masked
from customers.models import Customer, Order, PaymentMethod
from privacy.agreements.models import ThirdParty
from privacy.optouts.models import OptOut
from privacy.tickets.models import Ticket

SHOWN = 20


@dataclass(frozen=True)
class Fact:
    """One thing we hold, as it may be shown: its name and its masked value."""

    label: str
    value: str


@dataclass(frozen=True)
class Held:
    """One record that holds such facts. label and pk name it to the reveal: "customers.address", 17."""

    label: str
    pk: int
    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Holding:
    """What we hold of one category, record by record, with the permission that reveals it."""

    category: Category
    records: Sequence[Held]

    @property
    def permission(self) -> str:
        return f"customers.reveal_{self.category.value}"


@dataclass(frozen=True)
class Person:
    """One customer, masked. opt_outs: those that hold at the instant."""

    customer: Customer
    holdings: Sequence[Holding]
    opt_outs: Sequence[OptOut]
    past_opt_outs: int
    orders: Sequence[Order]
    tickets: Sequence[Ticket]
    counts: dict[str, int]


def person(pk: int, *, now: datetime) -> Person | None:
    """The customer of that key with everything about them, or None. Says nothing in clear."""
    customer = Customer.objects.filter(pk=pk).first()
    if customer is None:
        return None
    opt_outs = OptOut.objects.filter(customer=customer)
    tickets = Ticket.objects.filter(customer=customer).prefetch_related("rights").order_by("-received_at")
    return Person(
        customer=customer,
        holdings=_holdings(customer),
        opt_outs=list(opt_outs.active(at=now).order_by("purpose", "channel")),
        past_opt_outs=opt_outs.filter(withdrawn_at__isnull=False).count(),
        orders=list(customer.orders.order_by("-collected_at")[:SHOWN]),
        tickets=list(tickets[:SHOWN]),
        counts={
            name: count
            for name, count in (
                ("survey entries", customer.survey_entries.count()),
                ("contest entries", customer.contest_entries.count()),
                ("contributions", customer.contributions.count()),
            )
            if count
        },
    )


def _held(record: Any, title: str, *names: str) -> Held:
    facts = []
    for name in names:
        column = record._meta.get_field(name)
        value = DOTS if isinstance(column, BinaryField) else getattr(record, column.attname)
        if value not in (None, ""):
            facts.append(Fact(label_of(column), masked(value, column)))
    return Held(record._meta.label_lower, record.pk, title, facts)


def _holdings(customer: Customer) -> list[Holding]:
    addresses = list(customer.addresses.order_by("kind", "pk")[:SHOWN])
    payments = list(sealed_rows(PaymentMethod).filter(customer=customer).order_by("-pk")[:SHOWN])
    contact = [_held(customer, "Person", "name", "email", "phone")]
    contact += [
        _held(address, address.get_kind_display().capitalize(), "recipient", "line1", "line2", "city") for address in addresses
    ]
    places = [
        _held(address, address.get_kind_display().capitalize(), "postal_code", "region", "country") for address in addresses[:1]
    ]
    called = dict(ThirdParty.objects.filter(code__in={payment.processor for payment in payments}).values_list("code", "name"))
    kept_by = {payment.pk: called.get(payment.processor, payment.processor) for payment in payments}
    cards = [_held(payment, f"Card, kept by {kept_by[payment.pk]}", "brand", "last_four", "expiry") for payment in payments]
    found = [Holding(Category.CONTACT, contact), Holding(Category.DEMOGRAPHIC, places), Holding(Category.FINANCIAL, cards)]
    return [holding for holding in found if holding.records]
