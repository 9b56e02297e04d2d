"""Every page, as people meet it: accessible, inside the page policy, quiet in the console, never wider than the screen, also at
200 % of its size."""

from contextlib import suppress

import pytest
from playwright.sync_api import Error

from tests.browser import pages
from tests.browser.axe import COLOURS, RULES, faults

WIDE, ZOOMED, NARROW = {"width": 1440, "height": 900}, {"width": 720, "height": 450}, {"width": 390, "height": 844}


def _open(page, address):
    """The answer to a page; None for a file, and for an act without a page, whose wordless 405 Chromium calls a failure."""
    for _ in range(3):
        try:
            answer = page.goto(address, wait_until="load")
            if page.locator('[hx-trigger="load"]').count():  # parts that the page fetches by itself
                page.wait_for_load_state("networkidle")
            return answer
        except Error as failure:
            # Chromium still shows its own page for the 405 before this one: without a rest, the next address is lost in it.
            with suppress(Error):
                page.goto("about:blank")
            if "ERR_HTTP_RESPONSE_CODE_FAILURE" in str(failure) or "Download is starting" in str(failure):
                return None
    raise AssertionError(f"{address} could not be opened")


def _too_wide(page, size) -> list[str]:
    widest = page.evaluate("document.documentElement.scrollWidth")
    return [f"in a window of {size['width']}: the page is {widest} pixels wide"] if widest > size["width"] else []


def _look_at(page, name, address) -> list[str]:
    """What is wrong with one page, in words; nothing where it is not this person's to open."""
    page.problems.clear()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    answer = _open(page, address)
    if answer is None or answer.status != 200:
        return [f"{name}: answered {answer.status}"] if answer is not None and answer.status >= 500 else []
    found = [f"wide, light: {fault}" for fault in faults(page, RULES)]
    sizes = [ZOOMED, NARROW]  # ZOOMED is WIDE at 200 %
    # Wide and dark, narrow and light differ from the other two only by what colours decide.
    # The tables of the admin share a few templates, so that most of them are looked at wide and light only.
    if not name.startswith("admin:") or name.endswith(("_employee_changelist", "_employee_change", "_ticket_changelist")):
        page.emulate_media(color_scheme="dark")
        found += [f"wide, dark: {fault}" for fault in faults(page, COLOURS)]
        page.set_viewport_size(NARROW)
        found += _too_wide(page, NARROW)
        found += [f"narrow, dark: {fault}" for fault in faults(page, RULES)]
        page.emulate_media(color_scheme="light")
        found += [f"narrow, light: {fault}" for fault in faults(page, COLOURS)]
        sizes.remove(NARROW)
    for size in sizes:
        page.set_viewport_size(size)
        found += _too_wide(page, size)
    # An act without a page answers 405, and Chromium says so a moment later, when the next page is looked at.
    found += [f"console: {problem}" for problem in page.problems if "status of 405" not in problem]
    found += [f"refused by the page policy: {one}" for one in page.evaluate("window.__refused")]
    return [f"{name} {address}: {fault}" for fault in found]


# In parts: who runs this file alone may give each core some (`-n 2 --maxschedchunk 1`).
@pytest.mark.slow(200)
@pytest.mark.parametrize(
    ("who", "part", "parts"), [*[("administrator", part, 6) for part in range(6)], ("colleague", 0, 1), ("stranger", 0, 1)]
)
def test_every_page_is_accessible_and_keeps_to_the_policy(who, part, parts, world, open_as):
    page = open_as(getattr(world, who, None))
    listed = pages.addresses()
    if who == "colleague":  # what an administrator also sees is looked at there
        listed = [
            (name, address) for name, address in listed if name.partition(":")[0] in {"desk", "tickets", "customers", "optouts"}
        ]
    if who == "stranger":
        listed = [(name, address) for name, address in listed if name.startswith(("account_", "mfa_", "statement:", "optouts:"))]
    assert listed
    found = [fault for name, address in listed[part::parts] for fault in _look_at(page, name, address)]
    assert not found, "\n".join(found)


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
        assert not faults(page, RULES)
