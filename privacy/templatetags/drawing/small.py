"""Small drawings: parts of a whole, the days ahead, a trend the size of a word."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from privacy.templatetags.drawing.frame import NOTHING, figure_of, say


def donut(title: str, parts: Iterable[Sequence[Any]], note: str = "") -> SafeString:
    """Parts of a whole. parts: (label, value, tone); the legend names each with its value, so that nothing hangs on colour."""
    rows = [(str(row[0]), float(row[1] or 0), str(row[2]) if len(row) > 2 else "0") for row in parts]
    total = sum(value for _, value, _ in rows)
    arcs, start = [], 0.0
    for label, value, tone in rows:
        share = 100 * value / total if total else 0
        if share:
            arc = max(share - 0.8, 0.4)
            arcs.append((tone, f"{arc:.3f} {100 - arc:.3f}", round(25 - start, 3), label, say(value)))
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
        ((tone, label, say(value)) for label, value, tone in rows),
    )
    body = format_html(
        '<div class="chart__donut"><svg viewBox="0 0 42 42" role="img" aria-label="{}"><circle class="chart__ring chart__ring--track" cx="21" cy="21" r="15.915"/>'
        '{}<text class="chart__total" x="21" y="24">{}</text></svg><ul class="legend">{}</ul></div>',
        f"{title}: " + ", ".join(f"{label} {say(value)}" for label, value, _ in rows),
        rings,
        say(total),
        legend,
    )
    return figure_of(title, note, body, NOTHING)


def due_strip(title: str, days: Iterable[Sequence[Any]], today: date | None = None) -> SafeString:
    """What is due on each of the coming days. days: (date, count, address or "", tone or "", why nobody works then or ""); days
    without work are quiet, days on which nobody works are shaded."""

    def one(place: date, count: int, address: str = "", tone: str = "", off: str = "") -> SafeString:
        classes = ["strip__day", f"strip__day--{tone}" if tone else "", "" if count else "strip__day--none"]
        classes += ["strip__day--today" if place == today else "", "strip__day--off" if off else ""]
        words = f"{date_format(place, 'l, j F')}{f' ({off})' if off else ''}: {count} due"
        inside = format_html(
            '<span aria-hidden="true">{}</span><span class="strip__count" aria-hidden="true">{}</span><span aria-hidden="true">{}</span>'
            '<span class="visually-hidden">{}</span>',
            "Today" if place == today else date_format(place, "D"),
            count or "·",
            date_format(place, "j M"),
            words,
        )
        css = " ".join(name for name in classes if name)
        hover = format_html(' title="{}"', off) if off else NOTHING
        if address and count:
            return format_html('<a class="{}" href="{}"{}>{}</a>', css, address, hover, inside)
        return format_html('<div class="{}"{}>{}</div>', css, hover, inside)

    drawn = [(one(row[0], int(row[1]), *map(str, row[2:])),) for row in days]
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
        f"{label}: {', '.join(say(value) for value in known)}",
        path,
        corners[-1][0],
        path,
        *corners[-1],
    )
