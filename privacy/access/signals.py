"""Ports of Django and of its sign-in libraries: what happens when somebody signs in, or is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.utils import timezone

from customers.cards import without_card_number
from customers.doors.addresses import client_address
from customers.encryption import keyed_digest
from privacy.access.models.signin import DeniedKind
from privacy.workforce.models import Employee

TRIED_BY_MACHINES = frozenset(
    {"admin", "administrator", "root", "test", "user", "guest", "support", "postgres", "oracle", "info"}
)


def login_tried(request: Any, credentials: dict[str, Any] | None) -> str:
    """The login that somebody tries, in one spelling: lock-out counts Ana and ana as one (django-axes), as the sign-in does.

    People type their password there: of a login that nobody has stay its first letters, and a keyed digest by which it counts as
    one of its own, so that a stranger learns from no lock-out whether there is such a login (ASVS 6.3.8, 16.2.5).
    """
    given = (credentials or {}).get("username") or (credentials or {}).get("login")
    typed = str(given or getattr(request, "POST", {}).get("login", "")).replace("\x00", "")
    kept = without_card_number(typed)[:150].lower()
    if not kept or kept != typed[:150].lower() or kept in TRIED_BY_MACHINES or Employee.objects.called(kept).exists():
        return kept
    return f"{kept[:2]}… (nobody's, {keyed_digest(kept, purpose='login tried').hex()[:8]})"


def connect() -> None:
    """Called once when the app is ready."""
    from axes.signals import user_locked_out

    user_logged_in.connect(_begin_session_limits, dispatch_uid="access.begin_session_limits")
    user_login_failed.connect(_record_refused_sign_in, dispatch_uid="access.record_refused_sign_in")
    user_locked_out.connect(_record_lock_out, dispatch_uid="access.record_lock_out")


def _begin_session_limits(sender: Any, request: Any, user: Employee, **kwargs: Any) -> None:
    from privacy.access.middleware import begin_session

    begin_session(request, now=timezone.now())


def check_searches(sender: Any, request: Any, **kwargs: Any) -> None:
    """Refuse who searches too often, before anything is looked for. Answers `customers.doors.masks.searching`."""
    from privacy.access import actions

    with _too_many_searches_told(request):
        actions.check_searches(request.user, now=timezone.now())


def record_search(sender: Any, request: Any, subject: str, rows: int, **kwargs: Any) -> None:
    """Write that somebody looked for a person. Answers `customers.doors.masks.searched`; if this raises, nothing is shown.

    Of several searches at once, each passes `check_searches`: the limit holds here, one after the other.
    """
    from privacy.access import actions

    with _too_many_searches_told(request):
        actions.record_search(subject, by=request.user, rows=rows, now=timezone.now(), address=client_address(request))


@contextmanager
def _too_many_searches_told(request: Any) -> Iterator[None]:
    """TooManySearches is written down as a denied attempt and told to the administrators, and goes on."""
    from privacy.access import actions, errors

    try:
        yield
    except errors.TooManySearches:
        now, address = timezone.now(), client_address(request)
        actions.record_denied(
            DeniedKind.TOO_MANY,
            now=now,
            login=request.user.login,
            employee=request.user,
            address=address,
            path=request.path,
            reason="search for customers",
        )
        actions.warn_of_many("searches", request.user, now=now)
        raise


def _record_refused_sign_in(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    if request is not None:
        record_refused(request, DeniedKind.SIGN_IN, login=login_tried(request, credentials))


def _record_lock_out(sender: Any, request: Any, username: str = "", **kwargs: Any) -> None:
    record_refused(request, DeniedKind.LOCKED_OUT, login=username or "")


def record_refused(request: Any, kind: DeniedKind, *, login: str, reason: str = "") -> None:
    """Write down that this was refused, with who and from where."""
    from privacy.access.actions import record_denied

    record_denied(
        kind,
        now=timezone.now(),
        login=login,
        employee=Employee.objects.called(login.replace("\x00", "")).first() if login else None,
        address=client_address(request),
        path=request.path,
        reason=reason,
    )
    request.denied_attempt_recorded = True
