"""The one address that identity providers speak to."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from customers.doors.pages import public_page


@csrf_exempt
@public_page  # its own door: nobody enters without a client's token
def scim(request: HttpRequest, path: str = "") -> HttpResponse:
    """Any request below /scim/v2/. What SCIM stands on takes most of a second to import: only who serves it does."""
    from privacy.access.views import scim_door

    return scim_door.scim(request, path)


urlpatterns = [
    path("scim/v2", scim, name="scim"),
    path("scim/v2/", scim, name="scim"),
    path("scim/v2/<path:path>", scim, name="scim"),
]
