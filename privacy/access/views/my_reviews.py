"""Doors of a reviewer: what I am asked, one key per answer. Works with plain forms; htmx only spares the reload."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import number, sought
from privacy.access import actions, policies, queries
from privacy.access.forms.reviews import HandOnForm
from privacy.access.models import Answer
from privacy.access.queries.review_work import WORK_PAGE
from privacy.access.views.parts import REFUSALS
from privacy.workforce.models import Employee

SHOWN = ("open", "sensitive", "rest", "done")
LONGEST_REASON = 1000
MOST_AT_ONCE = 200
# Said by the dialog of keys: here k keeps, and n hands on (static/lumens/reviews.js).
KEYS = (
    ("k", "Keep the access"),
    ("r", "Revoke it"),
    ("n", "Not mine: name who should be asked"),
    ("c", "I cannot judge it"),
    ("u", "Undo the last answer"),
    ("j↓", "Next item"),
    ("↑", "Previous item"),
    ("x", "Select the item"),
)


def _text(request: HttpRequest, name: str) -> str:
    return " ".join(request.POST.get(name, "").replace("\x00", "").split())[:LONGEST_REASON]


@staff_page()
@require_safe
def my_reviews(request: HttpRequest) -> HttpResponse:
    """What I am asked in every running review, the riskiest first."""
    now = timezone.now()
    user: Any = request.user
    show = request.GET.get("show", "open")
    show = show if show in SHOWN else "open"
    find = sought(request)
    share = queries.my_share(user)
    rows = queries.my_decisions(user, show=show, find=find, now=now)
    context = {
        "title": "My reviews",
        "now": now,
        "rows": rows,
        "page": WORK_PAGE,
        "share": share,
        "mine": queries.my_reviews(user),
        "show": show,
        "find": find,
        "tabs": [
            ("open", "To decide", share["left"]),
            ("sensitive", "Sensitive", share["sensitive"]),
            ("rest", "The rest", share["rest"]),
            ("done", "Decided", share["done"]),
        ],
        "reasons": queries.last_reasons(user),
        "undo_minutes": policies.UNDO_MINUTES,
        "page_keys": KEYS,
        "section": "reviews",
    }
    return render(request, "privacy/access/reviews/mine.html", context)


def _row(request: HttpRequest, pk: int, *, said: str = "", refusal: str = "") -> HttpResponse:
    """After an act on one decision: its row again, for htmx; else back to the page, with what happened as a message."""
    user: Any = request.user
    now = timezone.now()
    if not request.headers.get("HX-Request"):
        if refusal:
            messages.error(request, refusal)
        elif said:
            messages.success(request, said)
        return redirect(f"{reverse('access:my_reviews')}#d{pk}")
    row = queries.decision_row(pk, user, now=now)
    context = {
        "row": row,
        "now": now,
        "refusal": refusal,
        "said": refusal or said,
        "share": queries.my_share(user),
        "mine": queries.my_reviews(user),
        "swapped": True,
        "undo_minutes": policies.UNDO_MINUTES,
    }
    return render(request, "privacy/access/reviews/row.html", context)


_SAID = {
    Answer.KEEP: "Kept",
    Answer.REVOKE: "Denied: it goes in 10 minutes unless you undo",
    Answer.NOT_MINE: "Handed on",
    Answer.CANNOT_JUDGE: "Passed on to the next reviewer",
}


def _mine_or_404(request: HttpRequest, pk: int) -> queries.WorkRow:
    user: Any = request.user
    row = queries.decision_row(pk, user, now=timezone.now())
    if row is None:
        raise Http404
    return row


@staff_page()
@require_POST
def answer_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep, revoke, or cannot judge."""
    user: Any = request.user
    row = _mine_or_404(request, pk)
    answer = request.POST.get("answer", "")
    if answer not in (Answer.KEEP, Answer.REVOKE, Answer.CANNOT_JUDGE):
        return HttpResponseBadRequest("No such answer.", content_type="text/plain")
    try:
        actions.answer_review(pk, answer, by=user, reason=_text(request, "reason"), now=timezone.now())
    except REFUSALS as refusal:
        return _row(request, pk, refusal=str(refusal))
    return _row(request, pk, said=f"{_SAID[Answer(answer)]}: {row.item.employee}, {row.item.entitlement.name}.")


@staff_page()
@require_POST
def undo_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's answer back."""
    user: Any = request.user
    _mine_or_404(request, pk)
    try:
        actions.undo_answer(pk, by=user, now=timezone.now())
    except REFUSALS as refusal:
        return _row(request, pk, refusal=str(refusal))
    return _row(request, pk, said="Undone: it waits for your answer again.")


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def hand_on_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Not mine: to somebody by name, with a reason. A page of its own, or within the row."""
    now = timezone.now()
    user: Any = request.user
    row = _mine_or_404(request, pk)
    grant = row.item.grant
    asked = [one.reviewer_id for one in row.item.decisions.all()]
    barred = [grant.employee_id, grant.approved_by_id, grant.seconded_by_id, *asked]
    people = Employee.objects.employed(at=now).exclude(pk__in=[key for key in barred if key]).order_by("name")
    form = HandOnForm(request.POST or None, people=people, auto_id=f"d{pk}_%s")
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        try:
            actions.answer_review(pk, Answer.NOT_MINE, by=user, reason=form.cleaned_data["reason"], to=to, now=now)
        except REFUSALS as refusal:
            return _row(request, pk, refusal=str(refusal))
        return _row(request, pk, said=f"Handed on to {to}.")
    context = {"title": "Hand this on", "now": now, "row": row, "form": form, "section": "reviews"}
    if request.headers.get("HX-Request"):
        return render(request, "privacy/access/reviews/hand_on_part.html", context)
    return render(request, "privacy/access/reviews/hand_on.html", context, status=400 if form.errors else 200)


@staff_page()
@require_safe
def review_row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row as it is: what a reviewer goes back to who did not hand it on after all."""
    _mine_or_404(request, pk)
    return _row(request, pk)


@staff_page()
@require_POST
def answer_many(request: HttpRequest) -> HttpResponse:
    """Keep or revoke what is ticked. Sensitive access is never kept in bulk: the verb refuses it."""
    user: Any = request.user
    keys = [key for key in map(number, request.POST.getlist("decision")) if key is not None][:MOST_AT_ONCE]
    answer = request.POST.get("answer", "")
    if answer not in (Answer.KEEP, Answer.REVOKE):
        return HttpResponseBadRequest("No such answer.", content_type="text/plain")
    if not keys:
        messages.error(request, "Nothing is ticked.")
        return redirect("access:my_reviews")
    try:
        count = actions.answer_many(keys, answer, by=user, reason=_text(request, "reason"), now=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        until = f" It takes effect in {policies.UNDO_MINUTES} minutes." if answer == Answer.REVOKE else ""
        messages.success(request, f"{count} {'kept' if answer == Answer.KEEP else 'denied'}.{until}")
    return redirect("access:my_reviews")
