"""Doors: what an administrator does to a whole review: launch, cancel, hand on, sign off."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from customers.doors.pages import staff_page
from customers.doors.words import ReasonForm
from privacy.access import actions, policies, queries
from privacy.access.forms.reviews import HandOnForm, SignOffForm
from privacy.access.views.parts import ADMINISTERS, REFUSALS, do
from privacy.access.views.reviews import review_for
from privacy.workforce.models import Employee


@staff_page(ADMINISTERS)
@require_POST
def launch_review(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person launches what another prepared."""
    user: Any = request.user
    review_for(request, pk)
    said = "Launched. The scope is frozen, and each reviewer was told once."
    return do(request, lambda: actions.launch_review(pk, by=user, now=timezone.now()), said=said, to="access:review", pk=pk)


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a review, with a reason."""
    now = timezone.now()
    user: Any = request.user
    found = review_for(request, pk)
    denied = queries.how_far(found).pending
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        carried_out = f" {denied} denied before {'is' if denied == 1 else 'are'} carried out." if denied else ""
        return do(
            request,
            lambda: actions.cancel_review(pk, by=user, reason=form.cleaned_data["reason"], now=now),
            said=f"Cancelled. Nothing more happens by it.{carried_out}",
            to="access:review",
            pk=pk,
        )
    context = {"title": "Cancel the review", "now": now, "review": found, "denied": denied, "form": form, "section": "reviews"}
    return render(request, "privacy/access/reviews/cancel.html", context, status=400 if form.errors else 200)


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_off_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a complete review off: figures to look at, a note under one's name."""
    now = timezone.now()
    user: Any = request.user
    found = review_for(request, pk)
    form = SignOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return do(
            request,
            lambda: actions.sign_off_review(pk, by=user, note=form.cleaned_data["note"], now=now),
            said="Signed off.",
            to="access:review",
            pk=pk,
        )
    context = {
        "title": "Sign off",
        "now": now,
        "review": found,
        "far": queries.how_far(found),
        "reviewers": queries.reviewers_of(found),
        "may": policies.may_sign_off(found, user, at=now),
        "form": form,
        "section": "reviews",
    }
    return render(request, "privacy/access/reviews/sign_off.html", context, status=400 if form.errors else 200)


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def hand_on_reviewer(request: HttpRequest, pk: int, reviewer: int) -> HttpResponse:
    """Somebody is away, or the fallback takes over: what waits for one reviewer goes to another."""
    now = timezone.now()
    user: Any = request.user
    found = review_for(request, pk)
    if not policies.may_hand_on_of(found, user, at=now):
        raise PermissionDenied
    row = next((one for one in queries.reviewers_of(found) if one["reviewer"].pk == reviewer), None)
    if row is None:
        raise Http404
    people = Employee.objects.employed(at=now).exclude(pk=reviewer).order_by("name")
    form = HandOnForm(request.POST or None, people=people, initial={"to": found.fallback_id})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            handed = actions.hand_on_everything(pk, reviewer, to=values["to"], by=user, reason=values["reason"], now=now)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            stays = row["waiting"] - handed
            more = (
                f" {stays} stay{'s' if stays == 1 else ''} where they are: about your own access, about what you approved, or "
                f"{values['to']} may not be asked about it."
            )
            messages.success(request, f"{handed} item{'' if handed == 1 else 's'} went to {values['to']}.{more if stays else ''}")
            return redirect("access:review", pk=pk)
    context = {"title": "Hand on", "now": now, "review": found, "row": row, "form": form, "section": "reviews"}
    return render(request, "privacy/access/reviews/hand_on_reviewer.html", context, status=400 if form.errors else 200)
