"""The access map: who has what, people by entitlements, in as few queries as there are kinds of things on it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from privacy.access.models import AccessGrant, Entitlement, FunctionEntitlement, GrantState
from privacy.workforce.models import Employee, WorkerType

PEOPLE_PAGE = 1_000
ON_THE_MAP = (GrantState.APPROVED, GrantState.SUSPENDED, GrantState.REVOKING)

# How a cell stands, the most pressing first: code on the map → what it is called.
STANDINGS = {
    "r": "being revoked",
    "s": "suspended",
    "n": "approved, not in force",
    "u": "in force, function does not justify it",
    "f": "in force",
}


@dataclass(frozen=True)
class Asked:
    """The filters of the map; empty ones ask for everything."""

    department: str = ""
    function: str = ""
    system: str = ""
    find: str = ""
    sensitive: bool = False
    contractors: bool = False
    everything: bool = False  # columns too that nobody on the page holds
    after: str = ""  # the login after which the page begins

    @property
    def in_words(self) -> str:
        """What was asked for, for the ledger."""
        said = [f"{name} {value}" for name in ("department", "function", "system", "find") if (value := getattr(self, name))]
        said += [name for name in ("sensitive", "contractors") if getattr(self, name)]
        return ", ".join(said) or "everybody and everything"


@dataclass(frozen=True)
class Column:
    """One entitlement on the map."""

    pk: int
    code: str
    name: str
    sensitive: bool
    system: str
    system_code: str


@dataclass(frozen=True)
class PersonRow:
    """One person on the map. cells: (column, key of the grant, standing), by column."""

    pk: int
    name: str
    login: str
    function: str
    is_contractor: bool
    cells: list[tuple[int, int, str]]


@dataclass(frozen=True)
class AccessMap:
    """A page of the map. following: the login after which the next page begins."""

    columns: list[Column]
    rows: list[PersonRow]
    counts: dict[str, int]
    hidden: int
    people: int
    following: str | None
    systems: list[tuple[str, int]] = field(default_factory=list)


def _people_asked_for(asked: Asked, *, now: datetime) -> QuerySet[Employee]:
    """Those who work here, and those who do not but whose access is still on its way out."""
    leaving = AccessGrant.objects.filter(state__in=ON_THE_MAP).order_by().values("employee")
    people = Employee.objects.not_left(at=now) | Employee.objects.filter(pk__in=leaving)
    if asked.department:
        people = people.filter(department__code=asked.department)
    if asked.function:
        people = people.filter(job_function__code=asked.function)
    if asked.contractors:
        people = people.filter(worker_type=WorkerType.CONTRACTOR)
    if asked.find:
        people = people.filter(Q(name__icontains=asked.find) | Q(login__icontains=asked.find))
    return people


def _columns_asked_for(asked: Asked) -> QuerySet[Entitlement]:
    entitlements = Entitlement.objects.all()
    if asked.system:
        entitlements = entitlements.filter(system__code=asked.system)
    if asked.sensitive:
        entitlements = entitlements.filter(sensitive=True)
    return entitlements


def access_map(asked: Asked, *, now: datetime) -> AccessMap:
    """A page of the map, people by login. Five queries, all of values: people, columns, grants, those in force, functions."""
    people = _people_asked_for(asked, now=now).order_by("login")
    total = people.count()
    if asked.after:
        people = people.filter(login__gt=asked.after)
    wanted = ("pk", "name", "login", "job_function_id", "job_function__name", "worker_type")
    listed = list(people.values_list(*wanted)[: PEOPLE_PAGE + 1])
    following = listed[PEOPLE_PAGE - 1][2] if len(listed) > PEOPLE_PAGE else None
    listed = listed[:PEOPLE_PAGE]
    columns = [
        Column(*values)
        for values in _columns_asked_for(asked)
        .order_by("system__code", "code")
        .values_list("pk", "code", "name", "sensitive", "system__name", "system__code")
    ]
    whole = not (asked.department or asked.function or asked.contractors or asked.find or asked.after or following)
    cells = _cells({row[0]: row[3] for row in listed}, now=now, whole=whole)
    held = {entitlement for cells_of_one in cells.values() for entitlement, _, _ in cells_of_one}
    shown = [column for column in columns if asked.everything or column.pk in held]
    place = {column.pk: at for at, column in enumerate(shown)}
    counts: Counter[str] = Counter()
    rows = []
    for pk, name, login, _, function, worker_type in listed:
        mine = sorted((place[e], grant, standing) for e, grant, standing in cells.get(pk, ()) if e in place)
        counts.update(standing for _, _, standing in mine)
        rows.append(PersonRow(pk, name or login, login, function or "", worker_type == WorkerType.CONTRACTOR, mine))
    return AccessMap(
        columns=shown,
        rows=rows,
        counts={standing: counts.get(standing, 0) for standing in STANDINGS},
        hidden=len(columns) - len(shown),
        people=total,
        following=following,
        systems=_runs([column.system for column in shown]),
    )


def _runs(names: list[str]) -> list[tuple[str, int]]:
    """["a", "a", "b"] → [("a", 2), ("b", 1)]: the systems above their columns."""
    found: list[tuple[str, int]] = []
    for name in names:
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + 1)
        else:
            found.append((name, 1))
    return found


def _cells(functions: dict[int, int | None], *, now: datetime, whole: bool) -> dict[int, list[tuple[int, int, str]]]:
    """Person → (entitlement, grant, standing). functions: person → function. whole: everybody, so no list of keys is needed."""
    grants = AccessGrant.objects.order_by()
    if not whole:
        grants = grants.filter(employee__in=list(functions))
    in_force = set(grants.in_force(at=now).values_list("pk", flat=True))  # type: ignore[attr-defined]
    justified = set(FunctionEntitlement.objects.order_by().values_list("job_function_id", "entitlement_id"))
    found: dict[int, list[tuple[int, int, str]]] = {pk: [] for pk in functions}
    listed = grants.filter(state__in=ON_THE_MAP).values_list("pk", "employee_id", "entitlement_id", "state")
    for pk, employee, entitlement, state in listed:
        if employee not in found:
            continue
        if state == GrantState.REVOKING:
            standing = "r"
        elif state == GrantState.SUSPENDED:
            standing = "s"
        elif pk not in in_force:
            standing = "n"
        else:
            standing = "f" if (functions[employee], entitlement) in justified else "u"
        found[employee].append((entitlement, pk, standing))
    return {employee: _most_pressing(cells) for employee, cells in found.items()}


def _most_pressing(cells: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """One cell for each entitlement: of a new grant beside an old one that is still going, the newer counts."""
    newest: dict[int, tuple[int, int, str]] = {}
    for cell in cells:
        known = newest.get(cell[0])
        if known is None or cell[1] > known[1]:
            newest[cell[0]] = cell
    return list(newest.values())


MAP_COLUMNS = (
    "person", "login", "function", "department", "works here as", "system", "entitlement", "what it gives", "sensitive",
    "standing", "from", "until", "reason", "approved by", "second approval by",
)  # fmt: skip


def map_as_lines(asked: Asked, *, now: datetime, after: int, size: int) -> Iterator[tuple[int, list[Any]]]:
    """The next `size` grants of the map after that key, one line each: (key of the grant, its cells)."""
    people = _people_asked_for(asked, now=now).order_by().values("pk")
    grants = AccessGrant.objects.filter(
        state__in=ON_THE_MAP, employee__in=people, entitlement__in=_columns_asked_for(asked).order_by().values("pk"), pk__gt=after
    )
    around = ("employee__job_function", "employee__department", "entitlement__system", "approved_by", "seconded_by")
    listed = list(grants.select_related(*around).order_by("pk")[:size])
    in_force = set(
        AccessGrant.objects.in_force(at=now)  # type: ignore[attr-defined]
        .filter(pk__in=[grant.pk for grant in listed])
        .values_list("pk", flat=True)
    )
    justified = set(FunctionEntitlement.objects.order_by().values_list("job_function_id", "entitlement_id"))
    for grant in listed:
        employee, entitlement = grant.employee, grant.entitlement
        if grant.state == GrantState.APPROVED and grant.pk in in_force:
            standing = STANDINGS["f" if (employee.job_function_id, entitlement.pk) in justified else "u"]
        else:
            standing = {"revoking": STANDINGS["r"], "suspended": STANDINGS["s"]}.get(grant.state, STANDINGS["n"])
        yield grant.pk, [
            employee.name, employee.login, employee.job_function or "", employee.department or "",
            employee.get_worker_type_display(),
            entitlement.system, entitlement.code, entitlement.name, "yes" if entitlement.sensitive else "no", standing,
            grant.starts_at.isoformat(timespec="minutes"), grant.ends_at.isoformat(timespec="minutes") if grant.ends_at else "",
            grant.reason, grant.approved_by or "", grant.seconded_by or "",
        ]  # fmt: skip
