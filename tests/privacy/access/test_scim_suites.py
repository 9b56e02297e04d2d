"""What public conformance suites and the requests of real identity providers ask, beyond what Okta and Entra say every day.

Read for this: Okta's specification test, Microsoft's reference code and validator, the compliance suites of WSO2, Apache SCIMple,
scim2 and suvera, and the request tests of scimitar, scim-patch, authentik, SimpleIdServer and others.
"""

import pytest
from django.utils import timezone

from privacy.models import Employee, ScimGroup
from tests.factories.scim import ENTERPRISE, GROUP, PATCH_OP, USER, Provider, is_scim_error

pytestmark = pytest.mark.django_db
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


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


@pytest.mark.parametrize("ours", [{"id": "theirs", "meta": {"resourceType": "Robot"}}, {"id": 7, "meta": "x", "groups": "y"}])
def test_what_only_this_server_says_is_ignored_in_whole_resources(okta, ours):
    ana = okta.add("ana", **ours)
    assert ana["id"] not in ("theirs", 7)
    assert ana["meta"]["resourceType"] == "User"
    again = okta.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", "nickName": "An", **ours})
    assert (again.status_code, again.json()["id"], again.json()["nickName"]) == (200, ana["id"], "An")
    group = okta.post("/Groups", {"schemas": [GROUP], "displayName": "Agents", **ours})
    assert group.status_code == 201, group.text
    assert group.json()["meta"]["resourceType"] == "Group"


def test_a_patch_may_send_back_all_that_was_read(okta):
    ana = okta.add("ana", name={"givenName": "Ana"}, **{ENTERPRISE: {"department": "Care"}})
    path = f"/Users/{ana['id']}"
    okta.patch(path, replace("nickName", "An"))  # what was read is not the newest any more
    answer = okta.patch(path, {"op": "replace", "value": {**ana, "title": "Agent"}})
    assert (answer.status_code, answer.json()["title"], answer.json()["nickName"]) == (200, "Agent", "An")
    group = okta.post("/Groups", {"schemas": [GROUP], "displayName": "Agents"}).json()
    renamed = {"op": "replace", "value": {**group, "displayName": "Service"}}
    assert okta.patch(f"/Groups/{group['id']}", renamed).status_code == 204
    assert okta.read_group(group)["displayName"] == "Service"


@pytest.mark.parametrize("ours", [{"meta": {"created": "2001-01-01T00:00:00Z"}}, {"id": "theirs"}, {"groups": [{"value": "x"}]}])
def test_a_patch_of_what_only_this_server_says_is_refused(okta, ours):
    ana = okta.add("ana")
    path = f"/Users/{ana['id']}"
    assert is_scim_error(okta.patch(path, {"op": "replace", "value": ours}), 400, "mutability")
    for name, value in ours.items():
        assert is_scim_error(okta.patch(path, replace(name, value)), 400, "mutability")
    assert okta.read(ana) == ana


@pytest.mark.parametrize(
    ("path", "value", "left"),
    [
        ("title", "Agent", {"emails", "name", ENTERPRISE}),
        ("title", [{"$ref": None, "value": "Agent"}], {"emails", "name", ENTERPRISE}),
        (f"{USER}:title", "Agent", {"emails", "name", ENTERPRISE}),
        ('emails[type eq "work"]', [{"value": "ana@lumens.example"}], {"title", "name", ENTERPRISE}),
        ("emails", "ana@lumens.example", {"title", "name", ENTERPRISE}),
        ("emails", ["ana@lumens.example"], {"title", "name", ENTERPRISE}),
        ("name.givenName", "Ana", {"title", "emails", ENTERPRISE}),
        (f"{ENTERPRISE}:department", "Care", {"title", "emails", "name"}),
        (f"{ENTERPRISE}:department", [{"value": "Care"}], {"title", "emails", "name"}),
    ],
)
def test_a_removal_goes_by_its_path_though_the_value_stands_beside_it(okta, path, value, left):
    ana = okta.add(
        "ana",
        title="Agent",
        name={"givenName": "Ana"},
        emails=[{"value": "ana@lumens.example", "type": "work"}],
        **{ENTERPRISE: {"department": "Care"}},
    )
    answer = okta.patch(f"/Users/{ana['id']}", {"op": "Remove", "path": path, "value": value})
    assert answer.status_code == 200, answer.text
    assert {"title", "emails", "name", ENTERPRISE} & set(answer.json()) == left


@pytest.mark.parametrize("write", [str, lambda uid: {"value": uid}, lambda uid: [{"$ref": None, "value": uid}]])
def test_a_manager_is_removed_though_their_id_stands_beside_it(okta, write):
    boss = okta.add("boss")
    ana = okta.add("ana", **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    assert Employee.objects.get(login="ana").manager.login == "boss"
    gone = {"op": "remove", "path": f"{ENTERPRISE}:manager", "value": write(boss["id"])}
    answer = okta.patch(f"/Users/{ana['id']}", gone)
    assert answer.status_code == 200, answer.text
    assert Employee.objects.get(login="ana").manager is None


def test_active_cannot_be_removed_whatever_stands_beside_it(okta):
    ana = okta.add("ana")
    for value in (True, "True", [{"value": "True"}]):
        gone = {"op": "remove", "path": "active", "value": value}
        assert is_scim_error(okta.patch(f"/Users/{ana['id']}", gone), 400, "mutability")
    assert works_here("ana")


def test_members_under_their_own_name_once_more_are_those_members(okta):
    """As Salesforce writes them."""
    ana, ben, cem = (okta.add(name)["id"] for name in ("ana", "ben", "cem"))
    group = okta.post("/Groups", {"schemas": [GROUP], "displayName": "Agents", "members": [{"value": ana}]}).json()
    for op, said, left in (
        ("add", [ben], {ana, ben}),
        ("remove", [ana], {ben}),
        ("replace", [cem, ana], {ana, cem}),
    ):
        value = {"members": [{"$ref": None, "value": uid} for uid in said]}
        answer = okta.patch(f"/Groups/{group['id']}", {"op": op, "path": "members", "value": value})
        assert answer.status_code == 204, answer.text
        assert {member["value"] for member in okta.read_group(group)["members"]} == left


def test_a_group_that_nobody_is_in_has_an_empty_list_of_members(okta):
    ana = okta.add("ana")
    group = okta.post("/Groups", {"schemas": [GROUP], "displayName": "Agents", "members": []}).json()
    path, whole = f"/Groups/{group['id']}", {"schemas": [GROUP], "displayName": "Agents"}
    assert group["members"] == []
    assert okta.read_group(group)["members"] == []
    assert okta.get("/Groups").json()["Resources"][0]["members"] == []
    assert okta.get("/Groups", attributes="members.value").json()["Resources"][0]["members"] == []
    assert len(okta.put(path, {**whole, "members": [{"value": ana["id"]}]}).json()["members"]) == 1
    assert okta.put(path, {**whole, "members": []}).json()["members"] == []
    for query in ({"excludedAttributes": "members"}, {"attributes": "displayName"}):
        assert "members" not in okta.get(path, **query).json()
        assert "members" not in okta.get("/Groups", **query).json()["Resources"][0]
    assert "members" not in okta.read(ana)


def test_a_group_told_twice_by_one_client_is_one_group(okta):
    said = {"schemas": [GROUP], "displayName": "Agents", "externalId": "1"}
    first = okta.post("/Groups", said)
    assert first.status_code == 201
    assert is_scim_error(okta.post("/Groups", {**said, "displayName": "AGENTS"}), 409, "uniqueness")
    assert okta.post("/Groups", {**said, "externalId": "2"}).status_code == 201
    assert okta.post("/Groups", {"schemas": [GROUP], "displayName": "Agents"}).status_code == 201
    entra = Provider(str(okta.http.base_url).removesuffix("/scim/v2/"), "Entra")
    assert entra.post("/Groups", said).status_code == 201
    entra.close()
    assert ScimGroup.objects.count() == 4
    okta.delete(f"/Groups/{first.json()['id']}")
    assert okta.post("/Groups", said).status_code == 201


def test_no_value_of_one_type_is_kept_twice_and_the_primary_one_stays(okta):
    work = {"value": "ana@lumens.example", "type": "work"}
    ana = okta.add(
        "ana",
        emails=[work, {**work, "primary": True}, {**work, "type": "home"}],
        addresses=[{"type": "work", "country": "US"}, {"type": "work", "country": "DE"}],
    )
    assert ana["emails"] == [{**work, "primary": True}, {**work, "type": "home"}]
    assert len(ana["addresses"]) == 2
    path = f"/Users/{ana['id']}"
    again = okta.put(path, {"schemas": [USER], "userName": "ana", "phoneNumbers": [{"value": "1"}, {"value": "1"}]})
    assert again.json()["phoneNumbers"] == [{"value": "1"}]


@pytest.mark.parametrize("text", ['name eq "Ana"', 'addresses co "US"', 'not (name sw "A")'])
def test_an_attribute_with_parts_is_compared_by_one_of_them(okta, text):
    okta.add("ana", name={"givenName": "Ana"})
    for path in ("/Users", "/"):
        assert is_scim_error(okta.get(path, filter=text), 400, "invalidFilter")
    assert okta.get("/Users", filter='name.givenName eq "ana" and emails eq null').json()["totalResults"] == 1
    assert okta.get("/Users", filter="name pr").json()["totalResults"] == 1


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
