"""What comes through the doors of requests that no button sends: wrong numbers, dates nobody meant, others' work."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from privacy.models import AccessGrant, Channel, Letter, OptOut, Regime, Ticket
from privacy.optouts.policies import Subject
from privacy.optouts.queries import choices_of, covering
from privacy.tickets import actions, errors, queries
from tests.factories.access import grant, sign_in
from tests.factories.nights import last_night_the_clocks_went_back, last_night_the_clocks_went_forward
from tests.factories.tickets import make_ticket
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
CARD = "4111 1111 1111 1111"


def worker(*more):
    employee = EmployeeFactory()
    grant(employee, "requests.work", *more)
    return employee


def taken_down(client, **typed):
    ordinary = {"name": "Ann", "kinds": ["question"], "channel": "phone", "regime": "ccpa"}
    return client.post(reverse("tickets:new"), {**ordinary, **typed})


@pytest.mark.parametrize("key", ["²", "9" * 5_000, "-1", "9" * 18, "1.0", ""])
@pytest.mark.parametrize("verb", ["claim", "acknowledge"])
def test_what_is_no_number_of_a_request_is_passed_over_in_bulk(client, key, verb):
    sign_in(client, worker())
    ticket = make_ticket()
    page = client.post(reverse("tickets:bulk", args=[verb]), {"ticket": [key, str(ticket.pk)]})
    assert page.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.assignee_id is not None) == (verb == "claim")


def test_in_bulk_a_request_is_claimed_once_and_one_that_does_not_exist_is_said_not_to(client):
    sign_in(client, worker())
    ticket = make_ticket()
    numbers = [str(ticket.pk)] * 3 + ["999999"]
    page = client.post(reverse("tickets:bulk", args=["claim"]), {"ticket": numbers}, follow=True)
    assert [str(said) for said in page.context["messages"]] == ["There is no request 999999.", "1 request: claim done."]


@pytest.mark.parametrize("field", ["name", "phone", "email", "text", "post"])
def test_a_card_number_said_on_the_phone_is_written_down_in_no_field(client, field):
    sign_in(client, worker())
    value = f"{CARD.replace(' ', '')}@example.com" if field == "email" else CARD
    assert taken_down(client, **{field: value}).status_code == 422
    assert not Ticket.objects.exists()


def test_a_card_number_is_no_reason_to_hand_a_request_over(client):
    ana, bob = worker(), worker()
    ticket = make_ticket(claimed_by=ana)
    sign_in(client, ana)
    page = client.post(reverse("tickets:do", args=[ticket.pk, "hand-over"]), {"to": bob.login, "reason": CARD})
    assert page.status_code == 422
    ticket.refresh_from_db()
    assert ticket.assignee == ana


@pytest.mark.parametrize("email", ["ann@example.com\r\nBcc: eve@example.com", "ann at example.com", "ann@localhost"])
def test_an_address_that_no_mail_could_go_to_is_asked_for_again(client, email):
    sign_in(client, worker())
    assert taken_down(client, email=email).status_code == 422
    assert taken_down(client, email=" Ann@Example.COM ").status_code == 302
    assert Ticket.objects.get().requester_email == "ann@example.com"


@pytest.mark.parametrize("day", ["0001-01-01T00:00", "1926-11-23T10:00", "9999-12-31T23:59"])
def test_a_date_that_nobody_meant_starts_no_clock(client, day):
    sign_in(client, worker())
    assert taken_down(client, received_at=day).status_code == 422
    assert not Ticket.objects.exists()


def test_the_clock_of_a_fax_starts_in_the_first_of_the_two_hours_in_which_it_may_have_come(client):
    sign_in(client, worker())
    night = last_night_the_clocks_went_back()
    assert taken_down(client, channel="fax", received_at=f"{night}T01:30").status_code == 302
    assert Ticket.objects.get().received_at == datetime.combine(night, time(5, 30), UTC)
    page = taken_down(client, channel="fax", received_at=f"{last_night_the_clocks_went_forward()}T02:30")
    assert (page.status_code, "No clock showed 02:30" in page.content.decode()) == (422, True)


def test_of_two_requests_neither_can_be_closed_as_repeating_the_other():
    ana, now = worker(), timezone.now()
    one, two, three = (make_ticket("opt_out", claimed_by=ana) for _ in range(3))
    actions.close_ticket(one.pk, outcome="duplicate", duplicate_of=two, by=ana, now=now)
    for other in (two, three):
        with pytest.raises(errors.ReasonMissing, match="duplicate itself"):
            actions.close_ticket(other.pk, outcome="duplicate", duplicate_of=one, by=ana, now=now)
    two.refresh_from_db()
    assert two.closed_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_each_request_as_a_duplicate_of_the_other_one_is_refused():
    for _ in range(4):
        ana, now = worker(), timezone.now()
        one, two = make_ticket("opt_out", claimed_by=ana), make_ticket("opt_out", claimed_by=ana)
        results = together(
            lambda o=one, t=two, a=ana, n=now: actions.close_ticket(o.pk, outcome="duplicate", duplicate_of=t, by=a, now=n),
            lambda o=one, t=two, a=ana, n=now: actions.close_ticket(t.pk, outcome="duplicate", duplicate_of=o, by=a, now=n),
        )
        assert sorted(type(result).__name__ for result in results) == ["ReasonMissing", "Ticket"]
        assert Ticket.objects.filter(pk__in=[one.pk, two.pk], closed_at__isnull=True).count() == 1


def test_nobody_takes_a_right_out_of_a_request_that_a_colleague_answers(client):
    ana, bob = worker(), worker()
    ticket = make_ticket("opt_out", claimed_by=ana)
    sign_in(client, bob)
    for verb, typed in (
        ("kinds", {"kinds": ["question"]}),
        ("match", {"customer": ""}),
        ("channel", {"channel": "post", "reason": "she said so"}),
    ):
        assert client.post(reverse("tickets:do", args=[ticket.pk, verb]), typed).status_code == 409
    assert list(ticket.rights.values_list("kind", flat=True)) == ["opt_out"]


def test_a_right_of_another_request_is_not_ended_by_naming_it_in_the_form(client):
    ana, bob = worker(), worker()
    mine, others = make_ticket(claimed_by=ana), make_ticket(claimed_by=bob)
    sign_in(client, ana)
    typed = {"right": others.rights.get().pk, "outcome": "withdrawn"}
    client.post(reverse("tickets:do", args=[mine.pk, "end"]), typed)
    assert {right.outcome for ticket in (mine, others) for right in ticket.rights.all()} == {""}
    client.post(reverse("tickets:do", args=[mine.pk, "end"]), {**typed, "right": mine.rights.get().pk})
    assert [ticket.rights.get().outcome for ticket in (mine, others)] == ["withdrawn", ""]


def test_who_wants_to_hear_nothing_by_any_channel_is_opted_out_by_address_and_by_number():
    ana, now = worker(), timezone.now()
    ticket = make_ticket("opt_out", channel="phone", email="ann@example.com", phone="877-445-4486", claimed_by=ana)
    actions.suppress(ticket.pk, channel=Channel.ALL, purpose="all", by=ana, now=now)
    for subject, channel in (
        (Subject.of_email("ann@example.com"), Channel.EMAIL),
        (Subject.of_phone("877-445-4486"), Channel.PHONE),
        (Subject.of_phone("877-445-4486"), Channel.SMS),
    ):
        assert covering(channel=channel, purpose="special_offers", at=now).filter(choices_of([subject])).exists()
    assert OptOut.objects.count() == 2


def test_a_european_is_told_the_day_until_which_the_extension_runs():
    ana, now = worker(), timezone.now()
    for kind in ("deletion", "question"):
        ticket = make_ticket(kind, regime=Regime.GDPR, claimed_by=ana, now=now)
        actions.extend(ticket.pk, by=ana, reason="records abroad", now=now)
        ((_, due),) = queries.clocks(ticket)
        until = timezone.localtime(due.answer_by)
        assert until - now > timedelta(days=85)
        letter = Letter.objects.get(ticket_reference=ticket.reference, kind="reply")
        assert f"until {until:%B %-d, %Y}" in letter.body
        assert "45" not in letter.body.replace(ticket.reference, "")


def test_a_question_asked_again_keeps_nothing_of_its_denial():
    ana, now = worker(), timezone.now()
    ticket = make_ticket(claimed_by=ana)
    actions.close_ticket(ticket.pk, outcome="denied", denial_reason="other", explanation="not ours", by=ana, now=now)
    actions.receive_message(ticket.pk, message=1, message_id="<a@b>", at=now, now=now, same_sender=True, may_reopen=True)
    right = ticket.rights.get()
    assert (right.outcome, right.denial_reason, right.denial_text, right.ended_at) == ("", "", None, None)


@pytest.mark.django_db(transaction=True)
def test_whose_grant_ends_while_the_reply_is_on_its_way_is_shown_nothing_more(client):
    ana = worker("reveal.mail")
    ticket = make_ticket(claimed_by=ana, text="a secret of hers")
    sign_in(client, ana)
    client.post(reverse("tickets:do", args=[ticket.pk, "read"]))
    ended = []

    def end_the_grant(execute, sql, params, many, context):
        if "FOR UPDATE" in sql and "privacy_ticket" in sql and not ended:
            ended.append(together(lambda: AccessGrant.objects.filter(employee=ana).update(ends_at=timezone.now())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(end_the_grant):
        page = client.post(reverse("tickets:do", args=[ticket.pk, "reply"]), {"text": "Hello."})
    assert ended == [[2]]
    assert page.status_code == 403
    assert "a secret of hers" not in page.content.decode()
    assert not Letter.objects.filter(kind="reply").exists()


def test_a_denial_without_its_reason_is_said_once_and_at_the_field_that_lacks_it(client):
    decider = worker()
    sign_in(client, decider)
    ticket = make_ticket(claimed_by=decider)
    answer = client.post(reverse("tickets:do", args=[ticket.pk, "end"]), {"outcome": "denied"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert page.count("A denial, whole or in part, needs its reason.") == 1
    assert re.search(r'<select name="denial_reason"[^>]*aria-invalid="true"', page)
    assert "<title>Error: " in page
    assert 'Reason of a denial <span class="muted">(optional)' not in page


def test_what_ends_a_request_is_one_entry_of_its_conversation(client):
    decider = worker()
    sign_in(client, decider)
    ticket = make_ticket(claimed_by=decider)
    actions.close_ticket(ticket.pk, outcome="withdrawn", by=decider, now=timezone.now())
    page = client.get(reverse("tickets:ticket", args=[ticket.pk])).content.decode()
    told = re.findall(r'<span class="strong">([^<]+)</span>(?::\s+([^<]*[^<\s]))?', page)
    assert [one for one in told if one[1]] == [("Closed", "withdrawn by the requester")]
    assert not [heading for heading, _ in told if heading.startswith("Now ")]
