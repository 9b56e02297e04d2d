"""The body of the access map, written as text: at twenty thousand cells, a template loop would take seconds."""

from collections.abc import Iterator

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from privacy.access.queries.map import STANDINGS, AccessMap, PersonRow

register = template.Library()

WIDEST = 300  # columns that one cell spans at most: static/lumens/access.css has a rule for each number up to it
# What is read out in a cell; the header cells add the person and the entitlement.
SAID = {"r": "being revoked", "s": "suspended", "n": "not in force", "u": "unjustified", "f": "in force"}


@register.simple_tag
def map_rows(shown: AccessMap) -> SafeString:
    """A table row per person: the head leads to what would go, each held cell to why; a run of empty cells is one cell.

    End tags that HTML does not need, and quotes that it does not need, are left out: a third of the page.
    """
    sensitive = [column.sensitive for column in shown.columns]
    # Addresses are relative to the map's own: 18 characters instead of 40, twenty thousand times.
    return mark_safe("".join(_row(row, sensitive) for row in shown.rows))  # noqa: S308  names are escaped, the rest is numbers


def _row(row: PersonRow, sensitive: list[bool]) -> str:
    tag = ' <span class="tag">contractor</span>' if row.is_contractor else ""
    head = f"<tr role=row><th scope=row role=rowheader><a href={reverse('access:would_go', args=[row.pk])}>{escape(row.name)}</a>"
    function = f"{tag}<span class=map__function>{escape(row.function)}</span>"
    return head + function + "".join(_cells(row.cells, sensitive)) + "\n"


def _cells(cells: list[tuple[int, int, str]], sensitive: list[bool]) -> Iterator[str]:
    next_free = 0
    for place, grant, standing in cells:
        yield _gap(place - next_free)
        css = f'"{standing} x"' if sensitive[place] else standing
        yield f"<td role=cell><a class={css} href=../grants/{grant}/>{SAID[standing]}</a>"
        next_free = place + 1
    yield _gap(len(sensitive) - next_free)


def _gap(empty: int) -> str:
    widest = f"<td role=cell colspan={WIDEST}>" * (max(empty, 0) // WIDEST)
    rest = max(empty, 0) % WIDEST
    return widest + ("" if not rest else "<td role=cell>" if rest == 1 else f"<td role=cell colspan={rest}>")


@register.simple_tag
def map_systems(shown: AccessMap) -> list[tuple[str, int]]:
    """The systems above their columns: (name, how many columns), none wider than the style sheet knows."""
    return [(name, min(WIDEST, span - begun)) for name, span in shown.systems for begun in range(0, span, WIDEST)]


@register.simple_tag
def map_standings(shown: AccessMap) -> list[tuple[str, str, int]]:
    """The legend: (code, what it is called, how many cells)."""
    return [(standing, called, shown.counts.get(standing, 0)) for standing, called in STANDINGS.items()]
