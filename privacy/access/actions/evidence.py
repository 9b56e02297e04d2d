"""Verbs of evidence: make a pack about a leaver, a mover or a review; hand one out. A pack is written once and never changed."""

import hashlib
import json
import re
import tomllib
from base64 import b64encode
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from privacy.access import errors, policies, queries
from privacy.access.gateways import signing
from privacy.access.models import EvidencePack, PackKind, Review, ReviewState
from privacy.ledger.actions import act, record_read
from privacy.ledger.models import ReadKind
from privacy.workforce.models import Employee, EmploymentEvent

_ONE_AT_A_TIME = 0x4C45_5649  # an advisory lock of PostgreSQL: each pack names the one before it
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def make_leaver_pack(event_id: int, *, by: Employee | None, now: datetime) -> EvidencePack:
    """Write down and sign everything about one leaver or mover, as it stands at that instant. by=None: the system itself.

    Raises MayNotHaveEvidence, NoSuchEvidence, NotYetEvidence, PackTooLarge. A second pack of the same person is another pack.
    """
    with act("make_leaver_pack", by=by, event=event_id):
        _check_may(by, now=now)
        around = ("employee__job_function", "employee__department", "employee__manager", "by")
        event = EmploymentEvent.objects.standing().filter(pk=event_id, kind__in=queries.MADE_OF).select_related(*around).first()
        if event is None:
            raise errors.NoSuchEvidence
        if event.clock_starts_at > now:
            raise errors.NotYetEvidence
        evidence = queries.leaver_evidence(event, now=now)
        about = {"event": event.pk, "person": event.employee.login}
        return _make(evidence, about, by=by, now=now, kind=PackKind.LEAVER, event=event)


def make_review_pack(review_id: int, *, by: Employee | None, now: datetime) -> EvidencePack:
    """Write down and sign everything about one review that is complete. by=None: the system itself.

    Raises MayNotHaveEvidence, NoSuchEvidence, ReviewIsOpen, PackTooLarge.
    """
    with act("make_review_pack", by=by, review=review_id):
        _check_may(by, now=now)
        review = Review.objects.filter(pk=review_id).first()
        if review is None:
            raise errors.NoSuchEvidence
        if review.state != ReviewState.COMPLETE:
            raise errors.ReviewIsOpen
        # Its instants come as text; the page says them in the company's own zone.
        data = _with(queries.review_evidence(review), _instant_of)
        evidence = queries.Evidence("review", f"Access review: {review.name}", data)
        return _make(evidence, {"review": review.pk}, by=by, now=now, kind=PackKind.REVIEW, review=review)


def take_pack(pack_id: int, *, by: Employee, now: datetime, address: str | None = None) -> EvidencePack:
    """Hand out a pack, written down before a byte of it leaves. Raises MayNotHaveEvidence, NoSuchEvidence."""
    with act("take_pack", by=by, pack=pack_id):
        _check_may(by, now=now)
        pack = EvidencePack.objects.defer("file").filter(pk=pack_id).first()
        if pack is None:
            raise errors.NoSuchEvidence
        subject = f"privacy.evidencepack:{pack.pk} {pack.sha256[:16]}"
        record_read(ReadKind.EVIDENCE, subject, by=by, now=now, reason=str(pack)[:500], address=address)
    # Committed. Only now is the file read.
    return EvidencePack.objects.get(pk=pack_id)


def _check_may(by: Employee | None, *, now: datetime) -> None:
    if by is not None and not policies.may_have_evidence(by.pk, at=now):
        raise errors.MayNotHaveEvidence


def _make(
    evidence: queries.Evidence, about: dict[str, Any], *, by: Employee | None, now: datetime, kind: PackKind, **of: Any
) -> EvidencePack:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    before = EvidencePack.objects.order_by("-pk").values("sha256").first()
    heading = {
        "kind": evidence.kind,
        "title": evidence.title,
        "about": about,
        "installation": settings.PUBLIC_URL,
        "software": f"Lumens Admin {software_version()}",
        "made_at": now,
        "made_by": {"id": by.pk, "login": by.login, "name": by.name} if by else None,
        "key_fingerprint": signing.fingerprint(signing.public_pem()),
        "previous_pack_sha256": before["sha256"] if before else None,
    }
    promises = _promises(kind)
    files = {
        **evidence.files,
        policies.DATA: _json({"format": policies.FORMAT, **heading, "promises": promises, **evidence.data}),
        policies.READABLE: _html(evidence, {**heading, "promises": promises}),
        policies.PUBLIC_KEY: signing.public_pem(),
    }
    manifest = policies.manifest_of(files, json.loads(_json(heading)))
    raw = policies.zip_of({**files, policies.MANIFEST: manifest, policies.SIGNATURE: signing.sign(manifest)})
    if len(raw) > policies.PACK_BYTES_AT_MOST:
        raise errors.PackTooLarge
    return EvidencePack.objects.create(
        kind=kind, made_by=by, made_at=now, file=raw, size=len(raw), sha256=hashlib.sha256(raw).hexdigest(), **of
    )


def _promises(kind: PackKind) -> list[dict[str, str]]:
    """The sentences of the statement that this is evidence of."""
    # Promises measure by these queries: they cannot be imported before them.
    from privacy.access.promises import PROMISES

    wanted = ("D-revoked", "E2-revoked") if kind == PackKind.LEAVER else ("E5-administrator", "E1-individuals")
    return [{"id": one.id, "section": one.section, "quote": one.quote} for one in PROMISES if one.id in wanted]


@cache
def software_version() -> str:
    """The version that `pyproject.toml` names."""
    try:
        return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return "of unknown version"


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"evidence cannot hold {type(value)}")


def _json(data: dict[str, Any]) -> bytes:
    """JSON for people and programs: UTF-8, fixed order, instants in ISO 8601 with their zone."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1, default=_plain).encode() + b"\n"


def _html(evidence: queries.Evidence, heading: dict[str, Any]) -> bytes:
    """The readable file: complete in itself, with its style, without any script or anything from elsewhere."""
    style = render_to_string("privacy/access/evidence/pack.css").strip()
    digest = hashlib.sha256(style.encode()).digest()
    context = {
        **evidence.data,
        "heading": heading,
        "files": {name: len(content) for name, content in evidence.files.items()},
        # Our own stylesheet, allowed by its hash: whatever a system answered stays text.
        "style": format_html("<style>{}</style>", mark_safe(style)),  # noqa: S308
        "style_hash": b64encode(digest).decode(),
    }
    return render_to_string(f"privacy/access/evidence/pack_{evidence.kind}.html", context).encode()


def _with(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same data with every single value changed."""
    if isinstance(value, dict):
        return {key: _with(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_with(one, change) for one in value]
    return change(value)


def _instant_of(value: Any) -> Any:
    """Instants that came as text, as instants."""
    return datetime.fromisoformat(value) if isinstance(value, str) and _INSTANT.fullmatch(value) else value
