"""Removals in other systems, drawn: the five clock points of one change, and the live progress beside a grant or a person."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from customers.instants import lasted, within
from privacy.access import queries
from privacy.access.models import AccessGrant, SystemChange, Wanted
from privacy.templatetags.times import now_of
from privacy.workforce.models import Employee

register = template.Library()

PLACES = (10, 30, 50, 70, 90)  # of the five points, in hundredths of the width
LINE = 44  # pixels from the top
HEIGHT = 108


register.filter(lasted)
register.filter(within)


@register.filter
def exactly(moment: datetime | None) -> str:
    """14:02:11.3, with the day: what a proof needs."""
    if moment is None:
        return "not yet"
    local = timezone.localtime(moment)
    return f"{date_format(local, 'j M Y, H:i:s')}.{local.microsecond // 100_000} {local.tzname()}"


@register.filter
def tone_of_change(state: str) -> str:
    """How a change's state is shown."""
    return {"pending": "info", "pushed": "info", "proven": "ok", "failed": "bad"}.get(state, "muted")


@register.filter
def took(change: SystemChange) -> timedelta | None:
    """From the instant from which it should be so to its proof; None while it is not proven."""
    return None if change.proven_at is None else max(timedelta(), change.proven_at - change.clock_starts_at)


@register.simple_tag(takes_context=True)
def clock_line(context: Context, change: SystemChange) -> SafeString:
    """The five clock points of a change on a line, evenly spaced, with the time between them and the bound where it falls."""
    now = now_of(context)
    points = [
        ("HR knew" if change.event_id else "Decided", change.known_at),
        ("Effective", change.effective_at),
        ("Gone here" if change.wanted == Wanted.REMOVED else "Given here", change.enforced_at),
        ("Pushed", change.pushed_at),
        ("Proven", change.proven_at),
    ]
    is_removal = change.wanted == Wanted.REMOVED
    is_late = is_removal and change.due_at < (change.proven_at or now)
    happened = [moment is not None for _, moment in points]
    last = max(place for place, there in enumerate(happened) if there)
    parts = [
        format_html('<line class="chart__base" x1="10%" x2="90%" y1="{}" y2="{}"/>', LINE, LINE),
        format_html('<line class="clock__done" x1="10%" x2="{}%" y1="{}" y2="{}"/>', PLACES[last], LINE, LINE),
    ]
    if is_removal:
        parts.append(_bound(change, [moment for _, moment in points], now=now, is_late=is_late))
    for place, (name, moment) in zip(PLACES, points, strict=True):
        tone = "todo" if moment is None else "bad" if name == "Proven" and is_late else "done"
        parts.append(_point(place, tone))
        parts.append(format_html('<text class="is-strong" x="{}%" y="70" text-anchor="middle">{}</text>', place, name))
        said = "not yet" if moment is None else date_format(timezone.localtime(moment), "H:i:s")
        parts.append(format_html('<text x="{}%" y="86" text-anchor="middle">{}</text>', place, said))
        day = "" if moment is None else date_format(timezone.localtime(moment), "j M")
        parts.append(format_html('<text x="{}%" y="101" text-anchor="middle">{}</text>', place, day))
    for (place, (_, before)), (other, (_, after)) in pairwise(zip(PLACES, points, strict=True)):
        if before is not None and after is not None and after > before:
            middle = (place + other) / 2
            parts.append(
                format_html('<text x="{}%" y="{}" text-anchor="middle">+{}</text>', middle, LINE - 10, lasted(after - before))
            )
    label = "; ".join(f"{name}: {exactly(moment)}" for name, moment in points)
    return format_html(
        '<svg class="clock chart" width="100%" height="{}" role="img" aria-label="{}">{}</svg>',
        HEIGHT,
        f"{label}; bound: {exactly(change.due_at)}" if is_removal else label,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _point(place: int, tone: str) -> SafeString:
    if tone == "bad":  # a diamond: late is told by its shape, too
        return format_html(
            '<svg x="{}%" y="{}" overflow="visible"><path class="clock__late" d="M0-8 8 0 0 8-8 0z"/></svg>',
            place,
            LINE,
        )
    css = "clock__todo" if tone == "todo" else "clock__point"
    return format_html('<circle class="{}" cx="{}%" cy="{}" r="7"/>', css, place, LINE)


def _bound(change: SystemChange, moments: list[datetime | None], *, now: datetime, is_late: bool) -> SafeString:
    """Where the bound falls among the points: after the last of them while it is not over, between two where it was."""
    place: float = 97.5
    if is_late:
        before = max(at for at, moment in enumerate(moments) if moment is not None and moment <= change.due_at)
        after = next((moment for moment in moments[before + 1 :] if moment is not None), now)
        begins = moments[before] or change.due_at
        share = (change.due_at - begins) / (after - begins) if after > begins else 0.5
        place = PLACES[before] + (PLACES[min(before + 1, 4)] - PLACES[before]) * min(max(share, 0.2), 0.8)
    words = f"bound {lasted(change.due_at - change.clock_starts_at)}"
    anchor = "end" if place > 85 else "middle"
    css = "chart__bound-text" if is_late else ""
    return format_html(
        '<line class="chart__bound" x1="{}%" x2="{}%" y1="20" y2="{}"/>'
        '<text class="{}" x="{}%" y="13" text-anchor="{}">{}{}</text>',
        round(place, 1),
        round(place, 1),
        LINE + 12,
        css,
        99.5 if anchor == "end" else round(place, 1),
        anchor,
        words,
        ", passed" if is_late else "",
    )


@register.inclusion_tag("privacy/access/systems/progress.html", takes_context=True)
def removals_of(context: Context, subject: Any) -> dict[str, Any]:
    """The removals of a grant or a person turning from pending to pushed to proven; nothing where there are none."""
    now = now_of(context)
    progress = None
    if isinstance(subject, AccessGrant):
        progress = queries.progress_of_grant(subject)
    elif isinstance(subject, Employee):
        progress = queries.progress_of_person(subject, now=now)
    return {"progress": progress, "now": now, "request": context["request"]}
