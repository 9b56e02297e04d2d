"""Promises of section K."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import transaction
from django.db.models import F
from django.http.request import validate_host
from django.http.response import HttpResponseBase
from django.urls import get_urlconf, reverse, set_urlconf

from privacy.ledger.promises import Figure, Promise, Row
from privacy.statement.models import NOTICE_DAYS, StatementVersion

PAGE = "/statement/"  # by its address and not by the name of a view: whoever moves it breaks the promise


def significant_with_less_notice(now: datetime) -> Figure:
    """Significant versions posted less than 30 days before they take effect."""
    if not StatementVersion.objects.filter(is_significant=True).exists():
        return Figure(None, detail="No significant change has been posted yet.")
    late = StatementVersion.objects.filter(is_significant=True, takes_effect_at__lt=F("posted_at") + timedelta(days=NOTICE_DAYS))
    rows = [Row(str(version), reverse("statement:one", args=[version.pk])) for version in late]
    return Figure(len(rows), broken=rows)


def not_posted(now: datetime) -> Figure:
    """1 when the public page would not show a version in force, else 0: asked by its address, as a visitor asks."""
    version = StatementVersion.objects.in_force(at=now).first()
    if version is None:
        return Figure(1, broken=[Row("No version is in force", reverse("statement:post"))])
    answer = as_a_visitor(PAGE)
    if answer.status_code != 200 or f'data-version="{version.pk}"'.encode() not in getattr(answer, "content", b""):
        said = f"The public page does not show the version in force (status {answer.status_code})"
        return Figure(1, broken=[Row(said, PAGE)])
    return Figure(0, detail=f"In force: {version}.")


@cache
def _the_house() -> WSGIHandler:
    """Its middleware and addresses, as a server of this process has them; made once, because it lists the static files."""
    return WSGIHandler()


def as_a_visitor(path: str) -> HttpResponseBase:
    """What somebody who is not signed in is answered there: through every middleware and the table of addresses.

    Nothing stays of it: what middleware writes about the visit is rolled back, and no signal says that a request began or ended,
    since the end of one closes connections of whoever asks.
    """
    public = urlsplit(settings.PUBLIC_URL)
    allowed = validate_host(public.hostname or "", settings.ALLOWED_HOSTS)
    environ: dict[str, Any] = {
        "PATH_INFO": path,
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": public.netloc if allowed else settings.ALLOWED_HOSTS[0].lstrip("."),
        "wsgi.url_scheme": public.scheme,
    }
    setup_testing_defaults(environ)  # what the standard library says that a request has at least
    asked_in = get_urlconf()
    try:
        with transaction.atomic():
            answer = _the_house().get_response(WSGIRequest(environ))
            transaction.set_rollback(True)
    finally:
        set_urlconf(asked_in)
    return answer


PROMISES = [
    Promise(
        id="K-thirty-days",
        section="K",
        quote="we will post those changes to this Web site 30 days before they take effect",
        title="Significant changes are posted 30 days before",
        measures="significant versions posted with less than 30 days' notice",
        measure=significant_with_less_notice,
        evidence=PAGE,
    ),
    Promise(
        id="K-posted",
        section="K",
        quote="Lumens.com will post those changes on the Lumens.com Web site so our Customers are always aware",
        title="The public page shows the statement in force",
        measures="public pages that do not show the version in force",
        measure=not_posted,
        evidence=PAGE,
    ),
    Promise(
        id="K-prospective",
        section="K",
        quote="the changes to our privacy policy will affect only the information we collect after the effective date",
        title="A new statement does not reach back to older records",
        measures="disclosures made under a later version than the record's",
        evidence=PAGE,
    ),
]
