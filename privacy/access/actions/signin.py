"""Verbs around sign-in: write down what was refused, end a session, move second-factor secrets to a new key."""

import string
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from procrastinate.contrib.django import app

from customers.actions import Rotated
from customers.cards import without_card_number
from customers.encryption import CannotDecrypt, current_key_id, decrypt, encrypt, key_id_of
from privacy.access.models.signin import DeniedAttempt, DeniedKind
from privacy.access.queries.sessions import sessions_past_a_limit
from privacy.ledger.actions import act, check_still_allowed
from privacy.workforce.actions import ENDS_SESSIONS
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
    """Write down an attempt that was refused; a card number typed in place of a login is left out of it.

    Source: statement E.5, ASVS 16.3.2.
    """
    with act("record_denied", by=employee):
        return DeniedAttempt.objects.create(
            at=now,
            kind=kind,
            login=without_card_number(login.replace("\x00", ""))[:150],
            employee=employee,
            address=address or None,
            path=path.replace("\x00", "")[:200],
            reason=reason[:200],
        )


def count_refused_factor(login: str, *, address: str, path: str) -> None:
    """Count a refused second factor in django-axes' log, where refused passwords are: the record that ours is compared with.

    Source: statement E.5.
    """
    from axes.models import AccessFailureLog

    AccessFailureLog.objects.create(username=login, ip_address=address or None, path_info=path[:200])


def end_session(session_id: int, *, by: Employee, reason: str) -> bool:
    """End one session (a row of allauth's UserSession) now; False where it was over already. Source: ASVS 7.4.5."""
    from allauth.usersessions.models import UserSession

    with act("end_session", by=by, reason=reason, session=session_id):
        session = UserSession.objects.select_for_update().filter(pk=session_id).first()
        if session is None:
            return False
        session.end()
        return True


def end_sessions_past_a_limit(*, by: Employee, now: datetime) -> int:
    """End every session that has outlived its limits, or lies about after its end; returns how many. Raises NoLongerAllowed."""
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    with act("end_sessions_past_a_limit", by=by, reason="past the idle or the absolute limit"):
        check_still_allowed(by, *ENDS_SESSIONS)
        past = list(sessions_past_a_limit(now=now).values_list("pk", flat=True))
        UserSession.objects.filter(session_key__in=past).delete()
        Session.objects.filter(pk__in=past).delete()
        return len(past)


LINKS = "access.send_links"  # the job that sends links to set a new password; takes employee_id


def ask_for_links(employees: Sequence[int]) -> None:
    """Have a link to set a new password sent to these people (keys); where there are none, a job that does nothing."""
    for employee in (*employees,) or (None,):
        app.configure_task(LINKS).defer(employee_id=employee)


def send_link(employee_id: int, *, now: datetime) -> bool:
    """Send somebody a link to set a new password; False where they do not work here any more. Raises what the mail server says.

    The link is made here, so that it is kept nowhere, and begins with PUBLIC_URL, whatever name the house was asked by.
    """
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    employee = Employee.objects.employed(at=now).exclude(email="").filter(pk=employee_id).first()
    if employee is None:
        return False
    key = {"uidb36": user_pk_to_url_str(employee), "key": default_token_generator.make_token(employee)}
    link = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('account_reset_password_from_key', kwargs=key)}"
    EmailMessage(
        "Set a new password for Lumens Admin",
        f"Hello {employee.get_short_name()},\n\nsomebody, probably you, asked to set a new password for {employee.login}."
        f" This link works once, within an hour:\n\n{link}\n\nYour second factor is still asked for afterwards. If it was not"
        " you, do nothing: your password stays as it is.\n",
        settings.DEFAULT_FROM_EMAIL,
        [employee.email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
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


FACTOR_LABEL = "mfa.authenticator.secret"  # under which allauth's secrets are encrypted
_ENCRYPTED_FROM = 2 * (1 + 4 + 12 + 16)  # hexadecimal digits of the shortest ciphertext


def rotate_authenticators(*, dry_run: bool = False) -> Rotated:
    """Encrypt the secrets of second factors (inside allauth's JSON) under the first of FIELD_KEYS; see rotate_field_keys.

    One person's factor an act, under its row's lock: stopped anywhere, it goes on from there.
    """
    from allauth.mfa.models import Authenticator

    result = Rotated(FACTOR_LABEL)
    for pk in list(Authenticator.objects.order_by("pk").values_list("pk", flat=True)):
        with act("rotate_field_keys", by=None, reason="a new key of FIELD_KEYS"):
            factor = Authenticator.objects.select_for_update(no_key=True).filter(pk=pk).first()
            if factor is None or not any(_is_retired(value) for value in _texts(factor.data)):
                continue
            try:
                data = _under_current_key(factor.data)
            except CannotDecrypt:
                result.unreadable_count += 1
                result.unreadable.append(pk)
                continue
            result.rotated += 1
            if not dry_run:
                Authenticator.objects.filter(pk=pk).update(data=data)
    return result


def _texts(data: Any) -> list[str]:
    values = data.values() if isinstance(data, dict) else data if isinstance(data, list) else []
    return [data] if isinstance(data, str) else [text for value in values for text in _texts(value)]


def _is_retired(value: str) -> bool:
    """Whether this is one of our ciphertexts, in hexadecimal, that another key than the current one wrote."""
    if len(value) < _ENCRYPTED_FROM or len(value) % 2 or not value.startswith("01") or not set(value) <= set(string.hexdigits):
        return False
    return key_id_of(bytes.fromhex(value)) != current_key_id()


def _under_current_key(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _under_current_key(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_under_current_key(value) for value in data]
    if isinstance(data, str) and _is_retired(data):
        return encrypt(decrypt(bytes.fromhex(data), label=FACTOR_LABEL), label=FACTOR_LABEL).hex()
    return data


def clear_sessions(*, now: datetime) -> int:
    """Delete the sessions that have ended, with their rows in people's lists of sessions; returns how many."""
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    with act("clear_sessions", by=None):
        ended, _ = Session.objects.filter(expire_date__lt=now).delete()
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
        return ended
