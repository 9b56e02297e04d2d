"""What is shown beside each item of a review: read for all of them at once, and frozen at the launch.

A fixed number of queries, however many grants there are.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone

from privacy.access import policies
from privacy.access.models import AccessGrant, FunctionEntitlement, ItemState, Review, ReviewItem, ReviewState
from privacy.access.queries.review_plan import in_scope
from privacy.agreements.models import Nda
from privacy.ledger.models import RecordedRead
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent


@dataclass(frozen=True)
class LastReview:
    """What was decided last. categories, function: what the entitlement gave and what its holder did then, None where unsaid."""

    name: str
    decided_at: datetime
    outcome: str
    categories: list[str] | None
    function: str | None


class Standing:
    """What is shown beside each grant of a review, as JSON: read for all of them at once, at one instant."""

    def __init__(self, review: Review, *, at: datetime) -> None:
        self.at, self.day = at, timezone.localdate(at)
        scope = in_scope(review, at=at).order_by()
        keys = scope.values("pk")
        holders = scope.values("employee")
        self.in_force = set(in_scope(review, at=at).in_force(at=at).order_by().values_list("pk", flat=True))  # type: ignore[attr-defined]
        idle = [grant for grant in scope if grant.pk not in self.in_force]
        self.failing = policies.why_not_each(idle, at) if idle else {}
        reads = RecordedRead.objects.filter(grant_id__in=keys, at__lte=at).order_by().values("grant_id")
        self.reads = {row["grant_id"]: row for row in reads.annotate(last=Max("at"), times=Count("pk"))}
        held = AccessGrant.objects.active().filter(employee__in=Employee.objects.employed(at=at).order_by())
        counted = (
            held.order_by().values_list("employee__job_function", "entitlement").annotate(n=Count("employee", distinct=True))
        )
        self.have = {(function, entitlement): count for function, entitlement, count in counted}
        employed = Employee.objects.employed(at=at).order_by().values_list("job_function").annotate(n=Count("pk"))
        self.of = dict(employed)
        self.justified = set(FunctionEntitlement.objects.values_list("job_function", "entitlement"))
        self.ndas: dict[int, Any] = {}
        for employee_id, ends_on in (
            Nda.objects.in_force(on=self.day).filter(employee__in=holders).values_list("employee", "ends_on")
        ):
            known = self.ndas.get(employee_id, self.day)
            self.ndas[employee_id] = None if ends_on is None or known is None else max(known, ends_on)
        moves = EmploymentEvent.objects.filter(
            kind=HrEvent.CHANGED_FUNCTION, employee__in=holders, effective_at__lte=at, known_at__lte=at
        )
        self.moves: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
        for employee_id, effective_at, note in moves.order_by("effective_at").values_list("employee", "effective_at", "note"):
            self.moves[employee_id].append((effective_at, note))
        self.last = self._last_reviewed(holders)

    def _last_reviewed(self, holders: Any) -> dict[tuple[int, int], LastReview]:
        """The last time that this entitlement of this person was decided in a review, by (employee, entitlement)."""
        decided = ReviewItem.objects.filter(employee__in=holders, state__in=[ItemState.KEPT, ItemState.REVOKED])
        decided = decided.exclude(review__state__in=[ReviewState.PREPARED, ReviewState.CANCELLED]).filter(decided_at__lte=self.at)
        # Years of reviews hold many decisions about the same: the newest is chosen, and its snapshot left, in the database.
        newest = decided.order_by("employee", "entitlement", "-decided_at", "-pk").distinct("employee", "entitlement")
        then = ("review__name", "decided_at", "state", "seen__entitlement__categories", "seen__person__function")
        rows = newest.values_list("employee", "entitlement", *then)
        return {(employee, entitlement): LastReview(*told) for employee, entitlement, *told in rows}

    def of_grant(self, grant: AccessGrant) -> tuple[dict[str, Any], int]:
        """(the snapshot, the risk from 0 to 100)."""
        employee, entitlement = grant.employee, grant.entitlement
        last = self.last.get((employee.pk, entitlement.pk))
        function_id = employee.job_function_id
        needed = grant.sensitive or employee.worker_type == "contractor"
        ends_on = self.ndas.get(employee.pk)
        approvals = [(grant.approved_by, grant.approved_at), (grant.seconded_by, grant.seconded_at)]
        seen: dict[str, Any] = {
            "person": {
                "name": str(employee),
                "login": employee.login,
                "function": str(employee.job_function or ""),
                "department": str(employee.department or ""),
                "manager": str(employee.manager or ""),
                "worker_type": employee.worker_type,
            },
            "entitlement": {
                "code": entitlement.code,
                "name": entitlement.name,
                "system": entitlement.system.name,
                "categories": list(entitlement.categories),
                "owner": str(entitlement.owner or ""),
            },
            "why": {
                "reason": grant.reason,
                "asked_by": str(grant.requested_by or ""),
                "asked_at": grant.requested_at.isoformat(),
                "origin": grant.origin,
            },
            "approved": [{"by": str(by), "at": at.isoformat()} for by, at in approvals if by is not None and at is not None],
            "ends_at": grant.ends_at.isoformat() if grant.ends_at else None,
            "in_force": grant.pk in self.in_force,
            "failing": self.failing.get(grant.pk, []),
            "used": self._used(grant),
            "colleagues": {
                "have": self.have.get((function_id, entitlement.pk), 0) if function_id else 0,
                "of": self.of.get(function_id, 0) if function_id else 0,
            },
            "justified": (function_id, entitlement.pk) in self.justified,
            "changed": self._changed(grant, last),
            "last_review": last and {"review": last.name, "at": last.decided_at.isoformat(), "outcome": last.outcome},
            "nda": {
                "needed": needed,
                "has": employee.pk in self.ndas,
                "ends_on": ends_on.isoformat() if ends_on else None,
            },
        }
        risk, seen["risk"] = policies.risk_of(seen, sensitive=grant.sensitive, at=self.at)
        return seen, risk

    def _used(self, grant: AccessGrant) -> dict[str, Any]:
        """visible: whether this house records each use of it (reveals, exports); else the last sign-in is all that is known."""
        read = self.reads.get(grant.pk)
        given = grant.entitlement.permissions
        visible = any(permission.startswith(("customers.reveal_", "customers.export_")) for permission in given)
        signed_in = grant.employee.last_login
        return {
            "visible": visible or read is not None,
            "at": read["last"].isoformat() if read else None,
            "times": read["times"] if read else 0,
            "signed_in_at": signed_in.isoformat() if signed_in and signed_in <= self.at else None,
        }

    def _changed(self, grant: AccessGrant, last: LastReview | None) -> list[str]:
        """What changed since the last review of it, or since it was approved."""
        since = max(filter(None, [grant.approved_at or grant.requested_at, last.decided_at if last else None]))
        said = [
            f"changed function since: {note}" if note else "changed function since"
            for at, note in self.moves[grant.employee_id]
            if at > since
        ]
        if last is not None:
            new = sorted(set(grant.entitlement.categories) - set(last.categories or []))
            if new:
                said.append(f"gives more than at the last review: {', '.join(new)}")
            before = last.function or ""
            now_is = str(grant.employee.job_function or "")
            if not said and before != now_is:
                said.append(f"changed function since: {before or 'no function'} → {now_is or 'no function'}")
        return said
