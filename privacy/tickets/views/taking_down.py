"""A request that a colleague takes down while the person talks, on whichever page: opened once, and theirs."""

import json
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from customers.encryption import keyed_digest
from privacy.tickets import actions
from privacy.tickets.errors import TicketRefused

SENT_TWICE_WITHIN_SECONDS = 60


def take_down(request: HttpRequest, form: Form, **asked: Any) -> HttpResponse | None:
    """Open the request that was asked for (`open_ticket`), claimed by who wrote it down, and lead to its page.

    The same form sent twice, as a double click does, opens one. None where it was refused: the form says why.
    """
    sent = _name_of(request)
    if not cache.add(sent, "", SENT_TWICE_WITHIN_SECONDS):
        messages.info(request, "This request was taken down a moment ago; it is opened once.")
        before = cache.get(sent)
        return redirect(reverse("tickets:ticket", args=[before]) if before else f"{reverse('tickets:queue')}?tab=mine")
    try:
        ticket = actions.open_ticket(by=request.user, claimed=True, **asked)
    except TicketRefused as refusal:
        cache.delete(sent)
        form.add_error(None, str(refusal))
        return None
    except BaseException:
        cache.delete(sent)  # nothing was opened: the same form may be sent again at once
        raise
    cache.set(sent, ticket.pk, SENT_TWICE_WITHIN_SECONDS)
    messages.success(request, f"{ticket.reference} is open and yours.")
    return redirect(reverse("tickets:ticket", args=[ticket.pk]))


def _name_of(request: HttpRequest) -> str:
    """Under which it is remembered for a moment that this person sent this form on this page: a keyed digest, nobody's data."""
    typed = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return "taken-down:" + keyed_digest(json.dumps([request.user.pk, request.path, typed]), purpose="form sent").hex()
