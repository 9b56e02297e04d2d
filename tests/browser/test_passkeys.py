"""A passkey from the first day to the next sign-in, with Chromium's own authenticator in the place of a thumb."""

from urllib.parse import parse_qs

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from privacy.access.policies import may_now
from privacy.models import DeniedAttempt
from tests.factories.access import grant, sign_in
from tests.factories.workforce import PASSWORD, EmployeeFactory

REVEALS = "customers.reveal_financial"  # a sensitive grant gives it


@pytest.fixture
def newcomer(transactional_db):
    """Somebody with a sensitive grant that waits for a second factor."""
    person = EmployeeFactory(login="nina.park", name="Nina Park", second_factor=None)
    grant(person, "reveal.financial")
    return person


@pytest.fixture
def named_server(live_server):
    """The server by its name: a passkey belongs to a name, never to an IP address."""
    assert live_server.url.startswith("http://localhost:")
    return live_server


def with_thumb(page):
    """This page's browser, with a platform authenticator that holds passkeys and whose owner always agrees."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def sign_in_with_password(page, login):
    page.goto(reverse("account_login"))
    page.fill("#id_login", login)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page, *, passwordless):
    """On the security page, as anybody does it after signing in with a password."""
    page.goto(reverse("mfa_index"))
    page.get_by_role("link", name="Add", exact=True).click()
    page.fill("#id_password", PASSWORD)  # who adds a key proves again who they are
    page.get_by_role("button", name="Confirm").click()
    page.fill("#id_name", "The laptop's thumb")
    page.locator("#id_passwordless").set_checked(passwordless)
    page.locator("#mfa_webauthn_add").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()


def sign_out(page):
    page.goto("/")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()


def test_a_passkey_is_a_second_factor_at_the_next_sign_in_and_opens_sensitive_access(newcomer, named_server, open_as):
    page = with_thumb(open_as(None))
    sign_in_with_password(page, newcomer.login)
    page.get_by_role("heading", name="Sign-in and security").wait_for()
    assert not may_now(newcomer.pk, REVEALS, at=timezone.now()), "sensitive access without a second factor"
    add_passkey(page, passwordless=False)
    assert Authenticator.objects.get(user=newcomer, type="webauthn").wrap().name == "The laptop's thumb"
    assert may_now(newcomer.pk, REVEALS, at=timezone.now()), "a passkey counts as a second factor"
    sign_out(page)

    sign_in_with_password(page, newcomer.login)
    page.wait_for_url("**/2fa/authenticate/**")
    page.goto("/admin/access/")
    assert "/accounts/2fa/authenticate/" in page.url, "the password alone opens nothing"
    page.locator("#mfa_webauthn_authenticate").click()
    page.get_by_role("heading", name="Today").wait_for()
    page.goto(reverse("mfa_list_webauthn"))
    assert "not used yet" not in page.locator("ul.list").inner_text()
    assert not page.problems
    assert not page.evaluate("window.__refused")


def test_a_passkey_signs_in_without_a_password_and_counts_as_both_factors(newcomer, named_server, open_as):
    page = with_thumb(open_as(None))
    sign_in_with_password(page, newcomer.login)
    page.get_by_role("heading", name="Sign-in and security").wait_for()
    add_passkey(page, passwordless=True)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="Today").wait_for()
    assert may_now(newcomer.pk, REVEALS, at=timezone.now())
    assert not page.problems


def test_a_leavers_passkey_opens_nothing(newcomer, named_server, open_as):
    page = with_thumb(open_as(None))
    sign_in_with_password(page, newcomer.login)
    page.get_by_role("heading", name="Sign-in and security").wait_for()
    add_passkey(page, passwordless=True)
    sign_out(page)
    type(newcomer).objects.filter(pk=newcomer.pk).update(left_at=timezone.now())
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("This sign-in was refused").wait_for()
    assert DeniedAttempt.objects.get().employee == newcomer
    page.goto("/admin/access/")
    assert "/accounts/login/" in page.url


def test_a_stolen_answer_of_a_passkey_works_once(newcomer, named_server, open_as):
    page = with_thumb(open_as(None))
    sign_in_with_password(page, newcomer.login)
    page.get_by_role("heading", name="Sign-in and security").wait_for()
    add_passkey(page, passwordless=True)
    sign_out(page)
    with page.expect_request(lambda request: request.method == "POST" and "webauthn" in request.url) as caught:
        page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="Today").wait_for()
    credential = parse_qs(caught.value.post_data)["credential"][0]
    thief = open_as(None)
    thief.goto(reverse("account_login"))
    send = "(it) => { document.getElementById('mfa_credential').value = it; document.getElementById('mfa_login').submit(); }"
    with thief.expect_navigation():
        thief.evaluate(send, credential)
    thief.goto("/admin/access/")
    assert "/accounts/login/" in thief.url


@pytest.mark.parametrize("name", ["account_login", "mfa_add_webauthn"])
def test_at_an_ip_address_the_page_says_where_passkeys_work(name, newcomer, named_server, open_as):
    """`make run` names 127.0.0.1: browsers refuse passkeys there, so the page leads to the same server by its name."""
    by_number = named_server.url.replace("localhost", "127.0.0.1")
    page = open_as(None)
    if name != "account_login":
        cookie = sign_in(Client(), newcomer).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": by_number}])
    page.goto(by_number + reverse(name))
    assert page.get_by_role("button", name="passkey").count() == 0
    assert page.locator("#mfa_webauthn_add").count() == 0
    link = page.get_by_role("link", name=named_server.url)
    link.click()
    page.wait_for_url(f"{named_server.url}/accounts/**")
    if name == "account_login":
        assert page.get_by_role("button", name="passkey").count() == 1
    assert not page.problems
