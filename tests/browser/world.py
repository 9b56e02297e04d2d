"""A small company for the browser: a security administrator, a colleague, and something to see in every room."""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from customers.models import Customer
from privacy.models import OptOut, Ticket, TicketRight
from tests.factories.access import GrantFactory, entitlement, grant
from tests.factories.agreements import DataSharingAgreementFactory, ThirdPartyFactory
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
    return SimpleNamespace(
        administrator=administrator,
        colleague=colleague,
        newcomer=newcomer,
        customers=customers,
        tickets=tickets,
        opt_out=opt_out,
        party=party,
    )


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
        channel="email",
        purpose="special_offers",
        source="mail",
        received_at=now - timedelta(hours=5),
        suppressed_at=now - timedelta(hours=5),
    )
