"""An application that speaks SCIM is believed for what it lists afterwards, never for having said yes."""

import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from privacy.access.gateways import Account, AskedToWait, NoDoor, SystemSilent, Task, Unreachable
from privacy.access.gateways.scim import ScimGateway
from tests.factories.systems import deaf_port, misbehaving, says


@pytest.fixture
def door(application):
    door = ScimGateway(application.address, application.token)
    door.begin(25)
    yield door
    door.close()


def all_of(name, *groups, external_id=""):
    return Task(Account(name, external_id), groups or ("",), given=False, whole_account=True)


def some_of(name, *groups):
    return Task(Account(name), groups, given=False)


def done(door, task):
    return [step(task) for step in (door.push, door.read_back, door.probe)]


def hold(answers):
    return all(answer.holds for step in answers for answer in step.values())


def failures(answers):
    return " ".join(answer.failure for step in answers for answer in step.values())


def test_a_leaver_is_switched_off_and_in_no_group(application, door):
    one, two = application.group(), application.group()
    name = application.person(one, two)
    answers = done(door, all_of(name, one, two))
    assert hold(answers), failures(answers)
    assert application.user(name)["active"] is False
    assert application.groups_of(name) == set()


def test_a_group_nobody_told_us_of_is_left_too(application, door):
    known, unknown = application.group(), application.group()
    name = application.person(known, unknown)
    assert hold(done(door, all_of(name, known)))
    assert application.groups_of(name) == set()


def test_what_stays_stays(application, door):
    going, staying = application.group(), application.group()
    name = application.person(going, staying)
    assert hold(done(door, some_of(name, going)))
    assert application.groups_of(name) == {staying}
    assert application.user(name)["active"] is True


def test_gone_already_is_success_and_all_of_it_may_be_done_twice(application, door):
    group = application.group()
    assert hold(done(door, all_of("nobody-of-that-name", group)))
    assert hold(done(door, some_of("nobody-of-that-name", group, "no-such-group")))
    name = application.person(group)
    for _ in range(2):
        assert hold(done(door, all_of(name, group)))


def test_giving_makes_the_user_tells_its_identifier_and_lets_it_in_again_later(application, door):
    group, name = application.group(), "new-colleague"
    task = Task(Account(name), (group, ""), given=True)
    answers = done(door, task)
    assert hold(answers), failures(answers)
    assert answers[0][group].external_id == application.user(name)["id"]
    assert hold(done(door, all_of(name, group)))
    assert hold(done(door, task))
    assert application.groups_of(name) == {group}
    assert application.user(name)["active"] is True


def test_a_user_is_found_by_the_identifier_when_the_name_has_changed_there(application, door):
    group = application.group()
    name = application.person(group)
    user = application.user(name)
    application.patch(f"/Users/{user['id']}", {"op": "replace", "path": "userName", "value": f"{name}-renamed"})
    answers = done(door, all_of(name, group, external_id=user["id"]))
    assert application.user(f"{name}-renamed")["active"] is False
    assert answers[1][group].holds


def test_a_user_made_anew_under_the_old_name_is_found_by_the_name(application, door):
    name = application.person()
    assert hold(done(door, all_of(name, external_id="an-identifier-of-old")))
    assert application.user(name)["active"] is False


def test_a_group_that_is_not_there_cannot_be_given_and_the_others_are(application, door):
    group, name = application.group(), application.person()
    pushed = door.push(Task(Account(name), (group, "no-such-group"), given=True))
    assert pushed[group].holds
    assert "no group" in pushed["no-such-group"].failure


@pytest.mark.parametrize("name", ['x" or userName pr or userName eq "y', "o'brien", "Ünïcode", 'back\\slash"', "a) or (1 eq 1"])
def test_a_name_in_a_filter_is_only_a_name(application, door, name):
    bystander = application.person()
    group = application.group()
    assert hold(done(door, Task(Account(name), (group,), given=True)))
    assert hold(done(door, all_of(name, group)))
    assert application.user(name)["active"] is False
    assert application.user(bystander)["active"] is True


def test_the_list_of_accounts_has_every_page(application, door, monkeypatch):
    monkeypatch.setattr("privacy.access.gateways.scim.PAGE", 2)
    group = application.group()
    names = [application.person(group) for _ in range(5)]
    listed = {account.name: account for account in door.list_accounts()}
    assert {name for name in names if listed[name].active and listed[name].names == {group}} == set(names)


def test_the_token_is_in_no_proof_and_nobody_elses_membership(application, door):
    group = application.group()
    bystander = application.person(group)
    name = application.person(group)
    answers = done(door, all_of(name, group))
    texts = " ".join(answer.text for step in answers for answer in step.values())
    assert application.token not in texts
    assert application.user(bystander)["id"] not in texts
    assert '"active": false' in texts.lower() or '"active":false' in texts.lower()


# --- applications that lie, hang, refuse -------------------------------------------------------------------------

USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "u1", "userName": "ana", "active": True}
GROUP = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    "id": "g1",
    "displayName": "staff",
    "members": [{"value": "u1"}],
}


def listed(*resources):
    schema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    return {"schemas": [schema], "totalResults": len(resources), "Resources": list(resources)}


def keeps_everything(handler):
    """Says 204 to every change, and keeps the user and the group as they are."""
    path = urlsplit(handler.path).path
    if handler.command != "GET":
        says(handler, 204)
    elif path.startswith("/Users"):
        says(handler, 200, USER if path != "/Users" else listed(USER))
    else:
        says(handler, 200, GROUP if path != "/Groups" else listed(GROUP))


def run_against(answer, task, seconds=10):
    with misbehaving(answer) as address:
        door = ScimGateway(address, "a-token")
        door.begin(seconds)
        try:
            return done(door, task)
        finally:
            door.close()


def test_a_liar_that_says_204_and_keeps_the_user_is_not_believed():
    pushed, found, tried = run_against(keeps_everything, all_of("ana", "staff"))
    assert pushed["staff"].holds
    assert "still active" in found["staff"].failure
    assert "still lists the account" in tried["staff"].failure


def test_a_liar_that_switches_off_but_keeps_the_group_is_not_believed():
    def answer(handler):
        if handler.command == "GET" and handler.path.startswith("/Users"):
            user = USER | {"active": False}
            says(handler, 200, user if urlsplit(handler.path).path != "/Users" else listed(user))
        else:
            keeps_everything(handler)

    _, found, tried = run_against(answer, all_of("ana", "staff"))
    assert "still in staff" in found["staff"].failure
    assert "The group staff still lists" in tried["staff"].failure


def test_an_application_that_cannot_search_in_groups_is_asked_group_by_group():
    def answer(handler):
        if "members.value" in str(parse_qs(urlsplit(handler.path).query)):
            error = "urn:ietf:params:scim:api:messages:2.0:Error"
            says(handler, 400, {"schemas": [error], "status": "400", "scimType": "invalidFilter"})
        else:
            keeps_everything(handler)

    _, found, _ = run_against(answer, some_of("ana", "staff"))
    assert "still in staff" in found["staff"].failure


def test_two_users_of_one_name_are_not_guessed_between():
    def answer(handler):
        says(handler, 200, listed(USER, USER | {"id": "u2"}))

    pushed, *_ = run_against(answer, all_of("ana"))
    assert "2 users" in pushed[""].failure


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_application_that_cannot_now_is_asked_again_later(status):
    with pytest.raises(SystemSilent, match=str(status)):
        run_against(lambda handler: says(handler, status), all_of("ana"))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"Retry-After": "37"}, 37),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "Thu, 01 Jan 2026 10:02:00 GMT", "Date": "Thu, 01 Jan 2026 10:00:00 GMT"}, 120),
        ({"Retry-After": "Thu, 01 Jan 2026 09:00:00 GMT", "Date": "Thu, 01 Jan 2026 10:00:00 GMT"}, 0),
        ({"Retry-After": "9" * 5_000}, 999_999_999),
    ],
)
def test_an_application_that_names_a_time_is_understood_whatever_its_clock_says(said, seconds):
    for status in (429, 503):
        with pytest.raises(AskedToWait, match=str(status)) as raised:
            run_against(lambda handler, status=status: says(handler, status, **said), all_of("ana"))
        assert raised.value.seconds == seconds


@pytest.mark.parametrize("said", ["soon", "-5", "1.5", "", "1e9", "٣", "Thu, 99 Jan 2026 10:00:00 GMT"])
def test_a_time_that_cannot_be_read_is_none(said):
    with pytest.raises(SystemSilent) as raised:
        run_against(lambda handler: says(handler, 429, **{"Retry-After": said}), all_of("ana"))
    assert not isinstance(raised.value, AskedToWait)


def test_a_token_that_is_not_taken_concerns_every_account():
    with pytest.raises(Unreachable, match="token"):
        run_against(lambda handler: says(handler, 401), all_of("ana"))


@pytest.mark.parametrize("body", [[], "text", {"totalResults": "many"}, {"Resources": []}, {"totalResults": 1, "Resources": 7}])
def test_nonsense_is_a_failure_and_not_an_absence(body):
    pushed, found, tried = run_against(lambda handler: says(handler, 200, body), all_of("ana"))
    assert not pushed[""].holds
    assert not found[""].holds
    assert not tried[""].holds


@pytest.mark.parametrize(
    "users",
    [
        {"totalResults": 1},
        {"totalResults": 1, "Resources": []},
        {"totalResults": 1, "Resources": [None]},
        {"totalResults": 1, "Resources": [{"userName": "ana", "active": True}]},
        {"totalResults": 1, "Resources": [{"id": "u1", "username": "ana", "active": True}]},
        {"totalResults": 1, "Resources": [{"id": "u1", "userName": None}]},
    ],
    ids=["no-list", "empty-list", "null", "no-id", "other-case", "no-name"],
)
def test_a_user_that_is_counted_and_cannot_be_read_is_not_taken_for_gone(users):
    pushed, found, tried = run_against(lambda handler: says(handler, 200, users), all_of("ana"))
    assert not pushed[""].holds
    assert not found[""].holds
    assert not tried[""].holds


@pytest.mark.parametrize("members", ["u1", {"value": "u1"}, ["u1"]])
def test_members_that_cannot_be_read_are_not_taken_for_nobody(members):
    def answer(handler):
        path = urlsplit(handler.path).path
        if path.startswith("/Users"):
            user = USER | {"active": False}
            says(handler, 200, user if path != "/Users" else listed(user))
        elif "members.value" in str(parse_qs(urlsplit(handler.path).query)):
            says(handler, 200, listed())
        else:
            group = GROUP | {"members": members}
            says(handler, 200, group if path != "/Groups" else listed(group))

    _, _, tried = run_against(answer, some_of("ana", "staff"))
    assert "cannot be read" in tried["staff"].failure


def test_the_token_does_not_follow_a_redirection():
    seen = []

    def elsewhere(handler):
        seen.append(handler.headers.get("Authorization"))
        says(handler, 200, listed())

    with misbehaving(elsewhere) as other:

        def answer(handler):
            handler.send_response(302)
            handler.send_header("Location", other)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        pushed, *_ = run_against(answer, all_of("ana"))
    assert not pushed[""].holds
    assert seen == []


def test_an_application_that_says_nothing_is_given_up_within_seconds():
    with deaf_port() as port:
        door = ScimGateway(f"http://127.0.0.1:{port}", "x")
        door.begin(0.5)
        begun = time.monotonic()
        with pytest.raises(SystemSilent):
            door.push(all_of("ana"))
        assert time.monotonic() - begun < 3


def test_an_application_that_answers_a_byte_now_and_then_is_given_up_within_seconds():
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/scim+json")
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    begun = time.monotonic()
    with pytest.raises(SystemSilent):
        run_against(answer, all_of("ana"), seconds=0.5)
    assert time.monotonic() - begun < 3


def test_an_answer_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr("privacy.access.gateways.scim_client.LARGEST_ANSWER_BYTES", 100_000)
    big = json.dumps(listed(USER | {"displayName": "x" * 200_000}))
    with pytest.raises(SystemSilent, match="larger than"):
        run_against(lambda handler: says(handler, 200, json.loads(big)), all_of("ana"))


def test_an_application_that_is_not_there_is_unreachable():
    door = ScimGateway("http://127.0.0.1:1", "x")
    with pytest.raises(Unreachable):
        door.push(all_of("ana"))


@pytest.mark.parametrize("address", ["http://app.example/scim", "ftp://app.example", "app.example", ""])
def test_the_token_travels_only_encrypted_or_within_this_machine(address):
    with pytest.raises(NoDoor):
        ScimGateway(address, "token")
