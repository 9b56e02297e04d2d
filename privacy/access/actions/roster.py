"""The HR roster, a full snapshot: what it would change, and the verb that applies it (ACCESS.md, "Doors for HR events").

Rules. Rows that cannot be used are refused with their line and field; the others are applied, all in one transaction. Whoever
works here and is in no row has left, except people named in a refused row, and administrators made at the terminal whom HR never
listed. Where a refused row names nobody for sure, nobody is taken to have left for being absent. Whose last day has
passed leaves, whatever else is wrong with their row, which is refused all the same: their access ends now, their last day is the
one that HR names; a file of which no row can be used ends nobody's employment. A person who left comes back only with a start
after their last day, and without any of their old access.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from privacy.access import errors, policies
from privacy.access.actions.employment import bring_back, change_function, end_employments, schedule_leaving
from privacy.access.actions.review_handing_on import lock_asked_of
from privacy.access.actions.roster_codes import with_codes
from privacy.access.actions.roster_plan import Gone, RosterPlan, who_would_lose
from privacy.access.actions.roster_rows import (
    drop,
    impostor,
    is_over,
    not_a_return,
    starts_over,
    usable_together,
    without_managers_who_left,
)
from privacy.access.forms.roster import RefusedRow, RosterRow
from privacy.access.models import AccessGrant
from privacy.ledger.actions import act
from privacy.workforce import actions as workforce
from privacy.workforce.errors import AlreadyLeft
from privacy.workforce.models import Department, Employee, EmployeeQuerySet, JobFunction, WorkerType

SOURCE = "roster"
_ROSTER = 0x524F_5354  # an advisory lock of PostgreSQL
ABSENT = Gone("not in the roster any more")


def plan_roster(
    rows: Sequence[RosterRow], refused: Sequence[RefusedRow], *, now: datetime, create_missing: bool = False
) -> RosterPlan:
    """Compare a roster with who works here. No writes."""
    day = timezone.localdate(now)
    everyone = _by_key(Employee.objects.select_related("job_function", "department"))
    keys = {e.pk: key for key, e in everyone.items()}
    # Whoever leaves by their row leaves, whatever else it names: a department that was renamed keeps nobody's access.
    over = [row for row in rows if is_over(row, day)]
    known, unknown = with_codes([row for row in rows if not is_over(row, day)], create_missing=create_missing)
    rows = sorted([*known, *over], key=lambda row: row.line)
    plan = RosterPlan(refused=[*refused, *unknown])
    here = {key: e for key, e in everyone.items() if not e.has_left(at=now)}
    plan.working_here = len(here)
    usable = drop(plan, rows, lambda row: not_a_return(row, everyone, here, day))
    usable = drop(plan, usable, lambda row: starts_over(row, here, day))
    usable = drop(plan, usable, lambda row: impostor(row, everyone, {one.login for one in rows}))
    known_by_command = _listed_by_no_roster()
    _plan_absences(plan, here, {row.key for row in rows} | {row.key for row in plan.refused}, everyone, known_by_command)
    plan.leavers += [(here[row.key], _gone_since(row)) for row in refused if row.key in here and _says_who_left(row, here, day)]
    gone = {employee.pk for employee, _ in plan.leavers}
    staying = {key: e for key, e in here.items() if e.pk not in gone}
    usable = usable_together(plan, usable, everyone, staying, day)
    usable = without_managers_who_left(plan, usable, everyone, staying, day)
    for row in usable:
        _plan_row(plan, row, everyone.get(row.key), here, day, keys)
    plan.seen = [everyone[row.key] for row in usable if row.key in everyone and everyone[row.key].pk in known_by_command]
    plan.refused.sort(key=lambda row: row.line)
    plan.losing = who_would_lose(
        {employee.pk: row.job_function for employee, row in plan.movers},
        [e.pk for e, row, changed in plan.changes if "worker_type" in changed and row.worker_type == WorkerType.CONTRACTOR],
        now=now,
    )
    return plan


def _says_who_left(row: RefusedRow, here: dict[str, Employee], day: date) -> bool:
    """Whether a row that is refused names a leaver all the same: by a last day that has passed, and is not their first one."""
    return row.end_on is not None and here[row.key].starts_on < row.end_on < day


def _gone_since(row: RosterRow | RefusedRow) -> Gone:
    return Gone(f"last day was {row.end_on}", row.end_on)


def _listed_by_no_roster() -> set[int]:
    """Who was made at the terminal, and HR never told of (keys)."""
    made = Employee.objects.filter(employment_events__source="command")
    return set(made.exclude(employment_events__source=SOURCE).values_list("pk", flat=True))


def _plan_absences(
    plan: RosterPlan, here: dict[str, Employee], named: set[str], everyone: dict[str, Employee], unlisted: set[int]
) -> None:
    """Who is in no row has left. What is refused later is no login, and names whom it names."""
    plan.absences_ignored = any(row.is_unsure and row.key not in everyone for row in plan.refused)
    for key, employee in here.items():
        if key in named:
            continue
        if employee.pk in unlisted:
            plan.unlisted.append(employee)
        elif not plan.absences_ignored:
            plan.leavers.append((employee, ABSENT))


def _by_key(people: EmployeeQuerySet) -> dict[str, Employee]:
    return {e.login_key: e for e in people.annotate(login_key=Lower("login"))}  # type: ignore[attr-defined]


def _plan_row(
    plan: RosterPlan, row: RosterRow, employee: Employee | None, here: dict[str, Employee], day: date, keys: dict[int, str]
) -> None:
    over = is_over(row, day)
    if employee is None:
        if not over:
            plan.joiners.append(row)
        return
    if row.key not in here:
        if not over:
            plan.returners.append((employee, row))
        return
    if over:
        plan.leavers.append((employee, _gone_since(row)))
        return
    if employee.job_function is None or employee.job_function.code != row.job_function:
        plan.movers.append((employee, row))
    if employee.ends_on != row.end_on:
        plan.scheduled.append((employee, row.end_on))
    manager = keys.get(employee.manager_id or 0, "")
    changed = {
        name: (before, after)
        for name, before, after in (
            ("name", employee.name, row.name),
            ("email", employee.email, row.email),
            ("worker_type", employee.worker_type, row.worker_type),
            ("department", employee.department.code if employee.department is not None else "", row.department),
            ("manager", manager, row.manager_key),
            ("starts_on", employee.starts_on, row.start_on),
        )
        if before != after
    }
    if changed:
        plan.changes.append((employee, row, changed))


@contextmanager
def one_roster_at_a_time() -> Iterator[None]:
    """Plan and apply inside: of two feeds, the second is planned on what the first left. Raises RosterUnderWay.

    Else both could be planned just under the bound of mass changes, and together end more people than it lets through.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ROSTER])
            if not cursor.fetchone()[0]:
                raise errors.RosterUnderWay
        yield


def check_roster(plan: RosterPlan, *, by: Employee | None, now: datetime) -> None:
    """Raises MassChange unless a named person lets it through, MayNotImport where that person may not.

    by: None for the feed alone; else the person who lets a mass change through, who must hold privacy.import_roster just now.
    """
    if by is not None and not policies.may_now(by.pk, "privacy.import_roster", at=now):
        raise errors.MayNotImport(by)
    if plan.is_mass_change and by is None:
        raise errors.MassChange(len(plan.ending), len(plan.losing - plan.ending), plan.working_here, plan.bound)


def apply_roster(plan: RosterPlan, *, by: Employee | None, now: datetime, known_at: datetime) -> list[AccessGrant]:
    """Apply a plan in one transaction; returns the grants that ended. Raises what check_roster raises.

    by: None for the feed alone; else the person who lets a mass change through.
    """
    ended: list[AccessGrant] = []
    with act("import_roster", by=by, leavers=len(plan.leavers), refused=len(plan.refused)), workforce.addresses_together(now=now):
        check_roster(plan, by=by, now=now)
        _lock(plan)
        for employee in plan.seen:
            workforce.seen_in_roster(employee, now=now)
        # Each change is the feed's; who let it through is named by the act around them, even where it ends that very person.
        feed = None
        for why in sorted({why for _, why in plan.leavers}, key=lambda why: why.reason):
            gone = [employee.pk for employee, one in plan.leavers if one == why]
            ended += end_employments(
                gone, by=feed, reason=why.reason, now=now, source=SOURCE, known_at=known_at, last_day=why.last_day
            )
        codes = _Codes(feed)
        made: dict[str, Employee] = {}
        for row in plan.joiners:
            made[row.key] = workforce.hire(
                login=row.login,
                name=row.name,
                email=row.email,
                worker_type=row.worker_type,
                job_function=codes.function(row),
                department=codes.department(row),
                starts_on=row.start_on,
                ends_on=row.end_on,
                by=feed,
                now=now,
                source=SOURCE,
            )
        for employee, row in plan.returners:
            bring_back(employee.pk, starts_on=row.start_on, ends_on=row.end_on, by=feed, now=now, source=SOURCE)
            made[row.key] = employee
            workforce.change_details(
                employee.pk,
                by=feed,
                now=now,
                source=SOURCE,
                name=row.name,
                email=row.email,
                worker_type=row.worker_type,
                department=codes.department(row),
            )
            to = codes.function(row)
            ended += change_function(employee.pk, to=to, by=feed, now=now, source=SOURCE, known_at=known_at)
        for employee, row in plan.movers:
            to = codes.function(row)
            ended += change_function(employee.pk, to=to, by=feed, now=now, source=SOURCE, known_at=known_at)
        starts = {employee.pk: row.start_on for employee, row, changed in plan.changes if "starts_on" in changed}
        for employee, last_day in plan.scheduled:
            start_on = starts.get(employee.pk)
            if start_on is not None and (employee.ends_on is None or start_on <= employee.ends_on):
                # Nobody ends before they start: the first day goes first, unless it lies behind the old last one.
                workforce.change_details(employee.pk, by=feed, now=now, source=SOURCE, starts_on=start_on)
            with suppress(AlreadyLeft):  # by another door, since the plan was made: there is no last day to set any more
                schedule_leaving(employee.pk, last_day=last_day, by=feed, now=now, source=SOURCE, reason="by the roster")
        _apply_details(plan, made, codes, by=feed, now=now)
    return ended


def _lock(plan: RosterPlan) -> None:
    """Everybody whom this changes, in the order of their keys, then what its leavers are asked in reviews: as every verb locks.

    One after the other, whoever answers about somebody who moves would hold them, and wait for an item that the leavers hold.
    """
    leavers = [employee.pk for employee, _ in plan.leavers]
    changed = [*plan.returners, *plan.movers, *plan.scheduled]
    people = {*leavers, *(one[0].pk for one in changed), *(employee.pk for employee, _, _ in plan.changes)}
    list(Employee.objects.filter(pk__in=people).select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    lock_asked_of(leavers)


def _apply_details(plan: RosterPlan, made: dict[str, Employee], codes: "_Codes", *, by: Employee | None, now: datetime) -> None:
    people = _by_key(Employee.objects.all())
    newcomers = [(made[row.key], row) for row in plan.joiners] + plan.returners
    for employee, row in newcomers:
        manager = people.get(row.manager_key) if row.manager_login else None
        workforce.change_details(employee.pk, by=by, now=now, source=SOURCE, manager=manager)
    for employee, row, changed in plan.changes:
        details: dict[str, Any] = {name: after for name, (_, after) in changed.items() if name not in ("department", "manager")}
        if "department" in changed:
            details["department"] = codes.department(row)
        if "manager" in changed:
            # Without one (`without_managers_who_left`), requests wait for the security administrators.
            details["manager"] = people.get(row.manager_key) if row.manager_login else None
        workforce.change_details(employee.pk, by=by, now=now, source=SOURCE, **details)


class _Codes:
    """Functions and departments by code; those that --create-missing lets through are made here."""

    def __init__(self, by: Employee | None) -> None:
        self._by = by
        self._functions = {function.code: function for function in JobFunction.objects.all()}
        self._departments = {department.code: department for department in Department.objects.all()}

    def function(self, row: RosterRow) -> JobFunction:
        code = row.job_function
        if code not in self._functions:
            name = row.function_called if row.function_called != code else ""
            self._functions[code] = workforce.add_function(code, by=self._by, name=name)
        return self._functions[code]

    def department(self, row: RosterRow) -> Department | None:
        code = row.department
        if code and code not in self._departments:
            name = row.department_called if row.department_called != code else ""
            self._departments[code] = workforce.add_department(code, by=self._by, name=name)
        return self._departments.get(code)
