"""What an agreement holds up, for the page that ends it: `{% load agreements %}`."""

from typing import Any

from django import template
from django.db.models import Q
from django.template.context import Context
from django.utils import timezone

from privacy.access.models import AccessGrant
from privacy.agreements.models import Nda
from privacy.workforce.models import WorkerType

register = template.Library()


@register.inclusion_tag("privacy/agreements/held_up.html", takes_context=True)
def held_up(context: Context, nda: Nda | None) -> dict[str, Any]:
    """The grants of this NDA's person that are out of force once it ends: those that need one, while no other NDA is in force."""
    if nda is None or nda.employee_id is None:
        return {"nda": None}
    now = context.get("now") or timezone.now()
    others = Nda.objects.in_force(on=timezone.localdate(now)).filter(employee=nda.employee_id).exclude(pk=nda.pk)
    needs_one = Q(entitlement__sensitive=True) | Q(employee__worker_type=WorkerType.CONTRACTOR)
    grants = AccessGrant.objects.in_force(at=now).filter(needs_one, employee=nda.employee_id).select_related("entitlement")
    return {"nda": nda, "others": others.exists(), "grants": list(grants.order_by("entitlement__name"))}
