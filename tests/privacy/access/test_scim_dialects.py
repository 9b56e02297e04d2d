"""What Okta, Entra ID and their validators word otherwise than the RFC: understood, and never a success that did nothing."""

import uuid

import pytest
from django.utils import timezone

from privacy.models import Employee, ScimMember
from tests.factories.scim import ENTERPRISE, GROUP, PATCH_OP, USER, Provider, is_scim_error, running_server
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def entra(db):
    with running_server() as url:
        provider = Provider(url, "Entra")
        yield provider
        provider.close()


def works_here(login):
    return Employee.objects.get(login=login).is_employed(at=timezone.now())


@pytest.mark.parametrize(
    "named",
    [
        lambda uid: [{"$ref": None, "value": uid}],
        lambda uid: [{"value": uid, "display": "Ana Bell"}],
        lambda uid: [{"value": uid, "type": "User", "$ref": f"https://elsewhere.example/Users/{uid}"}],
        lambda uid: {"Value": uid, "$ref": None},
        lambda uid: [uid],
        lambda uid: uid,
    ],
    ids=["ref-null", "display", "other-ref", "object", "list-of-text", "text"],
)
def test_a_member_to_remove_is_known_by_the_identifier_whatever_is_said_beside_it(entra, named):
    ana, ben = entra.add("ana"), entra.add("ben")
    group = entra.post("/Groups", {"schemas": [GROUP], "displayName": "G", "members": [ana["id"], {"value": ben["id"]}]}).json()
    answer = entra.patch(f"/Groups/{group['id']}", {"op": "Remove", "path": "members", "value": named(ana["id"])})
    assert answer.status_code == 204, answer.text
    assert [member["value"] for member in entra.read_group(group)["members"]] == [ben["id"]]
    assert list(ScimMember.objects.values_list("user__user_name", flat=True)) == ["ben"]


def test_a_member_that_is_told_without_an_object_is_added(entra):
    ana, ben = entra.add("ana"), entra.add("ben")
    group = entra.post("/Groups", {"schemas": [GROUP.upper()], "displayName": "G"}).json()
    path = f"/Groups/{group['id']}"
    assert entra.patch(path, {"op": "add", "path": "Members", "value": ana["id"]}).status_code == 204
    assert entra.patch(path, {"op": "add", "value": {"members": [ben["id"]]}}).status_code == 204
    assert {member["value"] for member in entra.read_group(group)["members"]} == {ana["id"], ben["id"]}


WRONG = {
    "no-address": {"emails": [{"value": "nix", "type": "work"}]},
    "no-object": {"phoneNumbers": ["555"]},
    "no-text": {"locale": 5},
    "no-login": {"userName": "ana bell"},
    "taken-login": {"userName": "BEN"},
    "no-manager": {ENTERPRISE: {"manager": {"value": str(uuid.uuid4())}}},
    "too-long": {"title": "x" * 2000},
    "no-certificate": {"x509Certificates": [{"value": "not base64!"}]},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_leaver_is_never_held_up_by_what_else_is_said_wrongly(entra, wrong):
    entra.add("ben")
    for how in ("put", "patch", "patch in pieces"):
        login = f"ana.{how.replace(' ', '-')}"
        ana = entra.add(login, emails=[{"value": "ana@lumens.example", "type": "work"}])
        path = f"/Users/{ana['id']}"
        if how == "put":
            answer = entra.put(path, {"schemas": [USER, ENTERPRISE], "userName": login, "active": False, **wrong})
        elif how == "patch":
            answer = entra.patch(path, {"op": "Replace", "value": {"active": "False", **wrong}})
        else:
            pieces = [{"op": "replace", "path": name, "value": value} for name, value in wrong.items()]
            answer = entra.patch(path, *pieces, {"op": "Replace", "path": "active", "value": "False"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["active"] is False
        assert answer.json()["userName"] == login
        assert answer.json()["emails"] == [{"value": "ana@lumens.example", "type": "work"}]
        assert not works_here(login)


def test_somebody_who_stays_is_not_changed_by_half_of_what_was_said(entra):
    ana = entra.add("ana", nickName="An")
    path = f"/Users/{ana['id']}"
    wrong = {"op": "replace", "path": "locale", "value": 5}
    nick = {"op": "replace", "path": "nickName", "value": "Annie"}
    assert is_scim_error(entra.patch(path, nick, wrong), 400, "invalidValue")
    # Of two words about leaving the last one counts.
    back = [{"op": "replace", "path": "active", "value": word} for word in (False, True)]
    assert is_scim_error(entra.patch(path, *back, nick, wrong), 400, "invalidValue")
    assert works_here("ana")
    assert entra.read(ana)["nickName"] == "An"


def test_a_leaving_that_names_another_version_is_refused_like_any_change(entra):
    ana = entra.add("ana")
    gone = {"op": "replace", "path": "active", "value": False}
    assert is_scim_error(entra.patch(f"/Users/{ana['id']}", gone, **{"If-Match": 'W/"77"'}), 412)
    assert works_here("ana")


def test_a_put_whose_active_is_null_says_nothing_about_it(entra):
    ana = entra.add("ana")
    path, said = f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", "active": None}
    assert entra.put(path, said).json()["active"] is True
    entra.patch(path, {"op": "replace", "path": "active", "value": False})
    assert entra.put(path, said).json()["active"] is False
    assert not works_here("ana")


def test_a_patch_of_a_user_is_answered_with_the_user(entra):
    ana = entra.add("ana")
    answer = entra.patch(f"/Users/{ana['id']}", {"op": "replace", "value": {"active": False}})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == answer.json()["meta"]["version"]
    assert (answer.json()["id"], answer.json()["active"]) == (ana["id"], False)


def test_single_values_in_a_list_and_the_manager_by_the_name_alone(entra):
    ana, ben = entra.add("ana"), entra.add("ben")
    path = f"/Users/{ana['id']}"
    for said in (
        {"op": "Replace", "path": "displayName", "value": [{"$ref": None, "value": "Ana Bell"}]},
        {"op": "Replace", "path": f"{ENTERPRISE}:department", "value": [{"$ref": None, "value": "Care"}]},
        {"op": "Add", "path": "manager", "value": [{"$ref": f"https://x.example/Users/{ben['id']}", "value": ben["id"]}]},
    ):
        assert entra.patch(path, said).status_code == 200, said
    person = Employee.objects.get(login="ana")
    assert (person.name, person.department.name, person.manager.login) == ("Ana Bell", "Care", "ben")

    def managed_by(who):
        asked = f'id eq "{ana["id"]}" and manager eq "{who["id"]}"'
        return entra.get("/Users", filter=asked, attributes="id").json()["totalResults"]

    assert (managed_by(ben), managed_by(ana)) == (1, 0)
    assert entra.get("/Users", filter='displayName eq "manager eq 1"').json()["totalResults"] == 0
    assert entra.patch(path, {"op": "Remove", "path": "manager"}).status_code == 200
    person.refresh_from_db()
    assert person.manager is None
    assert managed_by(ben) == 0


def test_addresses_of_profiles_and_photos_may_be_any_text_and_are_described_as_references(entra):
    ana = entra.add("ana", profileUrl="OMHIRZMMCNHX", photos=[{"value": "../me.png", "type": "photo"}])
    assert (ana["profileUrl"], ana["photos"][0]["value"]) == ("OMHIRZMMCNHX", "../me.png")
    attributes = {a["name"]: a for a in entra.get(f"/Schemas/{USER}").json()["attributes"]}
    assert (attributes["profileUrl"]["type"], attributes["profileUrl"]["referenceTypes"]) == ("reference", ["external"])


def test_names_of_schemas_and_attributes_are_one_whatever_their_case(entra):
    said = {
        "SCHEMAS": [USER.lower(), ENTERPRISE.upper()],
        "USERNAME": "ana",
        "name": {"GIVENNAME": "Ana", "familyname": "Bell"},
        ENTERPRISE.upper(): {"DEPARTMENT": "Care"},
    }
    answer = entra.post("/Users", said)
    assert answer.status_code == 201, answer.text
    person = Employee.objects.get(login="ana")
    assert (person.name, person.department.name) == ("Ana Bell", "Care")


def test_whoever_makes_a_user_may_ask_for_some_of_it(entra):
    answer = entra.http.post(
        "/Users", params={"attributes": "userName"}, json={"schemas": [USER], "userName": "ana", "title": "T"}
    )
    assert answer.status_code == 201
    assert set(answer.json()) == {"schemas", "id", "userName"}
    assert answer.headers["Location"].endswith(answer.json()["id"])


def test_somebody_known_by_other_doors_has_the_parts_of_a_name_that_okta_asks_for(entra):
    EmployeeFactory(login="ana", name="Ana María Bell", email="ana@lumens.example")
    EmployeeFactory(login="cher", name="Cher")
    assert entra.find("ana")["name"] == {"formatted": "Ana María Bell", "givenName": "Ana María", "familyName": "Bell"}
    assert entra.find("cher")["name"] == {"formatted": "Cher", "familyName": "Cher"}


def test_a_body_in_another_encoding_is_refused(entra):
    body = f'{{"schemas": ["{USER}"], "userName": "ana"}}'
    for encoding in ("utf-16", "utf-32", "utf-16-le"):
        assert is_scim_error(entra.http.post("/Users", content=body.encode(encoding)), 400, "invalidSyntax")
    assert entra.http.post("/Users", content=b"\xef\xbb\xbf" + body.encode()).status_code == 201


def test_head_is_get_without_its_body(entra):
    ana = entra.add("ana")
    asked, headed = entra.get(f"/Users/{ana['id']}"), entra.http.head(f"/Users/{ana['id']}")
    assert (headed.status_code, headed.headers["ETag"]) == (200, asked.headers["ETag"])
    assert entra.http.head(f"/Users/{uuid.uuid4()}").status_code == 404


def test_a_patch_of_bulk_is_understood_alike(entra):
    ana = entra.add("ana")
    group = entra.post("/Groups", {"schemas": [GROUP], "displayName": "G", "members": [{"value": ana["id"]}]}).json()
    remove = {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": ana["id"]}]}
    operations = [{"method": "PATCH", "path": f"/Groups/{group['id']}", "data": {"schemas": [PATCH_OP], "Operations": [remove]}}]
    said = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    assert [done["status"] for done in entra.post("/Bulk", said).json()["Operations"]] == ["200"]
    assert not entra.read_group(group).get("members")
