"""Charts with an axis: bars, a line over time, a distribution."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from privacy.templatetags.drawing.frame import (
    LABELS,
    NOTHING,
    PLOT_HEIGHT,
    TOP,
    bound_line,
    figure_of,
    frame_of,
    say,
    some_labels,
    table_of,
    ticks_to,
)


def bar_chart(
    title: str, rows: Iterable[Sequence[Any]], unit: str = "", note: str = "", bound: float | None = None, tone: str = ""
) -> SafeString:
    """Bars. rows: (label, value) or (label, value, tone). bound: a dashed line that should not be crossed."""
    bars = [(str(row[0]), float(row[1] or 0), str(row[2]) if len(row) > 2 else tone) for row in rows]
    if not bars:
        return NOTHING
    ticks = ticks_to(max([value for _, value, _ in bars] + ([bound] if bound else [])))
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
                say(value),
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
            for place, label in some_labels([label for label, _, _ in bars])
        ),
    )
    inside = format_html("{}{}{}", drawn, below, bound_line(bound, highest, unit))
    table = table_of(["", unit or "count"], [(label, say(value)) for label, value, _ in bars])
    return figure_of(title, note, frame_of(title, ticks, unit, inside), table)


def line_chart(
    title: str, points: Iterable[Sequence[Any]], unit: str = "", note: str = "", bound: float | None = None
) -> SafeString:
    """A line over time. points: (label, value), oldest first; value None leaves a gap out. bound: a dashed line not to be crossed."""
    known = [(str(point[0]), float(point[1])) for point in points if point[1] is not None]
    if not known:
        return NOTHING
    ticks = ticks_to(max([value for _, value in known] + ([bound] if bound else [])))
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
                say(value),
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
            for place, label in some_labels([label for label, _ in known])
        ),
    )
    inside = format_html("{}{}{}{}", shape, dots if len(known) <= 60 else NOTHING, below, bound_line(bound, highest, unit))
    table = table_of(["", unit or "value"], [(label, say(value)) for label, value in known])
    return figure_of(title, note, frame_of(title, ticks, unit, inside), table)


def dot_chart(
    title: str, values: Iterable[Sequence[Any]], unit: str = "", note: str = "", bound: float | None = None
) -> SafeString:
    """A distribution: one dot a measurement on one axis. values: (label, value). Dots beyond the bound are red and named in the table."""
    known = sorted(((str(row[0]), float(row[1])) for row in values if row[1] is not None), key=lambda row: row[1])
    if not known:
        return NOTHING
    ticks = ticks_to(max(known[-1][1], bound or 0))
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
                say(value),
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
                say(tick),
            )
            for tick in ticks
        ),
    )
    limit = NOTHING
    if bound is not None:
        x = round(1 + 98 * bound / highest, 2)
        limit = format_html(
            '<line class="chart__bound" x1="{}%" x2="{}%" y1="0" y2="{}"/><text class="chart__bound-text" x="{}%" y="10" text-anchor="{}" dx="{}">at most {} {}</text>',
            x, x, base, x, "end" if x > 60 else "start", -6 if x > 60 else 6, say(bound), unit,
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
    return figure_of(
        title, note, body, table_of(["", unit or "value"], [(label, say(value)) for label, value in reversed(known)])
    )
