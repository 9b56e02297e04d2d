"""Promises of section K."""

from datetime import datetime, timedelta

from django.db.models import F
from django.urls import reverse

from privacy.ledger.promises import Figure, Promise, Row
from privacy.statement.models import NOTICE_DAYS, StatementVersion


def significant_with_less_notice(now: datetime) -> Figure:
    """Significant versions posted less than 30 days before they take effect."""
    if not StatementVersion.objects.filter(is_significant=True).exists():
        return Figure(None, detail="No significant change has been posted yet.")
    late = StatementVersion.objects.filter(is_significant=True, takes_effect_at__lt=F("posted_at") + timedelta(days=NOTICE_DAYS))
    rows = [Row(str(version), reverse("statement:one", args=[version.pk])) for version in late]
    return Figure(len(rows), broken=rows)


def not_posted(now: datetime) -> Figure:
    """1 when the public page would not show a version in force, else 0: asked of the page itself, as a visitor asks it."""
    from django.test import RequestFactory

    from privacy.statement.views import current

    version = StatementVersion.objects.in_force(at=now).first()
    if version is None:
        return Figure(1, broken=[Row("No version is in force", reverse("statement:post"))])
    request = RequestFactory().get(reverse("statement:current"))
    answer = current(request)
    if answer.status_code != 200 or f'data-version="{version.pk}"'.encode() not in getattr(answer, "content", b""):
        return Figure(1, broken=[Row("The public page does not show the version in force", reverse("statement:current"))])
    return Figure(0, detail=f"In force: {version}.")


PROMISES = [
    Promise(
        id="K-thirty-days",
        section="K",
        quote="we will post those changes to this Web site 30 days before they take effect",
        title="Significant changes are posted 30 days before",
        measures="significant versions posted with less than 30 days' notice",
        measure=significant_with_less_notice,
        evidence="/statement/",
    ),
    Promise(
        id="K-posted",
        section="K",
        quote="Lumens.com will post those changes on the Lumens.com Web site so our Customers are always aware",
        title="The public page shows the statement in force",
        measures="public pages that do not show the version in force",
        measure=not_posted,
        evidence="/statement/",
    ),
    Promise(
        id="K-prospective",
        section="K",
        quote="the changes to our privacy policy will affect only the information we collect after the effective date",
        title="A new statement does not reach back to older records",
        measures="disclosures made under a later version than the record's",
        evidence="/statement/",
    ),
]
