"""A small company for the browser: a security administrator, a colleague, and something to see in every room."""

from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

from django.utils import timezone

from customers.models import Customer
from privacy.models import Drift, OptOut, Proof, Reconciliation, SystemChange, Ticket, TicketRight
from tests.factories.access import GrantFactory, entitlement, grant
from tests.factories.agreements import DataSharingAgreementFactory, ThirdPartyFactory
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory
from tests.factories.workforce import EmployeeFactory, JobFunctionFactory

ADMINISTRATOR = (
    "requests.work",
    "optouts.manage",
    "access.administer",
    "people.manage",
    "promises.read",
    "ledger.read",
    "programme.manage",
    "settings.manage",
    "sharing.manage",
    "suppression.send",
    "customers.export",
    "reveal.contact",
    "reveal.financial",
)
COLLEAGUE = ("requests.work", "optouts.manage", "reveal.contact")


def build() -> SimpleNamespace:
    now = timezone.now()
    administrator = EmployeeFactory(
        login="ana.reyes", name="Ana Reyes", job_function=JobFunctionFactory(code="security", name="Security administrator")
    )
    grant(administrator, *ADMINISTRATOR)
    colleague = EmployeeFactory(login="ben.castle", name="Ben Castle")
    grant(colleague, *COLLEAGUE)
    newcomer = EmployeeFactory(
        login="carla.dupont", name="Carla Dupont", nda__ends_on=timezone.localdate(now) + timedelta(days=9)
    )
    GrantFactory(
        employee=newcomer,
        entitlement=entitlement("reveal.contact"),
        state="requested",
        requested_at=now - timedelta(days=3),
        reason="joins customer service for the season",
        approved_by=None,
        approved_at=None,
        seconded_by=None,
        seconded_at=None,
    )
    customers = [_customer(number) for number in range(1, 8)]
    tickets = [_ticket(number, customers[number % 7], now, colleague if number % 3 == 0 else None) for number in range(1, 13)]
    opt_out = _opt_out(customers[0], now)
    party = ThirdPartyFactory(name="Brightmail Fulfilment Inc.")
    DataSharingAgreementFactory(third_party=party)
    outside = _outside(newcomer, administrator, now)
    return SimpleNamespace(
        administrator=administrator,
        colleague=colleague,
        newcomer=newcomer,
        customers=customers,
        tickets=tickets,
        opt_out=opt_out,
        party=party,
        outside=outside,
    )


def _outside(person, owner, now) -> SystemChange:
    """A system beside this house: a removal there that failed, a difference, and a task by hand in another."""
    warehouse = SystemFactory(
        code="warehouse", name="Data warehouse", kind="postgresql", address="postgresql://access@db.example/shop", owner=owner
    )
    portal = SystemFactory(code="portal", name="Card processor's portal", owner=owner)
    changes = []
    for system, code, state in ((warehouse, "orders_read", "failed"), (portal, "Refund operator", "pending")):
        given = OutsideEntitlementFactory(system=system, code=code, name=f"use {code}")
        held = GrantFactory(
            employee=person, entitlement=given, state="revoking", revoked_at=now, revocation_reason="moved to another team"
        )
        changes.append(
            SystemChange.objects.create(
                system=system,
                grant=held,
                employee=person,
                entitlement=given,
                account_name=person.login,
                external_name=code,
                wanted="removed",
                state=state,
                known_at=now - timedelta(minutes=9),
                effective_at=now - timedelta(minutes=9),
                enforced_at=now - timedelta(minutes=9),
                due_at=now - timedelta(minutes=4) if state == "failed" else now + timedelta(hours=20),
                next_try_at=now + timedelta(minutes=2),
                attempts=4 if state == "failed" else 0,
                failure="connection refused: https://db.example/a/very/long/address/that/does/not/break"
                if state == "failed"
                else "",
            )
        )
    Proof.objects.create(
        change=changes[0], at=now, attempt=4, step="push", holds=False, answer="connection refused", answer_sha256="ab" * 32
    )
    compared = Reconciliation.objects.create(system=warehouse, began_at=now, ended_at=now, accounts_seen=3)
    Drift.objects.create(system=warehouse, kind="orphan", account_name="old_job", first_seen=compared, last_seen=compared)
    return changes[0]


def _customer(number: int) -> Customer:
    return Customer.objects.create(
        member_id=f"LM{number:05}",
        name=f"Mary Example{number}",
        email=f"mary{number}@example.com",
        email_key=f"mary{number}@example.com",
        phone=f"+1415555{number:04}",
        source="customer",
        purpose="orders",
        collected_at=timezone.now() - timedelta(days=40),
    )


def _ticket(number, customer, now, assignee) -> Ticket:
    ticket = Ticket.objects.create(
        reference=f"R-26-{number:05}",
        channel="email",
        state="received",
        received_at=now - timedelta(days=number * 3),
        due_at=now + timedelta(days=10 - number * 2, hours=5),
        requester_name="Mary Example",
        requester_email="mary@example.com",
        requester_masked="m•••@e•••.com",
        subject="My information",
        customer=customer,
        assignee=assignee,
        claimed_at=now if assignee else None,
    )
    TicketRight.objects.create(ticket=ticket, kind="access_categories" if number % 2 else "deletion")
    return ticket


def _opt_out(customer, now) -> OptOut:
    return OptOut.objects.create(
        subject_kind="email",
        subject_key=b"k" * 32,
        customer=customer,
        address="mary1@example.com",
        masked="m•••@e•••.com",
        owed_sha256=sha256(b"mary1@example.com").digest(),
        channel="email",
        purpose="special_offers",
        source="mail",
        received_at=now - timedelta(hours=5),
        suppressed_at=now - timedelta(hours=5),
    )
