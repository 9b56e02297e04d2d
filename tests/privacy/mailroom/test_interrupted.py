"""Somebody pulls the plug, or two come at once: every message is still done exactly once."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from privacy.mailroom.gateways.reader import ProcessReader
from privacy.mailroom.jobs import receive_one
from privacy.models import Letter, Message, OptOut, Ticket
from tests.factories import warm
from tests.factories.access import grant, sign_in
from tests.factories.mailroom import mail
from tests.factories.workforce import EmployeeFactory

MESSAGES = 60


@pytest.mark.slow(10)
@pytest.mark.django_db(transaction=True)
def test_a_killed_receive_mail_loses_nothing_and_does_nothing_twice(tmp_path):
    for n in range(MESSAGES):
        word = "unsubscribe" if n % 2 else "Where is it?"
        (tmp_path / f"{n:03d}.eml").write_bytes(
            mail("\n" if n % 2 else f"text {n}\n", subject=word, sender=f"person{n}@example.com")
        )
    for stop_after in (5, 20, 40):
        process = warm.command("receive_mail", str(tmp_path))
        until = time.monotonic() + 60
        while Message.objects.filter(duplicate_of=None).count() < stop_after and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert process.poll() is None, "it was over before it could be killed"
        process.kill()
        process.wait()
    finished = warm.command("receive_mail", str(tmp_path))
    assert finished.wait() == 0, finished.said()
    first_ones = Message.objects.exclude(outcome="duplicate")
    assert Counter(first_ones.values_list("outcome", flat=True)) == {"opted_out": MESSAGES // 2, "ticket_opened": MESSAGES // 2}
    assert not Message.objects.filter(outcome="").exists()
    assert OptOut.objects.count() == Ticket.objects.count() == MESSAGES // 2
    assert Letter.objects.count() == MESSAGES
    assert len(set(Letter.objects.values_list("evidence_message", flat=True))) == MESSAGES


@pytest.mark.django_db(transaction=True)
def test_the_same_message_through_two_doors_at_once_is_done_once():
    raw, barrier, outcomes = mail(subject="unsubscribe"), threading.Barrier(4), []

    def take_in():
        try:
            with ProcessReader() as reader:
                reader.read(mail())
                barrier.wait()
                outcomes.append(receive_one(raw, door="file", reader=reader).outcome)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 4
    assert "opted_out" in outcomes
    assert OptOut.objects.count() == Letter.objects.count() == 1
    assert Message.objects.filter(outcome="opted_out").count() == 1
    assert not Message.objects.filter(outcome="quarantined").exists()


@pytest.mark.django_db(transaction=True)
def test_a_letter_cut_short_is_never_sent_twice_by_itself(monkeypatch, mailoutbox):
    from privacy.optouts import jobs
    from privacy.optouts.actions import letters, send_again, send_letter, write_letter
    from privacy.optouts.models import LetterKind

    now = timezone.now()
    letter = write_letter(LetterKind.CONFIRMATION, to_address="ann@example.com", subject="s", body="b", now=now)

    class Killed(BaseException):
        pass

    real = letters._mail

    def dies_after_sending(*args):
        mail_to_be = real(*args)
        send = mail_to_be.send

        def send_and_die():
            send()
            raise Killed

        mail_to_be.send = send_and_die
        return mail_to_be

    monkeypatch.setattr(letters, "_mail", dies_after_sending)
    with pytest.raises(Killed):
        send_letter(letter.pk, now=now)
    monkeypatch.setattr(letters, "_mail", real)
    jobs.send_waiting_letters(0)
    assert not send_letter(letter.pk, now=now)
    assert len(mailoutbox) == 1
    later = now + timedelta(minutes=11)
    assert list(Letter.objects.uncertain(at=later)) == [letter]
    send_again(letter.pk, by=None, reason="the provider says that it never came", now=later)
    assert send_letter(letter.pk, now=later)
    assert len(mailoutbox) == 2


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_the_mail_server_is_told_of_right_now_is_not_sent_a_second_time(client, monkeypatch, mailoutbox):
    from privacy.optouts.actions import letters, send_again, send_letter, write_letter
    from privacy.optouts.errors import StillBeingSent
    from privacy.optouts.models import LetterKind

    colleague = EmployeeFactory()
    grant(colleague, "requests.work")
    sign_in(client, colleague)
    letter = write_letter(LetterKind.CONFIRMATION, to_address="ann@example.com", subject="s", body="b", now=timezone.now())
    real, pages = letters._mail, []

    def is_looked_at_meanwhile(*args):
        mail_to_be = real(*args)
        send = mail_to_be.send

        def send_slowly():
            assert "Send now" not in client.get(reverse("mailroom:letters")).content.decode()
            pages.append(client.post(reverse("mailroom:letter_again", args=[letter.pk]), follow=True).content.decode())
            with pytest.raises(StillBeingSent):
                send_again(letter.pk, by=colleague, reason="impatient", now=timezone.now())
            assert not send_letter(letter.pk, now=timezone.now())
            send()

        mail_to_be.send = send_slowly
        return mail_to_be

    monkeypatch.setattr(letters, "_mail", is_looked_at_meanwhile)
    assert send_letter(letter.pk, now=timezone.now())
    assert "being sent at this moment" in pages[0]
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_a_mail_server_that_refuses_is_tried_again_later(monkeypatch, mailoutbox, settings):
    from privacy.optouts.actions import send_letter, write_letter
    from privacy.optouts.models import LetterKind

    now = timezone.now()
    letter = write_letter(LetterKind.CONFIRMATION, to_address="ann@example.com", subject="s", body="b", now=now)
    settings.EMAIL_BACKEND = "django.core.mail.backends.nothing.EmailBackend"
    assert not send_letter(letter.pk, now=now)
    assert not Letter.objects.due(at=now).exists()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert Letter.objects.due(at=now + timedelta(minutes=5)).exists()
    assert send_letter(letter.pk, now=now + timedelta(minutes=5))
    assert len(mailoutbox) == 1
