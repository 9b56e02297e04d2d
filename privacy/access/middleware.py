"""On every request: is this session still somebody's, and within its limits; was this person refused? (statement E.1, E.5)"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect

from customers.doors.addresses import client_address
from privacy.access.models.signin import DeniedKind
from privacy.access.queries.attempts import KEY_DOORS, factor_doors

logger = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponseBase]

SIGNED_IN_AT = "signed_in_at"
LAST_USED_AT = "last_used_at"
# A page that refreshes itself sends this header: looking on is not use.
BACKGROUND_HEADER = "X-Background"
ACCOUNTS = "/accounts/"  # sign-in, second factor, one's own password
# Use is written down at most this often, so that reading a page costs no write.
USE_IS_WRITTEN_EVERY_SECONDS = 20


def begin_session(request: HttpRequest, *, now: datetime) -> None:
    """Start both clocks of a session at sign-in."""
    request.session[SIGNED_IN_AT] = now.timestamp()
    _mark_use(request, now=now)


def _mark_use(request: HttpRequest, *, now: datetime) -> None:
    request.session[LAST_USED_AT] = now.timestamp()
    begun = datetime.fromtimestamp(request.session[SIGNED_IN_AT], tz=now.tzinfo)
    idle_end = now + timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    absolute_end = begun + timedelta(hours=settings.SESSION_ABSOLUTE_HOURS)
    # The session table holds the earlier of the two ends: an expired session is refused by the table itself.
    request.session.set_expiry(min(idle_end, absolute_end))


class SessionLimitsMiddleware:
    """Ends a session that was idle, or has lasted, too long, and one whose person may not be signed in any more.

    Background refreshes are answered but are not use.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SIGNED_IN_AT in request.session:
            now = timezone.now()
            used = request.session.get(LAST_USED_AT, 0)
            begun = request.session[SIGNED_IN_AT]
            too_idle = now.timestamp() - used > settings.SESSION_IDLE_MINUTES * 60
            too_long = now.timestamp() - begun > settings.SESSION_ABSOLUTE_HOURS * 3600
            if too_idle or too_long or not request.user.is_authenticated:
                request.session.flush()
                request.user = AnonymousUser()
            elif BACKGROUND_HEADER not in request.headers and now.timestamp() - used > USE_IS_WRITTEN_EVERY_SECONDS:
                _mark_use(request, now=now)
        response = self.get_response(request)
        if SIGNED_IN_AT in request.session and not isinstance(request.session.get("_session_expiry"), str):
            # The sign-in library set an end of its own ("when the browser closes"): ours is an instant.
            _mark_use(request, now=timezone.now())
        return response


class SignInIsAPageMiddleware:
    """Who is signed out while a part of a page loads is led to the sign-in as a whole: htmx would follow a redirect and put the
    sign-in, password field and all, into a card. Afterwards they come back to the page that they were on, not to the part.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        htmx = getattr(request, "htmx", None)
        sign_in = resolve_url(settings.LOGIN_URL)
        if not htmx or response.status_code != 302:
            return response
        if urlsplit(response.headers["Location"]).path not in (sign_in, resolve_url("admin:login")):
            return response
        here = htmx.current_url_abs_path or ""
        if here and url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure()):
            sign_in = f"{sign_in}?{urlencode({REDIRECT_FIELD_NAME: here})}"
        return HttpResponseClientRedirect(sign_in)


class DeniedAttemptsMiddleware:
    """Writes down every page that was refused with 403, and every sign-in page that was asked for too often, with 429
    (statement E.5). Fails loudly in the log, never into the page.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        too_often = response.status_code == 429 and request.path.startswith(ACCOUNTS)
        if (too_often or response.status_code == 403) and not getattr(request, "denied_attempt_recorded", False):
            self._record(request, DeniedKind.LOCKED_OUT if too_often else DeniedKind.PAGE)
        return response

    @staticmethod
    def _record(request: HttpRequest, kind: DeniedKind) -> None:
        from privacy.access.actions import record_denied

        employee = request.user if request.user.is_authenticated else None
        forged = getattr(request, "csrf_failed", False)
        try:
            record_denied(
                DeniedKind.FORGED_FORM if forged else kind,
                now=timezone.now(),
                login=getattr(employee, "login", ""),
                employee=employee,  # type: ignore[arg-type]
                address=client_address(request),
                path=request.path,
            )
        except DatabaseError:
            logger.exception("a refused request could not be written down")


class RefusedFactorsMiddleware:
    """Counts the second factors that were refused by what people are answered, in django-axes' log of failures.

    It knows neither the forms nor the limits that refuse, so a refusal that those forget to write down breaks E5-denied.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or request.path not in factor_doors():
            return self.get_response(request)
        before = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY)
        response = self.get_response(request)
        # The library writes into the session what was proven. What is answered then is about where the person was going: a page
        # with the form that they had sent, or the sign-in itself, where the address that they came by said so.
        proven = request.user.is_authenticated and request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) != before
        if not proven and self._is_refused(request, response):
            from privacy.access.actions import count_refused_factor

            stage = getattr(request, "_login_stage", None)
            user = stage.login.user if stage else request.user
            try:
                count_refused_factor(getattr(user, "login", ""), address=client_address(request), path=request.path)
            except DatabaseError:
                logger.exception("a refused second factor could not be counted")
        return response

    @staticmethod
    def _is_refused(request: HttpRequest, response: HttpResponseBase) -> bool:
        """The form again, a refusal, or for a key the way back to the sign-in. Any other redirect: it went on, or nothing was
        asked, because no sign-in had begun.
        """
        if response.status_code != 302:
            return response.status_code in (200, 403, 429)
        match = request.resolver_match
        back = response.headers["Location"] == resolve_url("account_login")
        return back and match is not None and match.url_name in KEY_DOORS
