"""What an agreement holds up, for the page that ends it: `{% load agreements %}`."""

from datetime import date
from typing import Any

from django import template
from django.db.models import Q
from django.template.context import Context
from django.utils import timezone

from privacy.access.models import AccessGrant
from privacy.agreements.models import Dated, Nda
from privacy.agreements.queries import is_outlasted
from privacy.workforce.models import WorkerType

register = template.Library()


@register.filter
def standing_on(paper: Dated, day: date) -> str:
    """How an agreement or an NDA stands on that day, in words."""
    return paper.standing_on(day)


@register.inclusion_tag("privacy/agreements/held_up.html", takes_context=True)
def held_up(context: Context, nda: Nda | None) -> dict[str, Any]:
    """The grants of this NDA's person that are out of force once it ends: those that need one, while no other NDA is in force."""
    if nda is None or nda.employee_id is None:
        return {"nda": None}
    now = context.get("now") or timezone.now()
    needs_one = Q(entitlement__sensitive=True) | Q(employee__worker_type=WorkerType.CONTRACTOR)
    grants = AccessGrant.objects.in_force(at=now).filter(needs_one, employee=nda.employee_id).select_related("entitlement")
    return {
        "nda": nda,
        "others": is_outlasted(nda, day=timezone.localdate(now)),
        "grants": list(grants.order_by("entitlement__name")),
    }
