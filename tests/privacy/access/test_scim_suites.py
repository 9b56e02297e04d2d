"""What public conformance suites and the requests of real identity providers ask, beyond what Okta and Entra say every day.

Read for this: Okta's specification test, Microsoft's reference code and validator, the compliance suites of WSO2, Apache SCIMple,
scim2 and suvera, and the request tests of scimitar, scim-patch, authentik, SimpleIdServer and others.
"""

import pytest
from django.utils import timezone

from privacy.models import Employee
from tests.factories.scim import PATCH_OP, USER, Provider, is_scim_error, running_server

pytestmark = pytest.mark.django_db
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@pytest.fixture
def okta():
    with running_server() as url:
        provider = Provider(url)
        yield provider
        provider.close()


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


def works_here(login):
    return Employee.objects.get(login=login).is_employed(at=timezone.now())


@pytest.mark.parametrize("place", ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Users", "/Groups"])
def test_a_place_says_which_methods_it_knows_before_it_reads_a_body(okta, place):
    methods = ("PUT", "PATCH") if place in ("/Users", "/Groups") else ("POST", "PUT", "PATCH")
    for method in methods:
        answer = okta.http.request(method, place, content=b"test\r\n\r\n")
        assert is_scim_error(answer, 405)
        assert "GET" in answer.headers["Allow"]


def test_a_place_that_is_not_here_says_so_before_it_reads_a_body(okta):
    for path in ("/Devices", "/Devices/1", "/Users/1/2"):
        assert is_scim_error(okta.http.put(path, content=b"{not json"), 404 if path.count("/") != 1 else 405)
        assert is_scim_error(okta.http.get(path), 404)
    assert is_scim_error(okta.http.post("/Devices", content=b"{not json"), 404)


def test_places_and_schemas_are_found_whatever_their_case(okta):
    for path in ("/serviceproviderconfig", "/RESOURCETYPES/User", "/schemas", f"/schemas/{USER.upper()}", "/users", "/groups"):
        assert okta.get(path).status_code == 200, path
    assert is_scim_error(okta.get("/me"), 501)
    operation = {"method": "post", "path": "/users", "bulkId": "a", "data": {"schemas": [USER], "userName": "ana"}}
    answer = okta.post("/bulk", {"schemas": [BULK], "Operations": [operation]})
    assert [one["status"] for one in answer.json()["Operations"]] == ["201"]


@pytest.mark.parametrize(
    "address",
    ["/Users/{}", "/users/{}", "/USERS/{}/", "/Users/{{{}}}"],
    ids=["as-told", "lower-case", "upper-case", "in-braces"],
)
@pytest.mark.parametrize("spell", [str, str.upper, lambda uid: uid.replace("-", "")], ids=["as-told", "upper-case", "no-dashes"])
def test_who_left_comes_back_under_whatever_spelling_of_their_address(okta, address, spell):
    ana = okta.add("ana")
    path = address.format(spell(ana["id"]))
    for active in (False, True, False):
        answer = okta.patch(path, replace("active", active))
        assert (answer.status_code, answer.json()["active"]) == (200, active), answer.text
        assert works_here("ana") is active
    back = {"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": [replace("active", True)]}}
    body = okta.http.build_request("POST", "/Bulk", json={"schemas": [BULK], "Operations": [back]}).content
    answer = okta.http.post("/Bulk", content=body.replace(b"/", b"\\/"))
    assert [one["status"] for one in answer.json()["Operations"]] == ["200"]
    assert works_here("ana")


def test_an_order_is_read_in_any_case(okta):
    for name in ("ana", "ben"):
        okta.add(name)
    for order in ("Descending", "DESCENDING"):
        listed = okta.get("/Users", sortBy="userName", sortOrder=order).json()
        searched = okta.post("/Users/.search", {"schemas": [SEARCH], "sortBy": "userName", "sortOrder": order}).json()
        for found in (listed, searched):
            assert [user["userName"] for user in found["Resources"]] == ["ben", "ana"]


def test_a_bulk_request_that_accepts_no_limit_of_errors_does_all_the_others(okta):
    said = [
        {"method": "DELETE", "path": "/Groups/nobody"},
        {"method": "DELETE", "path": "/Groups/nobody"},
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"schemas": [USER], "userName": "ana"}},
    ]
    for limit, done in ((0, ["404", "404", "201"]), (1, ["404"]), (2, ["404", "404"])):
        answer = okta.post("/Bulk", {"schemas": [BULK], "Operations": said, "failOnErrors": limit})
        assert [one["status"] for one in answer.json()["Operations"]] == done
