"""Forms of sign-in."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordForm
from allauth.core import context
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from privacy.access import actions
from privacy.access.models import DeniedKind
from privacy.access.signals import record_refused


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]
    """Ask for a link to set a new password. Whoever is asked for, the answer and the work behind it are the same (ASVS 6.3.8)."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        actions.ask_for_links([user.pk for user in self.users])
        return str(self.cleaned_data["email"])


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """Set a new password, knowing the present one. A wrong guess of it is a refused attempt (statement E.5)."""

    def clean_oldpassword(self) -> str:
        try:
            return str(super().clean_oldpassword())
        except ValidationError:
            record_refused(context.request, DeniedKind.SIGN_IN, login=self.user.login)
            raise
