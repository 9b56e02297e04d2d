"""How far the ledger is sealed, and whether what is kept outside agrees: for those who read the ledger."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers.doors.pages import staff_page
from privacy.ledger.actions import check_agreement
from privacy.ledger.errors import AnchorDisagrees, BadAnchor
from privacy.ledger.gateways import anchor_at
from privacy.ledger.queries import standing_of_the_ledger


@staff_page("privacy.view_ledger")
@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    """The chain's newest seals. That they are right is checked by `verify_ledger`, from a machine that has the anchor."""
    known, place, problem = None, "", ""
    try:
        anchor = anchor_at(settings.LEDGER_ANCHOR)
        place, known = anchor.name, anchor.known()
        check_agreement(known)
    except (BadAnchor, AnchorDisagrees) as error:
        problem = str(error)
    context = {
        "now": timezone.now(),
        "title": "The ledger",
        "standing": standing_of_the_ledger(),
        "known": known,
        "place": place,
        "problem": problem,
    }
    return render(request, "privacy/ledger/seals.html", context)
