"""Which rows of a roster can be applied, and for each of the others its field and what is wrong with it. No writes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone

from customers.canonical import looks_like
from privacy.access.actions.roster_plan import RosterPlan
from privacy.access.forms.roster import RefusedRow, RosterRow
from privacy.workforce.models import Employee
from privacy.workforce.queries import address_keys


def drop(plan: RosterPlan, rows: Iterable[RosterRow], problem: Any) -> list[RosterRow]:
    """The rows without a problem; the others are refused in the plan. problem: gives (field, what is wrong), or None."""
    kept = []
    for row in rows:
        found = problem(row)
        if found:
            # A login that is wrong may be meant for somebody who works here: nobody is absent because of it.
            plan.refused.append(RefusedRow(row.line, row.login, found[0], found[1], is_unsure=found[0] == "login", key=row.key))
        else:
            kept.append(row)
    return kept


def is_over(row: RosterRow, day: date) -> bool:
    """Whether the last day of this row has passed: it names a leaver."""
    return row.end_on is not None and row.end_on < day


def not_a_return(row: RosterRow, everyone: dict[str, Employee], here: dict[str, Employee], day: date) -> tuple[str, str] | None:
    """Somebody who left, with a start that is not after their last day; when we heard of that day is no matter."""
    gone = everyone.get(row.key) if row.key not in here else None
    if gone is None or is_over(row, day):
        return None
    # Whoever left before they began has a last day that is still to come (`employment_ends_after_it_starts`).
    ended_on = timezone.localdate(gone.left_at) if gone.left_at else None
    left_on = min(filter(None, [gone.ends_on, ended_on]), default=None)
    if left_on is not None and row.start_on <= left_on:
        return "start_on", f"left on {left_on}; whoever comes back has a start_on after that day"
    return None


def starts_over(row: RosterRow, here: dict[str, Employee], day: date) -> tuple[str, str] | None:
    """Somebody who works here, with a start that is still to come."""
    employee = here.get(row.key)
    if employee is not None and employee.starts_on <= day < row.start_on:
        return "start_on", f"works here since {employee.starts_on}; a start in the future would be a second beginning"
    return None


def impostor(row: RosterRow, everyone: dict[str, Employee], logins: set[str]) -> tuple[str, str] | None:
    """Somebody new whose login reads like another person's: approvers and reviewers would take one for the other."""
    seen = looks_like(row.login)
    if seen == row.login or row.key in everyone:
        return None
    others = {e.login for e in everyone.values()} | logins - {row.login}
    other = next((login for login in sorted(others) if looks_like(login).lower() == seen.lower()), None)
    return ("login", f"“{row.login}” only looks like “{other}”: it holds letters of another script") if other else None


def without_managers_who_left(
    plan: RosterPlan, rows: list[RosterRow], everyone: dict[str, Employee], staying: dict[str, Employee], day: date
) -> list[RosterRow]:
    """The rows without a manager who has left, or leaves by this file, and is not theirs already; each such row is told.

    Nobody who left is anybody's new manager; who has a manager that leaves keeps them until HR names another. staying: as in
    usable_together.
    """
    over = {row.key for row in rows if is_over(row, day)}
    there = (set(staying) | {row.key for row in rows}) - over
    keys = {e.pk: key for key, e in everyone.items()}
    kept = []
    for row in rows:
        employee = everyone.get(row.key)
        is_theirs = employee is not None and keys.get(employee.manager_id or 0) == row.manager_key
        if row.manager_login and row.manager_key not in there and not is_theirs and row.key not in over:
            plan.managers_who_left.append(row)
            kept.append(replace(row, manager_login="", manager_key=""))
        else:
            kept.append(row)
    return kept


def usable_together(
    plan: RosterPlan, rows: list[RosterRow], everyone: dict[str, Employee], staying: dict[str, Employee], day: date
) -> list[RosterRow]:
    """Refuse rows that do not fit the others. Again until none is left: whoever is refused keeps an address, and manages nobody.

    staying: who works here and is not absent from the file, nor leaves by a row that is refused.
    """
    while True:
        kept = _without_bad_managers(plan, _without_taken_addresses(plan, rows, staying, day), everyone, staying, day)
        if len(kept) == len(rows):
            return kept
        rows = kept


def _without_taken_addresses(plan: RosterPlan, rows: list[RosterRow], staying: dict[str, Employee], day: date) -> list[RosterRow]:
    """One address is one person's, as workforce.actions.addresses has it; said here by line, for all together."""
    keys = address_keys([row.email for row in rows] + [e.email for e in staying.values()])
    leaving = {row.key for row in rows if is_over(row, day)}
    times = Counter(keys[row.email] for row in rows if row.key not in leaving)
    ours = {row.key for row in rows}
    others = {keys[e.email]: e.login for key, e in staying.items() if key not in ours}

    def problem(row: RosterRow) -> tuple[str, str] | None:
        known, key = staying.get(row.key), keys[row.email]
        if not row.email or row.key in leaving or (known is not None and keys[known.email] == key):
            return None
        if times[key] > 1:
            return "email", f"“{row.email}” is another person's in this file, too"
        return ("email", f"“{row.email}” is the address of {others[key]}, who works here") if key in others else None

    return drop(plan, rows, problem)


def _without_bad_managers(
    plan: RosterPlan, rows: list[RosterRow], everyone: dict[str, Employee], staying: dict[str, Employee], day: date
) -> list[RosterRow]:
    """Refuse rows whose manager nobody knows, and rows that would be managed in a circle; again until none is left.

    Who leaves by their row leaves, whoever it names.
    """
    while True:
        known = {row.key for row in rows} | set(everyone)
        keys = {e.pk: key for key, e in everyone.items()}
        manager_of = {key: keys.get(e.manager_id or 0, "") for key, e in staying.items()}  # who leaves is in no circle
        manager_of |= {row.key: "" if is_over(row, day) else row.manager_key for row in rows}

        def problem(row: RosterRow, known: set[str] = known, manager_of: dict[str, str] = manager_of) -> tuple[str, str] | None:
            if is_over(row, day):
                return None
            if row.manager_login and row.manager_key not in known:
                return "manager_login", f"“{row.manager_login}” is nobody's login"
            if row.manager_key == row.key:
                return "manager_login", "nobody is their own manager"
            above, step = row.key, 0
            while above and step <= len(manager_of):
                above, step = manager_of.get(above, ""), step + 1
                if above == row.key:
                    return "manager_login", "managed in a circle"
            return None

        kept = drop(plan, rows, problem)
        if len(kept) == len(rows):
            return kept
        rows = kept
