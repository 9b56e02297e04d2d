"""Promises that choices keep: sections C and G of the statement."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from privacy.ledger.promises import Figure, Promise, Row
from privacy.optouts.models import SUPPRESSION_PURPOSE, SuppressionDelivery
from privacy.optouts.policies.gate import APPLY_WITHIN_DAYS
from privacy.optouts.queries import parties_not_told

SOON = timedelta(days=2)


def misused_unanswered_or_missing_lists(now: datetime) -> Figure:
    """Suppression lists stamped with another purpose, lists that are not applied by their deadline, and third parties that wait
    longer than APPLY_WITHIN_DAYS for a list of whom to stop writing to.
    """
    lists, bound = SuppressionDelivery.objects.select_related("third_party"), timedelta(days=APPLY_WITHIN_DAYS)
    address = reverse("optouts:deliveries")
    other = [Row(f"{one}: another purpose", address) for one in lists.exclude(purpose_stamp=SUPPRESSION_PURPOSE)]
    late = [Row(f"{one.third_party}, number {one.sequence}: not applied", address) for one in lists.overdue(at=now)]
    soon = lists.overdue(at=now + SOON).filter(deadline__gte=now)
    at_risk = [Row(f"{one.third_party}, number {one.sequence}: to be applied", address) for one in soon]
    waiting = parties_not_told(since=now + SOON - bound, now=now)
    missing = [
        Row(f"{one.third_party}: not told of opt-outs since {date_format(timezone.localtime(one.since), 'j M Y')}", address)
        for one in waiting
        if one.since < now - bound
    ]
    at_risk += [Row(f"{one.third_party}: a list is due", address) for one in waiting if one.since >= now - bound]
    if not waiting and not lists.exists():
        return Figure(None, detail="No suppression list was sent yet, and nobody waits for one.")
    return Figure(len(other) + len(late) + len(missing), broken=[*other, *late, *missing], at_risk=at_risk)


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
        measures="suppression lists with another purpose, overdue or not sent within ten days",
        measure=misused_unanswered_or_missing_lists,
        evidence="/admin/opt-outs/deliveries/",
    ),
]
