"""What holds for every page of the house, whoever asks (SECURITY.md)."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.utils import timezone

from customers.doors.pages import PUBLIC
from privacy.models import Employee, Entitlement
from tests.factories.access import grant, sign_in
from tests.factories.workforce import PASSWORD, EmployeeFactory
from tests.house.test_permission_matrix import MATRIX, OURS, example

pytestmark = [pytest.mark.slow(35), pytest.mark.django_db]
ROOT = Path(__file__).resolve().parents[2]


def test_no_form_is_taken_without_its_token():
    client = _omni(Client(enforce_csrf_checks=True))
    names = [name for name, _ in OURS if MATRIX.get(name) != PUBLIC]
    answers = {name: client.post(example(name), {"reason": "x"}).status_code for name in names}
    assert len(answers) > 100
    assert not {name: status for name, status in answers.items() if status not in {403, 405}}


@pytest.mark.parametrize("method", ["delete", "put", "patch", "trace"])
def test_an_unknown_method_is_refused(client, method):
    for path in ("/statement/", "/healthz", "/accounts/login/"):
        assert getattr(client, method)(path).status_code in {403, 405}


@pytest.mark.parametrize(
    "address",
    [
        *("/accounts/oidc/%00/login/", "/accounts/oidc/a%00b/login/callback/", "/opt-out/%00/", "/%00", "/admin/%00/"),
    ],
)
@pytest.mark.django_db
def test_an_address_with_a_nul_in_it_is_refused_in_words(client, address):
    for asks in (client, _omni(client)):
        answer = asks.get(address)
        assert answer.status_code == 400
        assert "This request could not be read" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/autocomplete/?term=%00&app_label=privacy&model_name=accessgrant&field_name=employee",
        *("/admin/privacy/deniedattempt/?kind__exact=%00", "/admin/privacy/accessgrant/?state__exact=a%00"),
        *("/admin/requests/?tab=all&after=%00~1", "/admin/access/people/?find=%00", "/statement/?x=%00"),
        *("/admin/access/people/?find=%%0000", "/admin/privacy/deniedattempt/?kind__exact=%%%000000"),
    ],
)
@pytest.mark.django_db
def test_a_nul_behind_the_question_mark_is_as_if_it_were_not_there(client, address):
    assert _omni(client).get(address, follow=True).status_code == 200


@pytest.mark.parametrize("model", ["deniedattempt", "measurement", "policyacknowledgement"])
@pytest.mark.parametrize("year", ["-1", "99999", "0", "9" * 30])
@pytest.mark.django_db
def test_a_list_of_a_year_that_does_not_exist_is_the_whole_list(client, model, year):
    answer = _omni(client).get(f"/admin/privacy/{model}/?at__year={year}", follow=True)
    assert answer.status_code == 200


def _omni(client):
    everybody = EmployeeFactory()
    grant(everybody, *Entitlement.objects.filter(system__code="back-office").values_list("code", flat=True))
    return sign_in(client, everybody)


def test_a_browser_that_asks_for_an_icon_by_itself_is_given_the_mark(client):
    """Chromium does, after an answer that names none; a 404 would be an error in its console."""
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/static/lumens/mark.")
    assert answer["Location"].endswith(".svg")


def test_a_spoofed_host_is_refused(client):
    assert client.get("/statement/", headers={"host": "evil.example"}).status_code == 400


def test_forwarded_headers_of_a_stranger_are_not_believed(client):
    EmployeeFactory(login="ana")
    client.post("/accounts/login/", {"login": "ana", "password": "wrong"}, headers={"x-forwarded-for": "198.51.100.9"})
    from privacy.models import DeniedAttempt

    assert DeniedAttempt.objects.get().address == "127.0.0.1"


def test_a_secret_of_a_request_is_in_no_log_and_no_error_page(client, monkeypatch, caplog):
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


# --- cookies and headers under TLS, of the real server with the real settings (ASVS 3.3.1, 3.3.3, 3.3.4, 3.4.1) -------

HOST = "admin.lumens.example"


@pytest.fixture(scope="module")
def https_server_of_all(django_db_setup, tmp_path_factory):
    """The server that `make run` starts, behind a proxy that ends TLS, on the tests' database. Gives its port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    environment = {
        **os.environ,
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "LUMENS_VAR": str(tmp_path_factory.mktemp("server")),
        "PUBLIC_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "BEHIND_PROXY": "true",
        "DJANGO_SETTINGS_MODULE": "lumens_admin.settings",
    }
    environment.pop("SERVED_OVER_TLS", None)
    server = subprocess.Popen(
        [sys.executable, "-m", "lumens_admin.serve.web", str(os.getpid()), str(listener.fileno())],
        env=environment,
        pass_fds=[listener.fileno()],
        cwd=ROOT,
    )
    yield listener.getsockname()[1]
    server.terminate()
    server.wait(30)
    listener.close()


@pytest.fixture
def https_server(transactional_db, https_server_of_all):
    """Its port, for a test whose rows it sees."""
    return https_server_of_all


def ask(port, method, path, body="", *, scheme="https", **headers):
    """One request as the proxy passes it on: status, headers, cookies as sent."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sent = {"Host": HOST, "X-Forwarded-Proto": scheme, "X-Forwarded-For": "198.51.100.9", **headers}
    if body:
        sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{HOST}", "Referer": f"https://{HOST}/"}
    link.request(method, path, body, sent)
    answer = link.getresponse()
    answer.read()
    cookies = {line.split("=", 1)[0]: line for line in answer.headers.get_all("Set-Cookie") or []}
    return answer.status, answer.headers, cookies


def test_over_tls_cookies_are_bound_to_this_host_and_the_browser_is_told_to_stay_with_tls(https_server):
    EmployeeFactory(login="ana", password=PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 6))
    _, headers, cookies = ask(https_server, "GET", "/accounts/login/")
    assert int(re.search(r"max-age=(\d+)", headers["Strict-Transport-Security"])[1]) >= 31_536_000
    token = cookies["__Host-csrf"].split(";")[0]
    form = urlencode({"login": "ana", "password": PASSWORD, "csrfmiddlewaretoken": token.split("=")[1]})
    status, headers, signed_in = ask(https_server, "POST", "/accounts/login/", form, Cookie=token)
    assert status == 302, "the right password"
    assert "Strict-Transport-Security" in headers
    # Still between the factors, and a session all the same: its cookie is guarded like any other.
    for name, line in {**cookies, **signed_in}.items():
        said = {part.strip().lower() for part in line.split(";")[1:]}
        assert name.startswith("__Host-") or name == "messages", line
        assert {"secure", "httponly", "path=/"} <= said, line
        assert "samesite=lax" in said, line
        assert not [part for part in said if part.startswith("domain")], line
    assert "__Host-session" in signed_in


def test_without_tls_the_same_server_sends_no_promise_of_tls_and_the_sibling_name_gets_no_cookie(https_server):
    _, headers, cookies = ask(https_server, "GET", "/accounts/login/", scheme="http")
    assert "Strict-Transport-Security" not in headers, "a browser ignores it there, and a proxy might not"
    assert all("secure" in line.lower() for line in cookies.values()), "never in clear, whatever the proxy says"
    status, _, cookies = ask(https_server, "GET", "/accounts/login/", Host="evil.lumens.example")
    assert (status, cookies) == (400, {})


# --- who is asked for does not show (ASVS 6.3.8) -----------------------------------------------------------------------


@pytest.fixture
def counted_hashes(monkeypatch, settings):
    """Every run of the password hash, which is what takes time in a sign-in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    runs = []
    original = PBKDF2PasswordHasher.encode

    def counted(self, password, salt, iterations=None):
        runs.append(iterations or self.iterations)
        return original(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 10)
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
    return runs


def _known_people():
    """One of each kind of login that a stranger may try, and one that nobody has."""
    hashed = PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 6)
    EmployeeFactory(login="here-known", password=hashed)
    EmployeeFactory(login="left-known", password=hashed, left_at=timezone.now() - timedelta(days=1))
    EmployeeFactory(login="newcomer-1", password="!never-set")
    return ["here-known", "left-known", "newcomer-1", "nobody-has"]


def _comparable(page, login):
    page = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page)
    return page.replace(login.encode(), b"LOGIN")


def test_a_wrong_password_takes_as_many_hashes_and_says_the_same_whoever_is_asked_for(counted_hashes):
    answers = {}
    for login in _known_people():
        counted_hashes.clear()
        answer = Client().post("/accounts/login/", {"login": login, "password": "wrong-1-password"})
        answers[login] = (answer.status_code, tuple(counted_hashes), _comparable(answer.content, login))
    status, runs, _ = answers["here-known"]
    assert (status, runs) == (200, (10,))
    assert len(set(answers.values())) == 1, {login: answer[:2] for login, answer in answers.items()}


def test_the_right_password_of_somebody_who_left_says_no_more_than_a_wrong_one(counted_hashes):
    _known_people()
    answers = []
    for password in (PASSWORD, "wrong-1-password"):
        counted_hashes.clear()
        answer = Client().post("/accounts/login/", {"login": "left-known", "password": password})
        answers.append((answer.status_code, len(counted_hashes), _comparable(answer.content, "left-known")))
    assert answers[0] == answers[1]


def test_a_login_that_nobody_has_is_locked_after_as_many_tries(settings, counted_hashes):
    _known_people()
    seen = {}
    for login in ("here-known", "nobody-has"):
        tries = [Client().post("/accounts/login/", {"login": login, "password": f"wrong-{n}"}) for n in range(12)]
        seen[login] = [(answer.status_code, _comparable(answer.content, login)) for answer in tries]
    assert seen["here-known"] == seen["nobody-has"]
    assert seen["here-known"][-1][0] == 429


def test_asking_for_a_new_password_says_the_same_whoever_is_asked_for(mailoutbox):
    _known_people()
    answers = {}
    for login in ("here-known", "left-known", "nobody-has"):
        mailoutbox.clear()
        answer = Client().post("/accounts/password/reset/", {"email": f"{login}@lumens.example"}, follow=True)
        answers[login] = (answer.redirect_chain, len(mailoutbox), _comparable(answer.content, login))
    assert len(set(map(repr, answers.values()))) == 1, {login: answer[:2] for login, answer in answers.items()}


def test_head_is_answered_without_a_body_so_that_nothing_of_it_is_taken_for_the_next_answer(https_server):
    for path in ("/healthz", "/statement/", "/nowhere", "/scim/v2/Users"):
        with socket.create_connection(("127.0.0.1", https_server), timeout=10) as link:
            sent = f"HEAD {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 198.51.100.9\r\n"
            link.sendall(f"{sent}Connection: close\r\n\r\n".encode())
            said = b""
            while piece := link.recv(65536):
                said += piece
        header, _, body = said.partition(b"\r\n\r\n")
        assert b"Content-Length" in header
        assert body == b"", (path, body[:80])


def said_to(port, *pieces):
    """What the server says to these bytes until it closes: status, headers, body."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        try:
            for piece in pieces:
                link.sendall(piece)
        except OSError:
            pass  # it has heard enough
        said = b""
        try:
            while piece := link.recv(65536):
                said += piece
        except ConnectionResetError:
            pass
    header, _, body = said.partition(b"\r\n\r\n")
    status, _, headers = header.decode("latin-1").partition("\r\n")
    return int(status.split()[1]), headers.lower(), body


def test_what_the_web_server_itself_refuses_is_an_error_of_scim_for_identity_providers_and_costs_no_memory(https_server):
    long, behind = b"x" * 65536, f" HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    assert said_to(https_server, b"GET /scim/v2/Users", behind, b"Connection: close\r\n\r\n")[0] == 401  # it is up
    before = _resident_kilobytes()
    for first in (b"GET /scim/v2/Users?filter=", b"\r\nGET http://privacy.lumens.example/scim/v2/Users?filter="):
        for _ in range(10):
            status, headers, body = said_to(https_server, first, *[long] * 16, behind, b"\r\n")
            assert status == 431
            assert "content-type: application/scim+json" in headers
            assert json.loads(body)["status"] == "431"
            assert json.loads(body)["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert _resident_kilobytes() - before < 8 * 1024
    status, headers, body = said_to(https_server, b"GET /scim/v2/Users", behind, b"Transfer-Encoding: gzip\r\n\r\n")
    assert (status, json.loads(body)["status"]) == (501, "501")
    status, headers, _ = said_to(https_server, b"GET /statement/?scim=/scim/", *[long] * 16, behind, b"\r\n")
    assert (status, "text/plain" in headers) == (431, True)
    for first in (b"GARBAGE", b"GET /statement/"):
        status, headers, _ = said_to(https_server, first, behind, b"Content-Length: many\r\n\r\n")
        assert status == 400
        for said in (
            "content-security-policy: default-src 'none';",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
        ):
            assert said in headers


def _resident_kilobytes():
    """Of the server, which this process started."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            if b"lumens_admin.serve.web" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
    raise AssertionError("it does not run")


def test_that_there_is_no_static_file_of_that_name_is_kept_by_nobody(client):
    answer = client.get("/static/lumens/nothing.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
