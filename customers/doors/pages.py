"""Who may enter a custom page: one decorator, so that the permission matrix can read it back."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

View = Callable[..., HttpResponseBase]

SIGNED_IN = "signed in"
PUBLIC = "public"


def staff_page(*permissions: str, oversee: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Only employees with a grant in force for ANY of these permissions; with none named, any who is signed in.

    Someone who is not signed in is sent to the sign-in; someone without a grant gets 403, and the attempt is recorded.

    oversee: where the view shows one thing to whom it concerns, the permissions that open it whatever it is about. The view
    itself decides; links from elsewhere ask for these (`may_open`), without a look at each thing.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if permissions and not any(request.user.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.needs = permissions or (SIGNED_IN,)  # type: ignore[attr-defined]
        guarded.oversee = oversee  # type: ignore[attr-defined]
        return guarded

    return wrap


def public_page(view: View) -> View:
    """Anyone at all: the statement, one-click opt-outs. Marked, so that nothing is public by accident."""
    view.needs = (PUBLIC,)  # type: ignore[attr-defined]
    return view


def recently_proven(request: HttpRequest) -> bool:
    """Whether this person proved who they are (password, code, passkey) within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    latest = max((record.get("at", 0) for record in records), default=0)
    return time.time() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def may_open(user: Any, address: str) -> bool:
    """Whether somebody's grants open the page at an address of ours, so that no link leads them to a closed door."""
    try:
        needs = _needs(resolve(urlsplit(address).path))
    except Resolver404:
        return False
    return not needs or bool({SIGNED_IN, PUBLIC} & set(needs)) or any(user.has_perm(name) for name in needs)


def _needs(page: ResolverMatch) -> tuple[str, ...]:
    app_and_model, _, kind = (page.url_name or "").rpartition("_")
    if page.namespace == "admin" and kind in {"changelist", "change", "history"}:
        return (app_and_model.replace("_", ".view_", 1),)
    return getattr(page.func, "oversee", ()) or getattr(page.func, "needs", ())
