"""What identity providers tell us about people: each word becomes the HR event that it means (ACCESS.md, "Doors for HR events").

Leaving wins: whoever left while a request to bring them back was on its way stays gone. No grant ever comes back by itself.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from privacy.access import errors
from privacy.access.actions.employment import bring_back, change_function, end_employment
from privacy.access.actions.ending import lock_holder
from privacy.access.actions.scim_meant import department_of, function_of, manager_of
from privacy.access.actions.scim_words import (
    ENTERPRISE,
    Resource,
    Said,
    facts_of,
    is_somebody_else,
    said_in,
    say_facts,
    without_card_numbers,
)
from privacy.access.models import AccessGrant, ScimClient, ScimMember, ScimUser, SystemAccount
from privacy.access.queries.scim import live_users, people_behind
from privacy.ledger.actions import act
from privacy.workforce import actions as workforce
from privacy.workforce.models import Employee, WorkerType

SOURCE = "scim"


def catch_up(*, now: datetime) -> int:
    """Bring what identity providers see up to what this house knows: people they never told us of, changes by other doors.

    Returns how many users that changed; usually none, at the cost of one query.
    """
    behind = people_behind(now=now)
    if not behind:
        return 0
    with act("catch_up_scim", by=None, source=SOURCE):
        # A row that somebody else is writing just now is left to them: they say what is known.
        behind_rows = live_users().filter(pk__in=[pk for pk, _ in behind if pk is not None]).order_by("pk")
        rows = list(behind_rows.select_for_update(skip_locked=True))
        people = Employee.objects.select_related("job_function", "department").in_bulk([pk for _, pk in behind])
        uids = dict(live_users().values_list("employee_id", "uid"))
        missing = []
        for user_id, employee_id in behind:
            if user_id is None:
                person = people[employee_id]
                missing.append(
                    ScimUser(employee=person, user_name=person.login, told={}, version=0, created_at=now, changed_at=now)
                )
                uids[employee_id] = missing[-1].uid
        for row in [*rows, *missing]:
            person = people[row.employee_id]
            _say_what_is(row, person, now=now, manager_uid=str(uids.get(person.manager_id) or ""))
        ScimUser.objects.bulk_create(missing, batch_size=1000, ignore_conflicts=True)
        ScimUser.objects.bulk_update(rows, ["user_name", "told", "version", "changed_at"], batch_size=1000)
    return len(behind)


def current_user(uid: str, *, now: datetime) -> ScimUser:
    """The user as it is now; brought up to what this house knows first, where it is behind. Raises NoSuchUser."""
    found = live_users().select_related("employee").filter(uid=uid).first()
    if found is not None and not _says_what_is(found, now=now):
        catch_up(now=now)
        found = live_users().filter(uid=uid).first()
    if found is None:
        raise errors.NoSuchUser
    return found


def _says_what_is(row: ScimUser, *, now: datetime) -> bool:
    said: bool = row.told.get("facts") == facts_of(row.employee, active=not row.employee.has_left(at=now))
    return said


def _say_what_is(row: ScimUser, person: Employee, *, now: datetime, manager_uid: str) -> None:
    active = not person.has_left(at=now)
    facts, known = facts_of(person, active=active), row.told.get("facts", {})
    changed = {name for name, value in facts.items() if name not in known or known[name] != value}
    if not changed:
        return
    resource = say_facts(row.told.get("resource", {}), person, changed, active=active, manager_uid=manager_uid)
    row.told = {**row.told, "resource": resource, "facts": facts}
    row.user_name, row.version, row.changed_at = person.login, row.version + 1, now


def lock_person(uid: str) -> None:
    """Wait for everybody who is changing this person; only then is "now" an instant that comes after what they did."""
    found = live_users().filter(uid=uid).only("employee_id").first()
    if found is not None:
        lock_holder(found.employee_id)


def lock_login(login: str, *, at: datetime) -> bool | None:
    """The same by login. Returns whether that person was known to have left, at that instant, before the wait; None: nobody."""
    known = Employee.objects.called(login).first()
    if known is None:
        return None
    had_left = known.has_left(at=at)
    lock_holder(known.pk)
    return had_left


def add_user(
    resource: Resource, *, client: ScimClient, received_at: datetime, now: datetime, had_left: bool | None = None
) -> ScimUser:
    """An identity provider tells us of somebody: hired, or come back where the login is that of the same person who left.

    had_left: what lock_login said. Raises UserNameTaken, SomebodyElse, LeftSince, ToldOtherwise. Nobody gets access by this.
    """
    with act("add_scim_user", by=None, client=client.pk, source=SOURCE), workforce.addresses_together(now=now):
        said = said_in(resource)
        known = Employee.objects.called(said.user_name).first()
        if known is None:
            employee = workforce.hire(
                login=said.user_name,
                name=said.name,
                email=said.email or "",
                worker_type=said.worker_type or WorkerType.EMPLOYEE,
                job_function=function_of(said.title) if said.title else None,
                department=department_of(said.department),
                starts_on=timezone.localdate(now),
                by=None,
                now=received_at,
                source=SOURCE,
            )
            before = replace(said, manager=None)
        else:
            employee, before = lock_holder(known.pk), Said()
            _check_free(employee, resource, now=now)
            if said.active is not False:
                _check_not_overtaken(employee, received_at=received_at, had_left=had_left)
                _bring_back(employee, client=client, received_at=received_at, now=now)
        _apply(employee, before, said, client=client, received_at=received_at, now=now)
        row = ScimUser(employee=employee, told_by=client, version=0, created_at=now)
        _write(row, said, resource, client=client, now=now)
        return row


def _check_free(employee: Employee, resource: Resource, *, now: datetime) -> None:
    """Whether a login that exists may be told anew: only when its person left and was deleted."""
    last = employee.scim_users.order_by("-pk").first()  # type: ignore[attr-defined]
    if last is None or last.deleted_at is None or not employee.has_left(at=now):
        raise errors.UserNameTaken
    if is_somebody_else(last.told.get("resource", {}), resource):
        raise errors.SomebodyElse


def change_user(
    uid: str,
    resource: Resource,
    *,
    client: ScimClient,
    received_at: datetime,
    now: datetime,
    had_left: bool | None = None,
    version: int | None = None,
    extra: Resource | None = None,
) -> ScimUser:
    """An identity provider tells us how somebody is now; what differs from before becomes the HR events that it means.

    had_left: whether the person was known to have left when the request reached us (None: not known). version: refuse if it is
    not this one any more. extra: attributes of the enterprise extension that we have no use for; kept beside.
    Raises NoSuchUser, Outdated, UserNameTaken, LeftSince, ToldOtherwise.
    """
    with act("change_scim_user", by=None, client=client.pk, source=SOURCE), workforce.addresses_together(now=now):
        row = lock_user(uid, now=now)
        if version is not None and row.version != version:
            raise errors.Outdated
        employee = row.employee
        before, said = said_in(row.told["resource"]), said_in(resource)
        works = not employee.has_left(at=now)
        if said.active is True and not works:
            _check_not_overtaken(employee, received_at=received_at, had_left=had_left)
            _bring_back(employee, client=client, received_at=received_at, now=now)
        if said.active is False:
            row.told["ended_word"] = received_at.isoformat()
        if said.user_name != row.user_name:
            _rename(employee, said.user_name)
        _apply(employee, before, said, client=client, received_at=received_at, now=now)
        if extra:
            row.told["extra"] = {**row.told.get("extra", {}), **extra}
        _write(row, said, resource, client=client, now=now)
        return row


def remove_user(uid: str, *, client: ScimClient, received_at: datetime, now: datetime, version: int | None = None) -> None:
    """An identity provider deletes somebody: they have left, and it sees them no more. Raises NoSuchUser, Outdated."""
    with act("remove_scim_user", by=None, client=client.pk, source=SOURCE):
        row = lock_user(uid, now=now)
        if version is not None and row.version != version:
            raise errors.Outdated
        _end(row.employee, client=client, received_at=received_at, now=now, how="deleted")
        for report in live_users().filter(employee__manager=row.employee).select_for_update(of=("self",)):
            enterprise = {k: v for k, v in report.told["resource"].get(ENTERPRISE, {}).items() if k != "manager"}
            report.told["resource"][ENTERPRISE] = enterprise
            report.version, report.changed_at = report.version + 1, now
            report.save(update_fields=["told", "version", "changed_at"])
        ScimMember.objects.filter(user=row).delete()
        row.told["ended_word"] = received_at.isoformat()
        row.deleted_at = row.changed_at = now
        row.told_by, row.version = client, row.version + 1
        row.save(update_fields=["told", "told_by", "version", "changed_at", "deleted_at"])


def lock_user(uid: str, *, now: datetime) -> ScimUser:
    """The user, locked behind the person, and saying what this house knows of them now. Raises NoSuchUser."""
    found = live_users().filter(uid=uid).only("employee_id").first()
    if found is None:
        raise errors.NoSuchUser
    employee = lock_holder(found.employee_id)
    row = live_users().select_for_update().filter(pk=found.pk).first()
    if row is None:
        raise errors.NoSuchUser
    row.employee = employee
    if not _says_what_is(row, now=now):
        manager = live_users().filter(employee=employee.manager_id).first() if employee.manager_id else None
        _say_what_is(row, employee, now=now, manager_uid=str(manager.uid) if manager else "")
        row.save(update_fields=["user_name", "told", "version", "changed_at"])
    return row


def _check_not_overtaken(employee: Employee, *, received_at: datetime, had_left: bool | None) -> None:
    """Leaving wins over a word to the contrary that had reached us before (ACCESS.md; issue 3, "leaver wins")."""
    words = employee.scim_users.values_list("told__ended_word", flat=True)  # type: ignore[attr-defined]
    ended = [datetime.fromisoformat(word) for word in words if word]
    if employee.left_at is not None:
        ended.append(employee.left_at)
    if had_left is False or any(received_at <= instant for instant in ended):
        raise errors.LeftSince


def _bring_back(employee: Employee, *, client: ScimClient, received_at: datetime, now: datetime) -> None:
    reason = f"told by {client} (SCIM)"
    day = timezone.localdate(now)
    bring_back(employee.pk, starts_on=day, ends_on=None, by=None, now=received_at, source=SOURCE, reason=reason)
    employee.refresh_from_db()


def _end(employee: Employee, *, client: ScimClient, received_at: datetime, now: datetime, how: str) -> None:
    """End employment, unless it was ended already. Each end names the client that told us of it, in the ledger too."""
    if employee.left_at is None or employee.left_at > now:
        reason = f"{how} by {client} (SCIM)"
        end_employment(employee.pk, by=None, reason=reason, now=now, source=SOURCE, known_at=received_at)
        employee.refresh_from_db()


def _apply(employee: Employee, before: Said, said: Said, *, client: ScimClient, received_at: datetime, now: datetime) -> None:
    """Turn what is said now and was not before into verbs. A word that somebody left is never held up by its other words."""
    leaving = said.active is False
    details: dict[str, Any] = {}
    if said.name != before.name:
        details["name"] = said.name
    if said.email != before.email:
        details["email"] = said.email or ""
    if said.worker_type and said.worker_type != before.worker_type:
        details["worker_type"] = said.worker_type
    if said.department != before.department:
        details["department"] = department_of(said.department)
    if said.manager != before.manager and not leaving:
        known, manager = manager_of(employee, said.manager)
        if known:
            details["manager"] = manager
    if details:
        workforce.change_details(employee.pk, by=None, now=now, source=SOURCE, **details)
    if leaving and not employee.has_left(at=now):  # before the function, which would end first what the leaving ends
        _end(employee, client=client, received_at=received_at, now=now, how="deactivated")
    if said.title and said.title != before.title:
        to = function_of(said.title)
        if to is not None and to.pk != employee.job_function_id:
            change_function(employee.pk, to=to, by=None, now=now, source=SOURCE, known_at=received_at)
    employee.refresh_from_db()


def _write(row: ScimUser, said: Said, resource: Resource, *, client: ScimClient, now: datetime) -> None:
    """Remember the resource as it was told. One that says nothing new keeps its version."""
    active = not row.employee.has_left(at=now)
    if row.pk is None and said.active is None:
        resource = {**resource, "active": active}
    resource, extra = without_card_numbers(resource), without_card_numbers(row.told.get("extra", {}))
    new = {"resource": resource, "facts": facts_of(row.employee, active=active), "extra": extra}
    kept = ScimUser.objects.filter(pk=row.pk).values_list("told", flat=True).first() if row.pk else None
    if kept is None or {**kept, **new} != kept:
        row.version, row.changed_at, row.told_by = row.version + 1, now, client
    row.told = {**row.told, **new}
    row.user_name, row.external_id = said.user_name, said.external_id
    row.save()


def _rename(employee: Employee, login: str) -> None:
    """Another login for the same person. What accounts elsewhere are called stays known, so that they are found to be removed."""
    grants = AccessGrant.objects.filter(employee=employee).exclude(entitlement__system__kind="here")
    for system in set(grants.values_list("entitlement__system", flat=True)):
        SystemAccount.objects.get_or_create(system_id=system, employee=employee, defaults={"name": employee.login})
    workforce.change_login(employee.pk, login=login, by=None, source=SOURCE)
    employee.login = login


def touch_users(users: Iterable[int], *, now: datetime) -> None:
    """The groups of these users (keys) changed, so what is seen of them did. Call it inside an act."""
    ScimUser.objects.filter(pk__in=list(users), deleted_at=None).update(version=F("version") + 1, changed_at=now)
