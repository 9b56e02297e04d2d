"""Doors: packs of evidence, made and handed out; the key that signs them."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from customers.doors.addresses import client_address
from customers.doors.pages import staff_page
from customers.doors.paging import number
from privacy.access import actions, errors, policies, queries
from privacy.access.gateways import signing
from privacy.access.models import EvidencePack
from privacy.access.views.parts import ADMINISTERS, REFUSALS

READS_LEDGER = "privacy.view_ledger"


def _check(request: HttpRequest) -> None:
    """Raises PermissionDenied for those who may not have evidence: half of an auditor's permissions is not enough."""
    user: Any = request.user
    if not policies.may_have_evidence(user.pk, at=timezone.now()):
        raise PermissionDenied


@staff_page(ADMINISTERS, READS_LEDGER)
@require_safe
def evidence(request: HttpRequest) -> HttpResponse:
    """The packs made, what a pack could be made of, and the key."""
    _check(request)
    now = timezone.now()
    packs, following = queries.list_packs(after=number(request.GET.get("after")))
    fingerprint = signing.fingerprint(signing.public_pem())
    context = {
        "title": "Evidence",
        "now": now,
        "packs": packs,
        "following": following,
        "events": queries.events_without_pack(now=now),
        "reviews": queries.reviews_without_pack(),
        "fingerprint": " ".join(re.findall("....", fingerprint)),
        "plain_fingerprint": fingerprint,
        "pem": signing.public_pem().decode(),
        "section": "access",
    }
    return render(request, "privacy/access/evidence/evidence.html", context)


@staff_page(ADMINISTERS, READS_LEDGER)
@require_safe
def evidence_key(request: HttpRequest) -> HttpResponse:
    """The public key as a file: what an auditor keeps and checks packs with."""
    _check(request)
    answer = HttpResponse(signing.public_pem(), content_type="application/x-pem-file")
    answer.headers["Content-Disposition"] = 'attachment; filename="lumens-evidence-public-key.pem"'
    return answer


@staff_page(ADMINISTERS, READS_LEDGER)
@require_POST
def make_leaver_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """Evidence of one leaver or mover, by their HR event."""
    return _make(request, lambda by: actions.make_leaver_pack(pk, by=by, now=timezone.now()))


@staff_page(ADMINISTERS, READS_LEDGER)
@require_POST
def make_review_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """Evidence of one complete review."""
    return _make(request, lambda by: actions.make_review_pack(pk, by=by, now=timezone.now()))


def _make(request: HttpRequest, make: Any) -> HttpResponse:
    _check(request)
    try:
        made: EvidencePack = make(request.user)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Evidence was made and signed: {made}.")
    return redirect("access:evidence")


@staff_page(ADMINISTERS, READS_LEDGER)
@require_POST
def download_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """The zip: written down before it leaves, never shown inside a page."""
    _check(request)
    user: Any = request.user
    try:
        pack = actions.take_pack(pk, by=user, now=timezone.now(), address=client_address(request) or None)
    except errors.NoSuchEvidence as refusal:
        messages.error(request, str(refusal))
        return redirect("access:evidence")
    answer = HttpResponse(bytes(pack.file), content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{_name_of(pack)}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _name_of(pack: EvidencePack) -> str:
    """evidence-12-leo.vance-2026-11-23.zip, in plain letters."""
    about = pack.event.employee.login if pack.event else (pack.review.name if pack.review else "")
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", about).strip("-.")[:60] or "pack"
    return f"evidence-{pack.pk}-{plain}-{timezone.localdate(pack.made_at):%Y-%m-%d}.zip"
