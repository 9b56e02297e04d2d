"""Briefings and policies."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from privacy.models import Briefing, Policy


class BriefingFactory(DjangoModelFactory):
    class Meta:
        model = Briefing

    given_on = date(2020, 1, 7)
    note = "first week"


class PolicyFactory(DjangoModelFactory):
    class Meta:
        model = Policy

    code = factory.Sequence(lambda n: f"policy-{n}")
    title = factory.Sequence(lambda n: f"Policy {n}")
    text = "Lock your screen."
    published_on = date(2024, 1, 2)
