"""Verbs about people who work here. What their coming and going means for their access is the access room's to say."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from customers.cards import is_called_like_a_card
from customers.instants import end_of, start_of
from privacy.ledger.actions import act, check_still_allowed, unless_taken
from privacy.workforce import errors
from privacy.workforce.actions.addresses import check_address
from privacy.workforce.models import Department, Employee, EmploymentEvent, HrEvent, JobFunction
from privacy.workforce.queries import imitated_by, last_day_before, values_before

DETAILS = frozenset({"name", "email", "worker_type", "department", "manager", "starts_on", "ends_on"})


def set_password(employee: Employee, password: str, *, shortest: int, by: Employee | None) -> None:
    """Set a password that the validators accepted; remembers the rule (`shortest`, characters) it was set under.

    Source: statement E.1. Other sessions of this person end, because the password is part of the session's hash.
    """
    with act("set_password", by=by):
        employee.set_password(password)
        employee.password_rule = shortest
        employee.save(update_fields=["password", "password_rule"])


ENDS_SESSIONS = ("privacy.revoke_grants", "privacy.administer_access")


def end_every_session(employee_id: int, *, by: Employee, reason: str) -> None:
    """End every session of a person now, and what they are downloading; they may sign in again. Raises NoLongerAllowed.

    Source: ASVS 7.4.5. The cookies of those sessions stay dead, because the epoch is part of a session's hash.
    """
    with act("end_every_session", by=by, reason=reason, employee=employee_id):
        check_still_allowed(by, *ENDS_SESSIONS)
        Employee.objects.filter(pk=employee_id).update(session_epoch=F("session_epoch") + 1)


def forget_sessions(employee_id: int, *, by: Employee | None, reason: str) -> None:
    """What this person was signed in with before counts no more; they sign in anew. For rooms in which a right begins anew."""
    with act("forget_sessions", by=by, reason=reason, employee=employee_id):
        Employee.objects.filter(pk=employee_id).update(session_epoch=F("session_epoch") + 1)


HIRES = ("privacy.manage_people", "privacy.administer_access", "privacy.import_roster")


def hire(*, login: str, name: str, starts_on: date, by: Employee | None, now: datetime, source: str, **details: Any) -> Employee:
    """Make the account of somebody who works here, without password and access.

    Raises LoginTaken, LoginImitates, AddressTaken, CardNumberGiven, NoLongerAllowed.
    """
    with act("hire", by=by, source=source):
        check_still_allowed(by, *HIRES)
        login = _login_of_ones_own(login)
        _refuse_card_numbers(name=name, email=details.get("email", ""))
        employee = Employee(login=login, name=name, starts_on=starts_on, **details)
        employee.set_unusable_password()
        with unless_taken(errors.LoginTaken(login)):
            employee.save(force_insert=True)
        _tell(employee, HrEvent.JOINED, by=by, now=now, source=source, effective_at=max(now, start_of(starts_on)))
        check_address(employee.pk, now=now)
        return employee


def change_details(employee_id: int, *, by: Employee | None, now: datetime, source: str, **details: Any) -> list[str]:
    """Change what HR knows about a person, save the job function and the leaving; returns the names of what did change.

    Raises AddressTaken, CardNumberGiven.
    """
    unknown = set(details) - DETAILS
    if unknown:
        raise TypeError(f"not details of an employee: {', '.join(sorted(unknown))}")
    with act("change_details", by=by, source=source):
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
        changed = [name for name, value in details.items() if getattr(employee, name) != value]
        _refuse_card_numbers(**{name: details[name] for name in ("name", "email") if name in changed})
        for name in changed:
            setattr(employee, name, details[name])
        if changed:
            employee.save(update_fields=changed)
        if "email" in changed:
            check_address(employee_id, now=now)
        return changed


def change_login(employee_id: int, *, login: str, by: Employee | None, source: str) -> bool:
    """Give a person another login; False where it is theirs already, letter by letter.

    Sessions go on: it is the same person. Call it through access.actions, which remembers what accounts elsewhere are called.
    Raises LoginTaken, LoginImitates, CardNumberGiven.
    """
    with act("change_login", by=by, source=source):
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
        if employee.login == login:
            return False
        login = _login_of_ones_own(login, of=employee_id)
        if Employee.objects.called(login).exclude(pk=employee_id).exists():
            raise errors.LoginTaken(login)
        employee.login = login
        employee.save(update_fields=["login"])
        return True


def _login_of_ones_own(login: str, *, of: int | None = None) -> str:
    """The login in one form of its accents. Raises LoginImitates where people would read it as another one, CardNumberGiven."""
    _refuse_card_numbers(login=login)
    login = unicodedata.normalize("NFC", login)
    if unicodedata.normalize("NFKC", login) != login:
        raise errors.LoginImitates(login)
    if other := imitated_by(login, besides=of):
        raise errors.LoginImitates(login, other)
    return login


def _refuse_card_numbers(**given: str) -> None:
    """Raises CardNumberGiven: the ledger keeps what is written here, and nothing is taken back from it (A1-transaction)."""
    for what, text in given.items():
        if is_called_like_a_card(text):
            raise errors.CardNumberGiven({"email": "e-mail address"}.get(what, what))


def record_left(
    employees: Sequence[int],
    *,
    by: Employee | None,
    now: datetime,
    known_at: datetime,
    source: str,
    reason: str,
    last_day: date | None = None,
) -> dict[int, EmploymentEvent]:
    """End the employment of these people (keys) now; sessions end with it (trigger). Whoever was ended already stays so.

    last_day: the one that HR names, where it has passed; it ends nothing sooner. None: today, or the one agreed before, whichever
    comes first. Returns the HR event of each who left by this, by key. Call it through access.actions.end_employment.
    """
    with act("record_left", by=by, reason=reason, source=source):
        locked = Employee.objects.filter(pk__in=employees).select_for_update(no_key=True).order_by("pk")
        # Also at an instant after `now`: another door was quicker while this one waited for the lock.
        leaving = [employee for employee in locked if employee.left_at is None]
        today = timezone.localdate(now)
        day = Value(min(last_day or today, today))
        ends_on = Greatest(F("starts_on"), Least(day, Coalesce(F("ends_on"), day)))
        Employee.objects.filter(pk__in=[employee.pk for employee in leaving]).update(left_at=now, ends_on=ends_on)
        told = [
            EmploymentEvent(
                employee=employee, kind=HrEvent.LEFT, known_at=known_at, effective_at=known_at, source=source, by=by, note=reason
            )
            for employee in leaving
        ]
        return {event.employee_id: event for event in EmploymentEvent.objects.bulk_create(told, batch_size=1_000)}


def schedule_leaving(
    employee_id: int, *, last_day: date | None, by: Employee | None, now: datetime, source: str, reason: str = ""
) -> EmploymentEvent | None:
    """Set the last day of employment; from the instant after it, nothing of this person's access is in force. None takes it back.

    Returns the HR event, or None where the last day is what it was. What was told before and has not come does not stand any more
    (EmploymentEvent.standing). Raises AlreadyLeft, LastDayPassed.
    """
    with act("schedule_leaving", by=by, reason=reason, source=source):
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
        if employee.left_at is not None or (not employee.is_employed(at=now) and employee.starts_on <= timezone.localdate(now)):
            raise errors.AlreadyLeft(employee)
        if last_day is not None and last_day < max(employee.starts_on, timezone.localdate(now)):
            raise errors.LastDayPassed
        if employee.ends_on == last_day:
            return None
        employee.ends_on = last_day
        employee.save(update_fields=["ends_on"])
        if last_day is None:
            return _tell(employee, HrEvent.STAYS, by=by, now=now, source=source, effective_at=now, note=reason)
        after = end_of(last_day)
        return _tell(employee, HrEvent.LEFT, by=by, now=now, source=source, effective_at=after, note=reason)


def record_function_change(
    employee_id: int, *, to: JobFunction | None, by: Employee | None, now: datetime, known_at: datetime, source: str
) -> EmploymentEvent | None:
    """Give a person another job function; None where they have it already. Call it through access.actions.change_function."""
    with act("record_function_change", by=by, source=source):
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
        if employee.job_function_id == getattr(to, "pk", None):
            return None
        note = f"{employee.job_function or 'no function'} → {to or 'no function'}"
        employee.job_function = to
        employee.save(update_fields=["job_function"])
        return _tell(employee, HrEvent.CHANGED_FUNCTION, by=by, now=known_at, source=source, effective_at=known_at, note=note)


def record_return(
    employee_id: int, *, starts_on: date, ends_on: date | None, by: Employee | None, now: datetime, source: str, reason: str = ""
) -> EmploymentEvent:
    """Let somebody who left work here again. Old cookies stay dead, and no grant comes back. Raises StillHere, AddressTaken."""
    with act("record_return", by=by, reason=reason, source=source):
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
        day = timezone.localdate(now)
        if employee.left_at is None and (employee.ends_on is None or employee.ends_on >= day):
            raise errors.StillHere(employee)
        employee.left_at, employee.starts_on, employee.ends_on = None, starts_on, ends_on
        employee.save(update_fields=["left_at", "starts_on", "ends_on"])
        check_address(employee_id, now=now)
        effective_at = max(now, start_of(starts_on))
        return _tell(employee, HrEvent.RETURNED, by=by, now=now, source=source, effective_at=effective_at, note=reason)


def undo_leaving(
    employee_id: int, leaving: EmploymentEvent, *, by: Employee, now: datetime, source: str, reason: str
) -> EmploymentEvent:
    """They did not leave after all: the last day is what it was before HR told that leaving, as the ledger has it, also where it
    has passed by now: then they left on that day.

    Raises StillHere, AddressTaken.
    """
    with act("undo_leaving", by=by, reason=reason, source=source):
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
        if employee.is_employed(at=now):
            raise errors.StillHere(employee)
        employee.left_at, employee.ends_on = None, last_day_before(leaving)
        employee.save(update_fields=["left_at", "ends_on"])
        check_address(employee_id, now=now)
        back = _tell(employee, HrEvent.RETURNED, by=by, now=now, source=source, effective_at=now, note=f"a mistake: {reason}")
        if employee.ends_on is not None and (after := end_of(employee.ends_on)) > now:
            # Their coming back overtakes what was told before it, and this day stands: it is told anew, so that it ends in time.
            _tell(employee, HrEvent.LEFT, by=by, now=now, source=source, effective_at=after, note="the last day of before")
        return back


def undo_function_change(employee_id: int, *, by: Employee, now: datetime, source: str, reason: str) -> EmploymentEvent | None:
    """They did not change function after all: the one before, as the ledger has it. None where there was none before."""
    with act("undo_function_change", by=by, reason=reason, source=source):
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
        before_id = values_before(employee, "job_function_id").get("job_function_id")
        before = JobFunction.objects.filter(pk=before_id).first() if before_id else None
        return record_function_change(employee_id, to=before, by=by, now=now, known_at=now, source=source)


def add_function(code: str, *, by: Employee | None, name: str = "") -> JobFunction:
    """Make a job function; it justifies nothing until somebody says so. Raises CardNumberGiven."""
    with act("add_function", by=by):
        _refuse_card_numbers(code=code, name=name)
        return JobFunction.objects.create(code=code, name=name or code.replace("-", " ").capitalize())


def add_department(code: str, *, by: Employee | None, name: str = "") -> Department:
    """Make a department. Raises CardNumberGiven."""
    with act("add_department", by=by):
        _refuse_card_numbers(code=code, name=name)
        return Department.objects.create(code=code, name=name or code.replace("-", " ").capitalize())


def seen_in_roster(employee: Employee, *, now: datetime) -> None:
    """Write down that HR knows a person whom a command made here; from now on a roster without them means that they left."""
    if not employee.employment_events.filter(source="roster").exists():
        with act("seen_in_roster", by=None, source="roster"):
            _tell(employee, HrEvent.JOINED, by=None, now=now, source="roster", effective_at=now, note="first seen in the roster")


def _tell(
    employee: Employee,
    kind: HrEvent,
    *,
    by: Employee | None,
    now: datetime,
    source: str,
    effective_at: datetime,
    note: str = "",
) -> EmploymentEvent:
    return EmploymentEvent.objects.create(
        employee=employee, kind=kind, known_at=now, effective_at=effective_at, source=source, by=by, note=note
    )
