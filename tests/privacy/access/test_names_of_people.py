"""What cannot be a login or a name, whichever door it comes through: what only looks like a colleague's, and card numbers."""

import pytest
from django.db import connection
from django.utils import timezone

from customers.cards import holds_a_card_number
from privacy.models import Department, Employee
from privacy.promises.queries import by_id
from privacy.workforce.actions import change_login, hire
from privacy.workforce.errors import LoginImitates, LoginTaken
from tests.factories.access import grant, sign_in
from tests.factories.scim import ENTERPRISE, GROUP, USER, is_scim_error
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
LOOKS_LIKE_HELEN = ["helen.m\u0430rsh", "H\u0435len.Marsh", "\uff48elen.marsh"]


@pytest.fixture
def helen():
    return EmployeeFactory(login="helen.marsh")


def page_values(helen, **other):
    return {
        "login": "other",
        "name": "Somebody Else",
        "email": "other@lumens.example",
        "worker_type": "employee",
        "job_function": helen.job_function_id,
        "starts_on": timezone.localdate().isoformat(),
    } | other


def hired(login):
    return hire(login=login, name="Somebody", starts_on=timezone.localdate(), by=None, now=timezone.now(), source="page")


@pytest.fixture
def page(client):
    ines = EmployeeFactory(login="ines")
    grant(ines, "access.administer", "people.manage")
    return sign_in(client, ines)


@pytest.mark.parametrize("impostor", LOOKS_LIKE_HELEN)
def test_nobody_is_hired_under_a_login_that_looks_like_a_colleagues(page, run, okta, helen, impostor):
    answer = page.post("/admin/access/people/new/", page_values(helen, login=impostor))
    assert answer.status_code == 400
    assert "only looks like" in answer.context["form"].errors["login"][0]
    assert run("create_security_administrator", impostor, "root@lumens.example")[0] == 2
    assert is_scim_error(okta.post("/Users", {"schemas": [USER], "userName": impostor}), 400, "invalidValue")
    assert not Employee.objects.filter(login=impostor).exists()


@pytest.mark.parametrize("impostor", LOOKS_LIKE_HELEN)
def test_nobody_is_renamed_to_a_login_that_looks_like_a_colleagues(okta, helen, impostor):
    other = okta.add("other")
    renamed = {"op": "replace", "path": "userName", "value": impostor}
    assert is_scim_error(okta.patch(f"/Users/{other['id']}", renamed), 400, "invalidValue")
    assert okta.put(f"/Users/{other['id']}", {**other, "userName": impostor, "active": False}).status_code == 200
    assert not Employee.objects.get(login="other").is_employed(at=timezone.now())


def test_a_login_of_another_script_that_looks_like_nobodys_is_welcome_and_is_taken_once(helen):
    olga = hired("ольга")
    with pytest.raises(LoginTaken):
        hired("Ольга")
    assert change_login(olga.pk, login="Ольга", by=None, source="scim")
    hired("jose\u0301")
    assert Employee.objects.called("jos\u00e9").exists()  # one form of its accents
    with pytest.raises(LoginImitates):
        change_login(olga.pk, login="helen.m\u0430rsh", by=None, source="scim")


CARD = "4111111111111111"


def test_a_card_number_becomes_nobodys_login_name_or_address(page, run, okta, helen):
    for said in ({"login": CARD}, {"name": f"Ann {CARD}"}, {"email": f"{CARD}@lumens.example"}):
        answer = page.post("/admin/access/people/new/", page_values(helen, **said))
        assert answer.status_code == 400
    for arguments in ([CARD, "x@lumens.example"], ["x", f"{CARD}@lumens.example"], ["x", "x@lumens.example", "--name", CARD]):
        code, answered = run("create_security_administrator", *arguments)
        assert code == 2
        assert "card number" in answered["error"]
        assert CARD not in answered["error"]
    for said in ({"userName": CARD}, {"userName": "x", "displayName": CARD}, {"userName": "x", "name": {"familyName": CARD}}):
        refused = okta.post("/Users", {"schemas": [USER], **said})
        assert is_scim_error(refused, 400, "invalidValue")
        assert CARD not in refused.text
    assert {e.login for e in Employee.objects.all()} == {"helen.marsh", "ines", "approver-one", "approver-two"}


def test_a_provider_makes_no_card_number_of_somebodys_login_name_or_department(okta):
    other = okta.add("other", displayName="Other")
    for path, value in (
        ("userName", CARD),
        ("displayName", "4111 1111 1111 1111"),
        (f"{ENTERPRISE}:department", CARD),
    ):
        assert is_scim_error(okta.patch(f"/Users/{other['id']}", {"op": "replace", "path": path, "value": value}), 400)
    assert not Department.objects.exists()
    left = {**other, "displayName": CARD, "active": False}
    assert okta.put(f"/Users/{other['id']}", left).status_code == 200  # leaving is heard, whatever is said beside it
    person = Employee.objects.get(login="other")
    assert (person.name, person.is_employed(at=timezone.now())) == ("Other", False)
    assert CARD not in str(list(person.scim_users.values("told")))


def test_who_is_called_by_a_uuid_that_looks_like_a_card_number_is_hired(okta):
    called = "41111111-1111-1111-aaaa-bbbbbbbbbbbb"
    assert holds_a_card_number(called)
    page = f"https://{called}.example/{called}"
    made = okta.post("/Users", {"schemas": [USER], "userName": called, "profileUrl": page})
    assert made.status_code == 201
    assert okta.get(f"/Users/{made.json()['id']}").json()["profileUrl"] == page
    assert okta.post("/Groups", {"schemas": [GROUP], "displayName": called}).status_code == 201
    assert by_id("A1-transaction").measure(timezone.now()).value == 0


def test_a_card_number_that_a_provider_tells_of_somebody_is_kept_nowhere_and_holds_up_no_leaving(okta):
    told = {"schemas": [USER], "userName": "ben", "nickName": "4111 1111 1111 1111", "externalId": "00u1"}
    told["phoneNumbers"] = [{"type": "work", "value": "4111111111111111"}]
    made = okta.post("/Users", told)
    assert made.status_code == 201
    okta.patch(f"/Users/{made.json()['id']}", {"op": "replace", "path": "name.middleName", "value": "4111-1111-1111-1111"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT told::text FROM privacy_scimuser UNION ALL SELECT told::text FROM privacy_scimuserledgerevent")
        assert not [kept for (kept,) in cursor.fetchall() if "1111" in kept]
    answer = okta.patch(f"/Users/{made.json()['id']}", {"op": "replace", "value": {"active": False, "title": "4111111111111111"}})
    assert answer.status_code == 200
    assert Employee.objects.get(login="ben").left_at is not None
    assert okta.post("/Groups", {"schemas": [GROUP], "displayName": "4111111111111111"}).status_code == 400
