"""Every page, as people meet it: accessible, inside the page policy, quiet in the console, never wider than the screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

from tests.browser import pages

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # axe copies style sheets into <style> elements, which the page policy refuses (and counts)
}


def _faults(results) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['target'][0]})"
        for violation in results.response["violations"]
        for node in violation["nodes"][:3]
    ]


def _look_at(page, name, address) -> list[str]:
    """What is wrong with one page, in words; nothing where it is not this person's to open."""
    page.problems.clear()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    try:
        answer = page.goto(address, wait_until="load")
        if page.locator('[hx-trigger="load"]').count():  # parts that the page fetches by itself
            page.wait_for_load_state("networkidle")
    except Error:
        return []  # an act without a page: it answers 405
    if answer is None or answer.status != 200:
        return [f"{name}: answered {answer.status}"] if answer is not None and answer.status >= 500 else []
    found = [f"wide, light: {fault}" for fault in _faults(Axe().run(page, options=RULES))]
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    if not name.startswith("admin:"):  # the tables of the admin share a few templates, which were looked at wide and light
        found += [f"narrow, dark: {fault}" for fault in _faults(Axe().run(page, options=RULES))]
    widest = page.evaluate("document.documentElement.scrollWidth")
    if widest > NARROW["width"]:
        found.append(f"narrow: the page is {widest} pixels wide")
    # An act without a page answers 405, and Chromium says so a moment later, when the next page is looked at.
    found += [f"console: {problem}" for problem in page.problems if "status of 405" not in problem]
    found += [f"refused by the page policy: {one}" for one in page.evaluate("window.__refused")]
    return [f"{name} {address}: {fault}" for fault in found]


@pytest.mark.parametrize("who", ["administrator", "colleague", "stranger"])
def test_every_page_is_accessible_and_keeps_to_the_policy(who, world, open_as):
    page = open_as(getattr(world, who, None))
    listed = pages.addresses()
    if who == "colleague":  # what an administrator also sees is looked at there
        listed = [
            (name, address) for name, address in listed if name.partition(":")[0] in {"desk", "tickets", "customers", "optouts"}
        ]
    if who == "stranger":
        listed = [(name, address) for name, address in listed if name.startswith(("account_", "mfa_", "statement:", "optouts:"))]
    faults = [fault for name, address in listed for fault in _look_at(page, name, address)]
    assert not faults, "\n".join(faults)


def test_error_pages_look_like_the_rest(world, open_as):
    page = open_as(world.colleague)
    for address, status in (("/nowhere/", 404), ("/admin/me/sessions/1/end/", 405), ("/admin/access/nothing/", 404)):
        answer = None
        try:
            answer = page.goto(address)
        except Error:
            continue
        assert answer.status == status
        assert page.locator("h1").count() == 1
        assert not _faults(Axe().run(page, options=RULES))
