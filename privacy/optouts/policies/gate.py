"""May this third party have opt-out data? (statement G; OPTOUTS.md, "Gate")"""

from datetime import datetime

from django.utils import timezone

from privacy.agreements.models import DataSharingAgreement, SharingPurpose, ThirdParty
from privacy.optouts.errors import MayNotReceiveSuppression
from privacy.optouts.models import DeliveryState, SuppressionDelivery


def agreement_for_suppression(third_party: ThirdParty, *, now: datetime) -> DataSharingAgreement:
    """The agreement in force under which this party gets the list. Raises MayNotReceiveSuppression.

    Refused without an agreement in force that names the purpose, and while a receipt for an earlier list is overdue.
    """
    agreement = (
        DataSharingAgreement.objects.in_force(on=timezone.localdate(now))
        .filter(third_party=third_party, purposes__contains=[SharingPurpose.SUPPRESSION])
        .order_by("-starts_on", "-pk")
        .first()
    )
    if agreement is None:
        raise MayNotReceiveSuppression(third_party.code)
    overdue = SuppressionDelivery.objects.filter(third_party=third_party, state=DeliveryState.SENT, deadline__lt=now).first()
    if overdue:
        raise MayNotReceiveSuppression(third_party.code, f"the receipt for delivery {overdue.sequence} is overdue")
    return agreement  # type: ignore[no-any-return]
