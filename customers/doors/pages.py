"""Who may enter a custom page: one decorator, so that the permission matrix can read it back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]

SIGNED_IN = "signed in"
PUBLIC = "public"


def staff_page(*permissions: str) -> Callable[[View], View]:
    """Only employees with a grant in force for ANY of these permissions; with none named, any who is signed in.

    Someone who is not signed in is sent to the sign-in; someone without a grant gets 403, and the attempt is recorded.
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
        return guarded

    return wrap


def public_page(view: View) -> View:
    """Anyone at all: the statement, one-click opt-outs. Marked, so that nothing is public by accident."""
    view.needs = (PUBLIC,)  # type: ignore[attr-defined]
    return view
