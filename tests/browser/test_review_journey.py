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
