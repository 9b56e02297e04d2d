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
