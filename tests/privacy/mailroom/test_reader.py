"""The reader's process: hostile mail costs it its life, and costs nobody else their message."""

import os
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from privacy.mailroom import jobs
from privacy.mailroom.actions import keep_message
from privacy.mailroom.gateways import reader as readers
from privacy.mailroom.gateways.reader import CannotRead, ProcessReader
from privacy.models import Message
from tests.factories.mailroom import mail


def test_a_reader_that_hangs_is_replaced():
    with ProcessReader() as reader:
        reader.read(mail())
        os.kill(reader._process.pid, signal.SIGSTOP)  # as good as an endless loop
        patient, reader._wall_seconds = reader._wall_seconds, 0.3
        with pytest.raises(CannotRead, match="more than"):
            reader.read(mail())
        reader._wall_seconds = patient  # the next one needs its time to start, on a busy machine more
        assert reader.read(mail())["subject"] == "My lamp"


@pytest.mark.parametrize("wait", [True, False], ids=["its pipe is broken", "it may still look alive"])
def test_a_message_is_not_blamed_for_a_reader_that_died_before_it_came(wait):
    with ProcessReader() as reader:
        reader.read(mail())
        reader._process.kill()
        if wait:
            reader._process.wait()
        assert reader.read(mail())["subject"] == "My lamp"


def test_a_message_that_kills_every_reader_is_blamed(monkeypatch):
    started = []
    monkeypatch.setattr(readers.sys, "executable", "/bin/false")
    with ProcessReader() as reader:
        real = reader._start
        monkeypatch.setattr(reader, "_start", lambda: started.append(1) or real())
        with pytest.raises(CannotRead, match="memory"):
            reader.read(mail())
        assert len(started) == 1


@pytest.mark.django_db
def test_a_machine_that_starts_no_process_keeps_the_message_waiting(monkeypatch, caplog):
    class NoReader:
        def read(self, raw):
            raise BlockingIOError("fork: Resource temporarily unavailable")

    an_hour_ago = timezone.now() - timedelta(hours=1)
    assert jobs.receive_one(mail(subject="unsubscribe"), door="file", reader=NoReader(), received_at=an_hour_ago) is None
    assert Message.objects.get().outcome == ""
    jobs.sort_waiting(0)
    assert Message.objects.get().outcome == "opted_out"


@pytest.mark.django_db
def test_a_reader_that_answers_nonsense_sends_the_message_to_quarantine():
    class Nonsense:
        def read(self, raw):
            raise KeyError("ok")

    done = jobs.receive_one(mail(), door="file", reader=Nonsense())
    assert (done.outcome, done.reason) == ("quarantined", "reading it failed (KeyError)")


@pytest.mark.django_db
def test_one_waiting_message_that_fails_holds_up_none_of_the_others(monkeypatch):
    an_hour_ago = timezone.now() - timedelta(hours=1)
    first, second = (keep_message(mail(f"{n}\n"), door="file", received_at=an_hour_ago) for n in range(2))
    real = jobs.actions.sort_message

    def fails_once(key, **more):
        if key == first:
            raise OSError("no more processes")
        return real(key, **more)

    monkeypatch.setattr(jobs.actions, "sort_message", fails_once)
    jobs.sort_waiting(0)
    assert dict(Message.objects.values_list("pk", "outcome")) == {first: "", second: "ticket_opened"}


def test_a_message_that_took_all_the_processor_time_is_not_tried_again():
    with ProcessReader() as reader:
        reader.read(mail())
        os.kill(reader._process.pid, signal.SIGXCPU)
        with pytest.raises(CannotRead, match="processor time"):
            reader.read(mail())
        assert reader.read(mail())["subject"] == "My lamp"


@pytest.mark.parametrize("opens", ["<!--", "<a", "</a", "<?", "<![CDATA["])
def test_an_html_mail_of_nothing_but_what_never_closes_is_read_at_once(opens):
    with ProcessReader(wall_seconds=3) as reader:
        said = reader.read(mail("<p>lamp</p>" + opens * (790_000 // len(opens)), content_type="text/html"))["text"]
        assert said.partition("\n")[0] == "lamp"


def test_the_words_of_an_html_mail_stand_on_the_lines_that_people_see():
    seen = {
        "unsubscribe": "unsubscribe",
        "stop\nAnn &amp; Bob": "stop\nAnn & Bob",
        "<p>2 &lt; 3</p>4 &lt; 5": "2 < 3\n4 < 5",
        "<p>lamp</p><di": "lamp\n<di",
        "<pre>stop\nAnn</pre>a  b": "stop\nAnn\na b",
        "<center>stop</center>Ann": "stop\nAnn",
        "<table><tr><td>stop</td><td>Ann</td></tr></table>": "stop\nAnn",
    }
    with ProcessReader() as reader:
        assert {markup: reader.read(mail(markup, content_type="text/html", ends="\n"))["text"] for markup in seen} == seen
