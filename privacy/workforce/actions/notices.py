"""Verbs about notices: what this house tells people who work here, once, by mail."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from procrastinate.contrib.django import app

from privacy.ledger.actions import act
from privacy.workforce.models import Employee, Notice

NOTICE = "workforce.send_notice"  # the job that sends one notice; takes notice_id
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)  # before a notice is tried again
SENDING_TAKES_AT_MOST = timedelta(minutes=5)  # after that, a notice whose sending began and never ended is sent again


def tell(
    employee: Employee, *, key: str, subject: str, body: str, now: datetime, link: str = "", again: bool = False
) -> Notice | None:
    """Have somebody told something once, by mail: one notice per person and key. None where they were told already.

    link: path of the page where it is dealt with; its address is added to the mail. again: also where a notice was dropped before
    it left, because it concerned them no more, and now it does.
    """
    with act("tell", by=None, fails_alone=False):
        notice, made = Notice.objects.get_or_create(
            employee=employee,
            key=key[:200],
            defaults={
                "subject": " ".join(subject.split())[:200],
                "body": body,
                "link": link,
                "made_at": now,
                "send_at": now,
            },
        )
        if not made:
            dropped = again and notice.dropped_at is not None and notice.sent_at is None and employee.email
            if not dropped:
                return None
            notice.dropped_at, notice.send_at = None, now
            notice.save(update_fields=["dropped_at", "send_at"])
        app.configure_task(NOTICE).defer(notice_id=notice.pk)
        return notice


def drop_notices(*, keys_starting: str, now: datetime, besides: Iterable[Notice] = ()) -> int:
    """What these notices were about is done: those not sent yet never are; returns how many. besides: what is not done."""
    with act("drop_notices", by=None, fails_alone=False):
        waiting = Notice.objects.filter(key__startswith=keys_starting, sent_at=None, dropped_at=None)
        return waiting.exclude(pk__in=[notice.pk for notice in besides]).update(dropped_at=now)


def send_notice(notice_id: int, *, now: datetime) -> bool:
    """Send one notice by mail. Returns whether it left now. Somebody who left, or has no address, is not written to.

    A mail server that refuses is tried again, each time after as long as it took so far: a dead address holds up nobody.
    """
    with act("begin_notice", by=None, notice=notice_id):
        found = Notice.objects.select_related("employee").select_for_update(of=("self",), skip_locked=True)
        notice = found.filter(pk=notice_id, sent_at=None, dropped_at=None, send_at__lte=now).first()
        if notice is None or (notice.sending_at is not None and notice.sending_at > now - SENDING_TAKES_AT_MOST):
            return False
        if not notice.employee.is_employed(at=now) or not notice.employee.email:
            notice.dropped_at = now
            notice.save(update_fields=["dropped_at"])
            return False
        notice.sending_at = now
        notice.save(update_fields=["sending_at"])
    where = f"\n\n{settings.PUBLIC_URL.rstrip('/')}{notice.link}" if notice.link else ""
    mail = EmailMessage(
        notice.subject,
        f"{notice.body}{where}\n",
        settings.DEFAULT_FROM_EMAIL,
        [notice.employee.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except Exception as error:  # whatever the mail server or its library says
        with act("postpone_notice", by=None, notice=notice_id):
            pause = min(max(now - notice.made_at, SHORTEST_PAUSE), LONGEST_PAUSE)
            Notice.objects.filter(pk=notice_id).update(sending_at=None, send_at=now + pause, failure=type(error).__name__)
        return False
    with act("finish_notice", by=None, notice=notice_id):
        Notice.objects.filter(pk=notice_id).update(sent_at=now, failure="")
    return True
