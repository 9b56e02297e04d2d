"""A browser, a small company, and people who are signed in to it."""

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client

from tests.browser import chromium
from tests.browser.world import build
from tests.factories.access import sign_in

# Playwright's own loop runs in this thread; Django would take it for an asynchronous program.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

WATCH = """
window.__refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__refused.push(event.violatedDirective + " " + event.blockedURI);
});
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not chromium.FOUND:
        pytest.skip("NO BROWSER TESTS RAN: Chromium is missing (install the distribution's package `chromium-headless-shell`)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = chromium.start(playwright)
        yield started
        started.close()


@pytest.fixture
def world(transactional_db: None) -> SimpleNamespace:
    """The company of the browser tests: `world.administrator`, `world.colleague`, and something in every room."""
    return build()


@pytest.fixture
def open_as(browser: Any, live_server: Any) -> Iterator[Any]:
    """`open_as(employee)` gives a page of somebody signed in; `open_as(None)` of a stranger. Errors gather in `page.problems`."""
    contexts = []

    def open_page(employee: Any, **options: Any) -> Any:
        context = browser.new_context(
            base_url=live_server.url, **{"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(WATCH)
        if employee is not None:
            client = sign_in(Client(), employee)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            UserSession.objects.create(user=employee, session_key=client.session.session_key, ip="127.0.0.1", user_agent="Chrome")
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
