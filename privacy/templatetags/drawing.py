"""Charts drawn on the server as SVG: no script, no inline style, colours by class, a table behind each (SCREENS.md).

Every chart takes a title that says the finding. Horizontal places are percentages, so that a chart fills its frame at any width while
its words keep their size.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

PLOT_HEIGHT = 180  # pixels, from the base line to the top grid line
TOP = 12
LABELS = 22  # pixels below the base line for the words
WIDEST_AXIS = 64
NOTHING = mark_safe("")


def _say(value: float) -> str:
    """1,234 or 12.5: no more digits than carry meaning."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def _ticks(highest: float) -> list[float]:
    """Three or four round numbers from 0 to at least `highest`."""
    if highest <= 0:
        return [0, 1]
    rough = highest / 3
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    if highest <= 3:
        step = max(step, 1) if highest >= 1 else step
    return [step * count for count in range(math.ceil(highest / step) + 1)]


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> SafeString:
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


def _figure(title: str, note: str, body: SafeString, table: SafeString) -> SafeString:
    shown_note = format_html('<p class="chart__note">{}</p>', note) if note else NOTHING
    return format_html(
        '<figure class="chart"><figcaption><h2 class="chart__title">{}</h2>{}</figcaption>{}{}</figure>',
        title,
        shown_note,
        body,
        table,
    )


def _frame(label: str, ticks: Sequence[float], unit: str, inside: SafeString) -> SafeString:
    """Axis on the left in pixels, plot on the right in percentages."""
    highest = ticks[-1] or 1
    axis_width = min(WIDEST_AXIS, 14 + 7 * max(len(_say(tick)) for tick in ticks))
    height = TOP + PLOT_HEIGHT + LABELS
    places = [(TOP + PLOT_HEIGHT * (1 - tick / highest), tick) for tick in ticks]
    words = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        ((axis_width - 8, round(y + 4, 1), _say(tick)) for y, tick in places),
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


def _some_labels(labels: Sequence[str], most: int = 6) -> list[tuple[int, str]]:
    """At most `most` labels, evenly spread, so that they never touch each other on a phone."""
    every = max(1, math.ceil(len(labels) / most))
    return [(place, label) for place, label in enumerate(labels) if place % every == 0]


def bar_chart(
    title: str, rows: Iterable[Sequence[Any]], unit: str = "", note: str = "", bound: float | None = None, tone: str = ""
) -> SafeString:
    """Bars. rows: (label, value) or (label, value, tone). bound: a dashed line that should not be crossed."""
    bars = [(str(row[0]), float(row[1] or 0), str(row[2]) if len(row) > 2 else tone) for row in rows]
    if not bars:
        return NOTHING
    ticks = _ticks(max([value for _, value, _ in bars] + ([bound] if bound else [])))
    highest, step = ticks[-1] or 1, 100 / len(bars)
    drawn = format_html_join(
        "",
        '<rect class="chart__bar{}" x="{}%" width="{}%" y="{}" height="{}" rx="2"><title>{}: {} {}</title></rect>',
        (
            (
                f" chart__bar--{tone}" if tone else "",
                round(place * step + step * 0.16, 3),
                round(min(step * 0.68, 12), 3),
                round(TOP + PLOT_HEIGHT * (1 - value / highest), 1),
                round(PLOT_HEIGHT * value / highest, 1),
                label,
                _say(value),
                unit,
            )
            for place, (label, value, tone) in enumerate(bars)
        ),
    )
    below = format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="middle">{}</text>',
        (
            (round(place * step + step * 0.16 + min(step * 0.68, 12) / 2, 3), TOP + PLOT_HEIGHT + 16, label)
            for place, label in _some_labels([label for label, _, _ in bars])
        ),
    )
    inside = format_html("{}{}{}", drawn, below, _bound(bound, highest, unit))
    table = _table(["", unit or "count"], [(label, _say(value)) for label, value, _ in bars])
    return _figure(title, note, _frame(title, ticks, unit, inside), table)


def _bound(bound: float | None, highest: float, unit: str) -> SafeString:
    if bound is None:
        return NOTHING
    y = round(TOP + PLOT_HEIGHT * (1 - bound / highest), 1)
    return format_html(
        '<line class="chart__bound" x1="0" x2="100%" y1="{}" y2="{}"/><text class="chart__bound-text" x="100%" y="{}" text-anchor="end">at most {} {}</text>',
        y,
        y,
        max(y - 5, 9),
        _say(bound),
        unit,
    )


def line_chart(
    title: str, points: Iterable[Sequence[Any]], unit: str = "", note: str = "", bound: float | None = None
) -> SafeString:
    """A line over time. points: (label, value), oldest first; value None leaves a gap out. bound: a dashed line not to be crossed."""
    known = [(str(point[0]), float(point[1])) for point in points if point[1] is not None]
    if not known:
        return NOTHING
    ticks = _ticks(max([value for _, value in known] + ([bound] if bound else [])))
    highest, width = ticks[-1] or 1, max(len(known) - 1, 1)
    corners = [(round(100 * place / width, 3), round(100 * (1 - value / highest), 3)) for place, (_, value) in enumerate(known)]
    path = "M" + "L".join(f"{x} {y}" for x, y in corners)
    shape = format_html(
        '<svg x="0" y="{}" width="100%" height="{}" viewBox="0 0 100 100" preserveAspectRatio="none" overflow="visible">'
        '<path class="chart__area" d="{}L100 100L0 100Z"/><path class="chart__line" d="{}"/></svg>',
        TOP,
        PLOT_HEIGHT,
        path,
        path,
    )
    dots = format_html_join(
        "",
        '<circle class="chart__dot{}" cx="{}%" cy="{}" r="3.5"><title>{}: {} {}</title></circle>',
        (
            (
                " chart__dot--bad" if bound is not None and value > bound else "",
                x,
                round(TOP + PLOT_HEIGHT * y / 100, 1),
                label,
                _say(value),
                unit,
            )
            for (x, y), (label, value) in zip(corners, known, strict=True)
        ),
    )
    below = format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="{}">{}</text>',
        (
            (
                corners[place][0],
                TOP + PLOT_HEIGHT + 16,
                "start" if place == 0 else "end" if place == len(known) - 1 else "middle",
                label,
            )
            for place, label in _some_labels([label for label, _ in known])
        ),
    )
    inside = format_html("{}{}{}{}", shape, dots if len(known) <= 60 else NOTHING, below, _bound(bound, highest, unit))
    table = _table(["", unit or "value"], [(label, _say(value)) for label, value in known])
    return _figure(title, note, _frame(title, ticks, unit, inside), table)


def dot_chart(
    title: str, values: Iterable[Sequence[Any]], unit: str = "", note: str = "", bound: float | None = None
) -> SafeString:
    """A distribution: one dot a measurement on one axis. values: (label, value). Dots beyond the bound are red and named in the table."""
    known = sorted(((str(row[0]), float(row[1])) for row in values if row[1] is not None), key=lambda row: row[1])
    if not known:
        return NOTHING
    ticks = _ticks(max(known[-1][1], bound or 0))
    highest, columns = ticks[-1] or 1, 60
    stacked: dict[int, int] = {}
    places = []
    for label, value in known:
        column = round(value / highest * columns)
        level = stacked[column] = stacked.get(column, 0) + 1
        places.append((label, value, 1 + 98 * column / columns, level))
    tallest = max(stacked.values())
    gap = min(11.0, 110 / tallest)
    base = max(60.0, min(130.0, tallest * gap + 24))
    dots = format_html_join(
        "",
        '<circle class="chart__dot{}" cx="{}%" cy="{}" r="4.5"><title>{}: {} {}</title></circle>',
        (
            (
                " chart__dot--bad" if bound is not None and value > bound else "",
                round(x, 2),
                round(base - 7 - (level - 1) * gap, 1),
                label,
                _say(value),
                unit,
            )
            for label, value, x, level in places
        ),
    )
    axis = format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="{}">{}</text>',
        (
            (
                round(1 + 98 * tick / highest, 2),
                base + 16,
                "start" if tick == 0 else "end" if tick == ticks[-1] else "middle",
                _say(tick),
            )
            for tick in ticks
        ),
    )
    limit = NOTHING
    if bound is not None:
        x = round(1 + 98 * bound / highest, 2)
        limit = format_html(
            '<line class="chart__bound" x1="{}%" x2="{}%" y1="0" y2="{}"/><text class="chart__bound-text" x="{}%" y="10" text-anchor="{}" dx="{}">at most {} {}</text>',
            x, x, base, x, "end" if x > 60 else "start", -6 if x > 60 else 6, _say(bound), unit,
        )  # fmt: skip
    body = format_html(
        '<div class="chart__frame" role="img" aria-label="{}"><svg class="chart__plot" height="{}" aria-hidden="true">'
        '<line class="chart__base" x1="0" x2="100%" y1="{}" y2="{}"/>{}{}{}</svg></div>',
        f"{title}{f' ({unit})' if unit else ''}. The figures are in the table below.",
        base + LABELS,
        base,
        base,
        limit,
        dots,
        axis,
    )
    return _figure(title, note, body, _table(["", unit or "value"], [(label, _say(value)) for label, value in reversed(known)]))


def donut(title: str, parts: Iterable[Sequence[Any]], note: str = "") -> SafeString:
    """Parts of a whole. parts: (label, value, tone); the legend names each with its value, so that nothing hangs on colour."""
    rows = [(str(row[0]), float(row[1] or 0), str(row[2]) if len(row) > 2 else "0") for row in parts]
    total = sum(value for _, value, _ in rows)
    arcs, start = [], 0.0
    for label, value, tone in rows:
        share = 100 * value / total if total else 0
        if share:
            arcs.append((tone, f"{max(share - 0.8, 0.4):.3f} 100", round(25 - start, 3), label, _say(value)))
        start += share
    # A circle of circumference 100: a dash of length n is n per cent.
    rings = format_html_join(
        "",
        '<circle class="chart__ring chart__ring--{}" cx="21" cy="21" r="15.915" stroke-dasharray="{}" stroke-dashoffset="{}"><title>{}: {}</title></circle>',
        arcs,
    )
    legend = format_html_join(
        "",
        '<li><svg viewBox="0 0 42 42" aria-hidden="true"><circle class="chart__ring chart__ring--{} chart__ring--key" cx="21" cy="21" r="14"/></svg>{}<strong>{}</strong></li>',
        ((tone, label, _say(value)) for label, value, tone in rows),
    )
    body = format_html(
        '<div class="chart__donut"><svg viewBox="0 0 42 42" role="img" aria-label="{}"><circle class="chart__ring chart__ring--track" cx="21" cy="21" r="15.915"/>'
        '{}<text class="chart__total" x="21" y="24">{}</text></svg><ul class="legend">{}</ul></div>',
        f"{title}: " + ", ".join(f"{label} {_say(value)}" for label, value, _ in rows),
        rings,
        _say(total),
        legend,
    )
    return _figure(title, note, body, NOTHING)


def due_strip(title: str, days: Iterable[Sequence[Any]], today: date | None = None) -> SafeString:
    """What is due on each of the coming days. days: (date, count, address or "", tone or ""); days without work are quiet."""

    def one(place: date, count: int, address: str, tone: str) -> SafeString:
        classes = ["strip__day", f"strip__day--{tone}" if tone else "", "" if count else "strip__day--none"]
        classes += ["strip__day--today" if place == today else "", "strip__day--off" if place.weekday() == 6 else ""]
        words = f"{date_format(place, 'l, j F')}: {count} due"
        inside = format_html(
            '<span aria-hidden="true">{}</span><span class="strip__count" aria-hidden="true">{}</span><span aria-hidden="true">{}</span>'
            '<span class="visually-hidden">{}</span>',
            "Today" if place == today else date_format(place, "D"),
            count or "·",
            date_format(place, "j M"),
            words,
        )
        css = " ".join(name for name in classes if name)
        if address and count:
            return format_html('<a class="{}" href="{}">{}</a>', css, address, inside)
        return format_html('<div class="{}">{}</div>', css, inside)

    drawn = [
        (one(row[0], int(row[1]), str(row[2]) if len(row) > 2 else "", str(row[3]) if len(row) > 3 else ""),) for row in days
    ]
    return format_html(
        '<section class="chart"><h2 class="chart__title">{}</h2><ol class="strip">{}</ol></section>',
        title,
        format_html_join("", "<li>{}</li>", drawn),
    )


def sparkline(values: Iterable[float], label: str = "Trend") -> SafeString:
    """A trend the size of a word, oldest first."""
    known = [float(value or 0) for value in values]
    if len(known) < 2 or not any(known):
        return NOTHING
    low, high = min(known), max(known)
    spread = (high - low) or 1
    corners = [
        (round(2 + 72 * place / (len(known) - 1), 1), round(26 - 22 * (value - low) / spread, 1))
        for place, value in enumerate(known)
    ]
    path = "M" + "L".join(f"{x} {y}" for x, y in corners)
    return format_html(
        '<svg class="spark chart" viewBox="0 0 76 30" role="img" aria-label="{}"><path class="chart__area" d="{}L{} 30L2 30Z"/><path class="chart__line" d="{}"/>'
        '<circle class="chart__dot" cx="{}" cy="{}" r="3"/></svg>',
        f"{label}: {', '.join(_say(value) for value in known)}",
        path,
        corners[-1][0],
        path,
        *corners[-1],
    )
