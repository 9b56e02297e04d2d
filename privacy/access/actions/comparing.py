"""What a system lists, held against grants in force and the accounts that we know: the differences, not yet written down."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from privacy.access.gateways import Listed
from privacy.access.models import (
    OUTSTANDING,
    AccessGrant,
    DriftKind,
    Entitlement,
    System,
    SystemAccount,
    SystemChange,
    SystemKind,
)
from privacy.access.models.drifts import MAY_SIGN_IN
from privacy.workforce.models import Employee


@dataclass(frozen=True)
class Difference:
    """Columns of a Drift."""

    kind: DriftKind
    account_name: str
    external_name: str = ""
    employee_id: int | None = None
    entitlement_id: int | None = None
    grant_id: int | None = None
    sensitive: bool = False
    note: str = ""


@dataclass(frozen=True)
class Expected:
    """What one account should have: by role or group there, the grant that gives it."""

    employee_id: int
    name: str
    grants: dict[str, int]


def compare(system: System, listed: Sequence[Listed], *, began_at: datetime, now: datetime) -> list[Difference]:
    """Differences between what was listed from `began_at` on and what is in force at `now`.

    Left out is what a change that is outstanding, or was proven meanwhile, is about.
    """
    key = _key_of(system)
    owners, expected = _who_should_have_what(system, key, now=now)
    entitlements = {e.external_name: e for e in Entitlement.objects.filter(system=system).order_by("sensitive", "pk")}
    called = {key(name): name for name in entitlements}  # a group that is "sales" there is our entitlement "Sales"
    listed = [replace(one, names=frozenset(called.get(key(name), name) for name in one.names)) for one in listed]
    found: list[Difference] = []
    for account in listed:
        name = key(account.name)
        found += _of_account(account, owners.get(name), expected.get(name), entitlements)
    there = {key(account.name) for account in listed}
    for name in expected.keys() - there:
        found += _missing(expected[name], set(expected[name].grants), entitlements, note="The account is not there at all.")
    under_way = _under_way(system, key, began_at=began_at)
    return _listed_once(
        difference
        for difference in found
        if (key(difference.account_name), difference.external_name) not in under_way
        and (key(difference.account_name), None) not in under_way
    )


def _key_of(system: System) -> Callable[[str], str]:
    """What makes two names one account, or one group, there: PostgreSQL tells "Ana" from "ana", SCIM does not."""
    return str if system.kind == SystemKind.POSTGRESQL else str.lower


def _listed_once(found: Iterable[Difference]) -> list[Difference]:
    """Accounts that differ in capitals only are one line of the list, which names them all (`a_difference_is_listed_once`)."""
    lines: dict[tuple[str, str, str], Difference] = {}
    for one in found:
        place = (one.kind, one.account_name.lower(), one.external_name)
        first = lines.setdefault(place, one)
        if first is not one:
            note = f'{first.note} There is "{one.account_name}", too. {one.note}'.strip()
            lines[place] = replace(first, sensitive=first.sensitive or one.sensitive, note=note)
    return list(lines.values())


def _who_should_have_what(
    system: System, key: Callable[[str], str], *, now: datetime
) -> tuple[dict[str, int], dict[str, Expected]]:
    """By account (its key): whose it is, and what it should have. An account is known by our own list, or by the login."""
    accounts = dict(SystemAccount.objects.filter(system=system).values_list("employee", "name"))
    owners = {key(login): pk for pk, login in Employee.objects.values_list("pk", "login") if pk not in accounts}
    owners |= {key(name): pk for pk, name in accounts.items()}
    grants: dict[int, dict[str, int]] = defaultdict(dict)
    logins = {}
    in_force = AccessGrant.objects.in_force(at=now).filter(entitlement__system=system).order_by("pk")
    for pk, employee_id, login, name in in_force.values_list("pk", "employee", "employee__login", "entitlement__external_name"):
        grants[employee_id][name] = pk
        logins[employee_id] = login
    expected = {}
    for employee_id, held in grants.items():
        name = accounts.get(employee_id, logins[employee_id])
        if owners.get(key(name)) == employee_id:  # else that account is somebody else's; pushing says so
            expected[key(name)] = Expected(employee_id, name, held)
    return owners, expected


def _of_account(
    account: Listed, owner: int | None, expected: Expected | None, entitlements: dict[str, Entitlement]
) -> Iterator[Difference]:
    roles = ", ".join(sorted(account.names))
    if owner is None:
        if account.active:
            sensitive = any(name in entitlements and entitlements[name].sensitive for name in account.names)
            yield Difference(DriftKind.ORPHAN, account.name, sensitive=sensitive, note=f"It is in: {roles}." if roles else "")
        return
    wanted = set(expected.grants) if expected else set()
    if account.active:
        for name in sorted(account.names - wanted):
            known = entitlements.get(name)
            yield Difference(
                DriftKind.EXCESS,
                account.name,
                name,
                employee_id=owner,
                entitlement_id=known.pk if known else None,
                sensitive=bool(known and known.sensitive),
                note="" if known else "No entitlement of this house is called so there.",
            )
        if expected is None:
            yield Difference(DriftKind.STALE, account.name, employee_id=owner, note=MAY_SIGN_IN)
    elif expected is not None:
        yield Difference(
            DriftKind.STALE, account.name, employee_id=owner, note=f"It is switched off there; grants in force: {len(wanted)}."
        )
    if expected is not None:
        yield from _missing(expected, wanted - account.names - {""}, entitlements)


def _missing(
    expected: Expected, names: set[str], entitlements: dict[str, Entitlement], *, note: str = ""
) -> Iterator[Difference]:
    for name in sorted(names):
        known = entitlements.get(name)
        yield Difference(
            DriftKind.MISSING,
            expected.name,
            name,
            employee_id=expected.employee_id,
            entitlement_id=known.pk if known else None,
            grant_id=expected.grants[name],
            sensitive=bool(known and known.sensitive),
            note=note,
        )


def _under_way(system: System, key: Callable[[str], str], *, began_at: datetime) -> set[tuple[str, str | None]]:
    """(account, role) that a change is about just now; (account, None) where it is about the whole account."""
    now_or_since = SystemChange.objects.filter(system=system).filter(Q(state__in=OUTSTANDING) | Q(proven_at__gte=began_at))
    found: set[tuple[str, str | None]] = set()
    for account, name in now_or_since.values_list("account_name", "external_name"):
        found |= {(key(account), name), (key(account), "")}
        if not name:
            found.add((key(account), None))
    return found
