"""One address is one person's, whichever door somebody comes through: a link to a new password goes by it (statement E.1)."""

import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from privacy.access import actions
from privacy.models import Employee
from privacy.workforce.actions import change_details, hire
from privacy.workforce.errors import AddressTaken
from tests.factories.access import grant, sign_in
from tests.factories.scim import USER, is_scim_error
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
HERS = "helen@lumens.example"


@pytest.fixture
def helen():
    return EmployeeFactory(login="helen", name="Helen Marsh", email=HERS)


@pytest.fixture
def administrator():
    ines = EmployeeFactory(login="ines")
    grant(ines, "access.administer", "people.manage")
    return ines


def emails(value):
    return [{"value": value, "type": "work", "primary": True}]


def leave(person):
    actions.end_employment(person.pk, by=None, reason="left", now=timezone.now(), source="page")


def test_the_page_hires_nobody_under_a_colleagues_address_and_says_so_beside_it(client, helen, administrator):
    sign_in(client, administrator)
    values = {
        "login": "other",
        "name": "Somebody Else",
        "email": HERS.upper(),
        "worker_type": "employee",
        "job_function": helen.job_function_id,
        "starts_on": timezone.localdate().isoformat(),
    }
    answer = client.post("/admin/access/people/new/", values)
    assert answer.status_code == 400
    assert "that of helen" in answer.context["form"].errors["email"][0]
    assert not Employee.objects.filter(login="other").exists()
    leave(helen)
    assert client.post("/admin/access/people/new/", values).status_code == 302
    assert Employee.objects.get(login="other").email == HERS.upper()


def test_a_provider_gives_nobody_a_colleagues_address_by_any_of_its_words(okta, helen):
    taken = {"schemas": [USER], "userName": "other", "emails": emails("Helen@Lumens.Example")}
    assert is_scim_error(okta.post("/Users", taken), 409, "uniqueness")
    assert not Employee.objects.filter(login="other").exists()
    other = okta.add("other", emails=emails("other@lumens.example"))
    changed = {"op": "replace", "path": "emails", "value": emails(HERS)}
    assert is_scim_error(okta.patch(f"/Users/{other['id']}", changed), 409, "uniqueness")
    assert is_scim_error(okta.put(f"/Users/{other['id']}", {**other, "emails": emails(HERS)}), 409, "uniqueness")
    assert okta.read(other)["emails"] == emails("other@lumens.example")
    leave(helen)
    assert okta.patch(f"/Users/{other['id']}", changed).status_code == 200
    assert Employee.objects.get(login="other").email == HERS


def test_the_word_that_somebody_left_is_heard_whatever_address_stands_beside_it(okta, helen):
    other = okta.add("other", emails=emails("other@lumens.example"))
    assert okta.put(f"/Users/{other['id']}", {**other, "active": False, "emails": emails(HERS)}).status_code == 200
    assert not Employee.objects.get(login="other").is_employed(at=timezone.now())


def test_the_terminal_makes_no_administrator_of_a_colleagues_address(run, helen):
    for more in ([], ["--dry-run"]):
        code, said = run("create_security_administrator", "root", HERS, *more)
        assert code == 2
        assert "that of helen" in said["error"]
    assert not Employee.objects.filter(login="root").exists()


def test_whoever_comes_back_has_an_address_of_their_own(okta, helen, administrator):
    other = okta.add("other", emails=emails(HERS.replace("helen", "other")))
    leave(Employee.objects.get(login="other"))
    change_details(helen.pk, by=None, now=timezone.now(), source="roster", email=HERS.replace("helen", "other"))
    back = {"op": "replace", "path": "active", "value": True}
    assert is_scim_error(okta.patch(f"/Users/{other['id']}", back), 409, "uniqueness")
    person = Employee.objects.get(login="other")
    day = timezone.localdate() + timedelta(days=1)
    with pytest.raises(AddressTaken):
        actions.bring_back(person.pk, starts_on=day, ends_on=None, by=administrator, now=timezone.now(), source="page")
    event = person.employment_events.get(kind="left")
    with pytest.raises(AddressTaken):
        actions.restore_after_mistake(event.pk, by=administrator, reason="a mistake", now=timezone.now())
    assert not Employee.objects.get(login="other").is_employed(at=timezone.now())
    anew = {"op": "replace", "path": "emails", "value": emails("other.2@lumens.example")}
    assert okta.patch(f"/Users/{other['id']}", back, anew).status_code == 200
    assert Employee.objects.get(login="other").is_employed(at=timezone.now())


def test_two_who_share_an_address_since_before_can_be_changed_and_one_of_them_given_another(helen):
    twin = EmployeeFactory(login="twin", email=HERS)
    change = {"by": None, "now": timezone.now(), "source": "page"}
    assert change_details(twin.pk, name="Another Name", email=HERS, **change) == ["name"]
    assert change_details(twin.pk, email="twin@lumens.example", **change) == ["email"]
    with pytest.raises(AddressTaken):
        change_details(twin.pk, email=HERS, **change)


def test_nobodys_address_may_be_empty_twice():
    for login in ("one", "two"):
        hire(login=login, name=login, starts_on=timezone.localdate(), by=None, now=timezone.now(), source="page")


@pytest.mark.django_db(transaction=True)
def test_of_those_who_are_hired_under_one_address_at_once_one_is_let_in():
    day, now = timezone.localdate(), timezone.now()

    def hired(login):
        with transaction.atomic():
            made = hire(login=login, name=login, email=HERS, starts_on=day, by=None, now=now, source="page")
            time.sleep(0.3)  # the others come before this is committed
        return made

    results = together(*[lambda login=login: hired(login) for login in ("one", "two", "three")])
    assert sorted(type(one).__name__ for one in results) == ["AddressTaken", "AddressTaken", "Employee"]
