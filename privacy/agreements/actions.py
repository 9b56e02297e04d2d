"""Verbs about NDAs, third parties and agreements with them (statement D)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from privacy.agreements import errors
from privacy.agreements.models import DataSharingAgreement, Nda, ThirdParty
from privacy.ledger.actions import act, check_still_allowed, unless_taken
from privacy.workforce.actions import forget_sessions
from privacy.workforce.models import Employee, WorkerType

SHARES, ADMINISTERS = "privacy.manage_sharing", "privacy.administer_access"


def record_nda(
    *,
    by: Employee | None,
    signed_on: date,
    starts_on: date,
    document: str,
    ends_on: date | None = None,
    employee: Employee | None = None,
    third_party: ThirdParty | None = None,
) -> Nda:
    """Write down a signed NDA with one person or one third party; said twice, the same paper is one. Raises EndsBeforeItStarts,
    NotWithOneself, NoLongerAllowed.

    Where a contractor was without one before it, they sign in anew: what was open before the gap stays ended (statement E.1).
    """
    if ends_on is not None and ends_on < starts_on:
        raise errors.EndsBeforeItStarts
    if by is not None and employee is not None and by.pk == employee.pk:
        raise errors.NotWithOneself
    with act("record_nda", by=by):
        check_still_allowed(by, *_for_ndas(third_party))
        with_whom = employee or third_party
        if with_whom is not None:  # of two who write the same paper down at once, the second finds the first's
            type(with_whom)._default_manager.select_for_update(no_key=True).get(pk=with_whom.pk)
        said: dict[str, Any] = {"employee": employee, "third_party": third_party, "signed_on": signed_on}
        said |= {"starts_on": starts_on, "ends_on": ends_on, "document": document}
        if same := Nda.objects.filter(**said, ended_reason="").first():
            return same
        made = Nda.objects.create(**said)
        if employee is not None and employee.worker_type == WorkerType.CONTRACTOR and not _goes_on_from_another(made):
            forget_sessions(employee.pk, by=by, reason="a nondisclosure agreement begins anew")
        return made


def _goes_on_from_another(nda: Nda) -> bool:
    """Whether another NDA of the same person reaches up to this one's first day: then there was no day without."""
    others = Nda.objects.filter(employee=nda.employee_id, starts_on__lte=nda.starts_on).exclude(pk=nda.pk)
    return others.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=nda.starts_on - timedelta(days=1))).exists()


def end_nda(nda_id: int, *, last_day: date, by: Employee, reason: str) -> Nda:
    """End an NDA early; what needs it is out of force from the next day. Raises AlreadyEnded, ReasonNeeded,
    NoLongerAllowed.

    A last day before the first means that it never held.
    """
    if not reason.strip():
        raise errors.ReasonNeeded
    with act("end_nda", by=by, reason=reason, nda=nda_id):
        nda = Nda.objects.select_for_update(no_key=True, of=("self",)).select_related("third_party").get(pk=nda_id)
        check_still_allowed(by, *_for_ndas(nda.third_party))
        if nda.ends_on is not None and nda.ends_on <= last_day:
            raise errors.AlreadyEnded
        nda.ends_on = max(last_day, nda.starts_on - timedelta(days=1))
        nda.ended_reason = reason.strip()
        nda.save(update_fields=["ends_on", "ended_reason"])
        return nda


def _for_ndas(third_party: ThirdParty | None) -> tuple[str, ...]:
    """What one needs to write about this NDA: those who administer access look after those of people, not of companies."""
    return (SHARES,) if third_party else (SHARES, ADMINISTERS)


def record_third_party(
    *, code: str, name: str, kind: str, by: Employee | None, contact_email: str = "", website: str = "", notes: str = ""
) -> ThirdParty:
    """Write down a party outside the company. Raises CodeTaken, NoLongerAllowed."""
    with act("record_third_party", by=by):
        check_still_allowed(by, SHARES)
        with unless_taken(errors.CodeTaken(code)):
            return ThirdParty.objects.create(
                code=code, name=name, kind=kind, contact_email=contact_email, website=website, notes=notes
            )


def record_agreement(
    third_party: ThirdParty,
    *,
    reference: str,
    purposes: Sequence[str],
    categories: Sequence[str],
    signed_on: date,
    starts_on: date,
    document: str,
    by: Employee | None,
    ends_on: date | None = None,
    return_or_destroy: bool = False,
) -> DataSharingAgreement:
    """Write down what a third party may receive, and for what. Raises CodeTaken, EndsBeforeItStarts, NoLongerAllowed."""
    if ends_on is not None and ends_on < starts_on:
        raise errors.EndsBeforeItStarts
    with act("record_agreement", by=by):
        check_still_allowed(by, SHARES)
        with unless_taken(errors.CodeTaken(reference)):
            return DataSharingAgreement.objects.create(
                third_party=third_party,
                reference=reference,
                purposes=list(purposes),
                categories=list(categories),
                signed_on=signed_on,
                starts_on=starts_on,
                ends_on=ends_on,
                document=document,
                return_or_destroy=return_or_destroy,
            )


def end_agreement(agreement_id: int, *, last_day: date, by: Employee, reason: str) -> DataSharingAgreement:
    """End an agreement early. Raises AlreadyEnded, ReasonNeeded, EndsBeforeItStarts, NoLongerAllowed."""
    if not reason.strip():
        raise errors.ReasonNeeded
    with act("end_agreement", by=by, reason=reason, agreement=agreement_id):
        agreement = DataSharingAgreement.objects.select_for_update(no_key=True).get(pk=agreement_id)
        check_still_allowed(by, SHARES)
        if agreement.ends_on is not None and agreement.ends_on <= last_day:
            raise errors.AlreadyEnded
        if last_day < agreement.starts_on:
            raise errors.EndsBeforeItStarts
        agreement.ends_on, agreement.ended_reason = last_day, reason.strip()
        agreement.save(update_fields=["ends_on", "ended_reason"])
        return agreement
