"""The frame around every page of the back-office: where one can go, what waits there, who one is."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from privacy.desk.queries import places_for

register = template.Library()


@register.inclusion_tag("privacy/parts/navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    """The places that this person may open, with the count of what waits for them in each. At most one query a room."""
    request = context["request"]
    places = places_for(request.user, now=timezone.now())
    inside = [
        place
        for place in places
        if request.path == place.address or (place.address != "/" and request.path.startswith(place.address))
    ]
    here = max(inside, key=lambda place: len(place.address), default=None)
    section = context.get("section", "")
    return {
        "request": request,
        "employee": request.user,
        "places": places,
        "current": next((place for place in places if place.code == section), here),
        "page_keys": context.get("page_keys", ()),  # a page whose keys are its own says them: ((keys, what they do), …)
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("privacy/parts/search_box.html", takes_context=True)
def search_box(context: Context) -> dict[str, Any]:
    """One box for people, tickets, colleagues and third parties. Sent by POST: names and addresses stay out of URLs and logs."""
    return {"csrf_token": context.get("csrf_token"), "asked": "" if context.get("opts") else context.get("asked", "")}
