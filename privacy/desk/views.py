"""Doors of the desk: Today, the search, one page about one person, the timeline of any record, one's own sessions."""

from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.db.models import Model
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.masks import search_subject, searched, searching
from customers.doors.pages import may_open, staff_page
from customers.doors.paging import number
from customers.models import Customer
from customers.queries import TooMany
from privacy.access import actions as access
from privacy.desk import queries
from privacy.optouts import actions as optouts
from privacy.optouts.forms import ChoiceForm
from privacy.optouts.policies import Subject
from privacy.tickets.forms import AskedForm
from privacy.tickets.queries import Requester
from privacy.tickets.views import take_down

LONGEST_SEARCH = 200


@staff_page()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Today: what waits for this person, soonest first; figures; what is due in the next two weeks."""
    now = timezone.now()
    sees_requests = request.user.has_perm("privacy.work_tickets")
    waiting = queries.waits_for(request.user, now=now)
    beyond = queries.requests_beyond(request.user, waiting, now=now)
    context = {
        "now": now,
        "today": timezone.localdate(now),
        "title": "Today",
        "section": "today",
        "waiting": waiting,
        "beyond": beyond,
        "in_all": len(waiting) + beyond,
        "asked_for": queries.asked_for(request.user),
        "late": sum(1 for one in waiting if one.due_at and one.due_at < now),
        "tiles": queries.figures(request.user, now=now),
        "days": queries.due_days(now=now) if sees_requests else [],
    }
    return render(request, "privacy/desk/home.html", context)


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Find anything. By POST, so that names and addresses stay out of URLs; written down before anything is shown."""
    now = timezone.now()
    asked = " ".join(request.POST.get("asked", "").replace("\x00", "").split())[:LONGEST_SEARCH]
    found, problem = [], ""
    if asked:
        try:
            searching.send(Customer, request=request)
            found = queries.find(asked, employee=request.user, now=now)
            rows = sum(len(kind.hits) for kind in found)
            searched.send(Customer, request=request, subject=search_subject("everywhere", asked), rows=rows)
        except TooMany as refusal:
            found, problem = [], str(refusal)
    context = {
        "now": now,
        "title": "Results" if asked else "Find",
        "asked": asked,
        "found": found,
        "problem": problem,
        "any": any(kind.hits for kind in found),
    }
    return render(request, "privacy/desk/search.html", context)


@staff_page("customers.view_customer")
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one customer, masked; every act that may be done for them is a button here."""
    now = timezone.now()
    found = queries.person(pk, now=now)
    if found is None:
        raise Http404
    entries, _ = queries.timeline_of(type(found.customer), pk, limit=8)
    context = {
        "now": now,
        "title": f"Customer {found.customer.member_id}",
        "section": "customers",
        "person": found,
        "entries": entries,
    }
    return render(request, "privacy/desk/person.html", context)


@staff_page("privacy.manage_optouts")
@require_http_methods(["GET", "HEAD", "POST"])
def record_choice(request: HttpRequest, pk: int) -> HttpResponse:
    """This person opted out by phone, post or fax: it holds at once."""
    now = timezone.now()
    customer = get_object_or_404(Customer, pk=pk)
    form = ChoiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        _, new = optouts.opt_out(
            Subject.of_customer(pk),
            channel=data["channel"],
            purpose=data["purpose"],
            source=data["source"],
            received_at=now,
            now=now,
            by=request.user,
            evidence=data["evidence"],
            customer_id=pk,
        )
        said = "Opted out, as of now." if new else "That person had opted out of it already; the first choice stands."
        messages.success(request, said)
        return redirect("desk:person", pk)
    return _form(request, customer, form, "Record an opt-out", "Opt out", now=now)


@staff_page("privacy.work_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def open_request(request: HttpRequest, pk: int) -> HttpResponse:
    """This person asks for something: a request is opened, theirs and claimed, without showing who they are."""
    now = timezone.now()
    customer = get_object_or_404(Customer, pk=pk)
    form = AskedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        opened = take_down(
            request,
            form,
            channel=data["channel"],
            kinds=data["kinds"],
            requester=Requester(name=customer.name, email=customer.email, phone=customer.phone),
            received_at=now,
            now=now,
            text=data["text"],
            customer=customer,
            reasons=["opened from their page"],
        )
        if opened is not None:
            return opened
    return _form(request, customer, form, "New request", "Open the request", now=now)


def _form(request: HttpRequest, customer: Customer, form: Form, title: str, act: str, *, now: datetime) -> HttpResponse:
    context = {"now": now, "title": title, "section": "customers", "customer": customer, "form": form, "act": act}
    return render(request, "privacy/desk/person_form.html", context, status=422 if form.errors else 200)


@staff_page("privacy.view_ledger")
@require_safe
def timeline(request: HttpRequest, label: str, pk: str) -> HttpResponse:
    """Everything that ever happened to one record, from the ledger."""
    model = queries.tracked_model(label)
    found = number(pk)
    if model is None or found is None:
        raise Http404
    entries, older = queries.timeline_of(model, found, before=number(request.GET.get("before")))
    if not entries:
        raise Http404
    record = model._base_manager.filter(pk=found).first()
    kind, kinds = capfirst(str(model._meta.verbose_name)), capfirst(str(model._meta.verbose_name_plural))
    customer = model is Customer
    name = f"{kind} {pk}, which is gone" if record is None else capfirst(str(record))
    if name.isdigit() or (customer and record):
        name = f"{kind} {name}"
    context = {
        "now": timezone.now(),
        "title": f"History: {name}",
        "section": "customers" if customer else "tables",
        "back_words": name,
        "back": _address_of(request.user, model, record),
        "table_words": kinds,
        "table": _open_to(request.user, f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
        "entries": entries,
        "older": older,
        "label": label,
        "pk": pk,
    }
    return render(request, "privacy/desk/timeline.html", context)


def _address_of(user: Any, model: type[Model], record: Model | None) -> str:
    """The page of a record, where there is one that this person may open: its own, else its row in the tables."""
    names = {"customers.customer": "desk:person", "privacy.employee": "access:person", "privacy.ticket": "tickets:ticket"}
    own = names.get(model._meta.label_lower, ""), f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return next((address for name in own if record and (address := _open_to(user, name, record.pk))), "")


def _open_to(user: Any, name: str, *args: Any) -> str:
    try:
        address = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return address if may_open(user, address) else ""


@staff_page()
@require_safe
def tables(request: HttpRequest) -> HttpResponse:
    """Every table that this person may look at."""
    apps = admin.site.get_app_list(request)
    return render(request, "privacy/desk/tables.html", {"title": "Tables", "app_list": apps, "section": "tables"})


@staff_page()
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of my own sessions. Somebody else's does not exist for me."""
    if not UserSession.objects.filter(pk=pk, user=request.user).exists():
        raise Http404
    ended = access.end_session(
        pk,
        by=request.user,  # type: ignore[arg-type]
        reason="ended by its owner",
    )
    messages.success(request, "That session is over." if ended else "That session was over already.")
    return redirect("usersessions_list")
