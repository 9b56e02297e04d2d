"""The promises as people meet them: the page, the command for cron, the trend."""

import json
import re
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import CookieTag
from privacy.ledger.promises import Figure, Promise, Row
from privacy.models import Employee, Measurement, Ticket
from privacy.promises import queries
from privacy.promises.actions import measure_promises
from privacy.promises.models import Standing
from privacy.tickets.queries import queue as worklist
from tests.factories.access import grant, sign_in
from tests.factories.agreements import ThirdPartyFactory
from tests.factories.tickets import make_ticket
from tests.factories.workforce import ContractorFactory, EmployeeFactory

pytestmark = pytest.mark.django_db


def run(*arguments, capsys):
    code = 0
    try:
        call_command("check_promises", *arguments)
    except SystemExit as left:
        code = left.code
    return code, capsys.readouterr().out


@pytest.fixture
def reader(client):
    person = EmployeeFactory()
    grant(person, "promises.read")
    return sign_in(client, person)


@pytest.fixture
def broken_cookie():
    """A third party's tag on the site without any agreement."""
    return CookieTag.objects.create(
        code="pp", kind="cookie", setter="pagepulse", purpose="improvement", what_for="statistics", in_use_from=date(2020, 1, 1)
    )


def promise(**changes):
    given = {"id": "X", "section": "A", "quote": "x", "measures": "x", "measure": lambda now: Figure(0)}
    return Promise(**{**given, **changes})


def slow(now):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    return Figure(0)


def asks_for_what_is_not_there(now):
    with connection.cursor() as cursor:
        cursor.execute("SELECT gone FROM privacy_employee")
    return Figure(0)


@pytest.mark.parametrize(
    ("figure", "standing"),
    [
        (Figure(None), "not_measured"),
        (Figure(0), "kept"),
        (Figure(0, at_risk=[Row("soon")]), "at_risk"),
        (Figure(1), "broken"),
        (Figure(0, broken=[Row("this one")]), "broken"),
    ],
)
def test_a_standing_follows_from_the_figure_and_is_never_green_by_default(figure, standing):
    assert queries.measure(promise(measure=lambda now: figure), now=timezone.now()).standing == standing


def test_what_nothing_measures_and_what_fails_is_not_measured():
    def fails(now):
        raise RuntimeError("the gateway is down")

    assert queries.measure(promise(measure=None), now=timezone.now()).standing == "not_measured"
    assert queries.measure(promise(measure=fails), now=timezone.now()).standing == "not_measured"


def test_a_measurement_that_takes_too_long_shows_the_last_figure_with_its_time():
    assert queries.measure(promise(measure=slow), now=timezone.now(), wait_ms=50).standing == "not_measured"
    at = timezone.now() - timedelta(hours=1)
    Measurement.objects.create(promise="X", at=at, standing="broken", figure=3, broken_rows=3)
    stand = queries.measure(promise(measure=slow), now=timezone.now(), wait_ms=50)
    assert (stand.standing, stand.figure.value, stand.measured_at) == ("broken", 3, at)


def test_a_figure_of_yesterday_does_not_stand_for_a_measurement_that_takes_too_long():
    Measurement.objects.create(promise="X", at=timezone.now() - timedelta(days=1), standing="kept", figure=0)
    assert queries.measure(promise(measure=slow), now=timezone.now(), wait_ms=50).standing == "not_measured"


def test_a_measurement_that_fails_in_the_database_is_not_measured_however_well_it_stood_a_minute_ago():
    Measurement.objects.create(promise="X", at=timezone.now() - timedelta(minutes=1), standing="kept", figure=0)
    stand = queries.measure(promise(measure=asks_for_what_is_not_there), now=timezone.now())
    assert (stand.standing, stand.figure.value) == ("not_measured", None)


def test_promises_asked_for_one_after_the_other_are_all_measured():
    asked = (name for name in ["K-posted", "A2b-cookies"])
    assert [stand.promise.id for stand in queries.standings(now=timezone.now(), only=asked)] == ["A2b-cookies", "K-posted"]


def test_an_old_figure_is_never_written_down_as_a_new_one(monkeypatch):
    Measurement.objects.create(promise="X", at=timezone.now() - timedelta(minutes=16), standing="kept", figure=0)
    monkeypatch.setattr(queries, "declared", lambda: (promise(measure=slow),))
    monkeypatch.setattr(queries, "JOB_WAITS_MS", 50)
    measure_promises(now=timezone.now(), by=None)
    newest = Measurement.objects.filter(promise="X").first()
    assert (newest.standing, newest.figure) == ("not_measured", None)


def test_what_is_broken_by_its_rows_alone_is_not_said_to_be_inside_its_bound(reader, monkeypatch):
    stood = Figure(14.75, broken=[Row("Ben in the card processor: still not gone")])
    monkeypatch.setattr(queries, "declared", lambda: (promise(measure=lambda now: stood, bound=60, unit="s"),))
    for _ in range(2):
        measure_promises(now=timezone.now(), by=None)
    page = reader.get("/admin/promises/X/").content.decode()
    assert "Broken by what is listed below" in page
    assert "14.75 s now, inside" not in page


@pytest.mark.parametrize(("days", "standing", "tab"), [(3, "at_risk", "due"), (-3, "broken", "overdue")])
def test_the_evidence_of_what_is_due_soon_is_what_is_due_soon(days, standing, tab):
    now = timezone.now()
    ticket = make_ticket("access_specific", now=now)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=now + timedelta(days=days))
    for promise_id in ("E4-verify", "J-access"):
        stand = queries.measure(queries.by_id(promise_id), now=now)
        assert (stand.standing, stand.evidence) == (standing, f"/admin/requests/?tab={tab}")
    assert ticket in worklist(tab, by=None, now=now)


def test_the_database_refuses_a_kept_promise_without_a_figure():
    with pytest.raises(IntegrityError, match="kept_means"), transaction.atomic():
        Measurement.objects.create(promise="X", at=timezone.now(), standing="kept", figure=None)


def test_cron_learns_by_the_exit_code_that_a_promise_is_broken(broken_cookie, capsys):
    code, out = run("A2b-cookies", "--json", capsys=capsys)
    (stand,) = json.loads(out)
    assert code == 1
    assert {"id", "section", "quote", "standing", "figure", "bound", "evidence_url"} <= set(stand)
    assert (stand["standing"], stand["figure"], stand["bound"]) == ("broken", 1, 0)
    assert "pagepulse" in stand["broken"][0]["label"]


def test_the_command_lists_every_promise_and_leaves_with_nought_when_none_is_broken(capsys):
    code, out = run("--json", capsys=capsys)
    stands = json.loads(out)
    assert {stand["id"] for stand in stands} == {promise.id for promise in queries.declared()}
    assert code == (1 if any(stand["standing"] == "broken" for stand in stands) else 0)


def test_today_says_which_row_breaks_a_promise(reader, broken_cookie):
    measure_promises(now=timezone.now(), by=None, only=["A2b-cookies"])
    words = reader.get(reverse("promises:summary")).content.decode()
    assert "cookie “pp” set by pagepulse" in words
    assert Measurement.objects.get(promise="A2b-cookies").detail.endswith("in use.")


def test_the_trend_of_a_promise_is_headed_by_what_it_says(reader, broken_cookie):
    for hours in (2, 1):
        measure_promises(now=timezone.now() - timedelta(hours=hours), by=None, only=["A2b-cookies"])
    assert "1 now: none is allowed" in reader.get(reverse("promises:one", args=["A2b-cookies"])).content.decode()
    broken_cookie.delete()
    assert "Nothing to measure just now" in reader.get(reverse("promises:one", args=["A2b-cookies"])).content.decode()


def test_an_unknown_promise_is_bad_input(capsys):
    assert run("Z9-nothing", "--json", capsys=capsys)[0] == 2


def test_the_page_is_the_statement_with_each_standing_beside_its_sentence(reader, broken_cookie):
    page = reader.get("/admin/promises/").content.decode()
    assert '<mark class="promise promise--broken">in doing so they must set cookies on the site</mark>' in page
    assert "A2b-cookies · broken · 1" in page
    for declared in queries.declared():
        assert f"/admin/promises/{declared.id}/" in page, declared.id


def test_one_promise_names_its_rows_and_leads_to_where_they_are_mended(reader, broken_cookie):
    address, leads_on = "/admin/promises/A2b-cookies/", 'href="/admin/sharing/'
    page = reader.get(address).content.decode()
    assert "set by pagepulse" in page
    assert leads_on not in page  # which this reader may not open
    grant(Employee.objects.get(pk=reader.session["_auth_user_id"]), "sharing.manage")
    assert leads_on in reader.get(address).content.decode()


def test_many_people_who_break_a_promise_cost_no_more_than_few(reader, monkeypatch):
    # As if the sign-in let in whoever is employed: else no contractor without an NDA breaks the promise.
    monkeypatch.setattr("privacy.access.queries.people.with_the_right_to_sign_in", Employee.objects.employed)

    def asked():
        with CaptureQueriesContext(connection) as queries_of_page:
            page = reader.get("/admin/promises/E1-outside/").content.decode()
        return page.count("can sign in without an NDA in force"), len(queries_of_page)

    ContractorFactory(nda=None)
    few = asked()
    ContractorFactory.create_batch(9, nda=None)
    many = asked()
    assert (few[0], many[0], many[1]) == (1, 10, few[1])


def test_measuring_now_keeps_a_figure_for_the_trend_and_looking_does_not(reader):
    reader.get("/admin/promises/")
    assert not Measurement.objects.exists()
    assert reader.post("/admin/promises/measure/").status_code == 302
    assert Measurement.objects.filter(promise="K-posted", standing="kept").count() == 1
    measure_promises(now=timezone.now(), by=None, only=["K-posted"])
    assert len(queries.trend("K-posted")) == 2


def test_today_mentions_what_was_last_written_down_without_measuring_again(reader, broken_cookie):
    reader.post("/admin/promises/measure/")
    broken_cookie.delete()
    fragment = reader.get("/admin/promises/summary/").content.decode()
    assert "A2b-cookies" in fragment
    stale = timezone.now() + timedelta(hours=1)
    assert {stand.promise.id: stand.standing for stand in queries.written_down(now=stale)}["A2b-cookies"] == "not_measured"


def test_today_measures_nothing_where_the_worker_stood_still_and_says_since_when(reader, broken_cookie, monkeypatch):
    reader.post("/admin/promises/measure/")
    monkeypatch.setattr(queries, "measure", lambda *arguments, **more: pytest.fail("the page would wait for it"))
    assert all(stand.figure.value is None for stand in queries.written_down(now=timezone.now() - timedelta(days=1)))
    stale = {stand.promise.id: stand for stand in queries.written_down(now=timezone.now() + timedelta(hours=1))}
    assert {stand.standing for stand in stale.values()} == {"not_measured"}
    assert stale["A2b-cookies"].figure.detail.startswith("Broken on ")
    assert reader.get("/admin/promises/summary/").status_code == 200


def test_somebody_without_the_grant_does_not_see_them(client):
    sign_in(client, EmployeeFactory())
    assert client.get("/admin/promises/").status_code == 403
    assert client.get("/admin/promises/summary/").status_code == 403


def test_an_unknown_promise_is_not_found(reader):
    assert reader.get("/admin/promises/Z9-nothing/").status_code == 404


def test_a_promise_is_headed_by_what_is_so_while_it_is_kept_and_says_what_it_counts(reader):
    page = reader.get(reverse("promises:one", args=["E1-password"])).content.decode()
    assert "<title>Passwords follow today&#x27;s rule · Lumens Admin</title>" in page
    assert "Counted: accounts whose password was set under a weaker rule than today&#x27;s." in page


def test_what_was_none_every_time_is_said_and_not_drawn(reader):
    now = timezone.now()
    for minutes in (45, 30, 15):
        Measurement.objects.create(promise="E1-password", figure=0, standing=Standing.KEPT, at=now - timedelta(minutes=minutes))
    page = reader.get(reverse("promises:one", args=["E1-password"])).content.decode()
    assert "3 measurements since" in page
    assert "chart__line" not in page


def test_the_full_stop_stays_with_its_sentence(reader):
    page = reader.get(reverse("promises:statement")).content.decode()
    assert '</mark>.<span class="promise-notes">' in page
    assert not re.search(r"</a></span>\.", page)


def test_what_breaks_a_promise_says_what_to_do_and_leads_there(client, broken_cookie):
    ThirdPartyFactory(code="pagepulse", name="PagePulse")
    someone = EmployeeFactory()
    grant(someone, "promises.read", "sharing.manage")
    page = sign_in(client, someone).get(reverse("promises:one", args=["A2b-cookies"])).content.decode()
    assert f'<a href="{reverse("agreements:party", args=["pagepulse"])}">Cookie “pp” set by PagePulse</a>' in page
    assert "Next: record an agreement with PagePulse" in page


def test_a_list_of_the_first_of_many_does_not_pass_for_all_of_them(monkeypatch):
    rows = [Row("entry 1"), Row("entry 2")]
    for value, unit, said in ((300, "", "entry 1, and at least 1 more."), (2, "", "entry 1, and 1 more."),
                              (300, "s", "entry 1, and 1 more.")):  # fmt: skip
        one = promise(measure=lambda now, value=value: Figure(value, broken=rows), unit=unit)
        monkeypatch.setattr(queries, "declared", lambda one=one: (one,))
        measure_promises(now=timezone.now(), by=None)
        assert Measurement.objects.latest("pk").detail == said
