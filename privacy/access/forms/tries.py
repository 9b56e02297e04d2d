"""How often a second factor may be tried, and that each refusal is written down. The forms of MFA_FORMS stand on it."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.shortcuts import render

from privacy.access.models import DeniedKind
from privacy.access.signals import record_refused

# As allauth's own limit calls itself, in a form for a code and in one that sets up an app.
_TOO_MANY = {"too_many_login_attempts", "rate_limited"}
HERE = "second_factor_here"  # of ACCOUNT_RATE_LIMITS: one person's tries from one address; allauth's own counts the person's


class TriesAreFew:
    """Tries of one person from one address are few, and of one person from all addresses: beyond that the answer is 429, for
    nobody else. Each refusal is written down (statement E.5), also of a key that no signal of the library tells.
    """

    user: Any
    is_bound: bool
    errors: Any
    is_an_entry = True  # a wrong code is a refused attempt, not a slip while setting up

    def full_clean(self) -> None:
        limited = self.is_bound and self.user is not None
        key = f"{self.user.pk} from {get_adapter().get_client_ip(context.request)}" if limited else ""
        if limited and not ratelimit.consume(context.request, action=HERE, key=key):
            self._refuse("from this address ", minutes=5)
        super().full_clean()  # type: ignore[misc]
        if not self.is_bound:
            return
        codes = {error.code for errors in self.errors.as_data().values() for error in errors}
        if codes & _TOO_MANY:
            self._refuse("", minutes=15)
        if not codes and limited:
            ratelimit.clear(context.request, action=HERE, key=key)
        if codes and self.is_an_entry:
            record_refused(context.request, DeniedKind.SECOND_FACTOR, login=self._login())

    def _login(self) -> str:
        return self.user.login if self.user is not None else ""

    def _refuse(self, where: str, *, minutes: int) -> None:
        """Write it down and answer at once. Raises ImmediateHttpResponse."""
        record_refused(context.request, DeniedKind.LOCKED_OUT, login=self._login(), reason="too many second factors")
        advice = f"Codes and keys of {self._login()} are refused {where}for up to {minutes} minutes. Wait, then try once more."
        page = {"title": "Too many tries", "advice": advice, "status": 429}
        raise ImmediateHttpResponse(render(context.request, "error.html", page, status=429))
