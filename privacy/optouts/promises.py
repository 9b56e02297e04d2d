"""Promises that choices keep: sections C and G of the statement."""

from datetime import datetime, timedelta

from django.urls import reverse

from privacy.ledger.promises import Figure, Promise, Row
from privacy.optouts.models import SUPPRESSION_PURPOSE, DeliveryState, SuppressionDelivery

SOON = timedelta(days=2)


def misused_or_unanswered_lists(now: datetime) -> Figure:
    """Suppression lists stamped with another purpose, and lists whose receipt is overdue."""
    lists = SuppressionDelivery.objects.select_related("third_party")
    if not lists.exists():
        return Figure(None, detail="No suppression list was sent yet.")
    address = reverse("optouts:deliveries")
    other = [Row(f"{one}: another purpose", address) for one in lists.exclude(purpose_stamp=SUPPRESSION_PURPOSE)]
    unanswered = lists.filter(state=DeliveryState.SENT)
    late = [Row(f"{one.third_party}, number {one.sequence}: no receipt", address) for one in unanswered.filter(deadline__lt=now)]
    soon = unanswered.filter(deadline__gte=now, deadline__lt=now + SOON)
    at_risk = [Row(f"{one.third_party}, number {one.sequence}: receipt due", address) for one in soon]
    return Figure(len(other) + len(late), broken=[*other, *late], at_risk=at_risk)


PROMISES = [
    Promise(
        id="C-offers",
        section="C",
        quote="we present the option to not receive these types of communications",
        title="Who opted out gets no offers",
        measures="mail-outs that contained an address that had opted out",
        evidence="/admin/opt-outs/",
    ),
    Promise(
        id="G-suppression",
        section="G",
        quote="use this information solely for the purpose of eliminating potential recipients from any e-mails",
        title="Suppression lists serve nothing but suppression",
        measures="suppression lists with another purpose, or with an overdue receipt",
        measure=misused_or_unanswered_lists,
        evidence="/admin/opt-outs/deliveries/",
    ),
]
