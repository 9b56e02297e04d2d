"""A manager reviews by keyboard alone: one key per answer, no reload, the next item under the cursor."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions
from privacy.models import Answer, Decision, Department, Employee, Entitlement
from tests.factories.access import entitlement, grant
from tests.factories.workforce import DepartmentFactory, EmployeeFactory

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def reviewer(world):
    """Olga owns two entitlements; four people have them."""
    olga = EmployeeFactory(login="olga", name="Olga Owner")
    second = EmployeeFactory(login="second", name="Sam Second")
    grant(second, "access.administer")
    shop: Department = DepartmentFactory(code="shop", name="Shop")
    people = [EmployeeFactory(name=f"Nora Number{n}", department=shop) for n in range(3)]
    for code in ("requests.work", "reveal.contact"):
        Entitlement.objects.filter(pk=entitlement(code).pk).update(owner=olga)
    for person in people:
        grant(person, "requests.work")
    grant(people[0], "reveal.contact")
    now = timezone.now()
    review = actions.prepare_review(
        "Quarter", "all", due_at=now + timedelta(days=9), fallback=second, by=world.administrator, now=now, department=shop
    )
    actions.launch_review(review.pk, by=second, now=now)
    return olga


def answers(reviewer: Employee) -> list[str]:
    asked = Decision.objects.filter(reviewer=reviewer).order_by("-item__risk", "item__employee__name", "item_id")
    return list(asked.values_list("answer", flat=True))


def test_four_items_are_decided_by_keys_alone_without_a_reload(reviewer, open_as):
    page = open_as(reviewer)
    page.goto(reverse("access:my_reviews"))
    page.evaluate("window.__same = true")
    page.keyboard.press("j")
    page.keyboard.press("k")  # sensitive: the key asks for a reason first
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.type("on the rota")
    page.keyboard.press("Enter")
    page.get_by_text("1 of 4").wait_for()
    page.keyboard.press("k")
    page.get_by_text("2 of 4").wait_for()
    page.keyboard.press("r")
    page.get_by_text("3 of 4").wait_for()
    page.keyboard.press("u")
    page.get_by_text("2 of 4").wait_for()
    page.keyboard.press("k")
    page.get_by_text("3 of 4").wait_for()
    page.keyboard.press("n")
    page.get_by_label("Whom to ask instead").wait_for()
    page.keyboard.press("Escape")
    page.locator("li.is-cursor [data-answer=keep]").wait_for()
    page.keyboard.press("k")
    page.get_by_text("4 of 4").wait_for()
    assert page.evaluate("window.__same")
    assert answers(reviewer) == [Answer.KEEP] * 4
    assert not page.problems
    assert page.evaluate("window.__refused") == []


def test_without_any_script_every_row_is_a_form(reviewer, open_as):
    page = open_as(reviewer, java_script_enabled=False)
    page.goto(reverse("access:my_reviews"))
    page.locator("li.review-item").first.get_by_label("Reason").fill("on the rota")
    with page.expect_navigation():
        page.locator("li.review-item").first.get_by_role("button", name="Keep").click()
    assert answers(reviewer).count(Answer.KEEP) == 1


def test_on_a_phone_nothing_is_wider_than_the_screen(reviewer, open_as):
    page = open_as(reviewer, viewport=PHONE)
    page.goto(reverse("access:my_reviews"))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("li.review-item").nth(1).get_by_role("button", name="Revoke").click()
    page.get_by_text("1 of 4").wait_for()
    assert answers(reviewer).count(Answer.REVOKE) == 1


def test_many_are_ticked_and_revoked_at_once(reviewer, open_as):
    page = open_as(reviewer)
    page.goto(reverse("access:my_reviews"))
    revoke = page.get_by_role("button", name="Revoke selected")
    assert revoke.is_disabled()
    page.get_by_label("Select Nora Number1").check()
    page.get_by_text("1 selected").wait_for()
    page.get_by_label("Select all shown").check()
    page.get_by_text("4 selected").wait_for()
    page.get_by_label("Select Nora Number2").uncheck()
    page.get_by_text("3 selected").wait_for()
    page.get_by_label("Reason for all that are selected").fill("the season is over")
    assert revoke.is_enabled()
    with page.expect_navigation():
        revoke.click()
    assert "3 denied. It takes effect in 10 minutes." in page.locator("#messages").inner_text()
    assert sorted(answers(reviewer)) == ["", *[Answer.REVOKE] * 3]
    assert page.locator("li.review-item").count() == 1
    assert not page.problems


def test_many_of_the_rest_are_kept_at_once_and_the_sensitive_one_is_not_among_them(reviewer, open_as):
    page = open_as(reviewer)
    page.goto(reverse("access:my_reviews") + "?show=rest")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_text("1 selected").wait_for()
    page.get_by_label("Select all shown").check()
    page.get_by_text("3 selected").wait_for()
    with page.expect_navigation():
        page.get_by_role("button", name="Keep selected").click()
    assert sorted(answers(reviewer)) == ["", *[Answer.KEEP] * 3]


def test_what_is_answered_alone_is_no_longer_counted_as_ticked(reviewer, open_as):
    page = open_as(reviewer)
    page.goto(reverse("access:my_reviews"))
    row = page.locator("li.review-item").nth(1)
    row.locator("input[name=decision]").check()
    page.get_by_text("1 selected").wait_for()
    row.get_by_role("button", name="Keep").click()
    page.get_by_text("0 selected").wait_for()
    assert page.get_by_role("button", name="Revoke selected").is_disabled()


def test_the_dialog_of_keys_says_what_they_do_on_this_page(reviewer, open_as):
    page = open_as(reviewer)
    page.goto(reverse("access:my_reviews"))
    page.keyboard.press("?")
    said = page.locator("#keys").inner_text()
    assert "Keep the access" in said
    assert "name who should be asked" in said
    assert "Next and previous row" not in said
    assert "Next page of a list" not in said
    page.goto(reverse("desk:home"))
    page.keyboard.press("?")
    assert "Next and previous row" in page.locator("#keys").inner_text()


def test_after_the_last_answer_nothing_says_any_more_that_something_waits(reviewer, open_as):
    page = open_as(reviewer)
    page.goto(reverse("access:my_reviews"))
    places = page.get_by_role("navigation", name="Main")
    assert "4" in places.get_by_role("link", name="Reviews").inner_text()
    for number in range(4):
        page.locator("li.review-item:not(:has([data-decided]))").first.get_by_role("button", name="Revoke").click()
        page.get_by_text(f"{number + 1} of 4").wait_for()
    assert places.get_by_role("link", name="Reviews").inner_text().strip() == "Reviews"
    assert "you are done" in page.locator("#review-due").inner_text()
    assert not page.get_by_role("button", name="Revoke selected").is_visible()
    page.keyboard.press("u")
    page.get_by_text("3 of 4").wait_for()
    assert "1" in places.get_by_role("link", name="Reviews").inner_text()
    assert page.get_by_role("button", name="Revoke selected").is_visible()


def test_on_a_phone_nothing_covers_whom_the_item_is_about_while_it_is_handed_on(reviewer, open_as):
    page = open_as(reviewer, viewport=PHONE)
    page.goto(reverse("access:my_reviews"))
    page.locator("li.review-item").nth(2).get_by_role("link", name="Not mine").click()
    label = page.get_by_text("Whom to ask instead")
    label.wait_for()
    page.wait_for_timeout(200)
    seen = """(one) => { const box = one.getBoundingClientRect(); const at = document.elementFromPoint(box.left + 5, box.top + 5);
        return at === one || one.contains(at) || at.contains(one) && at.closest("li.review-item") !== null; }"""
    assert label.evaluate(seen)
    assert page.locator("li.is-cursor h2").evaluate(seen)


def test_on_a_phone_an_item_leaves_room_for_the_next(reviewer, open_as):
    page = open_as(reviewer, viewport=PHONE)
    page.goto(reverse("access:my_reviews"))
    riskiest, *rest = [one.bounding_box()["height"] for one in page.locator("li.review-item").all()]
    assert riskiest < 580
    assert max(rest) < 500
