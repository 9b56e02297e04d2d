"""People choose; it holds at once, once, and until they say otherwise twice."""

import re
import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.encryption import keyed_digest
from privacy.ledger.actions import act
from privacy.ledger.errors import NoLongerAllowed
from privacy.models import AccessGrant, Letter, OptOut, RecordedRead
from privacy.optouts import actions, errors, queries
from privacy.optouts.policies import (
    Subject,
    one_click_token,
    read_one_click_token,
    read_unsubscribe_address,
    read_withdrawal_token,
    unsubscribe_address,
    withdrawal_token,
)
from privacy.optouts.queries import choices_of, covering, opt_outs_by_day
from tests.factories.access import grant, sign_in
from tests.factories.customers import CustomerFactory
from tests.factories.nights import last_night_the_clocks_went_back, last_night_the_clocks_went_forward
from tests.factories.optouts import OptOutFactory
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


def opted_out(email="ann@example.com", **more):
    now = timezone.now()
    values = {"channel": "email", "purpose": "all", "source": "mail", "received_at": now, "now": now, **more}
    return actions.opt_out(Subject.of_email(email), **values)


def suppressed(email, channel="email", purpose="newsletter"):
    return forbidden(Subject.of_email(email), channel, purpose)


def forbidden(subject, channel, purpose):
    """As a mailing asks: by the choices of whoever has this address or number now."""
    return covering(channel=channel, purpose=purpose, at=timezone.now()).filter(choices_of([subject])).exists()


@pytest.mark.parametrize(
    ("chosen", "asked", "forbidden"),
    [
        (("email", "all"), ("email", "newsletter"), True),
        (("all", "newsletter"), ("post", "newsletter"), True),
        (("all", "all"), ("sms", "surveys"), True),
        (("email", "newsletter"), ("email", "newsletter"), True),
        (("email", "newsletter"), ("email", "all"), True),
        (("email", "newsletter"), ("email", "surveys"), False),
        (("email", "all"), ("post", "catalogue"), False),
    ],
)
def test_all_covers_everything(chosen, asked, forbidden):
    opted_out(channel=chosen[0], purpose=chosen[1])
    assert suppressed("ANN@example.com", *asked) is forbidden


def test_an_opt_out_by_any_of_a_customers_addresses_follows_the_customer():
    customer = CustomerFactory(email="ann@example.com", email_key="ann@example.com")
    opted_out("ann@example.com")
    customer.email = customer.email_key = "new@example.com"
    customer.save()
    assert suppressed("new@example.com")
    assert suppressed("ann@example.com")
    assert not suppressed("bob@example.com")


def test_said_twice_it_stands_once_with_its_first_date():
    first, new = opted_out()
    again, new_again = opted_out(now=timezone.now() + timedelta(days=1))
    assert (new, new_again) == (True, False)
    assert again.pk == first.pk
    assert OptOut.objects.count() == 1


def test_the_database_itself_holds_one_active_choice():
    OptOutFactory(email="ann@example.com")
    with pytest.raises(IntegrityError, match="one_active_opt_out"), transaction.atomic():
        OptOutFactory(email="ann@example.com")
    with pytest.raises(IntegrityError, match="two_steps"), transaction.atomic():
        OptOut.objects.update(withdrawn_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_the_same_wish_through_several_doors_at_once_stands_once():
    barrier, results = threading.Barrier(6), []

    def say():
        try:
            barrier.wait()
            results.append(opted_out())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=say) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == 6
    assert sum(new for _, new in results) == 1
    assert len({wish.pk for wish, _ in results}) == 1


def test_who_unsubscribes_again_after_being_asked_is_not_opted_in_by_the_link_that_was_sent_before(client, mailoutbox):
    wish, _ = opted_out()
    asked_at = timezone.now()
    actions.ask_to_withdraw(wish.pk, now=asked_at)
    link = re.search(r"/opt-out/again/\S+", Letter.objects.get(kind="withdrawal").body)[0]
    late = actions.opt_out(
        Subject.of_email("ann@example.com"),
        channel=wish.channel,
        purpose=wish.purpose,
        source="mail",
        received_at=asked_at - timedelta(days=1),  # written before anybody asked, and read after it
        now=timezone.now(),
    )
    assert (late[0].pk, late[0].withdrawal_asked_at) == (wish.pk, asked_at)
    assert opted_out() == (wish, False)
    assert "not valid" in client.post(link).content.decode()
    wish.refresh_from_db()
    assert (wish.withdrawn_at, wish.withdrawal_asked_at) == (None, None)


def test_a_choice_is_withdrawn_only_in_two_steps_by_the_person():
    wish, _ = opted_out()
    now = timezone.now()
    with pytest.raises(errors.NotAsked):
        actions.confirm_withdrawal(wish.pk, now=now)
    _, letter = actions.ask_to_withdraw(wish.pk, now=now)
    assert suppressed("ann@example.com")
    link = next(line.strip() for line in letter.body.splitlines() if "/opt-out/again/" in line)
    page = Client()
    path = "/" + link.split("/", 3)[3]
    assert page.get(path).status_code == 200
    assert suppressed("ann@example.com")
    assert page.post(path).status_code == 200
    assert not suppressed("ann@example.com")
    with pytest.raises(errors.AlreadyWithdrawn):
        actions.confirm_withdrawal(wish.pk, now=now)
    opted_out()  # and may be chosen again
    assert suppressed("ann@example.com")


# --- one click (RFC 8058) -----------------------------------------------------------------------------------------------


def test_looking_at_a_one_click_link_changes_nothing_and_posting_does_without_cookie():
    path = f"/opt-out/{one_click_token('ann@example.com', purpose='newsletter')}"
    page = Client(enforce_csrf_checks=True)
    assert page.get(path).status_code == 200
    assert page.head(path).status_code == 200
    assert not OptOut.objects.exists()
    answer = page.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert not answer.cookies
    wish = OptOut.objects.get()
    assert (wish.address, wish.channel, wish.purpose, wish.source) == ("ann@example.com", "email", "newsletter", "one_click")
    assert page.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded").status_code == 200
    assert OptOut.objects.count() == 1
    assert page.put(path).status_code == 405


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_no_other_method_is_a_click(method):
    path = f"/opt-out/{one_click_token('ann@example.com')}"
    answer = getattr(Client(), method)(path)
    assert answer.status_code == 405
    assert not OptOut.objects.exists()


def test_a_mailbox_provider_may_send_its_click_as_a_form_of_several_parts():
    answer = Client(enforce_csrf_checks=True).post(
        f"/opt-out/{one_click_token('ann@example.com')}", {"List-Unsubscribe": "One-Click"}
    )
    assert answer.status_code == 200
    assert OptOut.objects.get().address == "ann@example.com"


@pytest.mark.parametrize(
    "body",
    ["", "x=1", "List-Unsubscribe=", "List-Unsubscribe=one-click", "List-Unsubscribe=One-Click2", "list-unsubscribe=One-Click",
     "List-Unsubscribe=One-Click&List-Unsubscribe=No"],
)  # fmt: skip
@pytest.mark.parametrize("sort", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"])
def test_a_post_that_says_something_else_is_no_click(body, sort):
    answer = Client().post(f"/opt-out/{one_click_token('ann@example.com')}", body, content_type=sort)
    assert answer.status_code == 400
    assert not OptOut.objects.exists()


def test_a_bad_link_reveals_nothing_and_stays_out_of_the_log(caplog):
    good = one_click_token("ann@example.com")
    flipped = good[:-3] + ("A" if good[-3] != "A" else "B") + good[-2:]
    answers = set()
    for token in ("x", "A" * 80, flipped, good[:-8], withdrawal_token(1, now=timezone.now()), "é" * 20):
        answer = Client().post(f"/opt-out/{token}")
        answers.add((answer.status_code, answer.content))
        assert token not in caplog.text
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert not OptOut.objects.exists()


def test_a_token_is_for_one_purpose_only():
    now = timezone.now()
    with pytest.raises(errors.BadToken):
        read_withdrawal_token(one_click_token("ann@example.com"), now=now)
    with pytest.raises(errors.BadToken):
        read_one_click_token(withdrawal_token(1, now=now))
    with pytest.raises(errors.BadToken):
        read_withdrawal_token(withdrawal_token(1, now=now), now=now + timedelta(days=8))
    assert "ann" not in one_click_token("ann@example.com").lower()


def test_every_flipped_character_of_an_unsubscribe_address_is_refused():
    address = unsubscribe_address(17, domain="lumens.com", purpose="newsletter")
    assert read_unsubscribe_address(address).customer_id == 17
    local = address.split("@")[0]
    for place in range(len("unsubscribe+"), len(local) - 1):  # the last character carries bits that Base32 ignores
        other = "a" if local[place] != "a" else "b"
        with pytest.raises(errors.BadToken):
            read_unsubscribe_address(f"{local[:place]}{other}{local[place + 1 :]}@lumens.com")


def test_an_old_key_keeps_old_links_valid(settings):
    token = one_click_token("ann@example.com")
    settings.FIELD_KEYS = ["BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=", *settings.FIELD_KEYS]
    assert read_one_click_token(token).address == "ann@example.com"
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    with pytest.raises(errors.BadToken):
        read_one_click_token(token)


# --- pages --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(client):
    ana = EmployeeFactory(name="Ana Agent")
    grant(ana, "optouts.manage")
    return sign_in(client, ana)


def test_a_colleague_records_what_came_by_phone_and_it_holds(page):
    customer = CustomerFactory(member_id="M-7")
    answer = page.post(
        reverse("optouts:record"), {"who": "(877) 445-4486", "channel": "phone", "purpose": "all", "source": "phone"}, follow=True
    )
    assert answer.status_code == 200
    wish = OptOut.objects.get()
    assert wish.recorded_by.name == "Ana Agent"
    assert "4486" not in answer.content.decode()
    page.post(reverse("optouts:record"), {"who": "M-7", "channel": "post", "purpose": "catalogue", "source": "post"})
    assert OptOut.objects.get(channel="post", customer=customer).purpose == "catalogue"
    assert forbidden(Subject.of_email(customer.email), "post", "catalogue")
    assert (
        page.post(reverse("optouts:record"), {"who": "nonsense", "channel": "all", "purpose": "all", "source": "fax"}).status_code
        == 422
    )


def test_a_name_is_none_of_the_three_that_find_a_person_and_all_three_are_named(page):
    assert "No letter goes out" in page.get(reverse("optouts:record")).text
    for who, why in (("Ann Example", "Nobody can be found by that."), ("12", "another length"), ("ann@", "after its @")):
        answer = page.post(reverse("optouts:record"), {"who": who, "channel": "all", "purpose": "all", "source": "phone"})
        assert answer.status_code == 422
        assert why in answer.text
        assert ("telephone number of" in answer.text) is (who == "12")
        for one in ("e-mail address", "telephone number", "member id"):
            assert one in answer.context["form"].errors["who"][0]


def test_who_is_asked_by_a_letter_and_who_by_a_colleague_is_said_before_it_is_done(page):
    customer = CustomerFactory()
    erased = OptOutFactory()
    OptOut.objects.filter(pk=erased.pk).update(address=None)
    by_number = OptOutFactory(subject_kind="phone", channel="phone", address="+19165550123", owed_sha256=None)
    by_id = OptOutFactory(subject_kind="customer", customer=customer, address=None, owed_sha256=None)
    for wish, said in (
        (OptOutFactory(), "They are asked by mail to confirm"),
        (erased, "an address that was erased"),
        (by_number, "a telephone number"),
        (by_id, "a customer and not of an address"),
    ):
        address = reverse("optouts:opt_out", args=[wish.pk])
        before = " ".join(page.get(address).text.split())
        assert said in before
        letterless = "No letter can go out" in before
        answer = page.post(reverse("optouts:ask", args=[wish.pk]), {"evidence": "rang"}, follow=True).text
        assert ("no letter goes out" in answer) is letterless
        assert ("by the link in our letter" in answer) is not letterless


def test_a_letter_that_lay_there_in_the_night_in_which_the_clocks_went_back_is_written_down(page):
    typed = {"who": "ann@example.com", "channel": "email", "purpose": "all", "source": "fax"}
    night = last_night_the_clocks_went_back()
    assert page.post(reverse("optouts:record"), {**typed, "received_at": f"{night}T01:30"}).status_code == 302
    assert OptOut.objects.get().received_at == datetime.combine(night, time(5, 30), UTC)  # the earlier of the two


def test_a_wish_that_came_when_no_clock_showed_it_or_in_nobodys_lifetime_is_asked_for_again(page):
    typed = {"who": "ann@example.com", "channel": "email", "purpose": "all", "source": "fax"}
    gap = page.post(reverse("optouts:record"), {**typed, "received_at": f"{last_night_the_clocks_went_forward()}T02:30"})
    assert (gap.status_code, "No clock showed 02:30" in gap.content.decode()) == (422, True)
    for slip in ("0026-11-23T10:00", "9999-12-31T23:59"):
        assert page.post(reverse("optouts:record"), {**typed, "received_at": slip}).status_code == 422
    assert not OptOut.objects.exists()


def test_the_register_shows_masked_addresses_and_finds_one_by_post(page):
    OptOutFactory(email="findme@example.com")
    OptOutFactory(email="other@example.org")
    answer = page.get(reverse("optouts:list"))
    assert "findme@" not in answer.content.decode()
    found = page.post(reverse("optouts:list"), {"who": "FindMe@example.com"})
    assert [wish.address for wish in found.context["opt_outs"]] == ["findme@example.com"]


def test_who_looks_for_one_persons_choices_is_written_down_without_the_address(page):
    opted_out()
    page.post(reverse("optouts:list"), {"who": "ann@example.com"})
    looked = RecordedRead.objects.get(kind="search")
    assert looked.rows_seen == 1
    assert "ann" not in looked.subject
    page.get(reverse("optouts:list"))
    assert RecordedRead.objects.count() == 1


@pytest.mark.parametrize(("who", "channel"), [("916-555-0123", "email"), ("a@example.com", "sms"), ("a@example.com", "phone")])
def test_a_choice_that_would_stop_nothing_is_asked_for_again(page, who, channel):
    typed = {"who": who, "channel": channel, "purpose": "all", "source": "phone"}
    answer = page.post(reverse("optouts:record"), typed)
    assert answer.status_code == 422
    assert "stops nothing on this channel" in answer.content.decode()
    assert not OptOut.objects.exists()


def test_each_opt_out_is_counted_on_the_day_of_the_company_on_which_it_came_though_the_clocks_change():
    zone = timezone.get_current_timezone()
    came = [  # 2025-11-02 has 25 hours, 2025-03-09 has 23
        *((2025, 11, 1, 23, 59), (2025, 11, 2, 0, 0), (2025, 11, 2, 23, 59), (2025, 11, 3, 0, 0)),
        *((2025, 3, 8, 23, 59), (2025, 3, 9, 0, 0), (2025, 3, 9, 23, 59), (2025, 3, 10, 0, 0)),
    ]
    for moment in came:
        OptOutFactory(received_at=datetime(*moment, tzinfo=zone))
    for middle in (date(2025, 11, 2), date(2025, 3, 9)):
        days = [middle + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
        assert [count for _, count in opt_outs_by_day(reversed(days))] == [0, 1, 2, 1, 0]
    assert opt_outs_by_day([date(2025, 11, 3), date(2025, 11, 1)]) == [(date(2025, 11, 1), 1), (date(2025, 11, 3), 1)]
    assert opt_outs_by_day([]) == []


def test_who_opens_the_register_of_millions_does_not_wait_for_all_of_them_to_be_counted(page, monkeypatch):
    with act("many_opt_outs", by=None), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO privacy_optout (subject_kind, subject_key, owed_sha256, masked, channel, purpose, source, received_at,"
            " suppressed_at) SELECT 'email', sha256(i::text::bytea), sha256(i::text::bytea), '', 'email', 'all', 'import',"
            " now() - i * interval '1 hour', now() FROM generate_series(1, 20000) AS i"
        )
        cursor.execute("ANALYZE privacy_optout")
    monkeypatch.setattr(queries, "COUNTED_EXACTLY", 1_000)
    with CaptureQueriesContext(connection) as asked:
        words = page.get(reverse("optouts:list")).content.decode()
    assert "about 20,000" in words
    statements = [query["sql"] for query in asked if 'FROM "privacy_optout"' in query["sql"]]
    assert len(statements) == 4  # a page, its chart, two totals
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            reads_all = "Seq Scan on privacy_optout" in plan and ("Sort" in plan or "Limit" not in plan)
            assert not reads_all, plan


def test_whether_a_person_opted_out_is_answered_with_whom_it_is_about_and_where_the_cursor_is(page):
    OptOutFactory(email="findme@example.com")
    yes = page.post(reverse("optouts:list"), {"who": "FindMe@example.com"}).content.decode()
    assert re.search(r"data-focus>.*f•••@e•••\.com</span> has opted out", yes, re.DOTALL)
    no = page.post(reverse("optouts:list"), {"who": "other@example.com"}).content.decode()
    assert "has not opted out" in no
    assert "neither an e-mail address nor a phone number" in page.post(reverse("optouts:list"), {"who": "Ann"}).content.decode()


@pytest.mark.parametrize(
    "asked", ["?channel=sms", "?purpose=surveys", "?after=2020-01-01T00:00:00%2B00:00~1", "?channel=sms&after=x"]
)
def test_the_answer_about_a_person_does_not_depend_on_which_part_of_the_list_one_was_looking_at(page, asked):
    OptOutFactory(email="findme@example.com", channel="email")
    answer = page.post(reverse("optouts:list") + asked, {"who": "findme@example.com"}).content.decode()
    assert "has opted out" in answer
    assert "has not opted out" not in answer


def test_a_choice_recorded_for_the_customer_is_found_by_their_address(page):
    customer = CustomerFactory(email="bea@example.com")
    actions.opt_out(
        Subject.of_customer(customer.pk),
        customer_id=customer.pk,
        channel="email",
        purpose="all",
        source="mail",
        received_at=timezone.now(),
        now=timezone.now(),
    )
    found = page.post(reverse("optouts:list"), {"who": "bea@example.com"})
    assert len(found.context["opt_outs"]) == 1
    assert "has opted out" in found.content.decode()


def test_a_customer_reads_in_their_own_words_what_stops(client):
    token = one_click_token("ann@example.com")
    asked = client.get(f"/opt-out/{token}").content.decode()
    stops = "from then on we send you no more offers, newsletters, catalogues or surveys by e-mail."
    assert f"{stops} Messages about your orders still reach you." in asked
    assert "every purpose" not in asked


def test_a_colleague_withdraws_only_what_the_person_asked_and_confirmed(page):
    wish = OptOutFactory(email="ann@example.com")
    page.post(reverse("optouts:confirm", args=[wish.pk]), {"evidence": "she said so"})
    wish.refresh_from_db()
    assert wish.withdrawn_at is None
    page.post(reverse("optouts:ask", args=[wish.pk]), {"evidence": "called on Monday"})
    assert Letter.objects.get().kind == "withdrawal"
    page.post(reverse("optouts:confirm", args=[wish.pk]), {"evidence": "called again on Tuesday"})
    wish.refresh_from_db()
    assert wish.withdrawn_at is not None


def test_a_colleague_says_how_the_person_confirmed_in_a_sentence_that_fits():
    now = timezone.now()
    wish = OptOutFactory(received_at=now - timedelta(days=2), withdrawal_asked_at=now - timedelta(days=1))
    colleague = EmployeeFactory()
    grant(colleague, "optouts.manage")
    with pytest.raises(errors.EvidenceMissing, match=r"^Say how the person confirmed it"):
        actions.confirm_withdrawal(wish.pk, now=now, by=colleague, evidence=" ")


def test_a_colleague_whose_grant_ended_while_the_page_was_open_withdraws_nothing():
    now = timezone.now()
    wish = OptOutFactory(received_at=now - timedelta(days=2), withdrawal_asked_at=now - timedelta(days=1))
    colleague = EmployeeFactory()
    (held,) = grant(colleague, "optouts.manage")
    assert colleague.has_perm("privacy.manage_optouts")  # as at the beginning of the request
    AccessGrant.objects.filter(pk=held.pk).update(ends_at=now - timedelta(minutes=1))
    for verb in (actions.ask_to_withdraw, actions.confirm_withdrawal):
        with pytest.raises(NoLongerAllowed):
            verb(wish.pk, now=now, by=colleague, evidence="she said so")
    wish.refresh_from_db()
    assert wish.withdrawn_at is None


def test_a_colleague_is_told_when_no_letter_asks_the_person(page):
    wish = OptOutFactory(email="ann@example.com")
    said = []
    for _ in range(4):
        answer = page.post(reverse("optouts:ask", args=[wish.pk]), {"evidence": "called on Monday"}, follow=True)
        said += [str(message) for message in answer.context["messages"]]
    assert ["no letter" in words for words in said] == [False, False, False, True]


def test_a_colleague_whose_grant_ended_while_the_form_was_open_writes_no_choice_down():
    colleague = EmployeeFactory()
    (held,) = grant(colleague, "optouts.manage")
    assert colleague.has_perm("privacy.manage_optouts")  # as at the beginning of the request
    AccessGrant.objects.filter(pk=held.pk).update(ends_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(NoLongerAllowed):
        opted_out(source="phone", by=colleague)
    assert not OptOut.objects.exists()


def test_a_link_into_which_somebody_wrote_other_characters_is_not_ours():
    good = one_click_token("ann@example.com")
    for altered in (
        f"{good[:20]}.{good[20:]}",
        f"{good[:20]}!{good[20:]}",
        f"{good[:9]} {good[9:]}",
        f"{good}=",
        good.replace("_", "/"),
    ):
        if altered == good:
            continue
        with pytest.raises(errors.BadToken):
            read_one_click_token(altered)
    assert read_one_click_token(good).address == "ann@example.com"


def test_a_number_without_its_area_code_is_asked_for_again(page):
    typed = {"who": "555-0100", "channel": "phone", "purpose": "all", "source": "phone"}
    answer = page.post(reverse("optouts:record"), typed)
    assert answer.status_code == 422
    assert "This number has no area code: write all of it." in answer.text
    assert not OptOut.objects.exists()


def test_a_choice_under_a_number_without_an_area_code_from_before_is_still_found(page):
    key = keyed_digest("+15550100", purpose="phone")
    before = {"subject_key": key, "address": "+15550100", "masked": "•••", "owed_sha256": None}
    wish = OptOutFactory(subject_kind="phone", channel="phone", **before)
    found = page.post(reverse("optouts:list"), {"who": "555-0100"}).text
    assert reverse("optouts:opt_out", args=[wish.pk]) in found


def test_who_looks_up_without_end_is_refused_here_as_at_every_search(page):
    address = reverse("optouts:list")
    for number in range(30):
        assert page.post(address, {"who": f"nobody{number}@example.com"}).status_code == 200
    answer = page.post(address, {"who": "ann@example.com"}, follow=True)
    assert "Too many searches" in answer.text
    assert RecordedRead.objects.filter(kind="search").count() == 30
