"""Doors: the statement itself, with the standing of each promise in its margin."""

import re
from collections import Counter
from html import escape

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

from customers.doors.pages import staff_page
from privacy.promises import queries
from privacy.promises.actions import measure_promises
from privacy.promises.models import Standing
from privacy.promises.queries import Stand
from privacy.statement.models import StatementVersion
from privacy.statement.queries import as_html, find_quote, sections

# Private-use characters carry a promise's place through the Markdown: no text of ours contains them.
_OPEN, _SEPARATOR, _CLOSE = "\ue000", "\ue001", "\ue002"
_PUNCTUATION = re.compile(r"[.,;:!?…)”’]+")
# Where a paragraph goes on in a new line after a long one: a little space says so, as between bullets. Not in an address.
_LINE_ENDS = re.compile(r"(?<=[^\n]{80})<br>")
WORST_FIRST = [Standing.BROKEN, Standing.AT_RISK, Standing.NOT_MEASURED, Standing.KEPT]


@staff_page("privacy.view_promises")
@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """The statement in force, each promise underlined, with its standing."""
    now = timezone.now()
    stands = queries.standings(now=now)
    version = StatementVersion.objects.in_force(at=now).first()
    wanted = request.GET.get("standing", "")
    counts = Counter(stand.standing for stand in stands)
    context = {
        "title": "Promises",
        "version": version,
        "html": annotated(version.text, stands) if version else "",
        "sections": sections(version.text) if version else [],
        "stands": [stand for stand in worst_first(stands) if not wanted or stand.standing == wanted],
        "counts": [(standing, counts[standing]) for standing in WORST_FIRST],
        "wanted": wanted,
        "total": len(stands),
        "now": now,
    }
    return render(request, "privacy/promises/statement.html", context)


@staff_page("privacy.view_promises")
@require_safe
def one(request: HttpRequest, promise_id: str) -> HttpResponse:
    """One promise: its sentence, figure, bound, trend, and the rows behind it."""
    promise = queries.by_id(promise_id)
    if promise is None:
        raise Http404
    now = timezone.now()
    trend = queries.trend(promise_id)
    stand = queries.measure(promise, now=now)
    context = {
        "title": promise.called,
        "stand": stand,
        "finding": _finding(stand),
        "trend": trend,
        "always_none": len(trend) > 2
        and not promise.bound
        and not stand.figure.value
        and not any(point.figure for point in trend),
        "trend_points": [(date_format(timezone.localtime(point.at), "j M, H:i"), point.figure) for point in trend],
        "now": now,
    }
    return render(request, "privacy/promises/promise.html", context)


def _finding(stand: Stand) -> str:
    """What the trend says in one line: "14.75 s now, inside the bound of 60 s"; "3 now: none is allowed"."""
    value, bound, unit = stand.figure.value, stand.promise.bound, f" {stand.promise.unit}".rstrip()
    if value is None:
        return "Nothing to measure just now"
    if not bound:
        return f"{value:.10g}{unit} now: none is allowed" if value else "None now, as promised"
    if stand.is_broken and value <= bound:
        return (
            f"Broken by what is listed below, although the figure, {value:.10g}{unit}, is inside the bound of {bound:.10g}{unit}"
        )
    return f"{value:.10g}{unit} now, {'inside' if value <= bound else 'outside'} the bound of {bound:.10g}{unit}"


@staff_page("privacy.view_promises")
@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """A fragment for Today: what is broken and at risk, as last written down."""
    stands = queries.written_down(now=timezone.now())
    open_stands = [stand for stand in worst_first(stands) if stand.standing in (Standing.BROKEN, Standing.AT_RISK)]
    counts = Counter(stand.standing for stand in stands)
    said = _said_once(open_stands)
    context = {
        "stands": said[:8],
        "more": max(0, len(said) - 8),
        "counts": [(standing, counts[standing]) for standing in WORST_FIRST],
        "total": len(stands),
    }
    return render(request, "privacy/promises/summary.html", context)


def _said_once(stands: list[Stand]) -> list[tuple[Stand, str]]:
    """Each stand with the sections it stands for: one figure that keeps sentences of two sections is one thing to look at."""
    found: dict[tuple[object, ...], list[Stand]] = {}
    for stand in stands:
        figure = stand.figure
        found.setdefault((stand.promise.measures, stand.standing, figure.value, figure.detail), []).append(stand)
    return [(group[0], " and ".join(dict.fromkeys(one.promise.section for one in group))) for group in found.values()]


@staff_page("privacy.view_promises")
@require_POST
def measure_now(request: HttpRequest) -> HttpResponse:
    """Measure everything now and keep the figures."""
    measure_promises(now=timezone.now(), by=request.user)  # type: ignore[arg-type]
    return redirect("promises:statement")


def worst_first(stands: list[Stand]) -> list[Stand]:
    """Broken, at risk, not measured, kept."""
    return sorted(stands, key=lambda stand: (WORST_FIRST.index(stand.standing), stand.promise.section, stand.promise.id))


def annotated(text: str, stands: list[Stand]) -> SafeString:
    """The statement as HTML with every promise's sentence marked. A sentence that carries several promises names each of them."""
    spans: dict[tuple[int, int], list[Stand]] = {}
    for stand in stands:
        span = find_quote(text, stand.promise.quote, section=stand.promise.section)
        if span:
            spans.setdefault(span, []).append(stand)
    for (start, end), group in reversed(_without_overlaps(spans)):
        ids = ",".join(stand.promise.id for stand in group)
        text = f"{text[:start]}{_OPEN}{ids}{_SEPARATOR}{text[start:end]}{_CLOSE}{text[end:]}"
    html = _LINE_ENDS.sub('<br><span class="doc__gap"></span>', as_html(text))
    by_id = {stand.promise.id: stand for stand in stands}
    parts = html.split(_OPEN)
    out = [parts[0]]
    for part in parts[1:]:
        ids, _, rest = part.partition(_SEPARATOR)
        sentence, _, after = rest.partition(_CLOSE)
        group = [by_id[name] for name in ids.split(",")]
        worst = min((stand.standing for stand in group), key=WORST_FIRST.index)
        notes = "".join(_note(stand) for stand in group)
        # Its full stop stays with the sentence: no line begins with one.
        stop = _PUNCTUATION.match(after)
        ending = stop.group() if stop else ""
        mark = f'<mark class="promise promise--{worst}">{sentence}</mark>{ending}'
        out.append(f'{mark}<span class="promise-notes">{notes}</span>{after[len(ending) :]}')
    return mark_safe("".join(out))  # noqa: S308  as_html cleans the text; everything added here is escaped


def _without_overlaps(spans: dict[tuple[int, int], list[Stand]]) -> list[tuple[tuple[int, int], list[Stand]]]:
    """Spans in order; one that begins inside another joins it, so that marks never cross."""
    merged: list[tuple[tuple[int, int], list[Stand]]] = []
    for span, group in sorted(spans.items()):
        if merged and span[0] < merged[-1][0][1]:
            (start, end), earlier = merged[-1]
            merged[-1] = ((start, max(end, span[1])), [*earlier, *group])
        else:
            merged.append((span, group))
    return merged


def _note(stand: Stand) -> str:
    url = reverse("promises:one", args=[stand.promise.id])
    figure = "" if stand.figure.value is None else f" · {stand.figure.value:g}"
    return (
        f'<a class="promise-note status status--{_TONE[stand.standing]}" href="{escape(url)}">'
        f"{escape(stand.promise.id)} · {escape(stand.standing.label)}{escape(figure)}</a>"
    )


_TONE = {Standing.KEPT: "ok", Standing.AT_RISK: "warn", Standing.BROKEN: "bad", Standing.NOT_MEASURED: "muted"}
