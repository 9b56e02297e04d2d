"""Who may enter a custom page: one decorator, so that the permission matrix can read it back."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, resolve

View = Callable[..., HttpResponseBase]

SIGNED_IN = "signed in"
PUBLIC = "public"


def staff_page(*permissions: str, of_one: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Only employees with a grant in force for ANY of these permissions; with none named, any who is signed in.

    Someone who is not signed in is sent to the sign-in; someone without a grant gets 403, and the attempt is recorded.

    of_one: how the view finds what its address names for who may see it (raises PermissionDenied, Http404), where that decides
    too; links ask it before they lead there.
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
        guarded.of_one = of_one  # type: ignore[attr-defined]
        return guarded

    return wrap


def public_page(view: View) -> View:
    """Anyone at all: the statement, one-click opt-outs. Marked, so that nothing is public by accident."""
    view.needs = (PUBLIC,)  # type: ignore[attr-defined]
    return view


def may_open(request: HttpRequest, address: str) -> bool:
    """Whether this person's grants open the page at an address of ours, so that no link leads them to a closed door."""
    try:
        page = resolve(urlsplit(address).path)
        needs = _needs(page)
        if needs and not {SIGNED_IN, PUBLIC} & set(needs) and not any(request.user.has_perm(name) for name in needs):
            return False
        of_one = getattr(page.func, "of_one", None)
        return of_one is None or of_one(request, **page.kwargs) is not None
    except (Http404, PermissionDenied):  # no such page is one, too
        return False


def _needs(page: ResolverMatch) -> tuple[str, ...]:
    app_and_model, _, kind = (page.url_name or "").rpartition("_")
    if page.namespace == "admin" and kind in {"changelist", "change"}:
        return (app_and_model.replace("_", ".view_", 1),)
    return tuple(getattr(page.func, "needs", ()))
