"""May this third party have opt-out data? (statement G; OPTOUTS.md, "Gate")"""

from datetime import datetime

from django.utils import timezone

from privacy.agreements.models import DataSharingAgreement, SharingPurpose, ThirdParty
from privacy.optouts.errors import MayNotReceiveSuppression
from privacy.optouts.models import DeliveryState, SuppressionDelivery

APPLY_WITHIN_DAYS = 10  # 15 USC 7704(a)(4)(A) counts business days; ten calendar days are never later


def agreement_for_suppression(third_party: ThirdParty, *, now: datetime) -> DataSharingAgreement:
    """The agreement in force under which this party gets the list. Raises MayNotReceiveSuppression.

    Refused without an agreement in force that names the purpose, and while an earlier list is overdue: who has it and has not
    applied it gets no more of it.
    """
    agreement = (
        DataSharingAgreement.objects.in_force(on=timezone.localdate(now))
        .filter(third_party=third_party, purposes__contains=[SharingPurpose.SUPPRESSION])
        .order_by("-starts_on", "-pk")
        .first()
    )
    if agreement is None:
        raise MayNotReceiveSuppression(third_party.code)
    overdue = SuppressionDelivery.objects.overdue(at=now).filter(third_party=third_party).order_by("sequence").first()
    if overdue:
        said = "" if overdue.state == DeliveryState.SENT else f" ({overdue.get_state_display()}, not applied)"
        raise MayNotReceiveSuppression(third_party.code, f"the receipt for delivery {overdue.sequence} is overdue{said}")
    return agreement  # type: ignore[no-any-return]
