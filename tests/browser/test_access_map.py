"""The access map by keyboard and at a thousand people; removals that turn to proven before one's eyes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from privacy.models import AccessGrant, FunctionEntitlement, SystemChange
from tests.browser.axe import RULES, faults
from tests.factories.access import entitlement

PHONE = {"width": 390, "height": 844}


def test_the_map_is_walked_with_the_arrow_keys_and_a_mark_opens_why(world, open_as):
    held = AccessGrant.objects.get(employee=world.colleague, entitlement__code="requests.work")
    page = open_as(world.administrator)
    page.goto(reverse("access:map"))
    page.get_by_role("link", name="Ben Castle").focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    for _ in range(40):
        if page.evaluate("document.activeElement.getAttribute('href')") == f"../grants/{held.pk}/":
            break
        page.keyboard.press("ArrowRight")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(reverse("access:grant", args=[held.pk]))
    assert not page.problems


def test_the_arrow_down_stays_in_its_column(world, open_as):
    FunctionEntitlement.objects.create(job_function=world.colleague.job_function, entitlement=entitlement("requests.work"))
    page = open_as(world.administrator)
    page.goto(reverse("access:map"))
    heads = page.locator(".map__codes th").all_text_contents()
    place = next(at for at, head in enumerate(heads) if entitlement("requests.work").name[:20].lower() in head.lower())
    page.locator(".map__codes th a").nth(place - 1).focus()
    for _ in range(9):  # past people who have nothing there
        page.keyboard.press("ArrowDown")
        if page.evaluate("document.activeElement.closest('tr').textContent.includes('Ben Castle')"):
            break
    head = page.locator(".map__codes th").nth(place).bounding_box()
    mark = page.locator(":focus").bounding_box()
    assert abs(mark["x"] - head["x"]) < 3
    assert page.evaluate("document.activeElement.textContent") == "in force"


def test_the_headings_of_the_map_are_read_whole(world, open_as):
    page = open_as(world.administrator)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("access:map") + "?everything=1")
    heads = page.locator(".map__codes th a > span")
    assert heads.count() > 10
    cut = heads.evaluate_all(
        """heads => heads.filter(head => head.textContent.includes("…") || head.scrollWidth > head.clientWidth
            || head.scrollHeight > head.clientHeight).map(head => head.textContent.trim())"""
    )
    assert cut == []


def test_the_map_is_a_table_for_those_who_listen(world, open_as):
    page = open_as(world.administrator)
    page.goto(reverse("access:map"))
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node.get("ignored")]
    names = [node.get("name", {}).get("value") for node in tree if node["role"]["value"] == "rowheader"]
    assert "table" in roles
    assert {"row", "rowheader", "columnheader"} <= set(roles)
    assert roles.count("cell") > 10
    assert any("Ben Castle" in (name or "") for name in names)


def test_the_map_keeps_its_heads_when_it_scrolls_and_never_widens_the_page(world, open_as):
    page = open_as(world.administrator, viewport=PHONE)
    page.goto(reverse("access:map") + "?everything=1")
    page.evaluate("document.querySelector('.map__frame').scrollTo(400, 60)")
    frame = page.locator(".map__frame").bounding_box()
    who = page.locator(".map tbody tr th").nth(2).bounding_box()
    head = page.locator(".map__systems").bounding_box()
    assert abs(who["x"] - frame["x"]) < 3
    assert abs(head["y"] - frame["y"]) < 3
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_and_the_removals_are_accessible(world, open_as, scheme):
    page = open_as(world.administrator, color_scheme=scheme)
    change = world.outside
    for address in (
        reverse("access:map"),
        reverse("access:removals"),
        reverse("access:change", args=[change.pk]),
        reverse("access:system", args=[change.system_id]),
        reverse("access:person", args=[change.employee_id]),
        reverse("access:would_go", args=[world.administrator.pk]),
        reverse("access:tasks"),
    ):
        page.goto(address)
        assert not faults(page, RULES), address
        assert not page.evaluate("window.__refused"), address
    assert not page.problems


def test_a_removal_turns_to_proven_before_ones_eyes_and_then_stops_asking(world, open_as):
    change = world.outside
    page = open_as(world.administrator)
    asked = []
    page.on("request", lambda request: asked.append(request) if "/progress/" in request.url else None)
    page.goto(reverse("access:grant", args=[change.grant_id]))
    part = page.locator("#progress")
    part.get_by_text("failed", exact=True).wait_for()
    change.state, change.pushed_at, change.failure = "pushed", timezone.now(), ""
    change.save()
    part.get_by_text("pushed", exact=True).wait_for()
    change.state, change.proven_at = "proven", timezone.now()
    change.save()
    part.get_by_text("proven", exact=True).wait_for()
    expect(page.locator("#live")).to_contain_text("Proven gone in every system (1 of 1).")
    assert all(request.headers.get("x-background") == "1" for request in asked)
    so_far = len(asked)
    page.wait_for_timeout(2500)
    assert len(asked) == so_far
    assert not page.problems


def test_a_removal_is_followed_without_any_script(world, open_as):
    change = world.outside
    page = open_as(world.administrator, java_script_enabled=False)
    page.goto(reverse("access:grant", args=[change.grant_id]))
    assert page.get_by_text("connection refused").count() == 1
    SystemChange.objects.filter(pk=change.pk).update(
        state="proven", pushed_at=timezone.now(), proven_at=timezone.now() + timedelta(seconds=1)
    )
    page.get_by_role("link", name="Look again").click()
    page.get_by_text("Proven gone in every system (1 of 1).").wait_for()
