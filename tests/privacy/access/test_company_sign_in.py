"""Sign-in by the company's own identity provider (OIDC), against a real provider on loopback."""

import json
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount

from privacy.models import DeniedAttempt, Employee
from tests.factories.agreements import NdaFactory

pytestmark = pytest.mark.django_db


class Provider(ThreadingHTTPServer):
    """An OpenID provider: discovery, token and userinfo endpoints; whoever `person` says is the one who signs in."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.person = {"sub": "company-1", "email": "ana@lumens.example", "email_verified": True}
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answers(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, body):
        payload = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_GET(self):
        url = self.server.url
        if self.path.endswith("openid-configuration"):
            self.answer(
                {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "userinfo_endpoint": f"{url}/userinfo",
                    "jwks_uri": f"{url}/keys",
                }
            )
        elif self.path == "/userinfo":
            self.answer(self.server.person)

    def do_POST(self):
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert "code_verifier" in body, "PKCE"
        now = int(time.time())
        claims = {"iss": self.server.url, "aud": "lumens", "iat": now, "exp": now + 60, **self.server.person}
        self.answer({"access_token": "token", "token_type": "Bearer", "id_token": jwt.encode(claims, "k" * 40, "HS256")})


@pytest.fixture
def provider(settings):
    server = Provider()
    app = {
        "provider_id": "company",
        "name": "Company",
        "client_id": "lumens",
        "secret": "s",
        "settings": {"server_url": server.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [app],
        }
    }
    yield server
    server.shutdown()


@pytest.fixture
def ana():
    return Employee.objects.create(login="ana", name="Ana", email="ana@lumens.example", starts_on=date(2020, 1, 1))


def come_back(client, process="login"):
    begun = client.post(f"/accounts/oidc/company/login/?process={process}")
    assert begun.status_code == 302, begun.content[:500]
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    return client.get("/accounts/oidc/company/login/callback/", {"code": "x", "state": state})


def is_signed_in(client):
    return client.get("/accounts/sessions/").status_code == 200


def test_an_employee_signs_in_by_the_company(provider, ana, client):
    come_back(client)
    assert is_signed_in(client)


def test_the_second_factor_is_asked_for_there_too(provider, ana, client):
    TOTP.activate(ana, "JBSWY3DPEHPK3PXP")
    answer = come_back(client)
    assert "2fa" in answer.headers["Location"]
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "2", "email": "stranger@lumens.example", "email_verified": True},
        {"sub": "3", "email": "ana@lumens.example", "email_verified": False},
        {"sub": "4"},
        {"sub": "5", "email": "ana@lumens.example", "email_verified": "false"},
        {"sub": "6", "email": "ana@lumens.example", "email_verified": "true"},
        {"sub": "7", "email": "ana@lumens.example", "email_verified": 1},
        {"sub": "8" * 500, "email": "ana@lumens.example", "email_verified": True},
        {"sub": "", "email": "ana@lumens.example", "email_verified": True},
        {"email": "ana@lumens.example", "email_verified": True},
    ],
)
def test_whom_the_company_does_not_vouch_for_is_refused_and_recorded(provider, ana, client, person):
    provider.person = person
    come_back(client)
    assert not is_signed_in(client)
    assert DeniedAttempt.objects.filter(reason__contains="nobody").exists()
    assert Employee.objects.count() == 1


def test_somebody_who_has_left_is_refused_by_the_company_door_too(provider, ana, client):
    Employee.objects.update(ends_on=date(2021, 1, 1))
    come_back(client)
    assert not is_signed_in(client)


def test_a_contractor_without_an_nda_is_refused_by_the_company_door_too_and_told_why(provider, ana, client):
    Employee.objects.update(worker_type="contractor")
    page = client.get(come_back(client).headers["Location"]).content.decode()
    assert not is_signed_in(client)
    assert "nondisclosure agreement" in page
    assert DeniedAttempt.objects.filter(employee=ana, reason__contains="nondisclosure agreement").exists()
    NdaFactory(employee=ana)
    come_back(client)
    assert is_signed_in(client)


def test_who_came_back_under_a_new_login_is_not_locked_out_by_the_old_one(provider, client):
    both = {"name": "Ana", "email": "ana@lumens.example"}
    Employee.objects.create(login="ana1", starts_on=date(2019, 1, 1), ends_on=date(2020, 1, 1), **both)
    again = Employee.objects.create(login="ana2", starts_on=date(2021, 1, 1), **both)
    come_back(client)
    assert is_signed_in(client)
    assert SocialAccount.objects.get().user == again


def test_nobody_ties_somebody_elses_identity_to_their_own_account(provider, ana, client):
    bob = Employee.objects.create(login="bob", name="Bob", email="bob@lumens.example", starts_on=date(2020, 1, 1))
    come_back(client)
    for person in ({"sub": "bobs", "email": bob.email, "email_verified": True}, {"sub": "x", "email": "x@else.example"}):
        provider.person = person
        come_back(client, process="connect")
        assert list(SocialAccount.objects.filter(user=ana).values_list("uid", flat=True)) == ["company-1"]
    assert client.get("/accounts/company/").status_code == client.post("/accounts/company/").status_code == 404


def test_without_a_provider_the_door_is_not_there(client):
    assert client.post("/accounts/oidc/company/login/").status_code == 404
