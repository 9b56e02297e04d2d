"""Verbs around sign-in: write down what was refused, end a session."""

from datetime import datetime

from privacy.access.models.signin import DeniedAttempt, DeniedKind
from privacy.ledger.actions import act
from privacy.workforce.models import Employee


def record_denied(
    kind: DeniedKind,
    *,
    now: datetime,
    login: str = "",
    employee: Employee | None = None,
    address: str | None = None,
    path: str = "",
    reason: str = "",
) -> DeniedAttempt:
    """Write down an attempt that was refused. Source: statement E.5, ASVS 16.3.2."""
    with act("record_denied", by=employee):
        return DeniedAttempt.objects.create(
            at=now,
            kind=kind,
            login=login.replace("\x00", "")[:150],
            employee=employee,
            address=address or None,
            path=path.replace("\x00", "")[:200],
            reason=reason[:200],
        )


def end_session(session_id: int, *, by: Employee, reason: str) -> bool:
    """End one session (a row of allauth's UserSession) now; False where it was over already. Source: ASVS 7.4.5."""
    from allauth.usersessions.models import UserSession

    with act("end_session", by=by, reason=reason, session=session_id):
        session = UserSession.objects.select_for_update().filter(pk=session_id).first()
        if session is None:
            return False
        session.end()
        return True


def enrol_authenticator(employee: Employee, *, secret: str, recovery_codes: bool = True) -> list[str]:
    """Set up an authenticator app by its secret (Base32), with recovery codes, which are returned: for the demonstration.

    People enrol by themselves on the second-factor page; nobody else ever knows their secret. Idempotent for one person.
    """
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    with act("enrol_authenticator", by=employee):
        if not Authenticator.objects.filter(user=employee, type=Authenticator.Type.TOTP).exists():
            TOTP.activate(employee, secret)
        codes: list[str] = RecoveryCodes.activate(employee).get_unused_codes() if recovery_codes else []
        return codes


def clear_sessions(*, now: datetime) -> int:
    """Delete the sessions that have ended, with their rows in people's lists of sessions; returns how many."""
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    with act("clear_sessions", by=None):
        ended, _ = Session.objects.filter(expire_date__lt=now).delete()
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
        return ended
