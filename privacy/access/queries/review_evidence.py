"""Everything about one review as plain data: for the evidence pack, and for whoever wants to check it by hand."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from privacy.access.models import AccessGrant, Answer, ItemState, Review, SystemChange, Wanted
from privacy.access.queries.review_work import GOES_ON_AS
from privacy.access.queries.reviews import how_far, reviewers_of

__all__ = ["review_evidence"]


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _person(person: Any) -> dict[str, str] | None:
    return {"login": person.login, "name": person.name} if person is not None else None


def review_evidence(review: Review) -> dict[str, Any]:
    """Facts, figures, reviewers, and each item with its snapshot, every decision, and the proof that what goes is gone.

    JSON-ready: instants are ISO 8601 with their zone; durations are seconds. A fixed number of queries.
    """
    far = how_far(review)
    removals = SystemChange.objects.filter(wanted=Wanted.REMOVED).exclude(state="withdrawn").select_related("system")
    items = (
        review.items.select_related("employee", "entitlement__system", "grant__revoked_by", "grant__suspended_by")
        .prefetch_related(
            "decisions__reviewer",
            "decisions__handed_to",
            *GOES_ON_AS,
            Prefetch("grant__changes", queryset=removals.prefetch_related("proofs")),
        )
        .order_by("-risk", "pk")
    )
    listed = [_item(item) for item in items]
    _add_who_resumed(listed)
    seconds = sorted(one["seconds_to_proven"] for one in listed if one["seconds_to_proven"] is not None)
    return {
        "review": {
            "id": review.pk,
            "name": review.name,
            "scope": review.get_scope_display(),
            "system": str(review.system) if review.system_id else None,
            "department": str(review.department) if review.department_id else None,
            "state": review.get_state_display(),
            "fallback": _person(review.fallback),
            "prepared_by": _person(review.prepared_by),
            "prepared_at": _said(review.prepared_at),
            "launched_by": _person(review.launched_by),
            "launched_at": _said(review.launched_at),
            "due_at": _said(review.due_at),
            "closed_at": _said(review.closed_at),
            "completed_at": _said(review.completed_at),
            "signed_off_by": _person(review.signed_off_by),
            "signed_off_at": _said(review.signed_off_at),
            "sign_off_note": review.sign_off_note,
            "cancelled_reason": review.cancelled_reason,
        },
        "figures": {
            "items": far.all,
            "open": far.open,
            "kept": far.kept,
            "revoked": far.revoked,
            "suspended": far.suspended,
            "ended_meanwhile": far.moot,
            "by_silence": far.by_silence,
            "proven_gone": far.proven,
            "seconds_from_decision_to_proven": {
                "median": seconds[len(seconds) // 2] if seconds else None,
                "longest": seconds[-1] if seconds else None,
            },
        },
        "reviewers": [
            {
                "reviewer": _person(row["reviewer"]),
                **{name: row[name] for name in ("asked", "kept", "revoked", "handed", "unanswered", "waiting")},
                "last_answer_at": _said(row["answered_at"]),
            }
            for row in reviewers_of(review)
        ],
        "items": listed,
    }


def _item(item: Any) -> dict[str, Any]:
    grant = item.grant
    goes_on_as = item.goes_on_as
    proven_at = None if goes_on_as else item.proven_at  # nothing is called gone that goes on
    taken = (proven_at - item.decided_at).total_seconds() if proven_at and item.decided_at else None
    return {
        "item": item.pk,
        "grant": grant.pk,
        "person": _person(item.employee),
        "entitlement": {"code": item.entitlement.code, "name": item.entitlement.name, "system": item.entitlement.system.name},
        "sensitive": item.sensitive,
        "risk": item.risk,
        "seen": item.seen,
        "outcome": item.came_to,
        "goes_on_as": goes_on_as.pk if goes_on_as else None,
        "by_silence": item.by_silence and not goes_on_as,
        "decided_at": _said(item.decided_at),
        "proven_at": _said(proven_at),
        "seconds_to_proven": taken,
        "resumed": None,
        "decisions": [
            {
                "reviewer": _person(one.reviewer),
                "role": one.get_role_display(),
                "asked_at": _said(one.asked_at),
                "answer": one.get_answer_display() if one.answer else None,
                "answered_at": _said(one.answered_at),
                "reason": one.reason,
                "handed_to": _person(one.handed_to),
            }
            for one in item.decisions.all()
        ],
        "grant_now": {
            "state": grant.get_state_display(),
            "revoked_by": _person(grant.revoked_by),
            "revoked_at": _said(grant.revoked_at),
            "revocation_reason": grant.revocation_reason,
            "suspended_until": _said(grant.suspended_until),
        },
        "removals": [
            {
                "system": change.system.name,
                "account": change.account_name,
                "state": change.get_state_display(),
                "pushed_at": _said(change.pushed_at),
                "proven_at": _said(change.proven_at),
                "proofs": [
                    {
                        "at": _said(proof.at),
                        "step": proof.get_step_display(),
                        "holds": proof.holds,
                        "answer_sha256": proof.answer_sha256,
                    }
                    for proof in change.proofs.all()
                ],
            }
            for change in grant.changes.all()
        ],
    }


def _add_who_resumed(items: list[dict[str, Any]]) -> None:
    """What silence suspended and somebody resumed: who and why, from the ledger."""
    kept = [
        one
        for one in items
        if one["outcome"] == ItemState.KEPT.label
        and not any(decision["answer"] == Answer.KEEP.label for decision in one["decisions"])
    ]
    if not kept:
        return
    events: Any = AccessGrant.ledger_events.rel.related_model  # type: ignore[attr-defined]
    resumed = events.objects.filter(pgh_obj_id__in=[one["grant"] for one in kept], pgh_context__metadata__verb="resume_grant")
    last = {event.pgh_obj_id: event for event in resumed.select_related("pgh_context").order_by("pgh_id")}
    for one in kept:
        event = last.get(one["grant"])
        if event is not None:
            metadata = event.pgh_context.metadata
            one["resumed"] = {"by": metadata.get("by_login"), "reason": metadata.get("reason"), "at": _said(event.pgh_created_at)}
