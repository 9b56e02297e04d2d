"""The desk: what waits, what is found, one page about one person, one's own sessions."""

import re
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from privacy.access.actions import end_employment, request_grant
from privacy.desk.queries import due_days, find, places_for, waits_for
from privacy.ledger.actions import act
from privacy.mailroom.actions import keep_message, settle_quarantined
from privacy.models import AccessGrant, Department, Employee, Entitlement, JobFunction, Message, OptOut, RecordedRead, Ticket
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.agreements import NdaFactory, ThirdPartyFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tickets import make_ticket
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague():
    person = EmployeeFactory(name="Ben Castle")
    grant(person, "requests.work", "optouts.manage", "reveal.contact")
    return person


@pytest.fixture
def client(colleague):
    return sign_in(Client(), colleague)


def test_somebody_without_grants_sees_no_place_that_they_may_not_open():
    codes = {place.code for place in places_for(EmployeeFactory(), now=timezone.now())}
    assert codes == {"today"}


def test_an_auditor_finds_the_evidence_in_the_navigation():
    auditor = EmployeeFactory()
    grant(auditor, "promises.read", "ledger.read")
    by_code = {place.code: place for place in places_for(auditor, now=timezone.now())}
    assert (by_code["access"].label, by_code["access"].address) == ("Evidence", reverse("access:evidence"))


def test_places_say_how_much_waits_there(colleague):
    make_ticket()
    make_ticket(email="bea@example.com", claimed_by=colleague)
    by_code = {place.code: place for place in places_for(colleague, now=timezone.now())}
    assert by_code["requests"].waiting == 2
    assert "access" not in by_code


def test_what_waits_comes_soonest_first(colleague):
    now = timezone.now()
    late = make_ticket("access_categories", email="late@example.com", received_at=now - timedelta(days=50), now=now)
    fresh = make_ticket("access_categories", email="fresh@example.com", received_at=now, now=now)
    found = [one.what.split(" ")[0] for one in waits_for(colleague, now=now)]
    assert found == [late.reference, fresh.reference]


def test_a_request_for_access_waits_for_those_who_may_decide_it():
    owner, other = EmployeeFactory(), EmployeeFactory()
    wanted = entitlement("reveal.contact")
    wanted.owner = owner
    wanted.save()
    GrantFactory(entitlement=wanted, state="requested", approved_by=None, approved_at=None, seconded_by=None, seconded_at=None)
    now = timezone.now()
    assert [one.icon for one in waits_for(owner, now=now)] == ["access"]
    assert not waits_for(other, now=now)


def test_older_requests_that_others_decide_hide_none_that_waits_for_this_person():
    now, manager, me = timezone.now(), EmployeeFactory(), EmployeeFactory()
    grant(me, "access.administer")
    others, mine = entitlement("reveal.contact"), entitlement("requests.work")
    Entitlement.objects.filter(pk=others.pk).update(owner=manager)
    asked = {"state": "requested", "approved_by": None, "approved_at": None, "seconded_by": None, "seconded_at": None}
    for days in range(40):
        when = now - timedelta(days=9, minutes=days)
        GrantFactory(entitlement=others, employee__manager=manager, requested_at=when, **asked)
    GrantFactory(entitlement=mine, requested_at=now, **asked)
    assert [one.what for one in waits_for(me, now=now) if one.icon == "access"] == [f"Decide: {mine.name}"]


def test_what_nobody_asked_for_is_not_counted_as_asked_for():
    """Given again after a mistake of HR, or made at the terminal: asked for long ago, or never."""
    keeper, ana, now = EmployeeFactory(), EmployeeFactory(), timezone.now()
    grant(keeper, "access.administer")
    grant(ana, "requests.work", "optouts.manage", requested_at=now - timedelta(days=90))
    today = sign_in(Client(), keeper)

    def asked_for():
        return next(tile for tile in today.get(reverse("desk:home")).context["tiles"] if tile.label == "Asked for in 14 days")

    before = asked_for()
    end_employment(ana.pk, by=None, reason="the wrong Ana", now=now, source="roster")
    told = ana.employment_events.get(kind="left")
    assert today.post(reverse("access:restore", args=[told.pk]), {"reason": "another Ana"}).status_code == 302
    assert AccessGrant.objects.active().filter(employee=ana).count() == 2
    call_command("create_security_administrator", "cleo", "cleo@example.com")
    assert asked_for() == before
    request_grant(ana, entitlement("sharing.manage"), by=ana, reason="agreements", now=timezone.now())
    assert int(asked_for().value) == int(before.value) + 1


def test_a_search_is_written_down_without_what_was_asked(client, colleague):
    customer = CustomerFactory(name="Mary Poppendieck")
    answer = client.post(reverse("desk:search"), {"asked": customer.email})
    assert customer.member_id in answer.text
    read = RecordedRead.objects.get(kind="search")
    assert (read.by, read.rows_seen) == (colleague, 1)
    assert customer.email not in read.subject
    assert "Poppendieck" not in answer.text


def test_nothing_is_found_when_the_search_cannot_be_written_down(client, monkeypatch):
    customer = CustomerFactory()

    def refuse(*args, **kwargs):
        raise RuntimeError("the ledger does not answer")

    monkeypatch.setattr("privacy.access.actions.reading.record_read", refuse)
    client.raise_request_exception = False
    answer = client.post(reverse("desk:search"), {"asked": customer.email})
    assert answer.status_code == 500
    assert customer.member_id not in answer.text


def test_every_thing_that_a_search_finds_leads_to_a_page_that_opens():
    finder = EmployeeFactory(name="Tess Unique")
    grant(finder, "requests.work", "reveal.contact", "access.administer", "sharing.manage")
    ThirdPartyFactory(name="Unique Freight")
    CustomerFactory(name="Una Unique")
    client = sign_in(Client(), finder)
    hits = [hit for kind in find("Unique", employee=finder, now=timezone.now()) for hit in kind.hits]
    assert {"Tess Unique", "Unique Freight"} <= {hit.title for hit in hits}
    assert len(hits) == 3
    for hit in hits:
        assert client.get(hit.address).status_code == 200, hit


def test_an_nda_waits_on_today_only_while_nothing_follows_it_and_its_holder_is_here():
    keeper = EmployeeFactory()
    grant(keeper, "access.administer")
    now = timezone.now()
    soon = timezone.localdate(now) + timedelta(days=9)
    ana, gone = EmployeeFactory(nda=None), EmployeeFactory(nda=None, left_at=now - timedelta(days=1))
    for person in (ana, gone):
        NdaFactory(employee=person, ends_on=soon)
    (waiting,) = [one for one in waits_for(keeper, now=now) if one.icon == "sharing"]
    assert ana.name in waiting.what
    assert ana.name in sign_in(Client(), keeper).get(waiting.address).content.decode()
    assert gone.name not in sign_in(Client(), keeper).get(waiting.address).content.decode()
    NdaFactory(employee=ana, starts_on=soon + timedelta(days=1))
    assert [one for one in waits_for(keeper, now=now) if one.icon == "sharing"] == []


def test_a_message_that_somebody_settled_waits_no_longer(colleague):
    now = timezone.now()
    message = keep_message(b"", door="file", received_at=now)
    Message.objects.filter(pk=message).update(outcome="quarantined", sorted_at=now)
    assert [one.icon for one in waits_for(colleague, now=now)] == ["mail"]
    settle_quarantined(message, by=colleague, reason="read by hand", now=now)
    assert waits_for(colleague, now=now) == []


def test_a_search_finds_only_what_one_may_look_for():
    nobody = EmployeeFactory()
    customer = CustomerFactory()
    answer = sign_in(Client(), nobody).post(reverse("desk:search"), {"asked": customer.email})
    assert customer.member_id not in answer.text
    assert "You may find nobody yet" in answer.text
    assert f'href="{reverse("access:ask")}"' in answer.text
    assert "Try the whole e-mail address" not in answer.text
    grant(nobody, "reveal.contact")
    assert "Try the whole e-mail address" in sign_in(Client(), nobody).post(reverse("desk:search"), {"asked": "zzzz"}).text


def test_the_page_about_a_person_says_nothing_in_clear(client):
    customer = CustomerFactory(name="Mary Poppendieck")
    page = client.get(reverse("desk:person", args=[customer.pk])).text
    for value in ("Poppendieck", customer.email, customer.phone):
        assert not value or value not in page
    assert "Reveal" in page


def test_an_opt_out_is_recorded_from_the_page_about_a_person(client, colleague):
    customer = CustomerFactory()
    address = reverse("desk:record_choice", args=[customer.pk])
    client.get(address)
    assert not OptOut.objects.exists()
    client.post(address, {"channel": "all", "purpose": "all", "source": "phone", "evidence": "said so on the phone"})
    wish = OptOut.objects.get()
    assert (wish.customer, wish.recorded_by, wish.source) == (customer, colleague, "phone")


def test_a_request_is_opened_from_the_page_about_a_person(client, colleague):
    customer = CustomerFactory()
    client.post(
        reverse("desk:open_request", args=[customer.pk]), {"kinds": ["deletion"], "channel": "phone", "text": "all of it"}
    )
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.assignee) == (customer, colleague)
    assert [right.kind for right in ticket.rights.all()] == ["deletion"]
    assert ticket.match_reasons == ["opened from their page", "chosen by a colleague"]
    assert list(ticket.events.order_by("pk").values_list("kind", flat=True)) == ["received", "claimed", "matched"]


def test_a_request_opened_with_a_double_click_on_the_page_about_a_person_is_opened_once(client, colleague):
    one, other = CustomerFactory(), CustomerFactory()
    typed = {"kinds": ["deletion"], "channel": "phone", "text": "all of it"}
    first, second = (client.post(reverse("desk:open_request", args=[one.pk]), typed) for _ in range(2))
    assert first.url == second.url == f"/admin/requests/{Ticket.objects.get().pk}/"
    client.post(reverse("desk:open_request", args=[other.pk]), typed)
    assert list(Ticket.objects.order_by("pk").values_list("customer", flat=True)) == [one.pk, other.pk]


def test_who_shares_an_address_with_another_is_answered_as_they_themselves_wish(client, colleague):
    shared = {"email": "home@example.com", "email_key": "home@example.com"}
    CustomerFactory(**shared)
    joe = CustomerFactory(**shared, preferred_contact="phone")
    client.post(reverse("desk:open_request", args=[joe.pk]), {"kinds": ["question"], "channel": "post", "text": ""})
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.preferred_channel) == (joe, "phone")


def test_the_ledger_is_read_only_with_its_grant_and_masks_people(client, colleague):
    customer = CustomerFactory(name="Mary Poppendieck")
    address = reverse("desk:timeline", args=["customers.customer", customer.pk])
    assert client.get(address).status_code == 403
    grant(colleague, "ledger.read")
    page = client.get(address)
    assert page.status_code == 200
    assert "Poppendieck" not in page.text
    assert "M•••" in page.text


def test_the_history_of_a_record_calls_others_by_their_names(client, colleague, django_assert_max_num_queries):
    department, moved_to = (
        Department.objects.create(code="it", name="Wiring"),
        JobFunction.objects.create(code="x", name="Fitter"),
    )
    held = grant(EmployeeFactory(login="moves", department=department), "requests.work")[0]
    Employee.objects.filter(login="moves").update(job_function=moved_to)
    grant(colleague, "ledger.read")
    page = client.get(reverse("desk:timeline", args=["privacy.employee", held.employee_id])).text
    assert "Wiring" in page
    assert "Fitter" in page
    with django_assert_max_num_queries(40):
        page = client.get(reverse("desk:timeline", args=["privacy.accessgrant", held.pk])).text
    assert held.employee.name in page
    assert "requests.work" in page
    assert "no. " not in page


@pytest.mark.parametrize(
    ("label", "pk"),
    [
        *(("auth.permission", "1"), ("nothing.here", "1")),
        *(("privacy.employee", pk) for pk in ("x", "²", "٣", "9" * 30)),
    ],
)
def test_a_timeline_of_nothing_is_not_found(label, pk, client, colleague):
    grant(colleague, "ledger.read")
    assert client.get(reverse("desk:timeline", args=[label, pk])).status_code == 404


@pytest.mark.parametrize("before", ["²", "9" * 5000, "-1", "1.5"])
def test_a_page_of_the_timeline_that_is_no_number_is_the_first(before, client, colleague):
    grant(colleague, "ledger.read")
    first = client.get(reverse("desk:timeline", args=["privacy.employee", str(colleague.pk)]), {"before": before})
    assert first.status_code == 200
    assert "Nothing" not in first.content.decode()


def test_nobody_ends_a_session_of_somebody_else(client):
    theirs = UserSession.objects.create(user=EmployeeFactory(), session_key="a" * 32, ip="192.0.2.1", user_agent="Firefox")
    assert client.post(reverse("desk:end_session", args=[theirs.pk])).status_code == 404
    assert UserSession.objects.filter(pk=theirs.pk).exists()


def _draw(template: str, **context) -> str:
    return Template("{% load lumens %}" + template).render(Context(context))


def test_times_are_said_as_people_say_them():
    now = timezone.now().replace(hour=15)
    assert ">2 hours ago<" in _draw("{% instant at %}", at=now - timedelta(hours=2), now=now)
    assert ">due in 3 days<" in _draw("{% due at %}", at=now + timedelta(days=3), now=now)
    late = _draw("{% due at %}", at=now - timedelta(days=2), now=now)
    assert ">2 days overdue<" in late
    assert "due--bad" in late


def test_a_chart_has_words_a_table_and_no_inline_style():
    drawn = _draw('{% bar_chart "<b>More" rows unit="requests" bound=5 %}', rows=[("Mon", 3), ("Tue", 7, "bad")])
    assert "&lt;b&gt;More" in drawn
    assert 'role="img"' in drawn
    assert "<td" in drawn
    assert "style=" not in drawn
    assert "at most 5 requests" in drawn


@pytest.mark.parametrize("label", ["26 Nov 18:34", "Nov 26", "9"])
@pytest.mark.parametrize("count", [2, 3, 4, 5, 9, 13, 60])
def test_the_labels_of_a_chart_have_room_beside_each_other_on_a_phone(label, count):
    """270 pixels of plot, six of them a letter: what is shown takes less than its share of the width."""
    drawn = _draw('{% line_chart "Trend" points %}', points=[(label, 1)] * count)
    words = [(float(x) * 2.7, how) for x, how in re.findall(rf'<text x="([0-9.]+)%"[^>]*anchor="(\w+)">{label}', drawn)]
    assert words
    width = 6 * len(label)
    begins = {"start": 0, "middle": width / 2, "end": width}
    for (left, left_how), (right, right_how) in pairwise(words):
        assert left - begins[left_how] + width <= right - begins[right_how], words


@pytest.mark.parametrize("tag", ["line_chart", "dot_chart", "donut", "bar_chart"])
def test_a_chart_of_nothing_or_of_zeroes_does_not_fall(tag):
    _draw(f'{{% {tag} "Nothing" rows %}}', rows=[])
    _draw(f'{{% {tag} "Zeroes" rows %}}', rows=[("a", 0), ("b", 0)])
    _draw(f'{{% {tag} "One" rows %}}', rows=[("a", 0.04)])


def test_today_and_the_list_of_ndas_count_the_days_to_an_end_alike():
    keeper = EmployeeFactory()
    grant(keeper, "access.administer")
    now = timezone.now()
    NdaFactory(employee=EmployeeFactory(nda=None), ends_on=timezone.localdate(now) + timedelta(days=9))
    client = sign_in(Client(), keeper)
    for page in (reverse("desk:home"), reverse("agreements:ndas") + "?state=ends+soon"):
        assert re.search(r'class="time due due--warn"[^>]*>ends in 9 days<', client.get(page).text), page


def test_a_request_is_due_in_the_same_words_and_colour_on_today_and_in_the_queue(client, colleague):
    now = timezone.now()
    ticket = make_ticket("access_categories", claimed_by=colleague)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=now + timedelta(days=4))
    for page in (reverse("desk:home"), reverse("tickets:queue")):
        text = client.get(page).text
        assert re.search(r'class="time due due--warn"[^>]*>due in 4 days<', text), page
        assert "1 due within a week" in text


def test_who_has_no_second_factor_finds_on_today_first_that_it_waits():
    newcomer = EmployeeFactory(second_factor=None)
    grant(newcomer, "requests.work")
    now = timezone.now()
    make_ticket("access_categories", email="late@example.com", received_at=now - timedelta(days=50), now=now)
    assert waits_for(newcomer, now=now)[0].address == reverse("mfa_index")
    assert waits_for(EmployeeFactory(), now=now) == []


def test_who_may_open_nothing_finds_on_today_where_to_ask_and_what_they_asked_for():
    newcomer = EmployeeFactory()
    assert f'href="{reverse("access:ask")}"' in sign_in(Client(), newcomer).get(reverse("desk:home")).text
    wanted = GrantFactory(
        employee=newcomer, state="requested", approved_by=None, approved_at=None, seconded_by=None, seconded_at=None
    )
    page = sign_in(Client(), newcomer).get(reverse("desk:home")).text
    assert reverse("access:grant", args=[wanted.pk]) in page
    assert "waits for a decision" in page


def test_days_on_which_nobody_works_are_marked_among_the_days_ahead():
    a_thursday = timezone.make_aware(datetime(2026, 11, 26, 15))  # Thanksgiving
    off = [place.day for place, *_, why in due_days(now=a_thursday) if why]
    assert off == [26, 28, 29, 5, 6]


def test_the_history_of_a_record_is_called_by_its_name_and_leads_back_to_it(client, colleague):
    grant(colleague, "ledger.read")
    customer = CustomerFactory()
    page = client.get(reverse("desk:timeline", args=["customers.customer", customer.pk])).text
    assert f"History: Customer {customer.member_id}" in page
    assert f'href="{reverse("desk:person", args=[customer.pk])}"' in page
    nda = NdaFactory(employee=EmployeeFactory(nda=None, name="Tomáš Keller"), ends_on=date(2027, 5, 1))
    page = client.get(reverse("desk:timeline", args=["privacy.nda", nda.pk])).text
    assert "<title>History: NDA with Tomáš Keller" in page
    assert "1 May 2027" in page
    assert "2027-05-01" not in page


def test_what_one_act_did_to_a_record_in_steps_is_one_entry_by_a_name(client, colleague):
    grant(colleague, "ledger.read")
    Department.objects.create(code="it", name="Wiring")
    with act("revoke_everything", by=colleague):
        Department.objects.filter(code="it").update(name="Wires")
        Department.objects.filter(code="it").update(name="Cables")
    department = Department.objects.get(code="it")
    page = client.get(reverse("desk:timeline", args=["privacy.department", department.pk])).text
    assert page.count("Revoke everything") == 1
    assert "<del>Wiring</del> → <ins>Cables</ins>" in page
    assert "by Ben Castle" in page
    assert "Wires" not in page


def test_a_table_says_each_thing_once_and_as_the_other_lists_do():
    keeper = EmployeeFactory()
    grant(keeper, "access.administer")
    GrantFactory(ends_at=None)
    page = sign_in(Client(), keeper).get(reverse("admin:privacy_accessgrant_changelist")).text
    assert "<title>Access grants · Tables · Lumens Admin</title>" in page
    assert len(re.findall(r"access grants\s*</span>", page)) == 1
    assert 'placeholder="Name, login or code"' in page
    assert '<span class="status status--info">approved</span>' in page
    assert '<td class="field-ends_at nowrap">—</td>' in page
    for stock in ("results", " By state", "Show counts", "Select access grant"):
        assert stock not in page.replace('class="results"', ""), stock


def test_a_row_of_a_table_links_only_to_what_its_reader_may_open():
    nda = NdaFactory(employee=EmployeeFactory(nda=None))
    employee_page = reverse("admin:privacy_employee_change", args=[nda.employee_id])
    for code, opens in (("access.administer", True), ("sharing.manage", False)):
        reader = EmployeeFactory()
        grant(reader, code)
        page = sign_in(Client(), reader).get(reverse("admin:privacy_nda_change", args=[nda.pk])).text
        assert nda.employee.name in page
        assert (f'href="{employee_page}"' in page) == opens
        assert "Why it ended" in page
        assert "Ends on:" not in page
