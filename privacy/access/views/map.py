"""Doors: the access map, and what would go if somebody left now (ACCESS.md, "Pages that people ask for")."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from customers.doors.addresses import client_address
from customers.doors.exports import Lines, as_file, lines_while
from customers.doors.pages import staff_page
from privacy.access import actions, errors, policies, queries
from privacy.access.models import System
from privacy.access.queries.map import MAP_COLUMNS, Asked, map_as_lines
from privacy.access.views.parts import ADMINISTERS, written_down
from privacy.access.views.progress import person_for_page
from privacy.workforce.models import Department, JobFunction

CHUNK = 500  # grants between two checks of the right to go on
EXPORTED = "privacy.accessgrant map"


def asked_in(values: Any) -> Asked:
    """The filters, from an address or a form; what is not known asks for everything."""

    def text(name: str) -> str:
        said: str = values.get(name, "")
        return said.replace("\x00", "").strip()[:150]

    return Asked(
        department=text("department"),
        function=text("function"),
        system=text("system"),
        find=text("find"),
        sensitive=bool(values.get("sensitive")),
        contractors=bool(values.get("contractors")),
        everything=bool(values.get("everything")),
        after=text("after"),
    )


@staff_page(ADMINISTERS)
@require_safe
def access_map(request: HttpRequest) -> HttpResponse:
    """People by entitlements: a cell opens why, a row what would go, a column the entitlement."""
    now = timezone.now()
    asked = asked_in(request.GET)
    shown = queries.access_map(asked, now=now)
    context = {
        "title": "Access map",
        "now": now,
        "map": shown,
        "filters": asked,
        "departments": Department.objects.all(),
        "functions": JobFunction.objects.all(),
        "systems": System.objects.defer("secret"),
        "section": "access",
    }
    return render(request, "privacy/access/map/map.html", context)


@staff_page(ADMINISTERS)
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The map as a file, one grant a line: recorded before the first line leaves, stopped when the right to it ends."""
    user: Any = request.user
    now = timezone.now()
    asked = asked_in(request.POST)
    try:
        begun = actions.authorise_export(
            EXPORTED,
            ADMINISTERS,
            by=user,
            reason=f"access map: {asked.in_words}",
            now=now,
            address=client_address(request) or None,
        )
    except errors.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("access:map")
    return as_file(_as_csv(user.pk, asked, begun), "access-map")


def _as_csv(employee_pk: int, asked: Asked, begun: Any) -> Lines:
    session = policies.session_of(employee_pk)

    def may_go_on() -> bool:
        return policies.may_now(employee_pk, ADMINISTERS, at=timezone.now()) and policies.session_of(employee_pk) == session

    def pieces() -> Iterator[list[Any]]:
        last = 0
        while chunk := list(map_as_lines(asked, now=timezone.now(), after=last, size=CHUNK)):
            last = chunk[-1][0]
            yield [cells for _, cells in chunk]

    return lines_while(may_go_on, MAP_COLUMNS, pieces(), ended=written_down(begun))


@staff_page()
@require_safe
def would_go(request: HttpRequest, pk: int) -> HttpResponse:
    """What would go if this person left now: here, in every other system, and what would pass to others. For printing, too."""
    now = timezone.now()
    user: Any = request.user
    found = person_for_page(request, pk)
    going = queries.what_would_go(found, now=now)
    handed = queries.handed_on(found, now=now)
    elsewhere = queries.by_system(going.grants, found)
    context = {
        "title": f"If {found.get_short_name()} left now",
        "now": now,
        "person": found,
        "works_here": found.is_employed(at=now),
        "would_go": going,
        "systems": elsewhere,
        "sensitive": sum(one.grant.sensitive for one in going.grants),
        "decisions": queries.to_decide(found, now=now),
        "handed": handed,
        "may_tell": policies.may_tell_events(user, at=now),
        "section": "access",
    }
    return render(request, "privacy/access/map/would_go.html", context)
