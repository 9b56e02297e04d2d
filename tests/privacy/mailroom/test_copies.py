"""The same message more than once: a copy through a mailing list, a copy straight from its sender."""

import threading

import pytest
from django.db import connections

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
