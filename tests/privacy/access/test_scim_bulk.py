"""Many words in one request: who has left is heard, whatever is wrong with the words around it."""

import pytest
from django.db import OperationalError
from django.utils import timezone

from privacy.access.actions import scim as verbs
from privacy.models import Employee
from tests.factories.scim import PATCH_OP, USER, is_scim_error
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
LEFT = {"op": "Replace", "path": "active", "value": "False"}


def patch(user, *operations):
    return {"method": "PATCH", "path": f"/Users/{user['id']}", "data": {"schemas": [PATCH_OP], "Operations": list(operations)}}


def new(name, **more):
    return {"method": "POST", "path": "/Users", "bulkId": name, "data": {"schemas": [USER], "userName": name, **more}}


def bulk(okta, *operations, **more):
    answer = okta.post("/Bulk", {"schemas": [BULK], "Operations": list(operations), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["Operations"]


def work_here():
    return sorted(e.login for e in Employee.objects.all() if e.is_employed(at=timezone.now()))


def test_leavers_are_heard_after_as_many_errors_as_the_client_accepts_and_nobody_else_is(okta):
    people = {name: okta.add(name) for name in ("ana", "ben", "eve", "kim", "zoe")}
    done = bulk(
        okta,
        new("ANA"),
        new("joins"),
        patch(people["ana"], LEFT),
        patch(people["zoe"], {"op": "replace", "path": "displayName", "value": "Zoe Bell"}),
        {"method": "DELETE", "path": f"/Users/{people['ben']['id']}"},
        {"method": "PUT", "path": f"/Users/{people['eve']['id']}", "data": {**people["eve"], "active": False}},
        {"method": "DELETE", "path": "/Groups/00000000-0000-4000-8000-000000000000"},
        failOnErrors=1,
    )
    assert [(one["method"], one["status"]) for one in done] == [
        ("POST", "409"),
        ("PATCH", "200"),
        ("DELETE", "204"),
        ("PUT", "200"),
    ]
    assert work_here() == ["kim", "zoe"]


@pytest.mark.parametrize(
    "beside",
    [
        {"op": "replace", "path": "userName", "value": "BEN"},
        {"op": "replace", "path": "emails[type eq", "value": "x"},
        {"op": "remove", "path": "userName"},
        {"op": "remove", "path": "active"},
        {"op": "add", "path": "id", "value": "00000000-0000-4000-8000-000000000000"},
        {"op": "shout", "path": "title", "value": "x"},
        {"op": "replace", "path": "name", "value": 7},
    ],
)
def test_a_leaver_told_with_words_that_cannot_be_has_left_by_bulk_too(okta, beside):
    ana = okta.add("ana")
    okta.add("ben")
    for said in ((beside, LEFT), (LEFT, beside)):
        Employee.objects.filter(login="ana").update(left_at=None, ends_on=None)
        assert [one["status"] for one in bulk(okta, patch(ana, *said))] == ["200"]
        assert work_here() == ["ben"]


def test_a_leaver_who_is_put_with_anothers_name_has_left_and_keeps_their_own(okta):
    ana, _ = okta.add("ana"), okta.add("ben")
    said = {"method": "PUT", "path": f"/Users/{ana['id']}", "data": {**ana, "userName": "ben", "active": "False"}}
    (done,) = bulk(okta, said)
    assert (done["status"], done["method"]) == ("200", "PUT")
    assert okta.read(ana)["userName"] == "ana"
    assert work_here() == ["ben"]


def test_names_of_a_bulk_operation_are_read_in_any_case(okta):
    ana = okta.add("ana")
    shouted = {name.upper(): value for name, value in patch(ana, LEFT).items()}
    answer = okta.post("/Bulk", {"SCHEMAS": [BULK], "OPERATIONS": [new("ANA"), shouted], "FAILONERRORS": 1})
    assert answer.status_code == 200, answer.text
    assert work_here() == []


def test_a_request_refused_as_a_whole_ends_its_leavers_and_says_so_and_does_nothing_else(okta):
    ana, ben = okta.add("ana"), okta.add("ben")
    leaving = [patch(ana, LEFT), {"method": "DELETE", "path": f"/Users/{ben['id']}"}]
    for number, (body, status) in enumerate(
        [
            ({"schemas": [BULK], "Operations": [new(f"joins{n}") for n in range(200)] + leaving}, 413),
            ({"schemas": [BULK], "Operations": [new("joins"), *leaving], "failOnErrors": "many"}, 400),
            ({"schemas": [PATCH_OP], "Operations": [new("joins"), *leaving]}, 400),
        ]
    ):
        Employee.objects.filter(login="ana").update(left_at=None, ends_on=None)
        answer = okta.post("/Bulk", body)
        assert is_scim_error(answer, status)
        assert f"heard all the same: {2 if number == 0 else 1} of them" in answer.json()["detail"]
        assert work_here() == []
    assert Employee.objects.count() == 2


def test_somebody_who_joins_and_has_left_in_one_request_does_not_work_here(okta):
    leaving = {
        "method": "PATCH",
        "path": "/Users/bulkId:ana",
        "data": {"schemas": [PATCH_OP], "Operations": [LEFT, {"op": "remove", "path": "userName"}]},
    }
    assert [one["status"] for one in bulk(okta, new("ana"), leaving)] == ["201", "200"]
    assert work_here() == []


def test_the_last_word_of_one_request_never_brings_back_who_left_by_an_earlier_one(okta):
    ana = okta.add("ana")
    back = patch(ana, {"op": "replace", "path": "active", "value": True})
    assert [one["status"] for one in bulk(okta, patch(ana, LEFT), back)] == ["200", "409"]
    assert [one["status"] for one in bulk(okta, back, patch(ana, LEFT))] == ["200", "200"]
    assert work_here() == []


def test_one_operation_that_waits_in_vain_for_the_database_is_to_be_tried_again(okta, monkeypatch, caplog):
    ana, ben = okta.add("ana"), okta.add("ben")
    change = verbs.change_user

    def locked(uid, *args, **kwargs):
        if uid == ana["id"]:
            raise OperationalError("canceling statement due to lock timeout")
        return change(uid, *args, **kwargs)

    monkeypatch.setattr(verbs, "change_user", locked)
    assert [one["status"] for one in bulk(okta, patch(ana, LEFT), patch(ben, LEFT))] == ["503", "200"]
    assert "lock timeout" not in caplog.text
    assert work_here() == ["ana"]


def test_active_cannot_be_removed_and_nothing_says_that_it_was(okta):
    ana = okta.add("ana")
    EmployeeFactory(login="ben")
    for path in ("active", "ACTIVE", f"{USER}:active"):
        answer = okta.patch(f"/Users/{ana['id']}", {"op": "remove", "path": path})
        assert is_scim_error(answer, 400, "mutability")
        assert "replace it by false" in answer.json()["detail"]
        title = {"op": "replace", "path": "title", "value": "Agent"}
        assert is_scim_error(okta.patch(f"/Users/{ana['id']}", title, {"op": "remove", "path": path}), 400)
    for nothing in ({"op": "replace", "path": "active", "value": None}, {"op": "replace", "value": {"active": None}}):
        assert is_scim_error(okta.patch(f"/Users/{ana['id']}", nothing), 400)
    described = {a["name"]: a for a in okta.get(f"/Schemas/{USER}").json()["attributes"]}
    assert described["active"]["required"] is True
    assert okta.read(ana)["active"] is True
    assert "title" not in okta.read(ana)
    assert work_here() == ["ana", "ben"]
