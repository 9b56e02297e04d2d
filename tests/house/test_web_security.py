"""What holds for every page of the house, whoever asks (SECURITY.md)."""

import re
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from customers.doors.pages import PUBLIC
from privacy.desk.jobs.demonstration import load_demonstration
from privacy.models import Employee, Entitlement
from tests.factories.access import grant, sign_in
from tests.factories.workforce import EmployeeFactory
from tests.house.test_permission_matrix import MATRIX, OURS, example

pytestmark = pytest.mark.django_db
MOST_PAGES = 400
MOST_OF_ONE_KIND = 4


class Page(HTMLParser):
    """What a browser would do with a page: links to follow, and what the page policy would refuse."""

    def __init__(self, text):
        super().__init__()
        self.links, self.refused, self.forms = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.refused.append(tag)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if (given.get("href") or "").strip().lower().startswith(("javascript:", "data:")):
            self.refused.append(given["href"])
        if given.get("hx-get"):
            self.links.append(given["hx-get"])


def kind_of(address):
    """Addresses that differ only in keys are of one kind."""
    parts = urlsplit(address)
    return re.sub(r"\d+", "N", parts.path), tuple(sorted(re.findall(r"(\w+)=", parts.query)))


def events():
    """How many events the ledger holds, over all of its tables, and how many reads and jobs were written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE '%ledgerevent' OR tablename = 'procrastinate_jobs'")
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return {table: count for table, count in cursor.fetchall() if count}


@pytest.fixture
def everything(client):
    """The demonstration company, and somebody in it who holds every entitlement."""
    load_demonstration(customers=25, seed=7, now=timezone.now())
    person = EmployeeFactory(login="omni")
    grant(person, *Entitlement.objects.filter(system__code="back-office").values_list("code", flat=True))
    return sign_in(client, person)


def test_no_page_of_the_whole_house_breaks_writes_or_needs_what_the_policy_forbids(everything):
    client = everything
    before = events()
    seen, kinds, waiting, failures = set(), {}, ["/", "/admin/tables/"], []
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        kind = kind_of(address)
        if address in seen or kinds.get(kind, 0) >= MOST_OF_ONE_KIND or "logout" in address:
            continue
        seen.add(address)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(address)
        if answer.status_code >= 400:
            failures.append(f"{address}: {answer.status_code}")
            continue
        if "Content-Security-Policy" not in answer.headers or answer.headers["Cache-Control"] != "no-store":
            failures.append(f"{address}: headers")
        if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        page = Page(answer.content.decode())
        failures += [f"{address}: {what}" for what in page.refused]
        for link in page.links:
            target = urldefrag(urljoin(address, link))[0]
            if urlsplit(target).netloc == "" and target.startswith("/") and not target.startswith("/static/"):
                waiting.append(target)
    assert not failures, "\n".join(failures)
    assert len(seen) > 40, sorted(seen)
    after = events()
    changed = {table: after[table] - before.get(table, 0) for table in after if after[table] != before.get(table, 0)}
    assert not changed, f"a GET wrote: {changed}"


@pytest.mark.parametrize("name", [name for name, _ in OURS if MATRIX.get(name) != PUBLIC])
def test_a_form_without_its_token_is_refused(name):
    client = Client(enforce_csrf_checks=True)
    person = EmployeeFactory(login="omni")
    grant(person, *Entitlement.objects.filter(system__code="back-office").values_list("code", flat=True))
    sign_in(client, person)
    answer = client.post(example(name), {"reason": "x"})
    assert answer.status_code in {403, 405}, answer.status_code


@pytest.mark.parametrize("method", ["delete", "put", "patch", "trace"])
def test_an_unknown_method_is_refused(client, method):
    for path in ("/statement/", "/healthz", "/accounts/login/"):
        assert getattr(client, method)(path).status_code in {403, 405}


def test_a_spoofed_host_is_refused(client):
    assert client.get("/statement/", headers={"host": "evil.example"}).status_code == 400


def test_forwarded_headers_of_a_stranger_are_not_believed(client):
    EmployeeFactory(login="ana")
    client.post("/accounts/login/", {"login": "ana", "password": "wrong"}, headers={"x-forwarded-for": "198.51.100.9"})
    from privacy.models import DeniedAttempt

    assert DeniedAttempt.objects.get().address == "127.0.0.1"


def test_a_secret_of_a_request_is_in_no_log_and_no_error_page(client, monkeypatch, caplog):
    from django.urls import get_resolver  # noqa: F401

    from privacy.statement import views

    def broken(*args, **kwargs):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(views.StatementVersion.objects, "in_force", broken)
    client.raise_request_exception = False
    answer = client.get("/statement/?marker=planted-secret-417", headers={"cookie": "x=planted-secret-417"})
    assert answer.status_code == 500
    assert b"planted-secret" not in answer.content
    assert b"Traceback" not in answer.content
    assert "planted-secret" not in caplog.text


def test_what_is_posted_beside_a_form_changes_nothing(client):
    person = EmployeeFactory(login="ana")
    sign_in(client, person)
    sent = {"is_superuser": "1", "worker_type": "contractor", "session_epoch": "0", "left_at": "2020-01-01"}
    before = Employee.objects.values().get(pk=person.pk)
    for name, _ in OURS:
        if MATRIX.get(name) == "signed in":
            client.post(example(name), sent)
    after = Employee.objects.values().get(pk=person.pk)
    assert {k: v for k, v in before.items() if k != "last_login"} == {k: v for k, v in after.items() if k != "last_login"}
