"""Choices that stand."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from privacy.models import Channel, OptOut, OptOutSource, Purpose
from privacy.optouts.policies import Subject, owed_sha256


class OptOutFactory(DjangoModelFactory):
    """One address that wants nothing by e-mail: `OptOutFactory(email="ann@example.com")`."""

    class Meta:
        model = OptOut

    class Params:
        email = factory.Sequence(lambda n: f"somebody{n}@example.com")

    subject_kind = "email"
    subject_key = factory.LazyAttribute(lambda wish: Subject.of_email(wish.email).key)
    address = factory.LazyAttribute(lambda wish: Subject.of_email(wish.email).canonical)
    masked = factory.LazyAttribute(lambda wish: Subject.of_email(wish.email).masked)
    owed_sha256 = factory.LazyAttribute(lambda wish: owed_sha256(wish.address))
    channel = Channel.EMAIL
    purpose = Purpose.ALL
    source = OptOutSource.MAIL
    received_at = factory.LazyFunction(timezone.now)
    suppressed_at = factory.SelfAttribute("received_at")
