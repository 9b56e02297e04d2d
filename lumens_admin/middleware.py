"""What holds for every answer of the house, errors included."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from lumens_admin import errors


class NoStoreMiddleware:
    """No page is kept by a browser or a proxy (ASVS 14.3.2). A static file may be; that there is none may not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith("/static/") or response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers["Cache-Control"] = "no-store"
        return response


class KnownMethodsMiddleware:
    """Browsers send GET, HEAD and POST; only the protocols under PROTOCOLS send more. Anything else is 405 (ASVS 4.1.4)."""

    METHODS = ("GET", "HEAD", "POST", "OPTIONS")
    PROTOCOLS = ("/scim/", "/drp/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in self.METHODS and not request.path.startswith(self.PROTOCOLS):
            return HttpResponseNotAllowed(self.METHODS)
        return self.get_response(request)


class ReadableAddressMiddleware:
    """No view meets a NUL in an address: PostgreSQL takes none, and whatever looks one up would break (ASVS 16.5.1).

    A path with one is nobody's; behind the question mark it is left out, as anything there that cannot be read is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(KnownMethodsMiddleware.PROTOCOLS):
            if "\x00" in request.path:
                return errors.bad_request(request)
            asked = request.META.get("QUERY_STRING", "").replace("\x00", "")
            while "%00" in asked:  # taken out of %%0000, one leaves another
                asked = asked.replace("%00", "")
            request.META["QUERY_STRING"] = asked
        return self.get_response(request)


class ButtonsAreNotPagesMiddleware:
    """Whoever opens the address of a button, after signing in again or from the history, reads a page and not a blank 405."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        protocol = request.path.startswith(KnownMethodsMiddleware.PROTOCOLS)
        if not isinstance(response, HttpResponseNotAllowed) or response.content or request.method != "GET" or protocol:
            return response
        page = errors.not_allowed(request)
        page.headers["Allow"] = response.headers["Allow"]
        return page
