"""Sign-in, second factor, one's own sessions: allauth's pages, less those that this house does not have."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import include, path

from customers.doors.pages import public_page


@public_page
def not_here(request: HttpRequest) -> HttpResponseBase:
    """Accounts come from HR's roster: nobody signs up, changes their address of record, or ties another account to theirs."""
    raise Http404


urlpatterns = [
    path("signup/", not_here, name="account_signup"),
    path("email/", not_here, name="account_email"),
    path("confirm-email/", not_here, name="account_email_verification_sent"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    # The company's sign-in (OIDC): answers 404 until OIDC_ISSUER names one.
    path("company/signup/", not_here, name="socialaccount_signup"),
    path("company/", not_here, name="socialaccount_connections"),
    path("company/", include("allauth.socialaccount.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]
