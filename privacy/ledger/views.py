"""How far the ledger is sealed, and whether what is kept outside agrees: for those who read the ledger."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers.doors.pages import staff_page
from privacy.ledger.errors import AnchorDisagrees, BadAnchor
from privacy.ledger.gateways import anchor_at
from privacy.ledger.queries import check_agreement, last_verification, standing_of_the_ledger, unread_since, unsealed_since


@staff_page("privacy.view_ledger")
@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    """The chain's newest seals, and what the last night's reading of the whole ledger found."""
    standing = standing_of_the_ledger()
    anchor, known, problem = None, None, ""
    try:
        anchor = anchor_at(settings.LEDGER_ANCHOR)
        known = anchor.known()
        check_agreement(known)
        if standing.newest and anchor.answers and known is None:
            problem = f"{anchor.name} holds no seal: it was moved or removed."
    except (BadAnchor, AnchorDisagrees) as error:
        problem = str(error)
    now = timezone.now()
    context = {
        "now": now,
        "title": "The ledger",
        "section": "tables",
        "standing": standing,
        "known": known,
        "anchor": anchor,
        "problem": problem,
        "verification": last_verification(),
        "unread_since": unread_since(now=now),
        "unsealed_since": unsealed_since(now=now),
    }
    return render(request, "privacy/ledger/seals.html", context)
