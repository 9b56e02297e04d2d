"""The clock starts when a message arrived, not when its file was read."""

import io
import os
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from django.core.management import call_command
from django.utils import timezone as clock
from hypothesis import given
from hypothesis import strategies as st

from privacy.mailroom.gateways.arrival import of_from_line, of_received
from privacy.mailroom.gateways.files import messages_in, messages_of_stream
from privacy.mailroom.jobs import OLDEST_ARRIVAL, arrival
from privacy.mailroom.promises import seconds_to_suppressed
from privacy.models import Message, OptOut, Ticket
from tests.factories.mailroom import mail, run

TEN_DAYS_AGO = (clock.now() - timedelta(days=10)).replace(microsecond=0)
LONG_AGO = "Mon, 1 Jan 1990 00:00:00 +0000"


def received(at, below=LONG_AGO):
    """Headers of our server above those that the sender wrote."""
    return f"Received: from relay.example by mx.lumens.com;\n\t{format_datetime(at)}\nReceived: from x by y; {below}"


def into_a_maildir(tmp_path, raw, *, at):
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    file = tmp_path / "Maildir" / "cur" / "1.a:2,S"
    file.write_bytes(raw)
    os.utime(file, (at.timestamp(), at.timestamp()))
    return tmp_path / "Maildir"


def from_line(at):
    return f"From ann@example.com {at:%a %b %e %H:%M:%S %Y}\n".encode()


@pytest.fixture(params=["mbox", "Maildir", "Received"])
def waited(request, tmp_path):
    """A question that waited for ten days in a file before somebody took it in."""
    raw, at = mail(ends="\n"), TEN_DAYS_AGO
    if request.param == "Maildir":
        return into_a_maildir(tmp_path, raw, at=at)
    file = tmp_path / "one.eml"
    file.write_bytes(raw.replace(b"To:", received(at).encode() + b"\nTo:", 1) if request.param == "Received" else raw)
    if request.param == "mbox":
        file = tmp_path / "box"
        file.write_bytes(from_line(at.astimezone(UTC)) + raw)
    return file


@pytest.mark.django_db
def test_the_clock_of_a_question_in_a_file_starts_when_it_arrived(waited):
    run(str(waited))
    assert Message.objects.get().received_at == Ticket.objects.get().received_at == TEN_DAYS_AGO


@pytest.mark.django_db
def test_a_wish_that_waited_in_a_mailbox_counts_from_its_arrival(tmp_path):
    run(str(into_a_maildir(tmp_path, mail("\n", subject="unsubscribe"), at=TEN_DAYS_AGO)))
    wish = OptOut.objects.get()
    assert wish.received_at == TEN_DAYS_AGO
    assert wish.suppressed_at - wish.received_at >= timedelta(days=10)


@pytest.mark.django_db
def test_whoever_feeds_an_old_mailbox_is_told_that_a_promise_counts_from_the_arrival_of_its_wishes(tmp_path, capsys):
    box = into_a_maildir(tmp_path, mail("\n", subject="unsubscribe"), at=TEN_DAYS_AGO)
    call_command("receive_mail", str(box))
    assert (
        f"1 opt-out had waited to be read, the oldest since {clock.localtime(TEN_DAYS_AGO):%b %-d, %Y}" in capsys.readouterr().out
    )
    assert "1 honoured late: at these nothing is left to mend" in seconds_to_suppressed(clock.now()).detail
    fresh = tmp_path / "fresh.eml"
    fresh.write_bytes(mail("\n", subject="unsubscribe", sender="bob@example.com"))
    call_command("receive_mail", str(fresh))
    assert "waited" not in capsys.readouterr().out


@pytest.mark.django_db
def test_each_message_of_a_mailbox_has_its_own_time(tmp_path):
    later = TEN_DAYS_AGO + timedelta(days=3)
    box = tmp_path / "box"
    box.write_bytes(b"\n".join(from_line(at.astimezone(UTC)) + mail(ends="\n") for at in (TEN_DAYS_AGO, later)))
    run(str(box))
    assert list(Message.objects.order_by("pk").values_list("received_at", flat=True)) == [TEN_DAYS_AGO, later]


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["in a year", "seven years ago", "nonsense", "nothing"])
def test_what_cannot_be_true_is_not_believed(tmp_path, said):
    before = clock.now()
    dates = {"in a year": before + timedelta(days=365), "seven years ago": before - timedelta(days=7 * 365)}
    more = received(dates[said]) if said in dates else "Received: by mx; yesterday" if said == "nonsense" else ""
    (tmp_path / "one.eml").write_bytes(mail(more=more))
    run(str(tmp_path / "one.eml"))
    assert before <= Message.objects.get().received_at <= clock.now()


def test_only_the_topmost_header_of_our_own_server_counts():
    raw = mail(more=received(TEN_DAYS_AGO, below=format_datetime(TEN_DAYS_AGO - timedelta(days=9))))
    assert of_received(raw) == TEN_DAYS_AGO
    assert of_received(mail(f"Received: x; {format_datetime(TEN_DAYS_AGO)}\n")) is None  # in the body
    forged_below = received(TEN_DAYS_AGO).split("\n")
    assert of_received(mail(more="\n".join(["Received: by mx.lumens.com", *forged_below]))) is None


def test_a_mailbox_line_that_cannot_be_true_leaves_it_to_the_server_that_took_the_message_in():
    raw = b"From 0123abcd Mon Sep 17 00:00:00 2001\n" + mail(more=received(TEN_DAYS_AGO), ends="\n")
    (found,) = messages_of_stream(io.BytesIO(raw))
    assert arrival(found.arrived, now=clock.now()) == TEN_DAYS_AGO


def test_a_file_outside_a_maildir_has_the_time_of_its_copying_and_that_says_nothing(tmp_path):
    (tmp_path / "new").mkdir()
    file = tmp_path / "new" / "one.eml"
    file.write_bytes(mail())
    (found,) = messages_in(file)
    assert found.arrived == ()


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (b"From ann@example.com Mon Nov 23 10:38:21 2026", datetime(2026, 11, 23, 10, 38, 21, tzinfo=UTC)),
        (b"From ann Sun Mon Nov 23 10:38 2026 remote from x", datetime(2026, 11, 23, 10, 38, tzinfo=UTC)),
        (b"From - Mon Nov  2 10:38:21 2026", datetime(2026, 11, 2, 10, 38, 21, tzinfo=UTC)),
        (b"From a@b Mon Nov 23 10:38:21 +0100 2026", datetime(2026, 11, 23, 9, 38, 21, tzinfo=UTC)),
        (b"From a@b Mon Nov 23 10:38:21 2026 -0500", datetime(2026, 11, 23, 15, 38, 21, tzinfo=UTC)),
        (b"From a@b Mon, 23 Nov 2026 10:38:21 +0000", datetime(2026, 11, 23, 10, 38, 21, tzinfo=UTC)),
        (b"From a@b Mon Nov 23 10:38:21 EST 2026", datetime(2026, 11, 23, 15, 38, 21, tzinfo=UTC)),
        (b"From a@b Mon Foo 99 10:38:21 2026", None),
        (b"From a@b", None),
        (b"", None),
    ],
)
def test_the_line_before_a_message_is_read_as_programs_write_it(line, at):
    assert of_from_line(line + b"\n") == at


@given(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)), st.integers(-14, 14), st.binary(max_size=200))
def test_no_date_and_no_bytes_at_all_break_it(at, hours, junk):
    aware = at.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    assert of_received(f"Received: by mx; {format_datetime(aware)}\n\n".encode()) == aware
    for line in (junk, b"From a Mon " + junk, b"Received: x; " + junk):
        for found in (of_from_line(line), of_received(line)):
            now = datetime(2026, 11, 27, tzinfo=UTC)
            assert now - OLDEST_ARRIVAL <= arrival([found] if found else [], now=now) <= now
