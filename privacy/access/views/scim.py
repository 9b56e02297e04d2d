"""Doors: identity providers that may speak to us, and what their groups make people eligible for."""

from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.pages import recently_proven, staff_page
from customers.doors.paging import Part
from customers.doors.words import ReasonForm
from privacy.access import actions, errors, queries
from privacy.access.forms.scim import ConnectForm, EligibleForm
from privacy.access.models import ScimClient, ScimGroup
from privacy.access.views.parts import ADMINISTERS, do


@staff_page(ADMINISTERS)
@require_safe
def scim_clients(request: HttpRequest) -> HttpResponse:
    """Identity providers and their groups."""
    context = {
        "title": "Identity providers",
        "now": timezone.now(),
        "clients": queries.list_scim_clients(),
        "groups": Part(queries.list_scim_groups(), most=200),
        "address": request.build_absolute_uri("/scim/v2"),
        "section": "access",
    }
    return render(request, "privacy/access/scim/clients.html", context)


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def connect_scim(request: HttpRequest) -> HttpResponse:
    """Make a client; its token is in this one answer and nowhere else. Asks who it is first, where that was not proven lately."""
    form = ConnectForm(request.POST or None)
    user: Any = request.user
    context: dict[str, Any] = {"title": "Connect an identity provider", "now": timezone.now(), "section": "access"}
    if request.method == "POST" and form.is_valid():
        if not recently_proven(request):
            raise ReauthenticationRequired
        now = timezone.now()
        try:
            client, token = actions.connect_client(form.cleaned_data["name"], by=user, now=now)
        except errors.Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            actions.catch_up(now=now)
            shown = {"client": client, "token": token, "address": request.build_absolute_uri("/scim/v2")}
            return render(request, "privacy/access/scim/token.html", {**context, **shown, "title": f"{client} is connected"})
    return render(request, "privacy/access/scim/connect.html", {**context, "form": form}, status=400 if form.errors else 200)


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_scim(request: HttpRequest, pk: int) -> HttpResponse:
    """End a client: GET asks why, POST ends it."""
    client = get_object_or_404(ScimClient, pk=pk)
    form = ReasonForm(request.POST or None)
    user: Any = request.user
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        return do(
            request,
            lambda: actions.revoke_client(pk, by=user, reason=reason, now=timezone.now()),
            said=f"The token of {client} opens nothing any more.",
            to="access:scim_clients",
        )
    context = {"title": f"Revoke {client}", "now": timezone.now(), "client": client, "form": form, "section": "access"}
    return render(request, "privacy/access/scim/revoke.html", context, status=400 if form.errors else 200)


@staff_page(ADMINISTERS)
@require_safe
def scim_group(request: HttpRequest, pk: int) -> HttpResponse:
    """A group: who is in it, and what its members are offered first when they ask."""
    group = get_object_or_404(ScimGroup.objects.select_related("told_by"), pk=pk)
    found: Any = group
    context = {
        "title": str(group),
        "now": timezone.now(),
        "group": group,
        "members": Part(found.members.filter(user__deleted_at=None).select_related("user__employee"), most=200),
        "offered": found.eligible_for.select_related("entitlement__system"),
        "form": EligibleForm(),
        "section": "access",
    }
    return render(request, "privacy/access/scim/group.html", context)


@staff_page(ADMINISTERS)
@require_POST
def scim_eligible(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer an entitlement to the members of a group, or no longer."""
    get_object_or_404(ScimGroup, pk=pk)
    form = EligibleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose an entitlement.")
        return redirect("access:scim_group", pk=pk)
    user: Any = request.user
    verb = actions.no_longer_eligible if "take_away" in request.POST else actions.make_eligible
    what = form.cleaned_data["entitlement"]
    return do(request, lambda: verb(pk, what, by=user, now=timezone.now()), said="Changed.", to="access:scim_group", pk=pk)
