"""Forms of sign-in."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, ReauthenticateForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from privacy.access import actions
from privacy.access.forms.tries import TriesAreFew
from privacy.access.models import DeniedKind
from privacy.access.signals import record_refused


class _ReadyToType:
    """The first field has the cursor when the page opens, and nothing inside a field repeats its label."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, field in enumerate(self.fields.values()):
            field.widget.attrs.pop("placeholder", None)
            if not place:
                field.widget.attrs["autofocus"] = True


class ForgottenForm(_ReadyToType, ResetPasswordForm):  # type: ignore[misc]
    """Ask for a link to set a new password. Whoever is asked for, the answer and the work behind it are the same (ASVS 6.3.8)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail address"

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        actions.ask_for_links([user.pk for user in self.users])
        return str(self.cleaned_data["email"])


class NewPasswordForm(_ReadyToType, ChangePasswordForm):  # type: ignore[misc]
    """Set a new password, knowing the present one. A wrong guess of it is a refused attempt (statement E.5)."""

    def clean_oldpassword(self) -> str:
        try:
            return str(super().clean_oldpassword())
        except ValidationError:
            record_refused(context.request, DeniedKind.SIGN_IN, login=self.user.login)
            raise


class ChosenPasswordForm(_ReadyToType, ResetPasswordKeyForm):  # type: ignore[misc]
    """Set a new password by a link."""


class PasswordAgainForm(_ReadyToType, ReauthenticateForm):  # type: ignore[misc]
    """Before what is sensitive: the password again."""


class CodeForm(TriesAreFew, _ReadyToType, AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in."""


class CodeAgainForm(TriesAreFew, _ReadyToType, ReauthenticateByCodeForm):  # type: ignore[misc]
    """Before what is sensitive: the second factor again."""


class FirstCodeForm(TriesAreFew, _ReadyToType, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app that is being set up."""

    is_an_entry = False
