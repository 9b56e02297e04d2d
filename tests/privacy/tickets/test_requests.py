"""People ask, colleagues answer: through the verbs and the pages."""

import io
import threading
from datetime import timedelta

import holidays
import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from customers.actions import FriendKnown, refer_friend
from privacy.ledger.models import RecordedRead
from privacy.models import Closure, Letter, OptOut, Ticket, TicketRight
from privacy.optouts.actions import opt_out
from privacy.optouts.policies import Subject
from privacy.tickets import actions, errors, queries
from tests.factories.access import grant, sign_in
from tests.factories.customers import CustomerFactory, ReferralFactory
from tests.factories.tickets import do, make_ticket
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


# --- who works on it ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_several_who_claim_at_once_one_gets_it():
    colleagues = [EmployeeFactory() for _ in range(4)]
    for colleague in colleagues:
        grant(colleague, "requests.work")
    ticket, barrier, won, refused = make_ticket(), threading.Barrier(4), [], []

    def try_to(colleague):
        try:
            barrier.wait()
            actions.claim(ticket.pk, by=colleague, now=timezone.now())
            won.append(colleague)
        except errors.AlreadyClaimed as refusal:
            refused.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=try_to, args=[colleague]) for colleague in colleagues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(won) == 1
    assert len(refused) == 3
    ticket.refresh_from_db()
    assert ticket.assignee == won[0]
    assert ticket.events.filter(kind="claimed").count() == 1


def test_a_claim_is_idempotent_and_can_be_handed_over_to_somebody_with_a_grant_only(ana):
    ticket = make_ticket(claimed_by=ana)
    actions.claim(ticket.pk, by=ana, now=timezone.now())
    assert ticket.events.filter(kind="claimed").count() == 1
    stranger, bob = EmployeeFactory(), EmployeeFactory()
    with pytest.raises(errors.MayNotWorkTickets):
        actions.hand_over(ticket.pk, to=stranger, by=ana, reason="", now=timezone.now())
    grant(bob, "requests.work")
    actions.hand_over(ticket.pk, to=bob, by=ana, reason="holiday", now=timezone.now())
    with pytest.raises(errors.NotYours):
        actions.reply(ticket.pk, by=ana, text="hello", now=timezone.now())


def test_somebody_whose_grant_ended_after_opening_the_page_can_do_nothing(page, ana):
    from privacy.models import AccessGrant

    ticket = make_ticket()
    assert page.get(reverse("tickets:ticket", args=[ticket.pk])).status_code == 200
    AccessGrant.objects.filter(employee=ana).update(ends_at=timezone.now() - timedelta(seconds=1))
    answer = page.post(reverse("tickets:do", args=[ticket.pk, "claim"]))
    assert answer.status_code in {302, 403}
    with pytest.raises(errors.MayNotWorkTickets):
        actions.claim(ticket.pk, by=type(ana).objects.get(pk=ana.pk), now=timezone.now())
    ticket.refresh_from_db()
    assert ticket.assignee is None


# --- outcomes ---------------------------------------------------------------------------------------------------------


def test_a_denial_needs_its_reason_in_the_verb_and_in_the_database(ana):
    ticket = make_ticket("deletion", claimed_by=ana)
    with pytest.raises(errors.ReasonMissing):
        actions.close_ticket(ticket.pk, outcome="denied", by=ana, now=timezone.now())
    with pytest.raises(errors.ReasonMissing):
        actions.close_ticket(ticket.pk, outcome="denied", denial_reason="exempt", by=ana, now=timezone.now())
    with pytest.raises(IntegrityError, match="a_denied_right_has_a_reason"), transaction.atomic():
        TicketRight.objects.filter(ticket=ticket).update(outcome="denied", ended_at=timezone.now())
    closed = actions.close_ticket(
        ticket.pk, outcome="denied", denial_reason="exempt", explanation="Civ. 1798.105(d)(1)", by=ana, now=timezone.now()
    )
    assert (closed.outcome, closed.state) == ("denied", "closed")
    assert closed.due_at is None


def test_nobody_gets_data_deleted_or_disclosed_unverified(ana):
    ticket = make_ticket("deletion", claimed_by=ana)
    with pytest.raises(errors.NotVerified):
        actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=timezone.now())
    actions.advance(ticket.pk, to="verifying", by=ana, now=timezone.now())
    with pytest.raises(errors.ReasonMissing):
        actions.advance(ticket.pk, to="verified", by=ana, now=timezone.now())
    actions.advance(ticket.pk, to="verified", how="answered the code", by=ana, now=timezone.now())
    actions.reply(ticket.pk, text="Your data is deleted.", by=ana, now=timezone.now())
    assert actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=timezone.now()).outcome == "fulfilled"


@pytest.mark.parametrize(
    ("kind", "outcome"), [("deletion", "fulfilled"), ("access_specific", "fulfilled"), ("correction", "partial")]
)
def test_nothing_is_granted_of_which_the_requester_was_not_told(client, ana, kind, outcome):
    page = sign_in(client, ana)
    ticket = make_ticket(kind, "opt_out", claimed_by=ana)
    actions.reply(ticket.pk, text="Please tell us your postal code.", by=ana, now=timezone.now())  # which tells them nothing
    for to in ("verifying", "verified"):
        actions.advance(ticket.pk, to=to, how="answered the code", by=ana, now=timezone.now())
    actions.suppress(ticket.pk, channel="email", purpose="all", by=ana, now=timezone.now())  # nor does the letter about this
    typed = {"outcome": outcome, "denial_reason": "conflict_of_law" if outcome == "partial" else "", "explanation": "x"}
    answer = do(page, ticket, "end", **typed)
    assert "Nobody answered the requester yet" in answer.content.decode()
    assert Ticket.objects.get(pk=ticket.pk).closed_at is None
    do(page, ticket, "reply", text="Here it is.")
    do(page, ticket, "end", **typed)
    assert Ticket.objects.get(pk=ticket.pk).outcome == outcome


def test_no_outcome_is_chosen_for_anybody(client, ana):
    ticket = make_ticket(claimed_by=ana)
    assert do(sign_in(client, ana), ticket, "end", outcome="").status_code == 422
    assert Ticket.objects.get(pk=ticket.pk).closed_at is None


def test_no_step_is_skipped(ana):
    ticket = make_ticket("deletion", claimed_by=ana)
    for state in ("verified", "decided", "fulfilling", "confirmed"):
        with pytest.raises(errors.MayNotFollow):
            actions.advance(ticket.pk, to=state, how="x", by=ana, now=timezone.now())


def test_rights_that_end_differently_make_a_request_fulfilled_in_part(ana):
    ticket = make_ticket("question", "printed_statement", claimed_by=ana)
    question, printed = ticket.rights.order_by("kind").all()[::-1]
    actions.end_right(question.pk, outcome="fulfilled", by=ana, now=timezone.now())
    ticket.refresh_from_db()
    assert ticket.closed_at is None
    actions.end_right(printed.pk, outcome="withdrawn", by=ana, now=timezone.now())
    ticket.refresh_from_db()
    assert (ticket.outcome, ticket.state) == ("partial", "closed")


def test_an_opt_out_is_done_at_once_without_verification_and_not_closed_without_it(ana, mailoutbox):
    customer = CustomerFactory(email="ann@example.com", email_key="ann@example.com")
    ticket = make_ticket("opt_out", claimed_by=ana)
    with pytest.raises(errors.NotSuppressed):
        actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=timezone.now())
    actions.suppress(ticket.pk, channel="all", purpose="marketer_sharing", by=ana, now=timezone.now())
    wish = OptOut.objects.get()
    assert (wish.customer, wish.purpose) == (customer, "marketer_sharing")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.outcome) == ("closed", "fulfilled")
    assert Letter.objects.get(kind="confirmation").ticket_reference == ticket.reference


def test_an_old_choice_of_something_else_answers_no_new_wish(ana):
    long_ago, now = timezone.now() - timedelta(days=900), timezone.now()
    ann = Subject.of_email("ann@example.com")
    opt_out(ann, channel="email", purpose="newsletter", source="mail", received_at=long_ago, now=long_ago)
    ticket = make_ticket("limit_use", claimed_by=ana)
    with pytest.raises(errors.NotSuppressed):
        actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=now)
    opt_out(ann, channel="all", purpose="all", source="mail", received_at=long_ago, now=long_ago)
    assert actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=now).outcome == "fulfilled"


def test_who_is_known_by_a_number_only_is_not_said_to_get_no_more_mail(page, ana):
    ticket = make_ticket("opt_out", email="", phone="916-555-0123", channel="phone", claimed_by=ana)
    answer = do(page, ticket, "suppress", channel="email", purpose="all")
    assert answer.status_code == 409
    assert "stops nothing on this channel" in answer.content.decode()
    assert not OptOut.objects.exists()
    CustomerFactory(phone="+19165550123")
    do(page, ticket, "suppress", channel="email", purpose="all")
    assert OptOut.objects.get().customer is not None


def test_nothing_says_that_somebody_was_told_of_their_opt_out_to_whom_no_letter_goes(ana):
    ticket = make_ticket("opt_out", claimed_by=ana, channel="phone", preferred_channel="phone", phone="+1 916 555 0101", email="")
    actions.suppress(ticket.pk, channel="phone", purpose="special_offers", by=ana, now=timezone.now())
    ticket.refresh_from_db()
    assert (ticket.state, ticket.outcome, Letter.objects.count()) == ("closed", "fulfilled", 0)
    assert "confirmed" not in [event.facts.get("to") for event in ticket.events.filter(kind="state")]


def test_what_is_offered_to_be_stopped_can_be_stopped_and_whether_a_letter_confirms_it_is_said_before(page, ana):
    by_mail = make_ticket("opt_out", claimed_by=ana)
    by_phone = make_ticket("opt_out", email="", phone="916-555-0123", channel="phone", claimed_by=ana)
    for ticket, channel, said in ((by_mail, "email", "A letter confirms it."), (by_phone, "phone", "No letter confirms it")):
        shown = page.get(reverse("tickets:ticket", args=[ticket.pk]))
        assert said in shown.text
        offered = shown.context["forms"]["suppress"]
        assert offered["channel"].value() == channel
        typed = {name: offered[name].value() for name in ("channel", "purpose")}
        assert do(page, ticket, "suppress", **typed).status_code == 200
    assert set(OptOut.objects.values_list("channel", flat=True)) == {"email", "phone"}


def test_opting_out_twice_by_a_double_click_is_confirmed_once_and_another_choice_again(ana):
    ticket = make_ticket("question", claimed_by=ana)
    for purpose in ("special_offers", "special_offers", "special_offers", "newsletter"):
        actions.suppress(ticket.pk, channel="email", purpose=purpose, by=ana, now=timezone.now())
    assert OptOut.objects.count() == 2
    assert Letter.objects.filter(kind="confirmation").count() == 2


def test_a_referred_friend_is_removed_with_the_answer_that_says_so_and_not_before(ana):
    friend, other = ReferralFactory(friend_email="ben@friends.example"), ReferralFactory()
    denied = make_ticket("referral_removal", email="ben@friends.example", claimed_by=ana)
    actions.close_ticket(denied.pk, outcome="denied", denial_reason="suspected_fraud", by=ana, now=timezone.now())
    friend.refresh_from_db()
    assert friend.friend_name
    ticket = make_ticket("referral_removal", email="Ben@Friends.example", claimed_by=ana)
    actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=timezone.now())
    friend.refresh_from_db()
    other.refresh_from_db()
    assert (friend.friend_name, friend.friend_email) == (None, None)
    assert friend.removed_at
    assert other.friend_name
    with pytest.raises(FriendKnown):
        refer_friend(CustomerFactory(), name="Ben", address="ben@friends.example", now=timezone.now())


def test_a_friend_without_an_address_is_not_said_to_be_removed(ana):
    ticket = make_ticket("referral_removal", email="", phone="916-555-0123", channel="phone", claimed_by=ana)
    with pytest.raises(errors.NobodyToRemove):
        actions.close_ticket(ticket.pk, outcome="fulfilled", by=ana, now=timezone.now())
    ticket.refresh_from_db()
    assert ticket.closed_at is None


def test_a_duplicate_names_the_request_it_repeats(ana):
    first, second = make_ticket(), make_ticket(claimed_by=ana)
    with pytest.raises(errors.ReasonMissing):
        actions.close_ticket(second.pk, outcome="duplicate", by=ana, now=timezone.now())
    actions.close_ticket(second.pk, outcome="duplicate", duplicate_of=first, by=ana, now=timezone.now())
    second.refresh_from_db()
    assert (second.outcome, second.duplicate_of) == ("duplicate", first)


def test_of_two_wishes_in_one_request_neither_ends_because_the_other_was_told_twice(page, ana):
    first, second = make_ticket("deletion"), make_ticket("question", "deletion", claimed_by=ana)
    deletion = second.rights.get(kind="deletion")
    answer = do(page, second, "end", right=deletion.pk, outcome="duplicate", duplicate_of=first.reference)
    assert answer.status_code == 409
    assert "Only a whole request repeats another" in answer.content.decode()
    with pytest.raises(errors.OnlyAWholeRequestRepeats):
        actions.end_right(deletion.pk, outcome="duplicate", by=ana, now=timezone.now())
    assert second.rights.filter(ended_at__isnull=True).count() == 2
    do(page, second, "end", outcome="duplicate", duplicate_of=first.reference)
    second.refresh_from_db()
    assert (second.outcome, second.duplicate_of) == ("duplicate", first)


# --- clocks and answers -----------------------------------------------------------------------------------------------


def test_the_due_date_of_the_queue_is_always_what_the_events_say(ana):
    now = timezone.now()
    ticket = make_ticket("access_specific", "question", received_at=now - timedelta(days=5), claimed_by=ana)
    acts = [
        lambda: actions.acknowledge(ticket.pk, by=ana, now=now),
        lambda: actions.extend(ticket.pk, by=ana, reason="many systems", now=now),
        lambda: actions.change_kinds(ticket.pk, kinds=["access_specific"], by=ana, now=now),
        lambda: actions.close_on((now + timedelta(days=3)).date(), name="stocktaking", by=None),
    ]
    for act in [lambda: None, *acts]:
        act()
        ticket.refresh_from_db()
        assert ticket.due_at == queries.next_due(ticket)
    assert (ticket.due_at - ticket.received_at).days in {90, 91}


def test_a_closure_moves_the_day_by_which_requests_are_acknowledged_and_can_be_taken_back(client):
    settings_person = EmployeeFactory()
    grant(settings_person, "settings.manage")
    sign_in(client, settings_person)
    ticket = make_ticket("access_specific", "question")
    before = queries.next_due(ticket)
    day = timezone.localdate() + timedelta(days=1)
    while day.weekday() >= 5 or day in holidays.country_holidays("US", years=[day.year]):
        day += timedelta(days=1)
    page = client.post(reverse("tickets:calendar"), {"day": f"{day}", "name": "stocktaking"}, follow=True)
    assert "stocktaking" in page.content.decode()
    ticket.refresh_from_db()
    assert ticket.due_at == queries.next_due(ticket) > before
    closure = Closure.objects.get()
    client.post(reverse("tickets:open_after_all", args=[closure.pk]))
    ticket.refresh_from_db()
    assert ticket.due_at == before


def test_an_extension_is_told_with_its_reason_once_and_only_inside_the_first_period(ana):
    now = timezone.now()
    late = make_ticket("deletion", received_at=now - timedelta(days=47), claimed_by=ana)
    with pytest.raises(errors.CannotExtend, match="run out"):
        actions.extend(late.pk, by=ana, reason="busy", now=now)
    ticket = make_ticket("deletion", received_at=now - timedelta(days=40), claimed_by=ana)
    with pytest.raises(errors.ReasonMissing):
        actions.extend(ticket.pk, by=ana, reason=" ", now=now)
    actions.extend(ticket.pk, by=ana, reason="seven systems", now=now)
    assert "seven systems" in Letter.objects.get(ticket_reference=ticket.reference, kind="reply").body
    with pytest.raises(errors.CannotExtend, match="already"):
        actions.extend(ticket.pk, by=ana, reason="again", now=now)
    question = make_ticket("question", claimed_by=ana)
    with pytest.raises(errors.CannotExtend):
        actions.extend(question.pk, by=ana, reason="x", now=now)


def test_a_customer_who_prefers_the_phone_is_not_answered_by_mail(ana):
    CustomerFactory(email="ann@example.com", email_key="ann@example.com", preferred_contact="phone")
    ticket = make_ticket(claimed_by=ana)
    event = actions.reply(ticket.pk, by=ana, text="Told her that the lamp is on its way.", now=timezone.now())
    assert event.facts["channel"] == "phone"
    assert event.letter is None
    assert not Letter.objects.exists()


def test_two_customers_with_one_address_are_both_shown_and_none_is_chosen():
    for name in ("Ann Example", "Joe Example"):
        CustomerFactory(name=name, email="home@example.com", email_key="home@example.com")
    ticket = make_ticket(name="Someone Else", email="HOME@example.com")
    assert ticket.customer is None
    assert [match.score for match in queries.find_person(queries.requester_of(ticket))] == [90, 90]


def test_upper_case_finds_lower_case_and_a_look_alike_finds_nobody():
    customer = CustomerFactory(name="Ann Example", email="ann@example.com", email_key="ann@example.com")
    assert make_ticket(email="ANN@EXAMPLE.COM").customer == customer
    assert make_ticket(email="\u0430nn@example.com", name="").customer is None


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_request_is_taken_down_by_phone_and_worked_to_its_end_on_the_pages(page, ana):
    answer = page.post(
        reverse("tickets:new"),
        {
            "name": "Ann Example",
            "phone": "877-445-4486",
            "kinds": ["deletion"],
            "text": "Delete me",
            "channel": "phone",
            "regime": "ccpa",
        },
        follow=True,
    )
    ticket = Ticket.objects.get()
    assert ticket.assignee == ana
    assert ticket.preferred_channel == "phone"
    assert ticket.reference in answer.content.decode()
    for verb, data in (
        ("acknowledge", {}),
        ("begin-verifying", {}),
        ("verify", {"how": "two data points matched"}),
        ("reply", {"text": "Called: it is deleted."}),
        ("comment", {"text": "done in the shop system too"}),
    ):
        assert do(page, ticket, verb, **data).status_code == 200, verb
    answer = do(page, ticket, "end", outcome="denied")
    assert answer.status_code == 409
    assert "needs its reason" in answer.content.decode()
    do(page, ticket, "end", outcome="fulfilled")
    ticket.refresh_from_db()
    assert ticket.outcome == "fulfilled"


def test_a_request_offers_only_what_can_be_done_with_it(page, ana):
    ticket = make_ticket("deletion", email="x@example.com", claimed_by=ana)
    words = page.get(reverse("tickets:ticket", args=[ticket.pk])).content.decode()
    assert "Pause: we wait" in words
    assert "Resume: what we waited for" not in words
    assert "Take more time" in words
    do(page, ticket, "pause", reason="asked for the postal code")
    words = do(page, ticket, "extend", reason="the archive is searched by hand").content.decode()
    assert "Resume: what we waited for" in words
    assert "Pause: we wait" not in words
    assert "Take more time" not in words


GRETA = {"name": "Greta", "phone": "916 555 0123", "kinds": "deletion", "channel": "phone", "regime": "ccpa", "text": "erase me"}


def test_a_request_taken_down_with_a_double_click_is_opened_once(page):
    first, second = (page.post("/admin/requests/new/", GRETA) for _ in range(2))
    ticket = Ticket.objects.get()
    assert first.url == second.url == f"/admin/requests/{ticket.pk}/"
    assert page.post("/admin/requests/new/", {**GRETA, "name": "Gerda"}).url != first.url
    assert Ticket.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_request_that_could_not_be_claimed_was_not_opened_either_and_is_opened_once_when_it_is_sent_again(page, ana):
    customer = CustomerFactory()
    pages = {
        reverse("tickets:new"): GRETA,
        reverse("desk:open_request", args=[customer.pk]): {"kinds": ["deletion"], "channel": "phone", "text": "erase me"},
    }

    def the_database_goes_away(execute, sql, params, many, context):
        if sql.startswith("INSERT") and "ticketevent" in sql and "claimed" in [str(value) for value in params or ()]:
            raise OperationalError("the connection is lost")
        return execute(sql, params, many, context)

    page.raise_request_exception = False
    grant(ana, "reveal.contact")
    for opened, (address, typed) in enumerate(pages.items(), start=1):
        with connection.execute_wrapper(the_database_goes_away):
            assert page.post(address, typed).status_code == 500
        assert page.post(address, typed).url == f"/admin/requests/{Ticket.objects.last().pk}/"
        assert Ticket.objects.filter(assignee=ana).count() == Ticket.objects.count() == opened


def test_a_reply_sent_twice_by_a_double_click_reaches_the_requester_once(page, ana):
    ticket = make_ticket("deletion", email="x@example.com", claimed_by=ana)
    for _ in range(2):
        assert do(page, ticket, "reply", text="Which postal code did you use?").status_code == 200
    assert Letter.objects.filter(ticket_reference=ticket.reference).count() == 1
    do(page, ticket, "comment", text="They did not answer.")
    do(page, ticket, "reply", text="Which postal code did you use?")
    assert Letter.objects.filter(ticket_reference=ticket.reference).count() == 2


def test_nobody_resumes_what_was_never_paused_and_two_clicks_pause_once(page, ana):
    ticket = make_ticket("deletion", email="x@example.com", claimed_by=ana)
    answer = do(page, ticket, "resume", reason="it came")
    assert answer.status_code == 409
    assert "nothing to resume" in answer.content.decode()
    for verb in ("pause", "pause", "resume", "resume"):
        assert do(page, ticket, verb, reason="asked for the postal code").status_code == 200
    kinds = list(ticket.events.order_by("pk").values_list("kind", flat=True))
    assert (kinds.count("paused"), kinds.count("resumed")) == (1, 1)


def test_an_answer_by_phone_is_written_down_and_nobody_thinks_that_it_was_sent(page, ana):
    ticket = make_ticket("deletion", email="x@example.com", claimed_by=ana, preferred_channel="phone")
    words = page.get(reverse("tickets:ticket", args=[ticket.pk])).content.decode()
    assert "Write down the reply" in words
    assert "Send the reply" not in words
    do(page, ticket, "channel", channel="email", reason="prefers it in writing")
    assert "Send the reply" in page.get(reverse("tickets:ticket", args=[ticket.pk])).content.decode()


def test_looking_changes_nothing(page):
    make_ticket()
    ticket = Ticket.objects.get()

    def rows():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables WHERE relname LIKE 'privacy_%%'"
            )
            return cursor.fetchone()[0]

    before = rows()
    for address in (reverse("tickets:queue"), reverse("tickets:ticket", args=[ticket.pk]), reverse("tickets:new")):
        assert page.get(address).status_code == 200
    assert rows() == before
    assert page.get(reverse("tickets:do", args=[ticket.pk, "claim"])).status_code == 405


def test_what_a_customer_wrote_is_read_only_by_who_works_on_it_and_the_look_is_written_down(page, ana, tmp_path):
    from django.core.management import call_command

    from tests.factories.mailroom import mail

    (tmp_path / "a.eml").write_bytes(mail("the secret words\n", subject="private matter"))
    call_command("receive_mail", str(tmp_path), "--json", stdout=io.StringIO())
    ticket = Ticket.objects.get()
    address = reverse("tickets:ticket", args=[ticket.pk])
    content = page.get(address).content.decode()
    assert "secret words" not in content
    assert "ann@example.com" not in content
    assert do(page, ticket, "read").status_code == 409
    assert not RecordedRead.objects.exists()
    content = do(page, ticket, "claim").content.decode()
    assert "secret words" in content
    assert "ann@example.com" not in content
    read = RecordedRead.objects.get()
    assert (read.by, read.subject, read.category) == (ana, f"privacy.ticket:{ticket.pk}", "mail")
    do(page, ticket, "release")
    assert "secret words" not in page.get(address).content.decode()


def test_the_queue_turns_its_pages_by_key_and_keeps_its_filters_in_the_address(page, ana, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    now = timezone.now()
    made = [make_ticket("deletion", received_at=now - timedelta(days=n)) for n in range(5)]
    make_ticket("question")
    seen, address = [], reverse("tickets:queue") + "?tab=unassigned&kind=deletion"
    for _ in range(5):
        answer = page.get(address)
        seen += [ticket.pk for ticket in answer.context["tickets"]]
        if not answer.context["following"]:
            break
        from urllib.parse import quote

        address = reverse("tickets:queue") + f"?tab=unassigned&kind=deletion&after={quote(answer.context['following'])}"
    assert seen == [ticket.pk for ticket in sorted(made, key=lambda ticket: (ticket.due_at, ticket.pk))]


@pytest.mark.parametrize("after", ["x", "~", "2026-01-01~5", "'; DROP TABLE--~1", "9999-99-99T00:00:00+00:00~1", "\x00~1"])
def test_a_broken_page_key_shows_the_first_page(page, after):
    make_ticket()
    assert page.get(reverse("tickets:queue"), {"tab": "all", "after": after}).status_code == 200


def test_a_card_number_is_refused_wherever_it_is_typed(page, ana):
    ticket = make_ticket(claimed_by=ana)
    answer = do(page, ticket, "comment", text="her card is 4111 1111 1111 1111")
    assert answer.status_code == 422
    assert not ticket.events.filter(kind="comment").exists()


def test_several_are_claimed_at_once(page, ana):
    tickets = [make_ticket() for _ in range(3)]
    page.post(reverse("tickets:bulk", args=["claim"]), {"ticket": [ticket.pk for ticket in tickets] + ["x", "999999"]})
    assert Ticket.objects.filter(assignee=ana).count() == 3


# --- the weeks ahead -------------------------------------------------------------------------------------------------


def test_the_plot_of_the_queue_counts_each_open_request_once_in_its_week(page, ana):
    now = timezone.now()
    for days_ago in (0, 1, 9, 20, 40, 80, 90):
        make_ticket("deletion", received_at=now - timedelta(days=days_ago), now=now - timedelta(days=days_ago))
    closed = make_ticket(claimed_by=ana)
    actions.close_ticket(closed.pk, outcome="fulfilled", by=ana, now=now)
    found = queries.due_by_week(now=now)
    mondays = [monday for monday, _ in found.weeks]
    assert mondays[0] <= timezone.localdate(now) < mondays[1]
    assert all(monday.weekday() == 0 for monday in mondays)
    open_ones = [timezone.localtime(one.due_at) for one in Ticket.objects.filter(closed_at__isnull=True)]
    assert found.overdue == sum(due < now for due in open_ones) > 0
    for monday, count in found.weeks:
        assert count == sum(now <= due and monday <= due.date() < monday + timedelta(days=7) for due in open_ones)
    assert found.overdue + sum(count for _, count in found.weeks) + found.later == len(open_ones) == 7
    assert found.finding in page.get(reverse("tickets:queue")).content.decode()


def test_an_empty_queue_has_nothing_overdue():
    assert queries.due_by_week(now=timezone.now()).finding == "Nothing is overdue, nothing due within a week"
