"""Doors: NDAs, third parties, agreements."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import sought
from customers.doors.tables import csv_of
from privacy.agreements import actions, errors, queries
from privacy.agreements.actions import ADMINISTERS, SHARES
from privacy.agreements.forms import AgreementForm, EndForm, NdaForm, ThirdPartyForm
from privacy.agreements.models import DataSharingAgreement, Nda, ThirdParty

# Where the forms lead back to, in words.
BACK_TO = {"agreements:parties": "Sharing", "agreements:ndas": "NDAs"}


@staff_page(SHARES)
@require_http_methods(["GET", "HEAD", "POST"])
def parties(request: HttpRequest) -> HttpResponseBase:
    """Third parties, and whether what was agreed with them holds."""
    now = timezone.now()
    find = sought(request)
    rows = queries.list_parties(day=timezone.localdate(now), find=find)
    if request.method == "POST":
        return csv_of(request, rows)
    context = {"title": "Sharing", "now": now, "rows": rows[:500], "find": find, "section": "sharing"}
    return render(request, "privacy/agreements/parties.html", context)


@staff_page(SHARES)
@require_safe
def party(request: HttpRequest, code: str) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(ThirdParty, code=code)
    day = timezone.localdate(now)
    context = {
        "title": found.name,
        "now": now,
        "day": day,
        "tags": list(queries.tags_in_use(on=day).filter(setter=found.code)),
        "has_agreement": found.agreements.in_force(on=day).exists(),  # type: ignore[attr-defined]
        "party": found,
        "agreements": queries.agreements_of(found),
        "ndas": found.ndas.order_by("-starts_on"),
        "disclosures": found.disclosures.select_related("by", "agreement")[:50],
        "section": "sharing",
    }
    return render(request, "privacy/agreements/party.html", context)


@staff_page(SHARES)
@require_http_methods(["GET", "HEAD", "POST"])
def add_party(request: HttpRequest) -> HttpResponse:
    form = ThirdPartyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            made = actions.record_third_party(by=user, **form.cleaned_data)
        except errors.Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, f"{made} is on record.")
            return redirect("agreements:party", code=made.code)
    return _form(request, "New third party", form, back="agreements:parties", button="Record")


@staff_page(SHARES)
@require_http_methods(["GET", "HEAD", "POST"])
def add_agreement(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(ThirdParty, code=code)
    form = AgreementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            actions.record_agreement(found, by=user, **form.cleaned_data)
        except errors.Refused as refusal:
            form.add_error("reference", str(refusal))
        else:
            messages.success(request, "The agreement is on record.")
            return redirect("agreements:party", code=code)
    return _form(request, f"Agreement with {found}", form, party=found, button="Record")


@staff_page(SHARES)
@require_http_methods(["GET", "HEAD", "POST"])
def end_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(DataSharingAgreement.objects.select_related("third_party"), pk=pk)
    form = EndForm(request.POST or None, initial={"last_day": timezone.localdate()})
    code = found.third_party.code
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            actions.end_agreement(pk, by=user, **form.cleaned_data)
        except errors.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found} ends on {form.cleaned_data['last_day']:%B %-d, %Y}.")
            return redirect("agreements:party", code=code)
    title = f"End {found} with {found.third_party}"
    lede = f"Nothing more is shared with {found.third_party} under it after the last day."
    return _form(request, title, form, party=found.third_party, button="End it", danger=True, lede=lede)


@staff_page(SHARES, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def ndas(request: HttpRequest) -> HttpResponseBase:
    """Nondisclosure agreements; what needs one stops being in force when it ends."""
    now = timezone.now()
    day = timezone.localdate(now)
    state = request.GET.get("state", "in force")
    state = state if state in queries.NDA_STATES else "in force"
    find = sought(request)
    rows = queries.list_ndas(state=state, find=find, now=now)
    if request.method == "POST":
        return csv_of(request, rows)
    context = {
        "title": "Nondisclosure agreements",
        "now": now,
        "day": day,
        "rows": rows[:500],
        "ends_soon": queries.list_ndas(state="ends soon", find="", now=now).count(),
        "state": state,
        "states": queries.NDA_STATES,
        "soon_days": queries.NDA_WAITS_DAYS,
        "find": find,
        "section": "access",
    }
    return render(request, "privacy/agreements/ndas.html", context)


@staff_page(SHARES, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_nda(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    user: Any = request.user
    form = NdaForm(request.POST or None, may_share=user.has_perm(SHARES), now=now)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.record_nda(by=user, **form.cleaned_data)
        except errors.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made} is on record.")
            return redirect("agreements:ndas")
    return _form(request, "Record an NDA", form, back="agreements:ndas", button="Record")


@staff_page(SHARES, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def end_nda(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Nda.objects.select_related("employee", "third_party"), pk=pk)
    user: Any = request.user
    if found.third_party_id and not user.has_perm(SHARES):
        raise PermissionDenied
    form = EndForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_nda(pk, by=user, **form.cleaned_data)
        except errors.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            day = form.cleaned_data["last_day"]
            after = "What needs it is out of force then."
            if queries.is_outlasted(found, day=day):
                after = f"Another NDA with {found.employee or found.third_party} goes on: nothing stops with this one."
            messages.success(request, f"{found} ends on {day:%B %-d, %Y}. {after}")
            return redirect("agreements:ndas")
    lede = "Everything that needs it, sensitive access above all, is out of force from the end of the last day."
    title = f"End the {found}"
    return _form(request, title, form, back="agreements:ndas", button="End it", danger=True, lede=lede, ends=found)


def _form(
    request: HttpRequest,
    title: str,
    form: Any,
    *,
    button: str,
    back: str = "agreements:parties",
    party: ThirdParty | None = None,
    danger: bool = False,
    lede: str = "",
    ends: Nda | None = None,
) -> HttpResponse:
    """A page that holds one form. party: whose page it belongs to, and leads back to; ends: the NDA that it would end."""
    context = {
        "title": title,
        "now": timezone.now(),
        "form": form,
        "back": reverse("agreements:party", args=[party.code]) if party else reverse(back),
        "back_words": party.name if party else BACK_TO[back],
        "party": party,
        "lede": lede,
        "button": button,
        "danger": danger,
        "ends": ends,
        "section": "access" if back == "agreements:ndas" else "sharing",
    }
    return render(request, "privacy/agreements/form.html", context, status=400 if form.errors else 200)
