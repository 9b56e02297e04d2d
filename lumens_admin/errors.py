"""Error pages: what happened and what to do, never a stack or a value (ASVS 16.5.1)."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def _page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    context = {"title": title, "advice": advice, "status": status}
    return HttpResponse(render_to_string("error.html", context, request=request), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _page(request, 413, "That is too much at once", "Nothing was changed. Go back and send less.")
    return _page(request, 400, "This request could not be read", "Go back and try again.")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    reason = str(exception) if exception and str(exception) else ""
    advice = reason or "No grant of yours that is in force opens this page. Ask its owner, or your manager, for access."
    return _page(request, 403, "You have no access to this", advice)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, "There is nothing here", "The address may be mistyped, or the record is gone.")


def not_allowed(request: HttpRequest) -> HttpResponse:
    """The address of a button, opened as if it were a page."""
    return _page(
        request, 405, "This is a button, not a page", "Nothing was done. Go back to the page it is on and press it there."
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        render_to_string(
            "error.html",
            {
                "title": "Something broke on our side",
                "status": 500,
                "advice": "Nothing was changed halfway. Try again in a minute; if it stays, tell the administrator.",
            },
        ),
        status=500,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: sent from elsewhere, or from a page kept open since before the last sign-in."""
    request.csrf_failed = True  # type: ignore[attr-defined]
    return _page(
        request, 403, "This form has expired", "Go back, load the page again and send the form once more. Nothing was changed."
    )


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """More of one act than anybody needs, such as trying passwords (allauth's rate limits)."""
    return _page(request, 429, "Too many tries", "The last try was not looked at: nothing was changed. Wait a few minutes.")


def locked_out(request: HttpRequest, original_response: object = None, credentials: object = None) -> HttpResponse:
    """Too many refused sign-ins for this name from this address (django-axes)."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return _page(
        request,
        429,
        "Too many tries",
        f"Sign-in with this name is closed from this address for {minutes} minutes.",
    )
