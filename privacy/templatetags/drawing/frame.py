"""What every chart shares: the frame with its axis, the title that says the finding, the table behind it."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

PLOT_HEIGHT = 180  # pixels, from the base line to the top grid line
TOP = 12
LABELS = 22  # pixels below the base line for the words
LETTERS = 40  # of labels that fit beside each other on a phone
WIDEST_AXIS = 64
NOTHING = mark_safe("")


def say(value: float) -> str:
    """1,234 or 12.5: no more digits than carry meaning."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def ticks_to(highest: float) -> list[float]:
    """Three or four round numbers from 0 to at least `highest`."""
    if highest <= 0:
        return [0, 1]
    rough = highest / 3
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    if highest <= 3:
        step = max(step, 1) if highest >= 1 else step
    return [step * count for count in range(math.ceil(highest / step) + 1)]


def table_of(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> SafeString:
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        ((row[0], format_html_join("", '<td class="number">{}</td>', ((cell,) for cell in row[1:]))) for row in rows),
    )
    head = format_html_join(
        "", '<th scope="col" class="{}">{}</th>', (("number" if place else "", name) for place, name in enumerate(header))
    )
    return format_html(
        '<details class="chart__data"><summary>Show as table</summary><div class="table-frame" tabindex="0" role="region" '
        'aria-label="The figures behind the chart"><table class="table table--compact"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></details>',
        head,
        body,
    )


def figure_of(title: str, note: str, body: SafeString, table: SafeString) -> SafeString:
    shown_note = format_html('<p class="chart__note">{}</p>', note) if note else NOTHING
    return format_html(
        '<figure class="chart"><figcaption><h2 class="chart__title">{}</h2>{}</figcaption>{}{}</figure>',
        title,
        shown_note,
        body,
        table,
    )


def frame_of(label: str, ticks: Sequence[float], unit: str, inside: SafeString) -> SafeString:
    """Axis on the left in pixels, plot on the right in percentages."""
    highest = ticks[-1] or 1
    axis_width = min(WIDEST_AXIS, 14 + 7 * max(len(say(tick)) for tick in ticks))
    height = TOP + PLOT_HEIGHT + LABELS
    places = [(TOP + PLOT_HEIGHT * (1 - tick / highest), tick) for tick in ticks]
    words = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        ((axis_width - 8, round(y + 4, 1), say(tick)) for y, tick in places),
    )
    lines = format_html_join(
        "",
        '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>',
        (("chart__base" if tick == 0 else "chart__grid", round(y, 1), round(y, 1)) for y, tick in places),
    )
    return format_html(
        '<div class="chart__frame" role="img" aria-label="{}"><svg class="chart__axis" width="{}" height="{}" aria-hidden="true">{}</svg>'
        '<svg class="chart__plot" height="{}" aria-hidden="true">{}{}</svg></div>',
        f"{label}{f' ({unit})' if unit else ''}. The figures are in the table below.",
        axis_width,
        height,
        words,
        height,
        lines,
        inside,
    )


def some_labels(labels: Sequence[str], most: int = 6) -> list[tuple[int, str]]:
    """At most `most` labels, evenly spread, and fewer long ones, so that they never touch each other on a phone."""
    most = max(2, min(most, LETTERS // (2 + max(map(len, labels), default=0))))
    every = max(1, math.ceil(len(labels) / most))
    return [(place, label) for place, label in enumerate(labels) if place % every == 0]


def bound_line(bound: float | None, highest: float, unit: str) -> SafeString:
    if bound is None:
        return NOTHING
    y = round(TOP + PLOT_HEIGHT * (1 - bound / highest), 1)
    return format_html(
        '<line class="chart__bound" x1="0" x2="100%" y1="{}" y2="{}"/><text class="chart__bound-text" x="100%" y="{}" text-anchor="end">at most {} {}</text>',
        y,
        y,
        max(y - 5, 9),
        say(bound),
        unit,
    )
