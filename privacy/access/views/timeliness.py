"""Door: the time to revoke, measured: figures, plots, breaches, and the five points of each leaver and mover."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import number
from customers.instants import lasted, within
from privacy.access import policies, queries
from privacy.access.models import System
from privacy.access.queries.breaches import NdasOfAMonth
from privacy.access.queries.timeliness import GROUPS, Spread, Timeliness
from privacy.access.views.parts import ADMINISTERS

READS_PROMISES = "privacy.view_promises"
PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "12 months"}
MOST_DOTS = 150  # more are drawn as bars
# In which unit a group's plots are drawn, and how many seconds that is.
UNITS = {"here": ("s", 1), "connected": ("s", 1), "by_hand": ("h", 3600)}


@staff_page(ADMINISTERS, READS_PROMISES)
@require_safe
def timeliness(request: HttpRequest) -> HttpResponse:
    """How long access lived on after it should have been gone, in every system."""
    now = timezone.now()
    user: Any = request.user
    days = number(request.GET.get("days"))
    days = days if days in PERIODS else 90
    system = System.objects.filter(pk=number(request.GET.get("system")) or 0).first() if request.GET.get("system") else None
    begin = now - timedelta(days=days)
    asked: dict[str, Any] = {"begin": begin, "end": now, "now": now, "system": system.pk if system else None}
    measured = queries.measure_timeliness(**asked)
    rows, following = queries.event_times(**asked, after=number(request.GET.get("after")))
    open_breaches = queries.open_breaches(now=now, system=asked["system"])
    ndas = queries.ndas_running_out(now=now)
    context = {
        "title": "Time to revoke",
        "now": now,
        "measured": measured,
        "tiles": [one for one in measured.groups.values() if one.count or one.outstanding or not system],
        "plots": [plot for group in GROUPS if (plot := _plot(group, measured, asked))],
        "open_breaches": open_breaches,
        "past_breaches": queries.past_breaches(**asked),
        "rows": rows,
        "following": following,
        "days": days,
        "periods": PERIODS,
        "system": system,
        "systems": System.objects.order_by("name"),
        "administers": user.has_perm(ADMINISTERS),
        "may_have_evidence": policies.may_have_evidence(user.pk, at=now),
        "ndas_title": _ndas_title(ndas),
        "ndas": [(date_format(one.month, "M Y"), one.grants) for one in ndas],
        "ndas_note": "Bars: grants that go out of force. " + _ndas_note(ndas),
        "section": "access",
    }
    return render(request, "privacy/access/evidence/timeliness.html", context)


def _plot(group: str, measured: Timeliness, asked: dict[str, Any]) -> dict[str, Any] | None:
    """What is drawn of a group: each removal as a dot (or bars, where there are many), and the weeks; None without removals."""
    spread = measured.groups[group]
    if not spread.count:
        return None
    unit, size = UNITS[group]
    each = queries.each_removal(group, **asked) if spread.count <= MOST_DOTS else []
    weeks = measured.weeks.get(group, [])
    bars = zip(queries.bar_labels(group), measured.bars[group], strict=True)
    last = len(measured.bars[group]) - 1
    return {
        "spread": spread,
        "unit": unit,
        "bound": spread.bound / size,
        "title": _finding(spread),
        "note": f"{spread.label}: half {within(spread.p50)}, 95 % {within(spread.p95)}, longest {lasted(spread.worst)}",
        "dots": [(label, seconds / size) for label, seconds in each],
        "bars": [(label, count, "bad" if place == last else "") for place, (label, count) in enumerate(bars)],
        "trend": [(date_format(week, "j M"), p95 / size) for week, p95, _, _ in weeks] if len(weeks) > 1 else [],
        "trend_title": _trend_finding(spread, weeks),
    }


def _finding(spread: Spread) -> str:
    where = GROUPS[spread.group].lower()
    one = "1 removal" if spread.count == 1 else f"{spread.count:,} removals"
    if spread.late:
        return f"{spread.late:,} of {one} {where} took longer than {lasted(spread.bound)}"
    if spread.count == 1:
        return f"The one removal {where} took {lasted(spread.worst)}"
    return f"All {one} {where} were done {within(spread.worst)}, half of them {within(spread.p50)}"


def _trend_finding(spread: Spread, weeks: list[tuple[Any, float, float, int]]) -> str:
    over = sum(p95 > spread.bound for _, p95, _, _ in weeks)
    where = GROUPS[spread.group].lower()
    if over:
        return f"In {over} of {len(weeks)} weeks the slowest twentieth {where} missed the bound"
    slowest = max((p95 for _, p95, _, _ in weeks), default=0.0)
    return f"Week by week, 95 % of the removals {where} were done {within(slowest)}"


def _ndas_title(ndas: list[NdasOfAMonth]) -> str:
    papers, grants = sum(one.ndas for one in ndas), sum(one.grants for one in ndas)
    if not papers:
        return "No NDA runs out in the next 12 months"
    worst = max(ndas, key=lambda one: (one.grants, one.ndas))
    if not grants:
        return f"{papers} NDA{'s' if papers > 1 else ''} run out in the next 12 months, and no access hangs on them"
    return (
        f"{grants} grants stop with {papers} NDAs in the next 12 months, most in {date_format(worst.month, 'F')} ({worst.grants})"
    )


def _ndas_note(ndas: list[NdasOfAMonth]) -> str:
    return (
        "NDAs that end: "
        + (", ".join(f"{one.ndas} in {date_format(one.month, 'F')}" for one in ndas if one.ndas) or "none")
        + "."
    )
