"""Doors: access reviews as a whole. What one reviewer is asked is in my_reviews.py."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.addresses import client_address
from customers.doors.exports import as_file, lines_while
from customers.doors.pages import staff_page
from customers.doors.paging import number, sought
from customers.doors.tables import in_pieces
from privacy.access import actions, policies, queries
from privacy.access.forms.reviews import PrepareForm
from privacy.access.models import Review, ReviewItem, ReviewState
from privacy.access.queries.review_work import GOES_ON_AS, risk_word
from privacy.access.queries.reviews import ITEM_STATES
from privacy.access.views.parts import ADMINISTERS, REFUSALS, written_down
from privacy.ledger.actions import record_read
from privacy.ledger.models import ReadKind
from privacy.workforce.models import Employee

READS_LEDGER = "privacy.view_ledger"
LOSERS_SHOWN = 40
ITEMS_AT_A_TIME = 100  # of an export, between two checks of the right to go on
ITEM_COLUMNS = (
    *("Person", "Login", "Function", "Entitlement", "System", "Sensitive", "Risk", "Outcome", "By silence", "Decided at"),
    *("Proven gone at", "Answers"),
)
STATE_CHIPS = (
    ("all", "All"),
    ("open", "Open"),
    ("kept", "Kept"),
    ("revoked", "Revoked"),
    ("suspended", "Suspended"),
    ("moot", "Ended or renewed"),
    ("silence", "By silence"),
)
STEPS = (
    (ReviewState.PREPARED, "Prepared"),
    (ReviewState.RUNNING, "Being decided"),
    (ReviewState.REMOVING, "Removing"),
    (ReviewState.COMPLETE, "Complete"),
    ("signed", "Signed off"),
)


def review_for(request: HttpRequest, pk: int) -> Review:
    """The review, for somebody who may see it. Raises PermissionDenied, Http404."""
    user: Any = request.user
    found = queries.review_in_full(pk)
    if found is None:
        if user.has_perm(ADMINISTERS) or user.has_perm(READS_LEDGER):
            raise Http404
        raise PermissionDenied
    if not policies.may_see_review(found, user, at=timezone.now()):
        raise PermissionDenied
    return found


@staff_page(ADMINISTERS, READS_LEDGER)
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Every review with how far it is, and the calendar of the next."""
    now = timezone.now()
    user: Any = request.user
    listed = list(queries.list_reviews()[:200])
    running = [one for one in listed if one.state in (ReviewState.PREPARED, ReviewState.RUNNING, ReviewState.REMOVING)]
    context = {
        "title": "Access reviews",
        "now": now,
        "running": running,
        "past": [one for one in listed if one not in running],
        "calendar": queries.review_calendar(now=now),
        "mine": queries.review_items_waiting(user, now=now),
        "section": "reviews",
    }
    return render(request, "privacy/access/reviews/reviews.html", context)


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def prepare_review(request: HttpRequest) -> HttpResponse:
    """Prepare a review. What it would ask of whom is shown next, before anything happens."""
    now = timezone.now()
    user: Any = request.user
    day = timezone.localdate(now)
    people = Employee.objects.employed(at=now).order_by("name")
    begin = {
        "name": f"Access review, {day:%B %Y}",
        "scope": request.GET.get("scope", ""),
        "last_day": day + timedelta(days=14),
        "fallback": user.pk,
    }
    form = PrepareForm(request.POST or None, people=people, initial=begin)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            review = actions.prepare_review(
                values["name"],
                values["scope"],
                system=values["system"],
                department=values["department"],
                due_at=form.due_at,
                fallback=values["fallback"],
                by=user,
                now=now,
            )
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Prepared.")
            return redirect("access:review", pk=review.pk)
    context = {"title": "Prepare a review", "now": now, "form": form, "section": "reviews"}
    return render(request, "privacy/access/reviews/prepare.html", context, status=400 if form.errors else 200)


def _shown(items: list[ReviewItem]) -> list[tuple[ReviewItem, tuple[str, str]]]:
    return [(item, risk_word(item.risk)) for item in items]


@staff_page()
@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One review: before its launch, its impact; then how far it is, who decided what, and what is proven gone."""
    now = timezone.now()
    user: Any = request.user
    found = review_for(request, pk)
    context: dict[str, Any] = {
        "title": found.name,
        "now": now,
        "review": found,
        "runs": policies.may_administer(user, at=now),
        "steps": _steps(found),
        "section": "reviews",
    }
    if found.state == ReviewState.PREPARED:
        plan = queries.plan_review(found, at=now)
        context |= {
            "plan": plan,
            "losers": plan.by_person[:LOSERS_SHOWN],
            "names": {one.grant.entitlement.code: one.grant.entitlement.name for one in plan.items},
            "more_losers": max(0, len(plan.by_person) - LOSERS_SHOWN),
            "is_preparer": found.prepared_by_id == user.pk,
            "others": [one for one in queries.holders_of(ADMINISTERS, at=now) if one.pk != found.prepared_by_id],
            "suspended_days": policies.SUSPENDED_DAYS,
        }
        return render(request, "privacy/access/reviews/preview.html", context)
    state = request.GET.get("state", "all")
    state = state if state in ITEM_STATES else "all"
    reviewer = number(request.GET.get("reviewer"))
    find = sought(request)
    rows, following = queries.items_of_review(
        found, state=state, reviewer=reviewer, find=find, after=request.GET.get("after", "")[:30]
    )
    far = queries.how_far(found)
    context |= {
        "far": far,
        "reviewers": queries.reviewers_of(found),
        "rows": _shown(rows),
        "following": following or "",
        "state": state,
        "states": STATE_CHIPS,
        "reviewer": reviewer,
        "find": find,
        "may_hand_on": policies.may_hand_on_of(found, user, at=now) and found.state == ReviewState.RUNNING,
        "may_sign_off": policies.may_sign_off(found, user, at=now),
        "parts": _parts(far),
        **_said(found, far),
        "undo_minutes": policies.UNDO_MINUTES,
    }
    return render(request, "privacy/access/reviews/review.html", context)


def _said(found: Review, far: queries.ReviewProgress) -> dict[str, str]:
    """What the figures and the drawing say in words."""
    running = found.state == ReviewState.RUNNING
    pending = f"; {far.pending} denied, applied within minutes" if far.pending else ""
    said = {
        "decided_note": f"{far.decided} of {far.all} items closed",
        "waiting_note": f"for an answer{pending}" if running else "nothing waits any more",
        "waiting_tone": "warn" if far.open and running else "ok",
        "revoked_note": f"{far.by_silence} by silence" if far.by_silence else "each by a named reviewer",
        "proven_said": f"{far.proven} of {far.revoked}" if far.revoked else "nothing went",
        "proven_tone": "warn" if far.unproven else "ok" if far.revoked else "",
        "chart_title": f"{far.per_cent} % of the items are closed",
    }
    if far.all and not far.open:
        went = far.revoked + far.suspended
        said["chart_title"] = f"{went} of {far.all} were not kept" if went else "Everything was kept"
    return said


def _parts(far: queries.ReviewProgress) -> list[tuple[str, int, str]]:
    """(label, items, tone) of the drawing."""
    parts = [
        ("kept", far.kept, "ok"),
        ("revoked", far.revoked, "bad"),
        ("suspended", far.suspended, "warn"),
        ("ended or renewed meanwhile", far.moot, "info"),
        ("open", far.open, "muted"),
    ]
    return [part for part in parts if part[1]]


def _steps(found: Review) -> list[tuple[str, str]]:
    """(label, "done", "here" or "") of each step."""
    codes = [str(code) for code, _ in STEPS]
    reached = "signed" if found.signed_off_at else found.state
    if reached not in codes:
        return []
    place = codes.index(reached)
    last = len(codes) - 1
    return [
        (label, "done" if index < place or place == last else "here" if index == place else "")
        for index, (_, label) in enumerate(STEPS)
    ]


@staff_page()
@require_safe
def review_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: what was seen, who answered what, and how far its access is gone."""
    now = timezone.now()
    user: Any = request.user
    found = queries.item_in_full(pk)
    if found is None:
        if not user.has_perm(ADMINISTERS) and not user.has_perm(READS_LEDGER):
            raise PermissionDenied
        raise Http404
    asked = any(decision.reviewer_id == user.pk for decision in found.decisions.all())
    oversees = policies.may_see_review(found.review, user, at=now)
    if not asked and not oversees:
        raise PermissionDenied
    context = {
        "title": f"{found.employee}: {found.entitlement.name}",
        "now": now,
        "item": found,
        "beside": queries.Beside(found.seen),
        "risk": risk_word(found.risk),
        # Each reviewer judges for themselves: while an item is open, a reviewer sees no other's answer.
        "decisions": [one for one in found.decisions.all() if oversees or found.state != "open" or one.reviewer_id == user.pk],
        "oversees": oversees,
        "section": "reviews",
    }
    return render(request, "privacy/access/reviews/item.html", context)


@staff_page()
@require_POST
def export_review(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The items of a review as CSV, safe for spreadsheets. Written down before the first line leaves and after the last; stopped
    when the right to see them ends.
    """
    user: Any = request.user
    found = review_for(request, pk)
    session = policies.session_of(user.pk)
    begun = record_read(
        ReadKind.EXPORT,
        f"items of access review {pk}",
        by=user,
        now=timezone.now(),
        reason="begun",
        address=client_address(request),
        rows_seen=0,
    )

    def may_go_on() -> bool:
        return policies.may_see_review(found, user, at=timezone.now()) and policies.session_of(user.pk) == session

    pieces = in_pieces(_lines(found), ITEMS_AT_A_TIME)
    return as_file(lines_while(may_go_on, ITEM_COLUMNS, pieces, ended=written_down(begun)), f"access-review-{pk}")


def _lines(found: Review) -> Iterator[list[object]]:
    """A line an item, by risk."""
    around = ("decisions__reviewer", *GOES_ON_AS)
    items = found.items.select_related("employee", "grant").prefetch_related(*around).order_by("-risk", "pk")
    for item in items.iterator(chunk_size=500):
        answers = [
            f"{one.reviewer}: {one.get_answer_display() or 'no answer'}{f' ({one.reason})' if one.reason else ''}"
            for one in item.decisions.all()
        ]
        seen, goes_on = item.seen, item.goes_on_as is not None
        yield [
            item.employee.name,
            item.employee.login,
            seen["person"]["function"],
            seen["entitlement"]["name"],
            seen["entitlement"]["system"],
            "yes" if item.sensitive else "no",
            item.risk,
            item.came_to,
            "yes" if item.by_silence and not goes_on else "no",
            item.decided_at.isoformat() if item.decided_at else "",
            item.proven_at.isoformat() if item.proven_at and not goes_on else "",
            "; ".join(answers),
        ]
