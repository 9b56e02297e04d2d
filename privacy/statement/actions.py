"""Verbs: post a version of the statement."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from privacy.ledger.actions import SYSTEM, act, check_still_allowed
from privacy.statement.errors import AnotherTakesEffectThen, NothingChanged, TakesEffectInThePast, TooShortNotice
from privacy.statement.models import NOTICE_DAYS, StatementVersion

FIRST_VERSION = Path(__file__).parent / "texts" / "2018-01-19.md"
FIRST_POSTED_AT = datetime(2018, 1, 19, tzinfo=timezone.get_default_timezone())


def post_version(
    *,
    title: str,
    text: str,
    summary: str,
    is_significant: bool,
    takes_effect_at: datetime,
    by: Any,
    now: datetime,
) -> StatementVersion:
    """Post a new version: it is on the public page at once and in force from `takes_effect_at`. by: the employee who posts.

    Raises TooShortNotice, TakesEffectInThePast, NothingChanged, AnotherTakesEffectThen, NoLongerAllowed. Source: statement K.
    """
    if takes_effect_at < now:
        raise TakesEffectInThePast
    if is_significant and takes_effect_at < now + timedelta(days=NOTICE_DAYS):
        raise TooShortNotice
    text = text.replace("\r\n", "\n")
    with act("post_statement_version", by=by, reason=summary):
        check_still_allowed(by, "privacy.manage_settings")
        newest = StatementVersion.objects.select_for_update().order_by("-takes_effect_at").first()
        if newest is not None and newest.text.strip() == text.strip():
            raise NothingChanged
        if StatementVersion.objects.filter(takes_effect_at=takes_effect_at).exists():
            raise AnotherTakesEffectThen
        return StatementVersion.objects.create(
            title=title,
            text=text,
            summary=summary,
            is_significant=is_significant,
            posted_at=now,
            takes_effect_at=takes_effect_at,
            posted_by=by,
        )


def install_first_version() -> None:
    """Post the statement that the company published, word for word, if no version is posted yet. Idempotent."""
    if StatementVersion.objects.exists():
        return
    with act("install_first_version", by=SYSTEM):
        StatementVersion.objects.get_or_create(
            takes_effect_at=FIRST_POSTED_AT,
            defaults={
                "title": "Privacy & Security Statement",
                "text": FIRST_VERSION.read_text(encoding="utf-8"),
                "posted_at": FIRST_POSTED_AT,
            },
        )
