"""Sign-in, second factor, one's own sessions: allauth's pages, less those that this house does not have."""

from importlib import import_module

from allauth.socialaccount import providers
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import include, path

from customers.doors.pages import public_page


@public_page
def not_here(request: HttpRequest) -> HttpResponseBase:
    """Accounts come from HR's roster: nobody signs up, and nobody changes their own address of record."""
    raise Http404


urlpatterns = [
    path("signup/", not_here, name="account_signup"),
    path("email/", not_here, name="account_email"),
    path("confirm-email/", not_here, name="account_email_verification_sent"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]

if settings.SOCIALACCOUNT_PROVIDERS:
    urlpatterns.append(path("company/", include("allauth.socialaccount.urls")))
    for provider in providers.registry.get_class_list():
        urlpatterns += import_module(f"{provider.get_package()}.urls").urlpatterns
