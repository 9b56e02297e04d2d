"""Sign-in, second factor, one's own sessions: allauth's pages, less those that this house does not have."""

import logging

from allauth.socialaccount.providers.openid_connect.views import callback
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import include, path

from customers.doors.pages import public_page
from privacy.access.adapters import named_nobody

logger = logging.getLogger(__name__)


@public_page
def not_here(request: HttpRequest) -> HttpResponseBase:
    """Accounts come from HR's roster: nobody signs up, changes their address of record, or ties another account to theirs."""
    raise Http404


@public_page
def came_back(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """From the company's sign-in. Its library takes it for granted that a person has a `sub` of a length that can be kept."""
    try:
        answer: HttpResponseBase = callback(request, provider_id)
    except (KeyError, ValueError, ImproperlyConfigured) as error:
        logger.warning("the company's sign-in answered what its library cannot read: %s", type(error).__name__)
        return named_nobody(request)
    return answer


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
    path("oidc/<str:provider_id>/login/callback/", came_back, name="openid_connect_callback"),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]
