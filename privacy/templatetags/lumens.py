"""What every page of the house is drawn with: `{% load lumens %}`. Shown with examples in templates/privacy/README.md."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from customers.doors.pages import may_open
from customers.doors.paging import Part
from privacy.templatetags import drawing, icons
from privacy.templatetags.times import day, due, instant

register = template.Library()

_REFERENCE = re.compile(r"(\bLUM-\d{4}-\d{6,}\b)")

TONES = ("ok", "warn", "bad", "info", "muted", "brand")

# Every word that a state of ours is said with, and how it is shown. A word that is missing here is shown in grey.
TONE_OF: dict[str, str] = {
    word: tone
    for tone, words in {
        "ok": "kept,in force,active,proven,fulfilled,answered,suppressed,acknowledged,applied,confirmed,verified,done,opted out,"
        "valid,sent,delivered,complete,works here,set up,shipped",
        "warn": "at risk,due soon,expiring,lapsing,being revoked,revoking,fulfilled in part,partial,suspended,"
        "verifying,waiting,requested,scheduled,not in force,could not be processed",
        "bad": "broken,overdue,failed,refused,lapsed,expired,quarantined,quarantined: could not be read",
        "info": "pending,pushed,received,new,decided,fulfilling,propagating,approved,opened a ticket,reply to a ticket,open,"
        "placed",
    }.items()
    for word in words.split(",")
}


@register.simple_tag
def status(word: Any, tone: str = "") -> SafeString:
    """A state as word, shape and colour. The tone follows from the word unless given (ok, warn, bad, info, muted, brand)."""
    said = str(word)
    chosen = tone or TONE_OF.get(said.lower().replace("_", " "), "muted")
    if chosen not in TONES:
        raise template.TemplateSyntaxError(f"status: there is no tone {chosen!r}")
    return format_html('<span class="status status--{}">{}</span>', chosen, said.replace("_", " "))


@register.simple_tag
def how_many(part: Part, css: str = "muted small") -> SafeString:
    """How many a list has in all, and how many of them it shows where these are not all: for the head of its card."""
    said = f"{len(part):,} of {part.total:,} shown" if len(part) < part.total else f"{part.total:,}"
    return format_html('<span class="{}">{}</span>', css, said)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A line icon that says nothing to screen readers: put words beside it. `css`: icon--s, icon--l."""
    try:
        return mark_safe(icons.drawing(name, escape(css)))  # noqa: S308
    except KeyError as error:
        raise template.TemplateSyntaxError(f"icon: {name!r} is not drawn in icons.py") from error


@register.simple_tag
def avatar(name: Any, css: str = "") -> SafeString:
    """The initials of a colleague in a circle, as decoration beside their name."""
    words = [word for word in str(name or "?").split() if word[0].isalpha()] or ["?"]
    initials = (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
    return format_html('<span class="{}" aria-hidden="true">{}</span>', f"avatar {css}".strip(), initials)


@register.simple_tag(takes_context=True)
def crumbs(context: Context, *steps: str) -> SafeString:
    """Where we are: {% crumbs "Requests|tickets:queue" ticket.reference %}. "words|url name" is a link for those who may open it;
    plain words are none."""
    user = getattr(context.get("request"), "user", None)
    items: list[SafeString] = []
    for step in steps:
        words, bar, name = str(step).rpartition("|")
        address = _leads_to(name) if bar else ""
        if not bar or (name and not address):  # the bar of somebody's name leads nowhere
            words = str(step)
        if user is not None and not may_open(user, address):
            address = ""
        items.append(format_html('<a href="{}">{}</a>', address, words) if address else format_html("<span>{}</span>", words))
    return format_html(
        '<div class="breadcrumbs"><ol class="crumbs">{}</ol></div>',
        format_html_join("", "<li>{}</li>", ((item,) for item in items)),
    )


def _leads_to(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return name if name.startswith("/") else ""


@register.inclusion_tag("privacy/parts/pager.html", takes_context=True)
def keyset_pager(
    context: Context, following: str = "", preceding: str = "", shown: str = "", parameter: str = "after"
) -> dict[str, Any]:
    """Links to the next and the first page of a list by key. `following`: key of the last row shown, empty at the end."""
    query = context["request"].GET.copy()
    for name in (parameter, "before"):
        query.pop(name, None)
    first = query.urlencode()
    addresses = {}
    if following:
        query[parameter] = following
        addresses["next"] = "?" + query.urlencode()
        query.pop(parameter)
    if preceding:
        query["before"] = preceding
        addresses["previous"] = "?" + query.urlencode()
    on_first = not any(name in context["request"].GET for name in (parameter, "before"))
    return {"addresses": addresses, "first": "" if on_first else "?" + first, "shown": shown}


@register.inclusion_tag("privacy/parts/csv_button.html", takes_context=True)
def csv_button(context: Context, address: str) -> dict[str, Any]:
    """The button that sends a list as a file: by POST, because it is written down. address: the list's, with its filters."""
    return {"address": address, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("privacy/parts/csv_button.html", takes_context=True)
def table_csv(context: Context, label: str) -> dict[str, Any]:
    """The same for a page that shows a table in its own way, for those who may see that. label: "privacy.ticket"."""
    app, model = label.split(".")
    request = context["request"]
    address = request.get_full_path() if request.user.has_perm(f"{app}.view_{model}") else ""
    return {"address": address, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("privacy/parts/empty.html")
def empty(title: str, advice: str = "", icon: str = "ok", href: str = "", action: str = "") -> dict[str, Any]:
    """An empty list says what this page is for and what to do first."""
    return {"title": title, "advice": advice, "icon": icon, "href": href, "action": action}


@register.inclusion_tag("privacy/parts/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """What is wrong with a form that came back, above its fields: page.js puts the cursor into the first field that is."""
    return {"form": form, "wrong": [field for field in form.visible_fields() if field.errors] if form.errors else []}


@register.inclusion_tag("privacy/parts/figure.html")
def figure(
    label: str,
    value: Any,
    note: str = "",
    unit: str = "",
    tone: str = "",
    href: str = "",
    trend: Iterable[float] = (),
    trend_label: str = "",
) -> dict[str, Any]:
    """One figure in a tile, with what it means, and its trend as a small line (oldest first)."""
    values = list(trend)
    return {
        "label": label,
        "value": value,
        "note": note,
        "unit": unit,
        "tone": tone,
        "href": href,
        "spark": drawing.sparkline(values, trend_label or f"Trend of {label.lower()}") if len(values) > 1 else "",
    }


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """This page's address with some of its parameters changed ("" takes one out): for filters and sort links."""
    query = context["request"].GET.copy()
    for name in ("after", "before", *[name for name, value in changes.items() if value in ("", None)]):
        query.pop(name, None)
    for name, value in changes.items():
        if value not in ("", None):
            query[name] = str(value)
    return "?" + query.urlencode()


@register.filter
def breakable(address: str) -> SafeString:
    """An address that may break after a slash, a point or an @, and not in the middle of a word."""
    return mark_safe(re.sub(r"(?<=[/.@])(?=\w)", "<wbr>", escape(address)))  # noqa: S308  escaped


@register.filter
def lookup(mapping: Mapping[Any, Any], key: Any) -> Any:
    """mapping[key], or nothing."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.filter
def whole_numbers(text: Any) -> SafeString:
    """The text with the numbers of requests in it kept on one line: LUM-2026-000027."""
    parts = _REFERENCE.split(str(text))
    kept = ((format_html('<span class="nowrap">{}</span>', part) if place % 2 else part,) for place, part in enumerate(parts))
    return format_html_join("", "{}", kept)


@register.simple_tag(takes_context=True)
def allowed(context: Context, *permissions: str) -> bool:
    """Whether a grant of this person's that is in force gives any of these: {% allowed "privacy.manage_optouts" as may %}."""
    user = context["request"].user
    return any(user.has_perm(permission) for permission in permissions)


@register.simple_tag(takes_context=True)
def opens(context: Context, address: str) -> bool:
    """Whether this person may open that page of ours: {% opens row.url as may_open %}."""
    return bool(address) and may_open(context["request"].user, address)


@register.filter
def browser(user_agent: str) -> str:
    """ "Firefox on Windows" out of a User-Agent header: enough to know one's own devices again."""
    names = (
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("HeadlessChrome", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    )
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    name = next((said for part, said in names if part in user_agent), "Unknown browser")
    system = next((said for part, said in systems if part in user_agent), "")
    return f"{name} on {system}" if system else name


register.simple_tag(instant, takes_context=True)
register.simple_tag(due, takes_context=True)
register.simple_tag(day)
register.simple_tag(drawing.bar_chart)
register.simple_tag(drawing.line_chart)
register.simple_tag(drawing.dot_chart)
register.simple_tag(drawing.donut)
register.simple_tag(drawing.due_strip)
register.simple_tag(drawing.sparkline)
