"""Ports of allauth: one sign-in for the house, by name and password, second factor, passkey or the company's own sign-in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from customers.doors.addresses import client_address
from customers.encryption import decrypt, encrypt
from privacy.access import policies
from privacy.access.models.signin import DeniedKind
from privacy.workforce.actions import set_password
from privacy.workforce.models import Employee

NO_NDA = "You cannot sign in: no nondisclosure agreement with you is in force. Ask your manager or the security administrator to \
record one; from then on you can."
FIRST_STEP = "first_step_as"  # in the session: the session hash of whoever waits for a second step


def _refuse(request: HttpRequest, login: str, employee: Employee | None, reason: str) -> None:
    from privacy.access.actions import record_denied

    address = client_address(request)
    record_denied(
        DeniedKind.SIGN_IN,
        now=timezone.now(),
        login=login,
        employee=employee,
        address=address,
        path=request.path,
        reason=reason,
    )


class EmployeeAccountAdapter(DefaultAccountAdapter):
    """Accounts are made from HR's roster, never by signing up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The login name or the password is not right.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Lock-out is django-axes' work, in the database, where refusals are written down; allauth's own limit serves codes."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Whoever does not work here is nobody, also with the right password: it looks like a wrong one (ASVS 6.3.8)."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponseBase:
        """A passkey, a link or the company's sign-in of somebody who does not work here: refused and written down."""
        _refuse(request, user.login, user, "does not work here on this day")
        messages.error(request, "This sign-in was refused.")
        return redirect("account_login")

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponseBase | None:
        """The first step is done, by password, key or company. Whoever may not sign in is refused, and told why: they proved who
        they are. Remember who they were then: a second step may come a quarter of an hour later.
        """
        request.session[FIRST_STEP] = user.get_session_auth_hash()
        answer: HttpResponseBase | None = super().pre_login(request, user, **kwargs)
        if answer is None and not policies.may_sign_in(user, at=timezone.now()):
            answer = self._without_nda(request, user)
        return answer

    @staticmethod
    def _without_nda(request: HttpRequest, user: Any) -> HttpResponseBase:
        request.session.flush()
        _refuse(request, user.login, user, "no nondisclosure agreement with this contractor is in force")
        messages.error(request, NO_NDA)
        return redirect("account_login")

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in, unless the password changed, or their sessions were ended, since the first step (ASVS 7.4.2, 7.4.3)."""
        then = request.session.pop(FIRST_STEP, "")
        if not constant_time_compare(then, user.get_session_auth_hash()):
            request.session.flush()
            _refuse(request, user.login, user, "the password or the sessions changed between the two steps")
            messages.error(request, "Something changed since you began to sign in. Begin anew.")
            raise ImmediateHttpResponse(redirect("account_login"))
        if not policies.may_sign_in(user, at=timezone.now()):
            raise ImmediateHttpResponse(self._without_nda(request, user))
        super().login(request, user)

    def set_password(self, user: Employee, password: str) -> None:
        set_password(user, password, shortest=settings.PASSWORD_MIN_LENGTH, by=user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Somebody without a second factor is taken to set one up: sensitive grants wait for it."""
        if not is_mfa_enabled(request.user):
            messages.info(request, "Set up a second factor: access to customers' sensitive data waits for it.")
            return reverse("mfa_index")
        return super().get_login_redirect_url(request)


class EmployeeMFAAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted at rest."""

    def encrypt(self, text: str) -> str:
        from privacy.access.actions.signin import FACTOR_LABEL

        return encrypt(text.encode(), label=FACTOR_LABEL).hex()

    def decrypt(self, encrypted_text: str) -> str:
        from privacy.access.actions.signin import FACTOR_LABEL

        return decrypt(bytes.fromhex(encrypted_text), label=FACTOR_LABEL).decode()


def named_nobody(request: HttpRequest, address: str = "") -> HttpResponseBase:
    """Whom the company's sign-in names does not work here, or it names nobody at all: refused and written down."""
    _refuse(request, address, None, "the company's sign-in named nobody who works here")
    messages.error(request, "The company's sign-in named nobody who works here. Ask the security administrator.")
    return redirect("account_login")


def _vouched_for(sociallogin: Any) -> list[str]:
    """The e-mail addresses that the company says are this person's: by the claim `true`, not by a word that is not empty.

    None where the two answers of the company name different people (OpenID Connect Core 5.3.2).
    """
    said = sociallogin.account.extra_data or {}
    subjects = {str(part["sub"]) for part in (said.get("userinfo"), said.get("id_token")) if part and "sub" in part}
    if len(subjects) > 1:
        return []
    return [address.email for address in sociallogin.email_addresses if address.verified is True]


class EmployeeSocialAccountAdapter(DefaultSocialAccountAdapter):
    """The company's sign-in (OIDC) opens an account that exists; it never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        """Identities are tied at sign-in, and there is no page about them."""
        return reverse("mfa_index")

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Tie the company's identity to the employee of the same verified e-mail address; else refused and recorded."""
        if sociallogin.is_existing:
            return
        verified = _vouched_for(sociallogin)
        working = Employee.objects.not_left(at=timezone.now())  # a leaver's address may be a colleague's now
        found = list(working.filter(email__iexact=verified[0])[:2]) if verified else []
        if len(found) == 1:
            sociallogin.connect(request, found[0])
            return
        raise ImmediateHttpResponse(named_nobody(request, verified[0] if verified else ""))
