"""The body of the access map, written as text: at twenty thousand cells, a template loop would take seconds."""

from collections.abc import Iterator

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from privacy.access.queries.map import STANDINGS, AccessMap, PersonRow

register = template.Library()

# What is read out in a cell; the header cells add the person and the entitlement.
SAID = {"r": "being revoked", "s": "suspended", "n": "not in force", "u": "unjustified", "f": "in force"}


@register.simple_tag
def map_rows(shown: AccessMap) -> SafeString:
    """A table row per person: the head leads to what would go, each held cell to why; a run of empty cells is one cell.

    End tags that HTML does not need, and quotes that it does not need, are left out: a third of the page.
    """
    width = len(shown.columns)
    # Relative to the map's own address: 18 characters instead of 40, twenty thousand times.
    return mark_safe("".join(_row(row, width) for row in shown.rows))  # noqa: S308  names are escaped, the rest is numbers


def _row(row: PersonRow, width: int) -> str:
    tag = ' <span class="tag">contractor</span>' if row.is_contractor else ""
    address = reverse("access:would_go", args=[row.pk])
    head = (
        f"<tr><th scope=row><a href={address}>{escape(row.name)}</a>{tag}<span class=map__function>{escape(row.function)}</span>"
    )
    return head + "".join(_cells(row.cells, width)) + "\n"


def _cells(cells: list[tuple[int, int, str]], width: int) -> Iterator[str]:
    next_free = 0
    for place, grant, standing in cells:
        yield _gap(place - next_free)
        yield f"<td><a class={standing} href=../grants/{grant}/>{SAID[standing]}</a>"
        next_free = place + 1
    yield _gap(width - next_free)


def _gap(empty: int) -> str:
    return "" if empty <= 0 else "<td>" if empty == 1 else f"<td colspan={empty}>"


@register.simple_tag
def map_standings(shown: AccessMap) -> list[tuple[str, str, int]]:
    """The legend: (code, what it is called, how many cells)."""
    return [(standing, called, shown.counts.get(standing, 0)) for standing, called in STANDINGS.items()]
