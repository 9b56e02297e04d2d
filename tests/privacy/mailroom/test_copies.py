"""The same message more than once: a copy through a mailing list, a copy straight from its sender."""

import hashlib
import threading

import pytest
from django.db import connections

from privacy.ledger.actions import act
from privacy.mailroom.gateways.reader import ProcessReader
from privacy.mailroom.jobs import receive_one
from privacy.models import Letter, Message, OptOut, Ticket
from tests.factories.mailroom import mail, outcomes

LIST = "Precedence: list\nList-Id: <staff.lumens.com>"


def copies(text="Thanks\n", **more):
    """The copy that a group passed on, and the one that its sender sent us."""
    return [mail(text, message_id="<same@example.com>", more=header, **more) for header in (LIST, "")]


@pytest.mark.django_db
@pytest.mark.parametrize(("subject", "outcome"), [("Unsubscribe", "opted_out"), ("My lamp", "ticket_opened")])
def test_what_a_person_sent_us_is_not_lost_because_a_group_passed_it_on_first(receive, subject, outcome):
    through_the_group, direct = copies(subject=subject)
    result, _ = receive(through_the_group, direct, through_the_group, direct)
    assert outcomes(result) == ["automatic", outcome, "duplicate", "duplicate"]
    acted_on = Message.objects.get(outcome=outcome)
    assert result["messages"][2]["reason"] == result["messages"][3]["reason"] == f"same as message {acted_on.pk}"
    assert OptOut.objects.count() + Ticket.objects.count() == 1
    assert Letter.objects.count() == 1


@pytest.mark.django_db
def test_what_only_came_through_a_group_stays_a_groups_however_often_it_comes(receive):
    through_the_group, direct = copies(subject="Unsubscribe")
    result, _ = receive(through_the_group, b"X-Way: another\r\n" + through_the_group)
    assert outcomes(result) == ["automatic", "duplicate"]
    result, _ = receive(direct, through_the_group, name="the other way round")
    assert outcomes(result) == ["opted_out", "duplicate"]


@pytest.mark.django_db(transaction=True)
def test_a_groups_copies_and_direct_ones_at_once_are_one_act():
    barrier, seen = threading.Barrier(4), []
    through_the_group, direct = copies(subject="Unsubscribe")

    def take_in(raw):
        try:
            with ProcessReader() as reader:
                reader.read(mail())
                barrier.wait()
                seen.append(receive_one(raw, door="file", reader=reader).outcome)
        finally:
            connections.close_all()

    # Other bytes each, so that only Message-ID and body make them one.
    raws = [f"X-Way: {n}\r\n".encode() + raw for n, raw in enumerate((through_the_group, direct) * 2)]
    threads = [threading.Thread(target=take_in, args=[raw]) for raw in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(seen) == 4
    assert seen.count("opted_out") == 1
    assert seen.count("automatic") <= 1
    assert OptOut.objects.count() == Letter.objects.count() == 1


@pytest.mark.django_db
def test_two_people_whose_programs_give_the_same_message_id_are_both_heard(receive):
    same = {"subject": "unsubscribe", "message_id": "<1@localhost>"}
    ann, bob = (mail("", sender=sender, **same) for sender in ("Ann <ann@d.example>", "Bob <bob@d.example>"))
    result, _ = receive(ann, bob, ann, b"X-Way: another\r\n" + bob)
    assert outcomes(result) == ["opted_out", "opted_out", "duplicate", "duplicate"]
    assert sorted(wish.address for wish in OptOut.objects.all()) == ["ann@d.example", "bob@d.example"]


@pytest.mark.django_db
def test_who_asks_and_then_unsubscribes_under_the_same_message_id_is_heard_twice(receive):
    same = {"sender": "Cid <cid@d.example>", "message_id": "<2@localhost>"}
    result, _ = receive(*[mail("thanks\n", subject=subject, **same) for subject in ("opening hours", "unsubscribe")])
    assert outcomes(result) == ["ticket_opened", "opted_out"]


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["direct", "through the group"])
def test_a_copy_under_a_groups_prefix_repeats_what_came_straight_from_its_sender(receive, first):
    direct = mail("Where is my lamp?\n", subject="Re: My  lamp", message_id="<same@example.com>")
    copy = direct.replace(b"Re: My  lamp", b"[Staff] Re: My lamp").replace(b"From: Ann Example", b"From: Ann via us")
    result, _ = receive(*((direct, copy) if first == "direct" else (copy, direct)))
    assert outcomes(result) == ["ticket_opened", "duplicate"]


@pytest.mark.django_db
def test_a_copy_of_what_was_sorted_before_the_subject_counted_is_still_a_copy(receive):
    digest = hashlib.sha256(b"Thanks").hexdigest()
    receive(mail("Thanks\n", message_id="<same@example.com>", subject="My lamp"))
    first = Message.objects.get()
    with act("as_it_was_before", by=None):
        Message.objects.update(identity=hashlib.sha256(f"<same@example.com>\x00{digest}".encode()).digest())
    result, _ = receive(
        mail("Thanks\n", message_id="<same@example.com>", subject="My lamp", more="X-Way: another"),
        mail("Thanks\n", message_id="<same@example.com>", subject="unsubscribe"),
        name="later",
    )
    assert outcomes(result) == ["duplicate", "opted_out"]
    assert result["messages"][0]["reason"] == f"same as message {first.pk}"
