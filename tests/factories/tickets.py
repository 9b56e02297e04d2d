"""Requests that wait to be worked on."""

from django.urls import reverse
from django.utils import timezone

from privacy.models import RightKind, Ticket, TicketChannel
from privacy.tickets.actions import claim, open_ticket
from privacy.tickets.queries import Requester


def make_ticket(*kinds, by=None, claimed_by=None, received_at=None, now=None, **more) -> Ticket:
    """A request, by the verb itself: `make_ticket("deletion", claimed_by=ana)`; a question by mail where nothing else is said."""
    now = now or timezone.now()
    requester = Requester(
        name=more.pop("name", "Ann Example"), email=more.pop("email", "ann@example.com"), phone=more.pop("phone", "")
    )
    ticket = open_ticket(
        channel=more.pop("channel", TicketChannel.EMAIL),
        kinds=kinds or [RightKind.QUESTION],
        requester=requester,
        received_at=received_at or now,
        now=now,
        by=by,
        **more,
    )
    return claim(ticket.pk, by=claimed_by, now=now) if claimed_by else ticket


def do(client, ticket, verb, **typed):
    """What a button of the request's page does, and the page that comes then."""
    return client.post(reverse("tickets:do", args=[ticket.pk, verb]), typed, follow=True)
