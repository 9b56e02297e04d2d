"""Statement K: changes are posted, significant ones thirty days before they take effect."""

import types
from datetime import timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import HttpResponseForbidden
from django.urls import include, path
from django.utils import timezone

from customers.cards import holds_a_card_number
from privacy.models import DeniedAttempt, StatementVersion
from privacy.promises.queries import by_id, measure
from privacy.statement import queries
from privacy.statement.actions import install_first_version, post_version
from privacy.statement.errors import NothingChanged, TakesEffectInThePast, TooShortNotice
from privacy.statement.promises import _the_house
from tests.factories.access import grant, sign_in
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _first_version():
    install_first_version()


def editor():
    person = EmployeeFactory()
    grant(person, "settings.manage")
    return person


def post(**changes):
    now = timezone.now()
    arguments = {
        "title": "Privacy & Security Statement",
        "text": "#### A. WHAT\n\nNew words.",
        "summary": "We say it anew.",
        "is_significant": True,
        "takes_effect_at": now + timedelta(days=31),
        "by": editor(),
        "now": now,
    }
    return post_version(**{**arguments, **changes})


def test_everyone_can_read_the_statement_in_force(client):
    page = client.get("/statement/").content.decode()
    assert "We implement full database backups by our certified Database Administrator" in page
    assert 'id="section-K"' in page


def test_a_significant_change_with_less_than_thirty_days_is_refused():
    with pytest.raises(TooShortNotice):
        post(takes_effect_at=timezone.now() + timedelta(days=29))


def test_the_database_refuses_it_too():
    now = timezone.now()
    with pytest.raises(IntegrityError, match="30_days"), transaction.atomic():
        StatementVersion.objects.create(
            title="x", text="x", is_significant=True, posted_at=now, takes_effect_at=now + timedelta(days=29, hours=23)
        )


def test_a_coming_version_is_on_the_page_and_the_old_one_stays_in_force(client):
    version = post()
    page = client.get("/statement/").content.decode()
    assert "We say it anew." in page
    assert "New words." not in page
    assert "New words." in client.get(f"/statement/{version.pk}/").content.decode()
    changes = client.get(f"/statement/{version.pk}/changes/").content.decode()
    assert "diff__added" in changes
    assert "diff__removed" in changes


def test_what_changed_shows_the_words_and_not_the_whole_paragraph():
    old, new = (
        StatementVersion(text=f"#### D. SHARING\n\n**1\\. Partners.**\n\nWe tell {whom} what you ordered.\n\nNothing else.")
        for whom in ("nobody", "the parcel service")
    )
    heading, removed, added, last = queries.differences(old, new)[-4:]
    assert (heading.kind, heading.runs[0].text) == ("same", "1. Partners.")
    assert [run.text for run in removed.runs if run.changed] == ["nobody"]
    assert [run.text for run in added.runs if run.changed] == ["the parcel service"]
    assert " ".join(run.text for run in added.runs) == "We tell the parcel service what you ordered."
    assert last.kind == "same"


def test_a_paragraph_in_place_of_another_is_not_taken_for_a_rewording():
    old, new = StatementVersion(text="We keep logs for a year."), StatementVersion(text="Cookies end with your visit.")
    assert not [run for line in queries.differences(old, new) for run in line.runs if run.changed]


def test_a_version_cannot_have_been_in_force_before_it_was_posted():
    with pytest.raises(TakesEffectInThePast):
        post(is_significant=False, takes_effect_at=timezone.now() - timedelta(days=1))


def test_posting_the_same_text_again_changes_nothing():
    with pytest.raises(NothingChanged):
        post(text=StatementVersion.objects.get().text)


def sent(client, **changes):
    given = {"title": "Statement", "summary": "What is new.", "text": "#### A. NEW", "takes_effect_at": "2199-12-31T12:00"}
    return client.post("/admin/statement/post/", {**given, **changes})


def test_a_second_version_for_the_same_minute_is_refused_at_its_field(client):
    sign_in(client, editor())
    assert sent(client).status_code == 302
    again = sent(client, text="#### A. NEWER")
    assert again.status_code == 422
    assert "Another version takes effect at that very minute" in again.content.decode()
    assert sent(client, text="#### A. NEWER", takes_effect_at="2199-12-31T12:01").status_code == 302


def test_a_version_of_a_year_that_does_not_come_is_refused_and_the_public_page_stays(client):
    sign_in(client, editor())
    for instant in ("9999-12-31T23:59", "0001-01-01T00:00", "2200-01-01T00:00"):
        answer = sent(client, takes_effect_at=instant)
        assert answer.status_code == 422
        assert "look at the year" in answer.content.decode()
    assert client.get("/statement/").status_code == 200
    assert StatementVersion.objects.count() == 1


def test_no_card_number_is_posted_for_everyone_to_read(client):
    sign_in(client, editor())
    for field in ("title", "summary", "text"):
        assert sent(client, **{field: "like 4111 1111 1111 1111"}).status_code == 422
    assert StatementVersion.objects.count() == 1


def test_what_is_posted_is_never_altered():
    for sql in ("UPDATE privacy_statementversion SET text = 'x'", "DELETE FROM privacy_statementversion"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_hostile_markdown_makes_no_script(client):
    version = post(text="#### A. X\n\n<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>")
    article = client.get(f"/statement/{version.pk}/").content.decode().split("<article")[1].split("</article>")[0]
    assert "<script" not in article
    assert 'href="javascript' not in article
    assert "<img" not in article


def test_the_promise_that_it_is_posted_is_measured():
    stand = measure(by_id("K-posted"), now=timezone.now())
    assert (stand.standing, stand.figure.value) == ("kept", 0)


@pytest.fixture
def the_house(settings):
    """The house that the promise asks, made anew with these settings, and forgotten again."""

    def with_settings(**changed):
        for name, value in changed.items():
            setattr(settings, name, value)
        _the_house.cache_clear()

    yield with_settings
    _the_house.cache_clear()


def only_for_those_who_signed_in(get_response):
    return lambda request: get_response(request) if request.user.is_authenticated else HttpResponseForbidden("sign in")


def moved():
    """The addresses of a house whose every page stands behind another."""
    addresses = types.ModuleType("moved")
    addresses.urlpatterns = [path("moved/", include("lumens_admin.urls"))]
    return addresses


def the_promise():
    return measure(by_id("K-posted"), now=timezone.now())


def test_the_promise_is_broken_where_visitors_are_asked_to_sign_in_and_asking_leaves_no_trace(the_house, settings):
    the_house(MIDDLEWARE=[*settings.MIDDLEWARE, f"{__name__}.only_for_those_who_signed_in"])
    found = the_promise()
    assert (found.standing, found.figure.value) == ("broken", 1)
    assert [row.url for row in found.figure.broken] == ["/statement/"]
    assert not DeniedAttempt.objects.exists()


def test_the_promise_is_broken_where_the_address_leads_nowhere(the_house):
    the_house(ROOT_URLCONF=moved())
    assert the_promise().standing == "broken"


@pytest.mark.parametrize("public", ["https://admin.lumens.example", "http://127.0.0.1:8000", "https://not-allowed.example/x"])
def test_the_promise_is_measured_whatever_the_house_is_called_and_no_request_ends_by_it(the_house, public):
    the_house(PUBLIC_URL=public, ALLOWED_HOSTS=[".lumens.example", "127.0.0.1"])
    ended = []

    def told(**more):
        ended.append(more)

    request_started.connect(told)
    request_finished.connect(told)
    try:
        assert the_promise().standing == "kept"
        assert StatementVersion.objects.exists(), "the connection is still there"
    finally:
        request_started.disconnect(told)
        request_finished.disconnect(told)
    assert not ended


def test_the_promise_is_broken_while_no_version_is_in_force():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE privacy_statementversion")
    assert measure(by_id("K-posted"), now=timezone.now()).standing == "broken"


def test_a_version_without_lettered_sections_is_shown_all_the_same(client):
    now = timezone.now()
    StatementVersion.objects.create(title="Short", text="We keep nothing.", summary="x", posted_at=now, takes_effect_at=now)
    page = client.get("/statement/")
    assert page.status_code == 200
    assert "We keep nothing." in page.content.decode()
    assert measure(by_id("K-posted"), now=timezone.now()).standing == "kept"


def test_the_published_statement_can_be_amended_although_an_archives_address_in_it_has_a_cards_digits(client):
    newest = StatementVersion.objects.latest("pk").text
    assert holds_a_card_number(newest)
    sign_in(client, editor())
    assert sent(client, text=f"{newest}\n\nWe also answer by text message.").status_code == 302
    assert StatementVersion.objects.count() == 2
    smuggled = f"{newest}\n\nhttps://lumens.example/4111111111111111"
    assert sent(client, text=smuggled).status_code == 422
