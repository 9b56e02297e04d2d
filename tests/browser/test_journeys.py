"""What people do here all day, with nothing but the keyboard."""

import hashlib
import hmac
import struct
import time
from base64 import b32decode
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.models import AccessGrant, RecordedRead
from tests.factories.tickets import make_ticket
from tests.factories.workforce import PASSWORD, TOTP_SECRET

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def _code() -> str:
    """The six digits that an authenticator app shows now (RFC 6238)."""
    digest = hmac.new(b32decode(TOTP_SECRET), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def _focused(page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


def test_somebody_signs_in_with_password_and_authenticator_by_keyboard(world, open_as):
    page = open_as(None)
    page.goto("/")
    page.locator("#id_login").focus()
    page.keyboard.type(world.colleague.login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/authenticate/**")
    page.locator("#id_code").focus()
    page.keyboard.type(_code())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Today").wait_for()
    assert not page.problems


def test_an_administrator_revokes_a_grant_by_keyboard(world, open_as):
    held = AccessGrant.objects.get(employee=world.colleague, entitlement__code="reveal.contact")
    page = open_as(world.administrator)
    page.goto(reverse("access:grant", args=[held.pk]))
    link = page.get_by_role("link", name="Revoke")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/revoke/")
    page.locator("textarea").first.focus()
    page.keyboard.type("moved to another team")
    page.keyboard.press("Tab")
    assert _focused(page).startswith("Revoke")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    held.refresh_from_db()
    assert held.revoked_at is not None
    assert held.revocation_reason == "moved to another team"
    assert not page.problems


def test_a_colleague_claims_a_request_by_two_keys(world, open_as):
    ticket = make_ticket("deletion", email="late@example.com", received_at=timezone.now() - timedelta(days=60))
    page = open_as(world.colleague)
    page.goto(reverse("tickets:queue") + "?tab=unassigned")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("c")
    ticket.refresh_from_db()
    assert ticket.assignee == world.colleague
    assert not page.problems


def test_the_search_is_reached_by_a_key_and_written_down(world, open_as):
    page = open_as(world.colleague)
    page.goto("/")
    page.keyboard.press("/")
    assert _focused(page) == "find"
    page.keyboard.type("mary3@example.com")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/search/")
    assert page.get_by_role("link", name="LM00003").count() == 1
    assert "mary3@example.com" not in page.locator("ul.list").inner_text()
    read = RecordedRead.objects.get(kind="search", by=world.colleague)
    assert "mary" not in read.subject
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/customer/**")
    assert page.locator("h1").inner_text() == "Customer LM00003"


def test_the_keys_are_listed_and_escape_closes_them(world, open_as):
    page = open_as(world.colleague)
    page.goto("/")
    page.keyboard.press("?")
    assert page.locator("dialog#keys[open]").count() == 1
    told = page.locator("dialog#keys dd").all_inner_texts()
    assert "Go to Requests" in told
    assert "Go to Access" not in told, "a colleague may not open it"
    page.keyboard.press("Escape")
    assert page.locator("dialog#keys[open]").count() == 0


def test_the_keys_listed_are_those_of_the_page_that_is_open(world, open_as):
    make_ticket("deletion", email="late@example.com")
    page = open_as(world.colleague)
    claims, rows = "Claim the request of the row", "Next and previous row of a list"
    for address, told in (("tickets:queue", {claims, rows}), ("desk:search", set())):
        page.goto(reverse(address) + "?tab=unassigned")
        page.keyboard.press("?")
        said = page.locator("dialog#keys dd:visible").all_inner_texts()
        assert {one for one in said if one in (claims, rows)} == told
        assert "Go to Requests" in said
    assert not page.problems


def test_the_first_key_stop_leads_past_the_navigation(world, open_as):
    page = open_as(world.colleague)
    page.goto("/")
    page.keyboard.press("Tab")
    assert _focused(page) == "Skip to main content"
    page.keyboard.press("Enter")
    assert _focused(page).startswith("content-start")


def test_who_reveals_by_keyboard_keeps_their_place_on_the_page(world, open_as):
    page = open_as(world.colleague)
    page.goto(reverse("desk:person", args=[world.customers[2].pk]))
    page.locator(".reveal summary").first.focus()
    page.keyboard.press("Enter")
    page.locator(".reveal [name=reason]:focus").wait_for()  # asked why, one types at once
    page.keyboard.type("the customer is on the phone")
    page.keyboard.press("Enter")
    page.get_by_text("This look was written into the ledger").wait_for()
    page.locator(".reveal:focus").wait_for()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") > 0
    assert page.evaluate("document.activeElement.closest('#content-start, #content') !== null")
    assert RecordedRead.objects.filter(kind="reveal", by=world.colleague).exists()
    assert not page.problems


@pytest.mark.parametrize("reachable", [True, False])
def test_what_was_revealed_is_hidden_after_a_minute_also_where_nobody_answers(world, open_as, reachable):
    customer = world.customers[2]
    page = open_as(world.colleague)
    page.clock.install()
    page.goto(reverse("desk:person", args=[customer.pk]))
    page.locator(".reveal summary").first.click()
    page.locator(".reveal [name=reason]").first.fill("the customer is on the phone")
    page.keyboard.press("Enter")
    page.locator(".reveal[data-hide-after]:not(.htmx-added)").wait_for()  # settled: its time runs
    assert customer.email in page.content()
    if not reachable:
        page.context.set_offline(True)
    page.clock.fast_forward(59_000)
    assert customer.email in page.content()
    page.clock.fast_forward(2_000)
    page.locator("[data-revealed]").first.wait_for(state="detached")
    assert customer.email not in page.content()


def test_what_is_rarely_opened_waits_under_more_and_escape_gives_the_focus_back(world, open_as):
    page = open_as(world.administrator)
    page.goto(reverse("access:grants"))
    more = page.locator(".tabs__more summary")
    more.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert _focused(page) == "Evidence"
    page.keyboard.press("Escape")
    assert not page.locator(".tabs__more[open]").count()
    assert _focused(page) == "More"
    page.keyboard.press("Enter")
    page.get_by_role("link", name="NDAs", exact=True).click()
    page.wait_for_url("**/ndas/")
    assert page.locator(".tabs__more summary").inner_text() == "NDAs"
    assert not page.problems


def test_on_a_phone_the_next_act_of_a_request_stands_above_its_conversation(world, open_as):
    page = open_as(world.colleague, viewport=PHONE)
    page.goto(reverse("tickets:ticket", args=[world.tickets[0].pk]))
    claim = page.get_by_role("button", name="Claim")
    assert claim.bounding_box()["y"] < page.get_by_role("heading", name="Conversation").bounding_box()["y"]
    assert claim.bounding_box()["y"] < PHONE["height"]
    assert not page.problems


def test_a_chosen_theme_stays_and_does_not_flash(world, open_as):
    page = open_as(world.colleague)
    page.goto("/")
    page.locator(".me summary").click()
    switch = page.locator("[data-switch-theme]")
    switch.click()
    switch.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/admin/tables/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(12, 14, 18)"


def test_on_a_phone_the_navigation_is_a_drawer_and_leads_to_ten_customers_at_a_glance(world, open_as):
    page = open_as(world.colleague, viewport=PHONE)
    page.goto("/")
    customers, menu = page.get_by_role("link", name="Customers", exact=True), page.get_by_role("button", name="Menu", exact=True)
    menu.click()
    page.get_by_role("button", name="Close the menu").click()
    assert not customers.is_visible()
    menu.click()
    customers.click()
    page.wait_for_url("**/customer/")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    cards = page.locator("[data-list] > tr")
    assert cards.count() == len(world.customers)
    assert all(card.bounding_box()["height"] < PHONE["height"] / 10 for card in cards.all())


def test_one_ends_another_session_of_ones_own(world, open_as):
    elsewhere = open_as(world.colleague)
    elsewhere.goto("/")
    page = open_as(world.colleague)
    page.goto("/accounts/sessions/")
    with page.expect_navigation():
        page.get_by_role("button", name="End this one").click()
    assert page.get_by_role("button", name="End this one").count() == 0
    elsewhere.goto("/")
    assert "/accounts/login/" in elsewhere.url


@pytest.mark.parametrize("address", ["/", "/statement/", "/accounts/login/"])
def test_a_page_works_without_any_script(address, world, open_as):
    page = open_as(world.colleague if address == "/" else None, java_script_enabled=False)
    assert page.goto(address).status == 200
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_form_that_comes_back_puts_the_cursor_where_something_is_wrong(size, world, open_as):
    page = open_as(world.colleague, viewport=size)
    page.goto(reverse("tickets:new"))
    page.locator("#id_name").fill("Ann")
    page.locator("#id_email").fill("no address")
    page.get_by_role("button", name="Open and claim").click()
    page.wait_for_load_state()
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.id") == "id_email"
    page.get_by_role("alert").get_by_role("link", name="E-mail").click()
    assert page.evaluate("document.activeElement.id") == "id_email"
    assert "422" in "".join(page.problems)
    assert len(page.problems) == 1


def test_what_is_revealed_stands_in_the_place_of_what_is_masked(world, open_as):
    customer = world.customers[2]
    page = open_as(world.colleague)
    page.goto(reverse("desk:person", args=[customer.pk]))
    card = page.get_by_role("region", name="Contact information")
    masked = card.locator("dd.masked").first
    assert masked.is_visible()
    card.get_by_text("Reveal", exact=True).click()
    card.get_by_role("button", name="Cancel").click()
    assert _focused(page) == "Reveal"
    page.keyboard.press("Enter")
    card.locator("[name=reason]:focus").wait_for()
    page.keyboard.type("they asked us to read it back")
    page.keyboard.press("Enter")
    card.get_by_text(customer.email).first.wait_for()
    assert not masked.is_visible()
    assert card.get_by_text("Telephone", exact=True).locator("visible=true").count() == 1
    assert RecordedRead.objects.filter(kind="reveal", by=world.colleague).count() == 1
    # When it goes, by its time or without a network, the mask stands there again.
    page.evaluate("document.querySelectorAll('[data-revealed]').forEach((one) => one.remove())")
    assert masked.is_visible()
    assert not page.problems
