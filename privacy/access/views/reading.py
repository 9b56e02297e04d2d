"""Doors of looking: reveal one category of one record; export the list of customers (ACCESS.md, "Reveal"; ASVS 7.5.3, 8.3.2)."""

import logging
from collections.abc import Iterator
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from customers.classification import Category
from customers.doors.addresses import client_address
from customers.doors.exports import Lines, as_file, lines_while
from customers.doors.masks import category_of, masked
from customers.doors.pages import recently_proven, staff_page
from customers.doors.words import ReasonForm
from customers.models import Customer
from privacy.access import actions, errors, policies
from privacy.access.models import DeniedKind
from privacy.access.views.parts import written_down

logger = logging.getLogger(__name__)

SHOWN_SECONDS = 60
EXPORTS = "customers.export_customers"
EXPORT_CHUNK = 500  # rows between two checks of the right to go on
EXPORTED = ("member_id", "name", "email", "phone", "preferred_contact", "source", "collected_at")


def _way_back(request: HttpRequest) -> str:
    # Not of `headers`: after a confirmation they are still those of its own form.
    here = request.META.get("HTTP_HX_CURRENT_URL") or request.META.get("HTTP_REFERER") or ""
    safe = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    return here if safe and reverse("access:reveal") not in here else "/"


def _deny(request: HttpRequest, kind: DeniedKind, reason: str) -> None:
    user: Any = request.user
    actions.record_denied(
        kind,
        now=timezone.now(),
        login=user.login,
        employee=user,
        address=client_address(request),
        path=request.path,
        reason=reason,
    )
    request.denied_attempt_recorded = True  # type: ignore[attr-defined]


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest) -> HttpResponse:
    """GET: the masked control again. POST: the plain values of one record's columns of one category, for SHOWN_SECONDS."""
    asked = request.POST if request.method == "POST" else request.GET
    category = asked.get("category", "")
    context: dict[str, Any] = {
        "subject_label": asked.get("subject", "")[:100],
        "subject_pk": asked.get("pk", "")[:40],
        "category": category if category in Category.values else "",
        "shown_seconds": SHOWN_SECONDS,
        "way_back": _way_back(request),
        "title": "Reveal",
        "now": timezone.now(),
    }
    if request.method != "POST":
        return _answer(request, context, "control")
    user: Any = request.user
    try:
        reason = actions.check_reason(asked.get("reason", "").replace("\x00", ""))
        if not recently_proven(request):
            if getattr(request, "htmx", False):
                return _answer(request, {**context, "reason": reason}, "prove")
            raise ReauthenticationRequired  # what was typed waits in the session for the confirmation, and goes with it
        context["revealed"] = actions.reveal(
            context["subject_label"],
            context["subject_pk"],
            context["category"],
            by=user,
            reason=reason,
            now=timezone.now(),
            address=client_address(request) or None,
        )
    except errors.TooManyReveals as refusal:
        _deny(request, DeniedKind.TOO_MANY, f"reveal of {context['category']}")
        actions.warn_of_many("reveals", user, now=timezone.now())
        return _answer(request, {**context, "refusal": refusal}, "refused", status=429)
    except errors.MayNotReveal as refusal:
        _deny(request, DeniedKind.REVEAL, f"{context['category']} of {context['subject_label']}")
        return _answer(request, {**context, "refusal": refusal}, "refused", status=403)
    except errors.UnknownRecord as refusal:
        return _answer(request, {**context, "refusal": refusal}, "refused", status=404)
    except errors.ReasonNeeded as refusal:
        return _answer(request, {**context, "refusal": refusal}, "refused", status=400)
    except errors.CannotBeShown as refusal:
        logger.error("%s %s cannot be decrypted", context["subject_label"], context["subject_pk"])
        return _answer(request, {**context, "refusal": refusal}, "refused", status=500)
    except DatabaseError:
        # Fail closed: what cannot be written down is not shown (ASVS 16.5.3).
        logger.exception("a reveal could not be written down")
        said = "The reveal could not be written into the ledger, so nothing is shown. Try again in a minute."
        return _answer(request, {**context, "refusal": said}, "refused", status=503)
    answer = _answer(request, context, "values")
    if not getattr(request, "htmx", False):
        answer.headers["Refresh"] = f"{SHOWN_SECONDS}; url={context['way_back']}"
    return answer


def _answer(request: HttpRequest, context: dict[str, Any], part: str, status: int = 200) -> HttpResponse:
    context = {**context, "part": part}
    if getattr(request, "htmx", False):
        # htmx swaps only answers that went well; the fragment itself says what was refused.
        return render(request, "privacy/access/reveal_part.html", context)
    return render(request, "privacy/access/reveal.html", context, status=status)


@staff_page(EXPORTS)
@require_http_methods(["GET", "HEAD", "POST"])
def export_customers(request: HttpRequest) -> HttpResponseBase:
    """GET asks why; POST streams the list, and stops in the middle when the right to it ends."""
    user: Any = request.user
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not recently_proven(request):
            raise ReauthenticationRequired
        now = timezone.now()
        try:
            begun = actions.authorise_export(
                "customers.customer",
                EXPORTS,
                by=user,
                reason=form.cleaned_data["reason"],
                now=now,
                address=client_address(request) or None,
            )
        except errors.Refused as refusal:
            _deny(request, DeniedKind.EXPORT, str(refusal))
            return render(request, "privacy/access/export.html", {"title": "Export customers", "refusal": refusal}, status=403)
        return as_file(_customers_as_csv(user.pk, begun), "customers")
    plain = [category for category in Category if user.has_perm(f"customers.reveal_{category.value}")]
    context = {"title": "Export customers", "now": timezone.now(), "form": form, "plain": plain, "section": "customers"}
    return render(request, "privacy/access/export.html", context, status=400 if form.errors else 200)


def _customers_as_csv(employee_pk: int, begun: Any) -> Lines:
    """The customers in the order of their keys, a chunk at a time. Each chunk is a short query of its own, so no transaction
    stays open behind a slow reader, and before each one the right to go on is asked for afresh.
    """
    columns = {field.name: field for field in Customer._meta.concrete_fields}
    fields = [columns[name] for name in EXPORTED]
    begun_with = policies.permissions_at(employee_pk, at=timezone.now())
    needed = {EXPORTS} | {f"customers.reveal_{category.value}" for category in Category} & begun_with
    shown = [field for field in fields if (c := category_of(field)) is None or f"customers.reveal_{c.value}" in needed]
    session = policies.session_of(employee_pk)

    def may_go_on() -> bool:
        # Whatever ends access ends the session too, and it stays ended where access was given back meanwhile.
        return needed <= policies.permissions_at(employee_pk, at=timezone.now()) and policies.session_of(employee_pk) == session

    def pieces() -> Iterator[list[list[Any]]]:
        last = 0
        while chunk := list(Customer.objects.filter(pk__gt=last).order_by("pk").values_list("pk", *EXPORTED)[:EXPORT_CHUNK]):
            last = chunk[-1][0]
            yield [
                [value if field in shown else masked(value, field) for field, value in zip(fields, row[1:], strict=True)]
                for row in chunk
            ]

    return lines_while(may_go_on, EXPORTED, pieces(), ended=written_down(begun))
