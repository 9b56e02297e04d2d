"""What the pages of access share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from privacy.access import errors
from privacy.access.actions import record_export_end
from privacy.access.policies import ADMINISTERS
from privacy.agreements import errors as agreement_errors
from privacy.ledger.models import RecordedRead
from privacy.programme import errors as programme_errors
from privacy.workforce import errors as workforce_errors

REFUSALS = (errors.Refused, workforce_errors.Refused, agreement_errors.Refused, programme_errors.Refused)
REVOKES = "privacy.revoke_grants"
APPROVES = "privacy.approve_grants"
MANAGES_PEOPLE = "privacy.manage_people"
# What opens the page of any grant, of any person.
OVERSEE_GRANTS = (ADMINISTERS, APPROVES, REVOKES)
OVERSEE_PEOPLE = (ADMINISTERS, MANAGES_PEOPLE, REVOKES)


def do(request: HttpRequest, act: Callable[[], Any], *, said: str, to: str, **kwargs: Any) -> HttpResponse:
    """Run a verb, say what happened, and go on: what it did, or why it was refused. Nothing is refused silently."""
    try:
        act()
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(to, **kwargs)


def written_down(begun: RecordedRead) -> Callable[[int, bool], None]:
    """For `lines_while`: how an export ended is written down when its last line has left, or its reader has."""

    def ended(rows: int, stopped: bool) -> None:
        record_export_end(begun, rows=rows, stopped=stopped, now=timezone.now())

    return ended
