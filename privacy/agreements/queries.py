"""Reads about agreements: which hold, which run out."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from customers.models import CookieTag
from privacy.agreements.models import DataSharingAgreement, Nda, ThirdParty

SOON_DAYS = 30
NDA_WAITS_DAYS = 14  # from then on an NDA that runs out waits for somebody, and is shown in amber
NDA_STATES = ("in force", "ends soon", "ended", "all")


def list_ndas(*, state: str, find: str, now: datetime) -> QuerySet[Nda]:
    """NDAs by standing, the soonest end first."""
    day = timezone.localdate(now)
    ndas: Any = Nda.objects.select_related("employee", "third_party")
    if state == "in force":
        ndas = ndas.in_force(on=day)
    elif state == "ends soon":
        ndas = ndas.running_out(within_days=SOON_DAYS, at=now)
    elif state == "ended":
        ndas = ndas.filter(ends_on__lt=day)
    if find:
        ndas = ndas.filter(
            Q(employee__name__icontains=find) | Q(employee__login__icontains=find) | Q(third_party__name__icontains=find)
        )
    ended_last = "-ends_on" if state == "ended" else "ends_on"
    ordered: QuerySet[Nda] = ndas.order_by(ended_last, "pk")
    return ordered


def is_outlasted(nda: Nda, *, day: date) -> bool:
    """Whether another NDA with the same person or third party holds on the day after that one."""
    others = Nda.objects.in_force(on=day + timedelta(days=1)).exclude(pk=nda.pk)
    return others.filter(employee=nda.employee_id, third_party=nda.third_party_id).exists()


def list_parties(*, day: date, find: str = "") -> QuerySet[ThirdParty]:
    """Third parties, each with `agreements_in_force`, `nda_in_force` and `sets_tags`: cookies or tags of theirs are in use."""
    parties = ThirdParty.objects.annotate(
        agreements_in_force=Count("agreements", filter=Q(agreements__in=DataSharingAgreement.objects.in_force(on=day))),
        sets_tags=Exists(tags_in_use(on=day).filter(setter=OuterRef("code"))),
        nda_in_force=Exists(Nda.objects.in_force(on=day).filter(third_party=OuterRef("pk"))),
    )
    return parties.filter(Q(name__icontains=find) | Q(code__icontains=find)) if find else parties


def tags_in_use(*, on: date) -> QuerySet[CookieTag]:
    """Cookies and tags of the web site that are in use on that day."""
    return CookieTag.objects.filter(in_use_from__lte=on).exclude(in_use_until__lt=on)


def agreements_of(party: ThirdParty) -> QuerySet[DataSharingAgreement]:
    """Newest first."""
    return party.agreements.order_by("-starts_on", "-pk")
