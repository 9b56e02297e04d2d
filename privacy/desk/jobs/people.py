"""A year of people in the demonstration company: hired, briefed, given access, moved on. Through the same verbs as in life."""

import base64
import hashlib
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from privacy.access.actions import (
    approve_grant,
    change_function,
    create_security_administrator,
    deny_grant,
    end_employment,
    enrol_authenticator,
    justify,
    record_denied,
    request_grant,
    set_owner,
)
from privacy.access.errors import Refused
from privacy.access.models import AccessGrant, DeniedKind, Entitlement, GrantState
from privacy.agreements.actions import record_nda
from privacy.desk.jobs.cast import (
    CAST,
    DEMONSTRATION_PASSWORD,
    DEPARTMENTS,
    FOUNDER,
    FUNCTIONS,
    LEAVERS,
    LEAVES_TODAY,
    LOGINS,
    MOVERS,
    OWNERS,
    Person,
)
from privacy.desk.jobs.systems import Elsewhere
from privacy.ledger.actions import SYSTEM
from privacy.programme.actions import record_briefing
from privacy.workforce.actions import add_department, add_function, change_details, hire, record_function_change, set_password
from privacy.workforce.models import Employee, JobFunction, WorkerType

YEAR = 364


class People:
    """Builds the company's people, from `begin` (an instant a year ago) to `now`. `seed` decides what chance decides."""

    def __init__(self, *, begin: datetime, now: datetime, seed: int) -> None:
        self.begin, self.now = begin, now
        self.chance = Random(seed)
        self.seed = seed
        self.employees: dict[str, Employee] = {}
        self.functions: dict[str, JobFunction] = {}
        self.entitlements: dict[str, Entitlement] = {}

    def day(self, number: int, hour: int = 9, minute: int = 0) -> datetime:
        """The instant on that day of the demonstration's year (0 is the first), in the company's time."""
        local = timezone.localtime(self.begin) + timedelta(days=number)
        return local.replace(hour=hour, minute=minute, second=self.chance.randrange(60), microsecond=0)

    def build(self) -> None:
        self._found()
        self._hire()
        self._brief_and_sign()
        self._give_access()
        elsewhere = Elsewhere(self)
        elsewhere.connect()
        self._move_on()
        self._leave_loose_ends()
        elsewhere.follow(MOVERS)

    def _found(self) -> None:
        founder = create_security_administrator(
            FOUNDER.login, self._email(FOUNDER), name=FOUNDER.name, stated_by="the installer", now=self.begin
        )
        self.employees[FOUNDER.login] = founder
        self.departments = {code: add_department(code, name=name, by=founder) for code, name in DEPARTMENTS.items()}
        self.functions = {code: add_function(code, name=name, by=founder) for code, (name, _) in FUNCTIONS.items()}
        self.entitlements = {entitlement.code: entitlement for entitlement in Entitlement.objects.all()}
        for code, (_, justified) in FUNCTIONS.items():
            for entitlement in justified:
                justify(self.functions[code], self.entitlements[entitlement], by=SYSTEM)  # before anybody has access

    def _hire(self) -> None:
        founder = self.employees[FOUNDER.login]
        for person in CAST:
            joined_on_day = self.chance.randrange(20, 200) if person.years == 0 else 0
            at = self.day(joined_on_day)
            starts_on = timezone.localdate(at) - timedelta(
                days=person.years * 365 + self.chance.randrange(90) * bool(person.years)
            )
            ends_on = timezone.localdate(self.now) + timedelta(days=self.chance.randrange(60, 200)) if person.contractor else None
            employee = hire(
                login=person.login,
                name=person.name,
                email=self._email(person),
                starts_on=starts_on,
                ends_on=ends_on,
                worker_type=WorkerType.CONTRACTOR if person.contractor else WorkerType.EMPLOYEE,
                department=self.departments[person.department],
                by=SYSTEM,
                now=at,
                source="roster",
            )
            record_function_change(
                employee.pk, to=self.functions[person.function], by=founder, now=at, known_at=at, source="roster"
            )
            self.employees[person.login] = employee
        for person in (*CAST, FOUNDER):
            manager = self.employees.get(person.manager)
            department = self.departments[person.department]
            change_details(
                self.employees[person.login].pk, by=founder, now=self.now, source="roster", manager=manager, department=department
            )
        record_function_change(
            founder.pk, to=self.functions[FOUNDER.function], by=None, now=self.begin, known_at=self.begin, source="roster"
        )
        self.employees = {employee.login: employee for employee in Employee.objects.all()}
        for code, login in OWNERS.items():
            set_owner(self.entitlements[code].pk, owner=self.employees[login], by=SYSTEM, reason="owner of the process")
        self.entitlements = {entitlement.code: entitlement for entitlement in Entitlement.objects.all()}
        for login, employee in self.employees.items():
            if login in LOGINS:
                set_password(employee, DEMONSTRATION_PASSWORD, shortest=12, by=employee)
            enrol_authenticator(employee, secret=secret_of(login, self.seed), recovery_codes=login in LOGINS)

    def _brief_and_sign(self) -> None:
        """Everybody is briefed and under an NDA; one contractor's NDA runs out in twelve days, another's in twenty-six."""
        trainer = self.employees["uma.shah"]
        today = timezone.localdate(self.now)
        soon = {"tomas.keller": 12, "pia.novak": 26}
        for login, employee in self.employees.items():
            by = trainer if employee != trainer else self.employees["vera.holm"]
            first = max(employee.starts_on, timezone.localdate(self.begin))
            note = "security and privacy, new hire's briefing"
            record_briefing(employee, given_on=first, by=SYSTEM, given_by=by, today=today, note=note)
            ends_on = today + timedelta(days=soon[login]) if login in soon else None
            if employee.worker_type == WorkerType.CONTRACTOR and ends_on is None:
                ends_on = employee.ends_on
            record_nda(
                employee=employee,
                by=None,
                signed_on=employee.starts_on,
                starts_on=employee.starts_on,
                ends_on=ends_on,
                document=f"personnel file {login}, NDA {employee.starts_on:%Y}",
            )

    def _give_access(self) -> None:
        for person in sorted((*CAST, FOUNDER), key=lambda one: one.login != "helen.marsh"):
            employee = self.employees[person.login]
            first = max(0, (employee.starts_on - timezone.localdate(self.begin)).days)
            for code in FUNCTIONS[person.function][1]:
                held = AccessGrant.objects.active().filter(employee=employee, entitlement=self.entitlements[code])
                if held.exists() and person is not FOUNDER:
                    continue
                self.give(
                    employee, code, at=self.day(first + 1 + self.chance.randrange(3), hour=10, minute=self.chance.randrange(60))
                )

    def give(self, employee: Employee, code: str, *, at: datetime, reason: str = "") -> AccessGrant | None:
        """Ask for an entitlement and have whoever may decide on it do so, as in life."""
        entitlement = self.entitlements[code]
        ends_at = None
        if entitlement.sensitive or employee.worker_type == WorkerType.CONTRACTOR:
            ends_at = self.now + timedelta(days=self.chance.randrange(40, 160))
        if employee.worker_type == WorkerType.CONTRACTOR:
            last = self._last_day_under_nda(employee)
            ends_at = min(ends_at or last, last)
        why = reason or f"needed for the work as {employee.job_function}"
        asked = request_grant(employee, entitlement, by=employee, reason=why, now=at, starts_at=at, ends_at=ends_at)
        later = at + timedelta(minutes=self.chance.randrange(20, 400))
        for decider in self._deciders(employee, entitlement):
            if asked.state != GrantState.REQUESTED:
                break
            try:
                with transaction.atomic():
                    asked = approve_grant(asked.pk, by=decider, now=later)
            except Refused:
                continue
            later += timedelta(minutes=self.chance.randrange(5, 200))
        return asked if asked.state == GrantState.APPROVED else None

    def _last_day_under_nda(self, employee: Employee) -> datetime:
        from privacy.access.policies import latest_end

        latest = latest_end(employee, at=self.day(max(0, (employee.starts_on - timezone.localdate(self.begin)).days) + 1))
        return latest or self.now + timedelta(days=30)

    def _deciders(self, employee: Employee, entitlement: Entitlement) -> list[Employee]:
        administrators = [self.employees["walt.brandt"], self.employees["ines.romero"]]
        candidates = [entitlement.owner, employee.manager and self.employees[employee.manager.login], *administrators]
        return [candidate for candidate in dict.fromkeys(candidates) if candidate is not None and candidate != employee]

    def _move_on(self) -> None:
        """HR's words reach the house by the roster; access ends within seconds of them."""
        events = [(day, login, None, why) for day, login, why in LEAVERS] + [(day, login, to, "") for day, login, to in MOVERS]
        for day, login, to, why in sorted(events):
            known_at = self.day(day, hour=11, minute=self.chance.randrange(60))
            now = known_at + timedelta(seconds=self.chance.uniform(0.4, 9))
            employee = self.employees[login]
            if to is None:
                end_employment(employee.pk, by=None, reason=why, now=now, known_at=known_at, source="roster")
            else:
                change_function(employee.pk, to=self.functions[to], by=None, now=now, known_at=known_at, source="roster")
                employee.refresh_from_db()
                for code in FUNCTIONS[to][1]:
                    if not AccessGrant.objects.active().filter(employee=employee, entitlement=self.entitlements[code]).exists():
                        self.give(employee, code, at=self.day(day + 1, hour=10))

    def _leave_loose_ends(self) -> None:
        """What waits today: a leaver, requests to decide, one refused, strangers at the door."""
        leaver = self.employees[LEAVES_TODAY]
        end_employment(leaver.pk, by=None, reason="resigned", now=self.now, known_at=self.now, source="roster")
        asks = (
            ("omar.haddad", "requests.work", "see the ticket that a bug report names"),
            ("mei.tanaka", "reveal.contact", "call winners of the spring contest"),
            ("wren.castle", "reveal.transaction", "answer where an order is"),
        )
        for number, (login, code, why) in enumerate(asks):
            employee, entitlement = self.employees[login], self.entitlements[code]
            ends_at = self.now + timedelta(days=60) if entitlement.sensitive else None
            request_grant(
                employee,
                entitlement,
                by=employee,
                reason=why,
                now=self.now - timedelta(days=number + 1, hours=2),
                ends_at=ends_at,
            )
        oscar = request_grant(
            self.employees["oscar.lund"],
            self.entitlements["customers.export"],
            by=self.employees["oscar.lund"],
            reason="I would like the whole list for a mailing",
            now=self.day(300),
            ends_at=self.now + timedelta(days=30),
        )
        deny_grant(
            oscar.pk,
            by=self.employees["ines.romero"],
            reason="mailings go through scrub_list; nobody needs the list",
            now=self.day(301),
        )
        tried = sorted(
            self.day(self.chance.randrange(250, YEAR), hour=self.chance.randrange(24), minute=self.chance.randrange(60))
            for _ in range(23)
        )
        for number, at in enumerate(tried):
            login = self.chance.choice(["admin", "root", "marcus.webb", "priya.nair", "test", "noel.bright"])
            record_denied(
                DeniedKind.SIGN_IN,
                now=at,
                login=login,
                employee=self.employees.get(login),
                address=f"203.0.113.{number + 1}",
                path="/accounts/login/",
            )

    @staticmethod
    def _email(person: Person) -> str:
        return f"{person.login}@lumens.example"


def secret_of(login: str, seed: int) -> str:
    """The authenticator secret (Base32) of an invented colleague. Real people's secrets are random and known to nobody."""
    return base64.b32encode(hashlib.sha256(f"lumens demonstration {seed} {login}".encode()).digest()[:20]).decode()
