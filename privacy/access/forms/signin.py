"""Forms of sign-in."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from privacy.access import actions


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]
    """Ask for a link to set a new password. Whoever is asked for, the answer and the work behind it are the same (ASVS 6.3.8)."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        actions.ask_for_links([user.pk for user in self.users])
        return str(self.cleaned_data["email"])
