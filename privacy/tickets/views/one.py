"""One request: its page, and a door for each verb."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from customers.doors.addresses import client_address
from customers.doors.pages import staff_page
from customers.doors.words import ReasonForm
from customers.models import Customer
from privacy.ledger.actions import holds_now
from privacy.ledger.errors import NoLongerAllowed
from privacy.optouts.errors import OptOutRefused
from privacy.tickets import actions, queries
from privacy.tickets import forms as typed
from privacy.tickets.errors import ReasonMissing, TicketRefused
from privacy.tickets.models import Outcome, Ticket, TicketState
from privacy.tickets.policies import BY_MAIL, is_paused, may_be_extended, next_act, was_extended

MAY_ENTER = "privacy.work_tickets"


@dataclass(frozen=True)
class Door:
    """One verb of a request: the form that it needs, how it is called, what is said afterwards."""

    call: Callable[..., Any]
    said: str
    form: type[forms.Form] = forms.Form


def _claim(pk: int, *, by: Any, now: Any, address: str) -> None:
    actions.claim(pk, by=by, now=now)
    if by.has_perm(queries.READ_CONVERSATION):
        actions.read_conversation(pk, by=by, now=now, address=address)


def _match(pk: int, *, customer: str, **more: Any) -> None:
    more.pop("address")
    found = Customer.objects.filter(member_id=customer.strip()).first() if customer.strip() else None
    if customer.strip() and found is None:
        raise TicketRefused("There is no customer with this member id.")
    ticket = Ticket.objects.get(pk=pk)
    match = next((m for m in queries.find_person(queries.requester_of(ticket)) if found and m.customer.pk == found.pk), None)
    actions.match_person(pk, customer=found, score=match.score if match else None, reasons=match.reasons if match else (), **more)


def _end(pk: int, *, right: Any, duplicate_of: Any, address: str, **more: Any) -> None:
    if right is not None:
        actions.end_right(right.pk, **more)
    else:
        actions.close_ticket(pk, duplicate_of=duplicate_of, **more)


def _plain(verb: Callable[..., Any], **fixed: Any) -> Callable[..., Any]:
    def call(pk: int, *, address: str, **typed_in: Any) -> Any:
        return verb(pk, **typed_in, **fixed)

    return call


DOORS: dict[str, Door] = {
    "claim": Door(_claim, "This request is yours."),
    "read": Door(actions.read_conversation, "The conversation is open to you; that was written down."),
    "release": Door(_plain(actions.release), "Released for others.", typed.OptionalReasonForm),
    "hand-over": Door(_plain(actions.hand_over), "Handed over.", typed.HandOverForm),
    "acknowledge": Door(_plain(actions.acknowledge), "Acknowledged."),
    "comment": Door(_plain(actions.comment), "Noted.", typed.CommentForm),
    "reply": Door(_plain(actions.reply), "Replied.", typed.ReplyForm),
    "kinds": Door(_plain(actions.change_kinds), "The rights are set.", typed.KindsForm),
    "channel": Door(_plain(actions.set_preferred_channel), "Answers go that way now.", typed.ChannelForm),
    "match": Door(_match, "The person is set.", typed.MatchForm),
    "suppress": Door(_plain(actions.suppress), "Opted out, as of now.", typed.SuppressForm),
    "begin-verifying": Door(_plain(actions.advance, to=TicketState.VERIFYING), "Verification has begun."),
    "verify": Door(_plain(actions.advance, to=TicketState.VERIFIED), "Verified.", typed.VerifyForm),
    "extend": Door(_plain(actions.extend), "Extended, and the requester was told.", ReasonForm),
    "pause": Door(_plain(actions.pause), "Paused.", ReasonForm),
    "resume": Door(_plain(actions.resume), "Resumed.", typed.OptionalReasonForm),
    "end": Door(_end, "The outcome is recorded.", typed.OutcomeForm),
}


# Whose forms stand on the page of every open request of one's own, whatever comes next.
ALWAYS_SHOWN = frozenset({"channel", "comment", "end", "hand-over", "kinds", "match", "release", "reply", "suppress"})


@staff_page(MAY_ENTER)
@require_safe
def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one request."""
    return _page(request, get_object_or_404(Ticket.objects.select_related("assignee", "customer", "duplicate_of"), pk=pk), {})


@staff_page(MAY_ENTER)
@require_POST
def do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Call one verb. What it refuses is said on the page, with what was typed still there."""
    door = DOORS.get(verb)
    if door is None:
        raise Http404
    one = get_object_or_404(Ticket.objects.select_related("assignee", "customer", "duplicate_of"), pk=pk)
    form = _form(door.form, one, request.POST)
    if not form.is_valid():
        return _page(request, one, {verb: form}, status=422)
    try:
        door.call(pk, by=request.user, now=timezone.now(), address=client_address(request), **form.cleaned_data)
    except (TicketRefused, OptOutRefused) as refusal:
        if not holds_now(request.user, MAY_ENTER):  # ended while the request ran: nothing is shown any more
            raise NoLongerAllowed(str(request.user)) from refusal
        form.add_error(_field_of(refusal, form), str(refusal))
        one.refresh_from_db()
        # Said once: beside its form where the page shows that, else on top.
        if verb not in ALWAYS_SHOWN or one.closed_at or one.assignee_id != request.user.pk:
            messages.error(request, str(refusal))
        return _page(request, one, {verb: form}, status=409)
    messages.success(request, door.said)
    return redirect(reverse("tickets:ticket", args=[pk]))


def _field_of(refusal: Exception, form: forms.Form) -> str | None:
    """The field that a refusal is about, where it is about one."""
    if isinstance(refusal, ReasonMissing) and "denial_reason" in form.fields:
        if form.cleaned_data["outcome"] == Outcome.DUPLICATE:
            return "duplicate_of"
        return "explanation" if form.cleaned_data.get("denial_reason") else "denial_reason"
    return None


def _form(kind: type[forms.Form], one: Ticket, data: Any = None, **more: Any) -> forms.Form:
    if issubclass(kind, (typed.OutcomeForm, typed.SuppressForm, typed.VerifyForm)):
        return kind(data, ticket=one, **more)
    return kind(data, **more)


def _page(request: HttpRequest, one: Ticket, bound: dict[str, forms.Form], *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    clocks = queries.clocks(one)
    rights = [right for right, _ in clocks]
    events = list(one.events.select_related("by", "right", "letter"))
    initial = {
        "kinds": {"kinds": [right.kind for right in rights if right.ended_at is None]},
        "channel": {"channel": one.preferred_channel},
        "match": {"customer": one.customer.member_id if one.customer else ""},
    }
    blank = {
        verb: _form(door.form, one, auto_id=f"{verb}-%s", initial=initial.get(verb))
        for verb, door in DOORS.items()
        if door.form is not forms.Form
    }
    may_read = queries.may_read_conversation(one, by=request.user, now=now)
    following = next_act(one, rights, events, by=request.user)
    context = {
        "ticket": one,
        "now": now,
        "clocks": clocks,
        "clock": queries.clock_drawing(one, clocks, events, now=now),
        "standing": [right for right in rights if right.ended_at is None],
        "entries": queries.conversation(one, events, readable=may_read),
        "may_read": may_read,
        "could_read": one.assignee_id == request.user.pk and request.user.has_perm(queries.READ_CONVERSATION),
        "candidates": []
        if one.closed_at
        else [match for match in queries.find_person(queries.requester_of(one)) if match.customer.pk != one.customer_id],
        "mine": one.assignee_id == request.user.pk,
        "next_act": following,
        "replies": following == "reply",
        "goes_by_mail": one.preferred_channel in BY_MAIL,
        "is_paused": is_paused(events),
        "may_take_more_time": not was_extended(events)
        and any(right.ended_at is None and may_be_extended(right.kind, one.regime) for right in rights),
        "forms": {verb.replace("-", "_"): form for verb, form in {**blank, **bound}.items()},
        "failed": next(iter(bound), ""),
        "is_wrong": bool(bound),
        "title": one.reference,
        "section": "requests",
    }
    return render(request, "privacy/tickets/ticket.html", context, status=status)
