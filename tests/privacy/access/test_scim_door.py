"""Who may speak at /scim/v2/, and that whatever is sent is answered in the words of SCIM."""

import json
import logging
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from privacy.access.actions import revoke_client
from privacy.models import DeniedAttempt, Employee, ScimClient
from tests.factories.access import grant
from tests.factories.scim import ENTERPRISE, PATCH_OP, USER, is_scim_error
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


def test_a_token_is_strong_kept_as_a_digest_and_opens_nothing_once_revoked(okta):
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    assert len(okta.token) > 40
    assert okta.token.encode() not in bytes(okta.client.token_digest)
    assert len(okta.client.token_digest) == 32
    assert okta.get("/Users").status_code == 200
    revoke_client(okta.client.pk, by=administrator, reason="rotated", now=timezone.now())
    answer = okta.get("/Users")
    assert is_scim_error(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic YTpi", "Bearer a b", "bearer \xff\xfe"])
def test_without_a_token_at_work_nothing_is_answered_and_the_attempt_is_written_down(okta, header):
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    okta.http.headers.pop("Authorization")
    for path in ("/Users", "/Users/x", "/ServiceProviderConfig", "/nothing", ""):
        answer = okta.http.get(path, headers=headers)
        assert is_scim_error(answer, 401)
        assert "Set-Cookie" not in answer.headers
    denied = DeniedAttempt.objects.latest("pk")
    assert denied.kind == "scim"
    assert denied.path.startswith("/scim/v2")
    assert "wrong" not in denied.reason
    assert denied.address


def test_guessing_is_slowed_down_and_the_real_client_is_not(okta):
    codes = [okta.http.get("/Users", headers={"Authorization": f"Bearer guess{n}"}).status_code for n in range(25)]
    assert codes[:20] == [401] * 20
    assert set(codes[20:]) == {429}
    assert DeniedAttempt.objects.filter(path__startswith="/scim/").count() == 21
    assert okta.get("/Users").status_code == 200


def test_last_use_is_written_at_most_once_a_minute(okta):
    okta.get("/Users")
    first = ScimClient.objects.get().last_used_at
    assert first is not None
    okta.get("/Users")
    assert ScimClient.objects.get().last_used_at == first
    ScimClient.objects.update(last_used_at=first - timedelta(minutes=2))
    okta.get("/Users")
    assert ScimClient.objects.get().last_used_at >= first


def test_answers_carry_the_headers_of_the_house_and_no_cookie(okta):
    answer = okta.get("/Users")
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    plain = okta.http.get("/Users", headers={"Accept": "application/json"})
    assert plain.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("kind", ["application/scim+json", "application/json", "application/json; charset=utf-8", ""])
def test_both_media_types_are_read(okta, kind):
    body = json.dumps({"schemas": [USER], "userName": "ana"})
    answer = okta.http.post("/Users", content=body, headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == 201
    assert answer.headers["Location"] == answer.json()["meta"]["location"]
    wrong = okta.http.post("/Users", content=body, headers={"Content-Type": "text/xml"})
    assert is_scim_error(wrong, 415)


def test_versions_guard_against_overwriting(okta):
    made = okta.add("ana")
    path, version = f"/Users/{made['id']}", made["meta"]["version"]
    assert okta.http.get(path, headers={"If-None-Match": version}).status_code == 304
    nick = {"op": "add", "path": "nickName", "value": "A"}
    assert okta.patch(path, nick, **{"If-Match": version}).status_code == 200
    assert is_scim_error(okta.patch(path, {**nick, "value": "B"}, **{"If-Match": version}), 412)
    assert is_scim_error(okta.put(path, made, **{"If-Match": version}), 412)
    assert is_scim_error(okta.delete(path, **{"If-Match": version}), 412)
    assert okta.http.get(path, headers={"If-None-Match": version}).headers["ETag"] != version


def raw(okta, body, method="POST", path="/Users"):
    began = time.monotonic()
    answer = okta.http.request(method, path, content=body)
    assert time.monotonic() - began < 5
    return answer


HOSTILE = {
    "no JSON": b"{",
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "bytes": b"\xff\xfe\x00",
    "twice": b'{"schemas": ["%s"], "userName": "a", "userName": "b"}' % USER.encode(),
    "twice by case": b'{"schemas": ["%s"], "userName": "a", "active": false, "Active": true}' % USER.encode(),
    "deep": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "deep list": b"[" * 100_000,
    "NUL": b'{"schemas": ["%s"], "userName": "a\\u0000b"}' % USER.encode(),
    "half a character": b'{"schemas": ["%s"], "userName": "a\\ud800"}' % USER.encode(),
    "infinite": b'{"schemas": ["%s"], "userName": "a", "active": 1e999}' % USER.encode(),
    "NaN": b'{"schemas": ["%s"], "userName": NaN}' % USER.encode(),
    "wrong types": b'{"schemas": "x", "userName": {"a": 1}, "emails": 7, "active": []}',
    "unknown schema": b'{"schemas": ["urn:of:nobody"], "displayName": "x"}',
    "no name": b'{"schemas": ["%s"]}' % USER.encode(),
    "a huge number": b'{"schemas": ["%s"], "userName": %s}' % (USER.encode(), b"9" * 10_000),
    "large resource": json.dumps({"schemas": [USER], "userName": "big", "nickName": "x" * 70_000}).encode(),
    "bad address": json.dumps({"schemas": [USER], "userName": "a", "emails": [{"value": "a@b\r\nBcc: c@d"}]}).encode(),
    "enterprise of a wrong kind": json.dumps({"schemas": [USER], "userName": "a", ENTERPRISE: [1]}).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_sent_is_refused_quickly_in_the_words_of_scim(okta, name):
    people = Employee.objects.count()
    made = okta.client.users.count()
    answer = raw(okta, HOSTILE[name])
    assert 400 <= answer.status_code < 500, answer.text[:300]
    assert is_scim_error(answer, answer.status_code)
    assert (Employee.objects.count(), okta.client.users.count()) == (people, made)
    raw(okta, HOSTILE[name], path="/Users/.search")
    for method, path in (("PUT", "/Users/x"), ("PATCH", "/Users/x"), ("POST", "/Bulk"), ("POST", "/Groups")):
        answer = raw(okta, HOSTILE[name], method, path)
        assert 400 <= answer.status_code < 500, (method, answer.text[:300])
        assert is_scim_error(answer, answer.status_code)


NO, YES = b"false", b"true"


def _operation(first, last):
    return b'{"schemas": ["%s"], "Operations": [{"op": "replace", "path": "active", "value": %s, "value": %s}]}' % (
        PATCH_OP.encode(),
        first,
        last,
    )


def _whole(first, last):
    return b'{"schemas": ["%s"], "userName": "ana", "active": %s, "Active": %s}' % (USER.encode(), first, last)


def _lists(first, last):
    one = b'"Operations": [{"op": "replace", "value": {"active": %s}}]'
    return b'{"schemas": ["%s"], %s, %s}' % (PATCH_OP.encode(), one % first, one % last)


def _paths(first, last):
    paths = {NO: b'"path": "active"', YES: b'"path": "title"'}
    return b'{"schemas": ["%s"], "Operations": [{"op": "replace", %s, %s, "value": "False"}]}' % (
        PATCH_OP.encode(),
        paths[first],
        paths[last],
    )


@pytest.mark.parametrize(("method", "say"), [("PATCH", _operation), ("PUT", _whole), ("PATCH", _lists), ("PATCH", _paths)])
@pytest.mark.parametrize(("first", "last"), [(NO, YES), (YES, NO)])
def test_a_key_that_comes_twice_is_refused_unless_one_of_its_readings_is_that_the_person_has_left(okta, method, say, first, last):
    ana = okta.add("ana")
    path = f"/Users/{ana['id']}"
    answer = raw(okta, say(YES, YES).replace(b'"False"', b'"Manager"'), method, path)
    assert is_scim_error(answer, 400)
    assert answer.json()["scimType"] == "invalidSyntax"
    assert Employee.objects.get(login="ana").left_at is None

    answer = raw(okta, say(first, last), method, path)
    assert (answer.status_code, answer.json()["active"]) == (200, False)
    assert Employee.objects.get(login="ana").left_at is not None


@pytest.mark.parametrize(("first", "last"), [(NO, YES), (YES, NO)])
def test_a_bulk_request_with_a_key_twice_is_refused_and_who_left_in_it_is_heard(okta, first, last):
    ana, ben = okta.add("ana"), okta.add("ben")
    bulk = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    operations = b", ".join(
        b'{"method": "PATCH", "path": "/Users/%s", "data": %s}' % (one["id"].encode(), data)
        for one, data in ((ana, _operation(first, last)), (ben, _operation(YES, YES)))
    )
    answer = raw(okta, b'{"schemas": ["%s"], "Operations": [%s]}' % (bulk.encode(), operations), path="/Bulk")
    assert is_scim_error(answer, 400)
    assert "1 of them" in answer.json()["detail"]
    assert Employee.objects.get(login="ana").left_at is not None
    assert Employee.objects.get(login="ben").left_at is None


def test_a_body_of_ten_megabytes_is_refused(okta):
    answer = raw(okta, b'{"schemas": ["' + b"x" * 10_000_000 + b'"]}')
    assert is_scim_error(answer, 413)


def test_strange_addresses_and_methods_are_answered_by_scim(okta):
    made = okta.add("ana")
    for path in (
        "/Users/nobody",
        "/Users/%00",
        "/Users/..%2f",
        "/Nothing",
        "/Nothing/1/2/3",
        "/Users/x/y",
        f"/Groups/{made['id']}",
    ):
        answer = okta.http.get(path)
        assert is_scim_error(answer, 404 if "%00" not in path else answer.status_code)
        assert answer.status_code in (400, 404)
    assert is_scim_error(okta.http.delete("/Users"), 405)
    assert is_scim_error(okta.http.request("TRACE", "/Users"), 405)
    assert is_scim_error(okta.get("/Me"), 501)
    for path in ("/ServiceProviderConfig", "/Schemas", "/ResourceTypes", f"/Schemas/{USER}", "/ResourceTypes/User"):
        assert okta.get(path).status_code == 200
    assert "password" not in okta.get(f"/Schemas/{USER}").text
    assert okta.get("/Users/").status_code == 200


def test_bulk_does_each_operation_by_itself(okta):
    ana = okta.add("ana")
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"schemas": [USER], "userName": "ben"}},
        {"method": "POST", "path": "/Users", "bulkId": "c", "data": {"schemas": [USER], "userName": "ANA"}},
        {
            "method": "PATCH",
            "path": f"/Users/{ana['id']}",
            "data": {"schemas": [PATCH_OP], "Operations": [{"op": "Replace", "path": "active", "value": "False"}]},
        },
    ]
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    answer = okta.post("/Bulk", body)
    assert answer.status_code == 200, answer.text
    assert [one["status"] for one in answer.json()["Operations"]] == ["201", "409", "200"]
    assert not Employee.objects.get(login="ana").is_employed(at=timezone.now())
    body["Operations"] = operations * 100
    assert is_scim_error(okta.post("/Bulk", body), 413)


def test_nothing_about_people_gets_into_the_log(okta, caplog):
    with caplog.at_level(logging.DEBUG):
        okta.add("marker-ana", displayName="Marker Person", emails=[{"value": "marker@lumens.example"}])
        okta.get("/Users", filter='userName eq "marker-ana"')
        okta.post("/Users", {"schemas": [USER], "userName": "MARKER-ana"})
        raw(okta, b'{"userName": "marker-x", ')
        okta.patch("/Users/00000000-0000-4000-8000-000000000000", {"op": "replace", "path": "title", "value": "marker"})
    ours = [r for r in caplog.records if r.name.split(".")[0] not in ("httpx", "httpcore")]
    assert not [r.getMessage() for r in ours if "marker" in r.getMessage().casefold()]
    assert not [r.getMessage() for r in ours if okta.token in r.getMessage()]
