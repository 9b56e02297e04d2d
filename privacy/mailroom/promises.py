"""Promises that received mail keeps: sections A.1 and I of the statement."""

from datetime import datetime, timedelta

from django.db.models import DurationField, Exists, ExpressionWrapper, F, Max, OuterRef
from django.urls import reverse

from privacy.ledger.promises import Figure, Promise, Row
from privacy.mailroom.models import Message, MessageOutcome
from privacy.optouts.models import OptOut, OptOutSource
from privacy.tickets.models import RightKind
from privacy.tickets.promises import past_the_clock

SORTED_WITHIN = timedelta(minutes=15)
HONOURED_WITHIN_SECONDS = 60
LOOKED_AT = timedelta(days=30)
MOST_NAMED = 100
_BY_MAIL = [OptOutSource.MAIL, OptOutSource.ADDRESS, OptOutSource.FEEDBACK_REPORT, OptOutSource.ONE_CLICK]


def unsorted_messages(now: datetime) -> Figure:
    """Messages older than 15 minutes of which nothing has become yet; those in quarantine that nobody settled are at risk."""
    if not Message.objects.exists():
        return Figure(None, detail="No mail has come in yet.")
    late = Message.objects.waiting().filter(received_at__lt=now - SORTED_WITHIN).order_by("received_at")
    held = Message.objects.quarantined().order_by("received_at")
    return Figure(late.count(), broken=_rows(late), at_risk=_rows(held))


def _rows(messages: "Message.objects.__class__") -> list[Row]:  # type: ignore[name-defined]
    keys = messages.values_list("pk", flat=True)[:MOST_NAMED]
    return [Row(f"message {pk}", reverse("mailroom:message", args=[pk])) for pk in keys]


def seconds_to_suppressed(now: datetime) -> Figure:
    """The slowest opt-out by mail that was honoured in the last 30 days, in seconds from receipt, however long ago that was.

    Each that was not honoured at all is named. A wish that a person had to read out of prose, or that came by phone or post, is a
    request with its own clock (15 business days at most) and counts in no seconds; past that clock it was not honoured either.
    """
    requests = past_the_clock(RightKind.OPT_OUT, RightKind.LIMIT_USE)(now)
    lately = OptOut.objects.filter(source__in=_BY_MAIL, suppressed_at__gte=now - LOOKED_AT, suppressed_at__lte=now)
    prose = Message.objects.exclude(outcome=MessageOutcome.OPTED_OUT).filter(pk=OuterRef("evidence_message"))
    lately = lately.exclude(Exists(prose))
    took = ExpressionWrapper(F("suppressed_at") - F("received_at"), output_field=DurationField())
    lately = lately.annotate(took=took)
    forgotten = Message.objects.filter(outcome=MessageOutcome.OPTED_OUT, opt_out__isnull=True)
    unsorted = Message.objects.waiting().filter(received_at__lt=now - timedelta(seconds=HONOURED_WITHIN_SECONDS))
    broken = [*_rows(forgotten), *_rows(unsorted), *requests.broken]
    slowest = lately.aggregate(slowest=Max("took"))["slowest"]
    if slowest is None:
        nobody = "Nobody has opted out by mail in the last 30 days."
        return Figure(len(broken) or None, broken=broken, at_risk=requests.at_risk, detail=nobody)
    slow = lately.filter(took__gt=timedelta(seconds=HONOURED_WITHIN_SECONDS)).order_by("-took").values_list("pk", flat=True)
    broken += [Row(f"opt-out {pk}", reverse("optouts:opt_out", args=[pk])) for pk in slow[:MOST_NAMED]]
    detail = f"{lately.count()} opt-outs by mail in 30 days; {len(broken)} late or not honoured."
    return Figure(round(slowest.total_seconds(), 1), broken=broken, at_risk=requests.at_risk, detail=detail)


PROMISES = [
    Promise(
        id="A1-mail",
        section="A.1",
        quote="Information provided in e-mail requests and communications",
        title="Every message has an outcome within 15 minutes",
        measures="messages without an outcome 15 minutes after they arrived",
        measure=unsorted_messages,
        evidence="/admin/mail/",
    ),
    Promise(
        id="I-optout",
        section="I",
        quote="by replying to Unsubscribe in the subject line via e-mail",
        title="An opt-out takes effect within a minute",
        measures="seconds from the receipt of the slowest opt-out of 30 days to its suppression",
        bound=HONOURED_WITHIN_SECONDS,
        measure=seconds_to_suppressed,
        evidence="/admin/opt-outs/",
        unit="s",
    ),
]
