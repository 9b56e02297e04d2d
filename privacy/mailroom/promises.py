"""Promises that received mail keeps: sections A.1 and I of the statement."""

from datetime import datetime, timedelta

from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, Max, Min, OuterRef, Q
from django.urls import reverse

from privacy.ledger.promises import Figure, Promise, Row
from privacy.mailroom.models import Message, MessageOutcome
from privacy.optouts.models import OptOut, OptOutSource
from privacy.tickets.models import RightKind
from privacy.tickets.promises import late_and_nearly_late, rows_of

SORTED_WITHIN = timedelta(minutes=15)
HONOURED_WITHIN_SECONDS = 60
LOOKED_AT = timedelta(days=30)
MOST_NAMED = 100
_BY_MAIL = [OptOutSource.MAIL, OptOutSource.ADDRESS, OptOutSource.FEEDBACK_REPORT, OptOutSource.ONE_CLICK]
_READ_BY_A_PERSON = [MessageOutcome.TICKET_OPENED, MessageOutcome.TICKET_REPLY]


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
    """Seconds from receipt: of the slowest opt-out by mail that was honoured in the last 30 days, however long ago it came, or of
    the oldest wish that is not honoured to this day, whichever is more.

    Each that was not honoured at all is named. A wish that a person had to read out of prose, or that came by phone or post, is a
    request with its own clock (10 business days, 15 for limits), and counts in no seconds; past that it was not honoured either.
    """
    late = late_and_nearly_late(RightKind.OPT_OUT, RightKind.LIMIT_USE, now=now)
    lately = OptOut.objects.filter(source__in=_BY_MAIL, suppressed_at__gte=now - LOOKED_AT, suppressed_at__lte=now)
    prose = Message.objects.filter(outcome__in=_READ_BY_A_PERSON, pk=OuterRef("evidence_message"))
    lately = lately.exclude(Exists(prose)).filter(recorded_by=None)  # nor what a colleague adds to a mail that opted out already
    took = ExpressionWrapper(F("suppressed_at") - F("received_at"), output_field=DurationField())
    lately = lately.annotate(took=took)
    forgotten = Message.objects.filter(outcome=MessageOutcome.OPTED_OUT, opt_out__isnull=True)
    unsorted = Message.objects.waiting().filter(received_at__lt=now - timedelta(seconds=HONOURED_WITHIN_SECONDS))
    too_long = Q(took__gt=timedelta(seconds=HONOURED_WITHIN_SECONDS))
    of_them = lately.aggregate(done=Count("pk"), slow=Count("pk", filter=too_long), slowest=Max("took"))
    done, missed = of_them["done"], forgotten.count() + unsorted.count() + late.count + of_them["slow"]
    slow = lately.filter(too_long).order_by("-took").values_list("pk", flat=True)
    broken = [*_rows(forgotten), *_rows(unsorted), *rows_of(late.named)]
    broken += [Row(f"opt-out {pk}", reverse("optouts:opt_out", args=[pk])) for pk in slow[:MOST_NAMED]]
    not_honoured = [
        *(messages.aggregate(first=Min("received_at"))["first"] for messages in (forgotten, unsorted)),
        late.oldest,
    ]
    took_longest = [of_them["slowest"], *(now - at for at in not_honoured if at is not None)]
    seconds = [took.total_seconds() for took in took_longest if took is not None]
    said = f"{done} opt-outs by mail in 30 days" if done else "Nobody has opted out by mail in the last 30 days"
    detail = f"{said}; {missed} late or not honoured." if done or missed else f"{said}."
    if of_them["slow"]:
        detail += f" {of_them['slow']} honoured late: at these nothing is left to mend, and each counts for 30 days."
    return Figure(round(max(seconds), 1) if seconds else None, broken=broken, at_risk=rows_of(late.soon), detail=detail)


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
        measures="seconds from receipt to suppressed of the slowest opt-out of 30 days, or the age of one not honoured",
        bound=HONOURED_WITHIN_SECONDS,
        measure=seconds_to_suppressed,
        evidence="/admin/opt-outs/",
        unit="s",
    ),
]
