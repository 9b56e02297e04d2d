"""The other systems of the demonstration company: all worked by hand, because an invented company has no real ones to ask.

Connecting an invented PostgreSQL or SCIM application would show a system that fails for ever; whoever tries the demonstration
connects a real one beside these. What was given and taken away in the year was done with evidence, verified by a second person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from privacy.access.actions import add_entitlement, connect_system, do_task, justify, revoke_grant, verify_task
from privacy.access.errors import Refused
from privacy.access.models import AccessGrant, Entitlement, SystemChange, SystemKind
from privacy.desk.jobs.cast import CAST
from privacy.workforce.models import Employee

if TYPE_CHECKING:
    from privacy.desk.jobs.people import People

CONNECTED_ON_DAY = 6


@dataclass(frozen=True)
class Gives:
    """One thing that a system gives: its code, what the holder may do, what it is there, which functions need it."""

    code: str
    name: str
    external_name: str
    functions: tuple[str, ...]
    categories: tuple[str, ...] = ()
    sensitive: bool = False


@dataclass(frozen=True)
class Beside:
    """A system beside this house."""

    code: str
    name: str
    owner: str
    address: str
    gives: tuple[Gives, ...]


SYSTEMS = (
    Beside(
        "data-warehouse",
        "Data warehouse",
        "lars.eklund",
        "",
        (
            Gives("dw.orders", "read orders in the data warehouse", "orders_read",
                  ("accountant", "finance-lead", "database-administrator"), ("transaction",)),
            Gives("dw.campaigns", "read campaigns in the data warehouse", "campaigns_read", ("marketer", "marketing-lead")),
            Gives("dw.customers", "read names and addresses in the data warehouse", "customers_read",
                  ("database-administrator",), ("contact",), sensitive=True),
        ),
    ),
    Beside(
        "help-desk",
        "Help desk",
        "priya.nair",
        "https://desk.lumens.example/settings/agents",
        (
            Gives("desk.agent", "answer customers in the help desk", "Agents",
                  ("service-agent", "service-lead", "privacy-officer"), ("contact", "mail"), sensitive=True),
            Gives("desk.lead", "assign and close in the help desk", "Team leads", ("service-lead",)),
        ),
    ),
    Beside(
        "card-portal",
        "Card processor's portal",
        "iris.vogel",
        "https://portal.cards.example/users",
        (
            Gives("cards.refund", "refund a card", "Refund operator", ("accountant", "finance-lead"), ("financial",),
                  sensitive=True),
            Gives("cards.statements", "see settlement statements", "Reporting", ("finance-lead",)),
        ),
    ),
    Beside(
        "shipping-tool",
        "Warehouse shipping tool",
        "frank.delaney",
        "",
        (Gives("ship.labels", "print shipping labels", "", ("order-clerk", "warehouse-lead"), ("contact",)),),
    ),
)  # fmt: skip


class Elsewhere:
    """The year of the company in its other systems, beside what People plays in this house."""

    def __init__(self, people: "People") -> None:
        self.people = people
        self.chance = people.chance

    def connect(self) -> None:
        """Connect the systems in the first week, and give what each function needs."""
        founder, at = self.people.employees["walt.brandt"], self.people.day(CONNECTED_ON_DAY)
        for beside in SYSTEMS:
            owner = self.people.employees[beside.owner]
            system = connect_system(
                code=beside.code,
                name=beside.name,
                kind=SystemKind.BY_HAND,
                address=beside.address,
                secret="",
                owner=owner,
                by=founder,
                now=at,
            )
            for gives in beside.gives:
                made = add_entitlement(
                    system.pk,
                    code=gives.code,
                    name=gives.name,
                    external_name=gives.external_name,
                    categories=gives.categories,
                    sensitive=gives.sensitive,
                    owner=owner,
                    by=founder,
                    now=at,
                )
                for function in gives.functions:
                    justify(self.people.functions[function], made, by=founder)
        self.people.entitlements = {entitlement.code: entitlement for entitlement in Entitlement.objects.all()}
        for person in CAST:
            employee = self.people.employees[person.login]
            first = max(CONNECTED_ON_DAY + 1, (employee.starts_on - timezone.localdate(self.people.begin)).days + 2)
            self._give_what_is_needed(employee, person.function, day=first)
        self.work_off()

    def _give_what_is_needed(self, employee: Employee, function: str, *, day: int) -> None:
        for beside in SYSTEMS:
            for gives in beside.gives:
                entitlement = self.people.entitlements[gives.code]
                held = AccessGrant.objects.active().filter(employee=employee, entitlement=entitlement)  # type: ignore[attr-defined]
                if function in gives.functions and not held.exists():
                    at = self.people.day(day, hour=11, minute=self.chance.randrange(60))
                    self.people.give(employee, gives.code, at=at)

    def follow(self, movers: tuple[tuple[int, str, str], ...]) -> None:
        """Give movers what their new function needs there, and take away what the year ended; who leaves today waits."""
        for day, login, to in movers:
            self._give_what_is_needed(self.people.employees[login], to, day=day + 1)
        self.work_off()
        self._begin_todays()

    def work_off(self) -> None:
        """Do and verify by hand what is outstanding, within hours of when it was asked for, save what was asked today."""
        asked_before = self.people.now - timedelta(hours=36)
        waiting = SystemChange.objects.outstanding().filter(known_at__lt=asked_before)  # type: ignore[attr-defined]
        for change in waiting.select_related("system__owner", "employee").order_by("known_at", "pk"):
            done_at = self._by_day(change.enforced_at)
            doer = self._do(change, at=done_at)
            second = next(one for one in self._administrators() if one not in (doer, change.employee))
            verify_task(change.pk, by=second, now=done_at + timedelta(minutes=self.chance.randrange(15, 300)))

    def _by_day(self, asked_at: datetime) -> datetime:
        """When somebody gets to it: within a few hours."""
        return asked_at + timedelta(minutes=self.chance.randrange(12, 420), seconds=self.chance.randrange(60))

    def _administrators(self) -> list[Employee]:
        return [self.people.employees["ines.romero"], self.people.employees["walt.brandt"]]

    def _do(self, change: SystemChange, *, at: datetime) -> Employee:
        said = "Removed" if change.wanted == "removed" else "Given"
        owner = change.system.owner
        candidates = [*([owner] if owner else []), *self._administrators()]
        for doer in (one for one in candidates if one != change.employee):
            try:
                evidence = self._mail(change, said, at)
                with transaction.atomic():
                    do_task(change.pk, evidence=evidence, note=f"{said} and looked at again", by=doer, now=at)
            except Refused:
                continue
            return doer
        raise RuntimeError(f"nobody in the demonstration could do: {change}")

    def _mail(self, change: SystemChange, said: str, at: datetime) -> bytes:
        """The confirmation that was attached."""
        message = EmailMessage()
        message["From"], message["To"] = f"support@{change.system.code}.example", f"{change.system.owner or 'it'}@lumens.example"
        message["Date"], message["Subject"] = format_datetime(at), f"{said}: {change.account_name}"
        message.set_content(
            f"{said}: {change.external_name or 'the account'} of {change.account_name}, {at:%Y-%m-%d %H:%M %Z}.\n"
        )
        return message.as_bytes()

    def _begin_todays(self) -> None:
        """Beside what today's leaver had, which waits to be done: something that is done and waits for a second person."""
        held = AccessGrant.objects.active().filter(entitlement__code="dw.campaigns", employee__login="kit.morgan").first()  # type: ignore[attr-defined]
        if held is None:
            return
        owner, begun = self.people.employees["lars.eklund"], self.people.now - timedelta(hours=5, minutes=12)
        revoke_grant(held.pk, by=owner, reason="the autumn campaign is over", now=begun)
        change = held.changes.select_related("system__owner", "employee").get(wanted="removed")
        self._do(change, at=begun + timedelta(hours=1, minutes=40))
