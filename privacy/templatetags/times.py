"""Instants and days as people say them."""

from datetime import date, datetime, time, timedelta

from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

LONG_AGO_DAYS = 60  # from then on a date says more than "2 months ago", ten times in one timeline


def now_of(context: Context) -> datetime:
    """The instant of the page: the view's own `now` where it gave one, so that one page says one time."""
    given = context.get("now")
    return given if isinstance(given, datetime) else timezone.now()


def _people_say(moment: datetime, now: datetime) -> str:
    """ "in 3 days", "2 hours ago", "just now": whole days by the calendar once it is more than a day away."""
    seconds = (moment - now).total_seconds()
    ahead, size = seconds > 0, abs(seconds)
    days = (timezone.localdate(moment) - timezone.localdate(now)).days
    if size < 60:
        return "just now" if not ahead else "in a moment"
    if size < 3600:
        amount, unit = int(size // 60), "minute"
    elif abs(days) <= 1 and size < 86_400:
        amount, unit = int(size // 3600), "hour"
    elif abs(days) < 60:
        amount, unit = max(abs(days), 1), "day"
    elif abs(days) < 730:
        amount, unit = round(abs(days) / 30.44), "month"
    else:
        amount, unit = round(abs(days) / 365.25), "year"
    words = f"{amount} {unit}{'' if amount == 1 else 's'}"
    return f"in {words}" if ahead else f"{words} ago"


def _exactly(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{date_format(local, 'l, j F Y, H:i:s')} {local.tzname()}"


def _time(moment: datetime, words: str, css: str = "") -> SafeString:
    exact = _exactly(moment)
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}<span class="visually-hidden"> ({})</span></time>',
        f"time {css}".strip(),
        moment.isoformat(timespec="seconds"),
        exact,
        words,
        exact,
    )


def instant(context: Context, moment: datetime | None, empty: str = "—") -> SafeString:
    """An instant as people say it ("2 hours ago"; "4 Jan 2026" once it is long ago), with the exact instant and zone on hover and
    for screen readers."""
    if not moment:
        return format_html('<span class="muted">{}</span>', empty)
    now = now_of(context)
    if (timezone.localdate(now) - timezone.localdate(moment)).days >= LONG_AGO_DAYS:
        return _time(moment, date_format(timezone.localtime(moment), "j M Y"))
    return _time(moment, _people_say(moment, now))


def due(
    context: Context,
    moment: datetime | date | None,
    soon_days: float = 5,
    done: bool = False,
    empty: str = "—",
    word: str = "due",
) -> SafeString:
    """A due date: "due in 3 days", "2 days overdue"; red when past, amber within `soon_days`. `done` shows it without alarm.
    `word` says what happens then, for what runs out by itself: "ends in 12 days", and "ends: 2 days ago" once it is past."""
    if not moment:
        return format_html('<span class="muted">{}</span>', empty)
    if not isinstance(moment, datetime):  # a last day counts to its end
        moment = timezone.make_aware(datetime.combine(moment, time.max))
    now = now_of(context)
    if done:
        return _time(moment, date_format(timezone.localtime(moment), "j M Y"), "muted")
    said = _people_say(moment, now)
    if moment < now:
        late = f"{said.removesuffix(' ago')} overdue" if word == "due" else f"{word}: {said}"
        return _time(moment, late, "due due--bad")
    words = f"{word} {said}"
    return _time(moment, words, "due due--warn" if moment - now < timedelta(days=soon_days) else "due")


def day(value: date | datetime | None, empty: str = "—") -> SafeString:
    """A calendar date in one form everywhere: 24 Nov 2026."""
    if not value:
        return format_html('<span class="muted">{}</span>', empty)
    if isinstance(value, datetime):
        value = timezone.localdate(value)
    return format_html('<time class="time" datetime="{}">{}</time>', value.isoformat(), date_format(value, "j M Y"))
