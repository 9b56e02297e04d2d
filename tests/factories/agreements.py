"""Third parties, agreements and NDAs that hold."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from privacy.models import DataSharingAgreement, Nda, SharingPurpose, ThirdParty, ThirdPartyKind


class NdaFactory(DjangoModelFactory):
    """Pass `employee=` or `third_party=`."""

    class Meta:
        model = Nda

    signed_on = date(2020, 1, 6)
    starts_on = date(2020, 1, 6)
    document = "personnel file, paper 3"


class ThirdPartyFactory(DjangoModelFactory):
    class Meta:
        model = ThirdParty

    code = factory.Sequence(lambda n: f"party-{n}")
    name = factory.Sequence(lambda n: f"Party {n} Inc.")
    kind = ThirdPartyKind.PROCESSOR
    contact_email = factory.LazyAttribute(lambda party: f"privacy@{party.code}.example")


class DataSharingAgreementFactory(DjangoModelFactory):
    class Meta:
        model = DataSharingAgreement

    third_party = factory.SubFactory(ThirdPartyFactory)
    reference = factory.Sequence(lambda n: f"DSA-{n}")
    purposes = [SharingPurpose.MAILINGS.value]
    categories = ["contact"]
    signed_on = date(2020, 1, 6)
    starts_on = date(2020, 1, 6)
    document = "contracts, binder 2"
