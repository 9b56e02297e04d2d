"""Promises about signing in (statement E.1, E.5)."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessFailureLog
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from privacy.access.models import DeniedAttempt
from privacy.access.queries.attempts import refusals_missing
from privacy.access.queries.people import who_can_sign_in
from privacy.access.queries.sessions import sessions_past_a_limit
from privacy.ledger.promises import Figure, Promise, Row

DENIED_LOOKED_BACK_DAYS = 90
MOST_NAMED = 50


def passwords_under_a_weaker_rule(now: datetime) -> Figure:
    """Accounts whose password was set while a shorter one would have been accepted than would be now."""
    with_password = who_can_sign_in(at=now).exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if not with_password.exists():
        return Figure(None, detail="Nobody has set a password yet.")
    weaker = with_password.filter(Q(password_rule__isnull=True) | Q(password_rule__lt=settings.PASSWORD_MIN_LENGTH))
    rows = [Row(f"{employee} ({employee.login})", reverse("access:person", args=[employee.pk])) for employee in weaker]
    return Figure(
        len(rows),
        broken=rows,
        detail=f"{with_password.count()} passwords; the rule now: at least {settings.PASSWORD_MIN_LENGTH} characters.",
    )


def sessions_past_their_limits(now: datetime) -> Figure:
    """Sessions that could be used although they were idle or have lasted too long, or that lie about after their end."""
    past = sessions_past_a_limit(now=now)
    whose = UserSession.objects.filter(session_key__in=past.values("session_key")).select_related("user").order_by("created_at")
    where = reverse("access:sessions")
    rows = [
        Row(f"{one.user}, signed in {timezone.localtime(one.created_at):%B %-d, %-H:%M}", where) for one in whose[:MOST_NAMED]
    ]
    count = past.count()
    if nobodys := count - whose.count():
        rows.append(Row(f"{nobodys} session{'' if nobodys == 1 else 's'} of nobody who is signed in", where))
    detail = f"Idle {settings.SESSION_IDLE_MINUTES} minutes, absolute {settings.SESSION_ABSOLUTE_HOURS} hours."
    return Figure(count, broken=rows, detail=detail)


def refusals_not_written_down(now: datetime) -> Figure:
    """Refused passwords and second factors that django-axes' log knows and our list does not: two records by two hands.

    A password is written there by django-axes itself, a second factor by what was answered (RefusedFactorsMiddleware).
    """
    since = now - timedelta(days=DENIED_LOOKED_BACK_DAYS)
    known = AccessFailureLog.objects.filter(attempt_time__gte=since)
    if not known.exists() and not DeniedAttempt.objects.filter(at__gte=since).exists():
        return Figure(None, detail="No attempt has been refused yet.")
    missing = refusals_missing(since=since)
    where = reverse("admin:privacy_deniedattempt_changelist")
    rows = [Row(f"Refused passwords and second factors missing from the list: {missing}", where)] if missing else []
    listed = DeniedAttempt.objects.filter(at__gte=since).count()
    return Figure(missing, broken=rows, detail=f"{listed} refused attempts in {DENIED_LOOKED_BACK_DAYS} days.")


SIGNIN_PROMISES = [
    Promise(
        id="E1-password",
        section="E.1",
        quote="Passwords are required to be six characters and include a non-alphabetic character",
        title="Passwords follow today's rule",
        measures="accounts whose password was set under a weaker rule than today's",
        measure=passwords_under_a_weaker_rule,
    ),
    Promise(
        id="E1-timeout",
        section="E.1",
        quote="login session times-out after a period of time to prevent unauthorized use",
        title="Sessions end by themselves",
        measures="sessions older than the idle or the absolute limit",
        measure=sessions_past_their_limits,
        evidence="/admin/access/sessions/",
    ),
    Promise(
        id="E3-firewall",
        section="E.3",
        quote="a security firewall to protect the confidentiality of customer information",
        title="Every refused sign-in is written down",
        measures="refused passwords and second factors that were not written down",
        measure=refusals_not_written_down,
    ),
    Promise(
        id="E5-denied",
        section="E.5",
        quote="a security firewall screens access events and non-valid attempts are denied and logged",
        title="Every refused sign-in is written down",
        measures="refused passwords and second factors that were not written down",
        measure=refusals_not_written_down,
    ),
]
