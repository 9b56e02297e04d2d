"""What must go elsewhere goes, is proven by asking again, and is tried for ever; nothing is lost, twice, or green on a lie."""

import hashlib
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from privacy.access import actions
from privacy.access import gateways as doors
from privacy.access.actions import leases, pushing
from privacy.access.actions.attempts import _pause
from privacy.access.actions.employment import end_employments
from privacy.access.actions.outbox import settle
from privacy.access.gateways import StubGateway
from privacy.access.jobs.changes import sweep_changes
from privacy.ledger.actions import act
from privacy.models import (
    AccessGrant,
    ChangeState,
    Employee,
    GrantState,
    HandTask,
    Proof,
    Step,
    System,
    SystemAccount,
    SystemChange,
    SystemKind,
    Wanted,
)
from tests.factories import warm
from tests.factories.access import GrantFactory, approvers, grant
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory, deaf_port, held, misbehaving, says, wait_until
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


def end(employee, *, now=None):
    """This person has left; returns the changes that follow from it."""
    actions.end_employment(employee.pk, by=None, reason="left", now=now or timezone.now(), source="test")
    return list(SystemChange.objects.filter(employee=employee, wanted=Wanted.REMOVED).order_by("pk"))


def push(*systems):
    return actions.push_due(clock=timezone.now, systems=[system.pk for system in systems] or None)


def wake(*changes):
    """Their pause is over."""
    keys = [change.pk for change in changes]
    SystemChange.objects.filter(pk__in=keys).update(next_try_at=timezone.now() - timedelta(seconds=1))


def states():
    return Counter(SystemChange.objects.values_list("state", flat=True))


def proofs(change):
    return [(proof.step, proof.holds) for proof in change.proofs.order_by("pk")]


@pytest.fixture
def stub(monkeypatch):
    """A system in memory, behind the door of every kind that tests connect to."""
    gateway = StubGateway()
    monkeypatch.setitem(doors.DOORS, SystemKind.SCIM, gateway)
    return gateway


def stubbed(**values):
    return SystemFactory(kind=SystemKind.SCIM, address="https://stub.example", **values)


# --- against real systems ----------------------------------------------------------------------------------------


def test_a_leaver_is_proven_gone_from_a_database_and_an_application(cluster, application):
    database, app = cluster.system(), application.system()
    groups, app_groups = [cluster.group(), cluster.group()], [application.group(), application.group()]
    person = EmployeeFactory(login=cluster.person(*groups))
    application.person(*app_groups, name=person.login)
    grants = held(person, database, *groups) + held(person, app, *app_groups)
    changes = end(person)
    assert {change.state for change in changes} == {"pending"}
    done = push(database).proven + push(app).proven
    assert sorted(done) == [change.pk for change in changes]
    assert application.user(person.login)["active"] is False
    with pytest.raises(psycopg.OperationalError):
        cluster.log_in(person.login)
    for change in SystemChange.objects.filter(employee=person):
        assert change.state == ChangeState.PROVEN
        assert change.enforced_at <= change.pushed_at <= change.proven_at <= change.due_at
        assert proofs(change) == [("push", True), ("read_back", True), ("probe", True)]
    assert {AccessGrant.objects.get(pk=one.pk).state for one in grants} == {GrantState.REVOKED}
    assert System.objects.get(pk=database.pk).answered_at is not None


def test_every_proof_has_the_answer_and_its_hash_and_the_verb_in_the_ledger(cluster):
    database = cluster.system()
    group = cluster.group()
    person = EmployeeFactory(login=cluster.person(group))
    held(person, database, group)
    (change,) = end(person)
    push()
    for proof in change.proofs.all():
        assert proof.answer
        assert proof.answer_sha256 == hashlib.sha256(proof.answer.encode()).hexdigest()
        assert proof.attempt == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.metadata->>'verb', e.state FROM privacy_systemchangeledgerevent e"
            " JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE e.pgh_obj_id = %s ORDER BY e.pgh_id",
            [change.pk],
        )
        told = cursor.fetchall()
    assert [state for _, state in told if state != "pushed"] == ["pending", "proven"]
    assert told[-1] == ("prove_changes", "proven")


def test_an_approved_grant_is_given_there_and_the_account_is_remembered_with_its_identifier(application):
    app = application.system()
    group = application.group()
    person = EmployeeFactory()
    (one,) = held(person, app, group)
    with act("test", by=None):
        settle([one.pk], now=timezone.now())
    push()
    assert application.groups_of(person.login) == {group}
    account = SystemAccount.objects.get(system=app, employee=person)
    assert (account.name, account.external_id) == (person.login, application.user(person.login)["id"])
    end(person)
    push()
    assert application.user(person.login)["active"] is False
    assert states() == {"proven": 2}


def test_losing_one_of_two_leaves_the_account_alive(cluster):
    database = cluster.system()
    going, staying = cluster.group(), cluster.group()
    person = EmployeeFactory(login=cluster.person(going, staying))
    one, _ = held(person, database, going, staying)
    actions.revoke_grant(one.pk, by=None, reason="over", now=timezone.now())
    push()
    assert cluster.groups_of(person.login) == {staying}
    cluster.log_in(person.login).close()
    assert states() == {"proven": 1}


def test_a_role_that_another_grant_gives_too_is_left_and_the_proof_says_why(cluster):
    database = cluster.system()
    group = cluster.group()
    person = EmployeeFactory(login=cluster.person(group))
    (one,) = held(person, database, group)
    other = GrantFactory(employee=person, entitlement=OutsideEntitlementFactory(system=database, external_name=group))
    actions.revoke_grant(one.pk, by=None, reason="over", now=timezone.now())
    push()
    (change,) = SystemChange.objects.removals()
    assert change.state == ChangeState.PROVEN
    assert f"({other.pk})" in change.proofs.get().answer
    assert cluster.groups_of(person.login) == {group}


def test_an_account_of_somebody_else_is_never_touched(cluster):
    database = cluster.system()
    group = cluster.group()
    name = cluster.person(group)
    SystemAccount.objects.create(system=database, employee=EmployeeFactory(), name=name)
    namesake = EmployeeFactory(login=name)
    held(namesake, database, group)
    (change,) = end(namesake)
    push()
    change.refresh_from_db()
    assert change.state == ChangeState.FAILED
    assert "belongs to somebody else" in change.failure
    cluster.log_in(name).close()


# --- systems that hang, refuse, lie ----------------------------------------------------------------------------------


def test_a_liar_is_shown_as_failed_tried_again_and_never_green():
    user = {"id": "u1", "userName": "ana", "active": True}

    def answer(handler):
        listed = {"totalResults": 1, "Resources": [user]}
        if handler.command != "GET":
            says(handler, 204)
        elif "/Groups" in handler.path:
            says(handler, 200, {"totalResults": 0, "Resources": []})
        else:
            says(handler, 200, user if "/Users/" in handler.path else listed)

    with misbehaving(answer) as address:
        app = SystemFactory(kind=SystemKind.SCIM, address=address, secret="x")
        person = EmployeeFactory(login="ana")
        held(person, app, "")
        (change,) = end(person)
        pauses = []
        for attempt in (1, 2, 3):
            wake(change)
            before = timezone.now()
            push()
            change.refresh_from_db()
            assert (change.state, change.attempts, change.proven_at) == (ChangeState.FAILED, attempt, None)
            assert "still" in change.failure
            pauses.append((change.next_try_at - before).total_seconds())
        assert pauses[0] < pauses[1] < pauses[2]
        user["active"] = False
        wake(change)
        push()
    change.refresh_from_db()
    assert change.state == ChangeState.PROVEN
    assert change.failure == ""
    assert ("probe", False) in proofs(change)
    assert proofs(change)[-1] == ("probe", True)


def test_pauses_grow_to_a_quarter_of_an_hour_and_never_end():
    seconds = [_pause(attempts).total_seconds() for attempts in (1, 2, 3, 4, 9, 50, 5_000)]
    for found, meant in zip(seconds, (2, 4, 8, 16, 512, 900, 900), strict=True):
        assert meant * 0.84 < found < meant * 1.16


def test_a_system_that_asks_for_patience_is_given_it_and_no_account_holds_up_the_others():
    asked, busy = [], {"Retry-After": "40"}

    def answer(handler):
        asked.append(handler.path)
        if busy:
            says(handler, 429, {"detail": "too many requests"}, **busy)
        else:
            says(handler, 200, {"totalResults": 0, "Resources": []})

    with misbehaving(answer) as address:
        app = SystemFactory(kind=SystemKind.SCIM, address=address, secret="x")
        changes = []
        for login in ("ana", "ben", "eve"):
            person = EmployeeFactory(login=login)
            held(person, app, "")
            changes += end(person)

        def pauses(now):
            for change in changes:
                change.refresh_from_db()
            return [(change.next_try_at - now).total_seconds() for change in changes]

        def tried_after(seconds):
            busy["Retry-After"] = seconds
            wake(*changes)
            now = timezone.now()
            del asked[:]
            push()
            assert len(asked) == 1, "one answer speaks for all"
            return pauses(now)

        assert all(40 <= pause < 50 for pause in tried_after("40"))
        assert {change.state for change in changes} == {ChangeState.FAILED}
        assert changes[0].failure == "It answered 429, and to come back in 40 seconds."
        assert "ana" in asked[0]
        assert all(900 <= pause < 1000 for pause in tried_after("86400")), "nobody talks us out of a removal"
        assert "ben" in asked[0]
        assert all(0.8 < pause < 4 for pause in tried_after("0"))
        assert "eve" in asked[0]
        SystemChange.objects.update(attempts=500)
        assert all(25 < pause < 40 for pause in tried_after("0")), "it answers, so it is asked at least twice a minute"
        app.refresh_from_db()
        assert "429" in app.failure
        busy.clear()
        wake(*changes)
        push()
    assert {change.state for change in SystemChange.objects.all()} == {ChangeState.PROVEN}


def test_a_database_that_refuses_is_failed_with_its_words_and_its_health_is_good(cluster):
    database = cluster.system()
    person = EmployeeFactory(login="postgres")  # the role by which we come in
    held(person, database, "")
    (change,) = end(person)
    push()
    change.refresh_from_db()
    assert change.state == ChangeState.FAILED
    assert "role of the server itself" in change.failure
    assert System.objects.get(pk=database.pk).failure == ""


@pytest.mark.django_db(transaction=True)
def test_a_system_that_hangs_holds_up_nobody_else(cluster, monkeypatch):
    monkeypatch.setattr("privacy.access.gateways.postgresql.CONNECT_SECONDS", 2)
    person = EmployeeFactory(login=cluster.person())
    database = cluster.system()
    with deaf_port() as port:
        deaf = SystemFactory(kind=SystemKind.POSTGRESQL, address=f"postgresql://admin@127.0.0.1:{port}/shop?sslmode=disable")
        for system in (deaf, database):
            held(person, system, "")
        changes = {change.system_id: change for change in end(person)}
        began = timezone.now()
        push()
    found = {system_id: SystemChange.objects.get(pk=change.pk) for system_id, change in changes.items()}
    assert found[database.pk].proven_at - began < timedelta(seconds=3)
    assert found[deaf.pk].state == ChangeState.FAILED
    assert "could not be reached" in found[deaf.pk].failure
    sick = System.objects.get(pk=deaf.pk)
    assert sick.failed_at is not None
    assert "could not be reached" in sick.failure


def test_when_nobody_is_answered_all_that_is_due_has_failed_at_once(cluster):
    lost = SystemFactory(kind=SystemKind.SCIM, address="http://127.0.0.1:1", secret="x")
    people = EmployeeFactory.create_batch(3)
    for person in people:
        held(person, lost, "")
        end(person)
    done = push()
    assert done.silent == [lost.code]
    assert states() == {"failed": 3}
    assert set(SystemChange.objects.values_list("attempts", flat=True)) == {1}
    assert Proof.objects.count() == 1


def test_one_account_on_which_it_hangs_does_not_stop_the_others(stub):
    app = stubbed()
    people = EmployeeFactory.create_batch(3)
    for person in people:
        held(person, app, "role")
        end(person)

    def hang(task):
        if task.account.name == people[0].login:
            raise doors.SystemSilent("It did not answer in time.")

    stub.before = hang
    push()
    assert states() == {"failed": 1, "proven": 2}


def test_what_this_house_stumbles_over_stops_nobody_else(stub, caplog):
    app = stubbed()
    people = EmployeeFactory.create_batch(2)
    for person in people:
        held(person, app, "role")
        end(person)

    def stumble(task):
        if task.account.name == people[0].login:
            raise ZeroDivisionError

    stub.before = stumble
    push()
    assert states() == {"failed": 1, "proven": 1}
    assert "ZeroDivisionError" in SystemChange.objects.get(state="failed").failure


def test_a_system_that_says_done_and_does_nothing_is_not_believed(stub):
    app = stubbed()
    person = EmployeeFactory()
    held(person, app, "role")
    stub.accounts[person.login], stub.lies = {"role"}, True
    (change,) = end(person)
    push()
    change.refresh_from_db()
    assert change.state == ChangeState.FAILED
    assert change.pushed_at is not None
    assert AccessGrant.objects.get(employee=person, entitlement__system=app).state == GrantState.REVOKING


# --- what is wanted changes meanwhile --------------------------------------------------------------------------------


def suspended_and_gone(stub):
    """A grant that was suspended, and whose removal was proven: it is not in its system any more."""
    app, person = stubbed(), EmployeeFactory()
    (one,) = held(person, app, "role")
    sweep_changes()
    push(app)
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    actions.suspend_grant(one.pk, by=administrator, reason="under review", now=timezone.now())
    push(app)
    assert stub.accounts == {}
    assert AccessGrant.objects.get(pk=one.pk).state == GrantState.SUSPENDED
    return one, administrator


def test_what_was_proven_gone_before_it_is_revoked_is_gone_at_once(stub):
    one, administrator = suspended_and_gone(stub)
    actions.revoke_grant(one.pk, by=administrator, reason="not needed", now=timezone.now())
    assert AccessGrant.objects.get(pk=one.pk).state == GrantState.REVOKED


def test_what_was_left_as_being_revoked_though_it_was_proven_gone_is_found_by_the_sweep(stub):
    one, _ = suspended_and_gone(stub)
    AccessGrant.objects.filter(pk=one.pk).update(
        state=GrantState.REVOKING, revoked_at=timezone.now(), revocation_reason="an earlier version left it so"
    )
    sweep_changes()
    assert AccessGrant.objects.get(pk=one.pk).state == GrantState.REVOKED


def test_a_withdrawn_change_is_not_pushed(stub):
    app = stubbed()
    person = EmployeeFactory()
    (one,) = held(person, app, "role")
    with act("test", by=None):
        settle([one.pk], now=timezone.now())
    actions.revoke_grant(one.pk, by=None, reason="over", now=timezone.now())
    push()
    assert states() == {"withdrawn": 1, "proven": 1}
    assert (person.login, "role", True) not in stub.pushed


def test_a_grant_that_is_no_longer_in_force_is_not_given(stub):
    app = stubbed()
    person = EmployeeFactory()
    (one,) = held(person, app, "role")
    with act("test", by=None):
        settle([one.pk], now=timezone.now())
    AccessGrant.objects.filter(pk=one.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    push()
    assert (person.login, "role", True) not in stub.pushed
    assert states() == {"withdrawn": 1, "proven": 1}


@pytest.mark.django_db(transaction=True)
def test_a_removal_waits_for_the_worker_that_is_just_giving_and_has_the_last_word(stub):
    app = stubbed()
    person = EmployeeFactory()
    (one,) = held(person, app, "role")
    with act("test", by=None):
        settle([one.pk], now=timezone.now())
    giving, go_on = threading.Event(), threading.Event()

    def slowly(task):
        if task.given:
            giving.set()
            assert go_on.wait(10)

    stub.before = slowly
    with in_the_background(lambda: push(app)):
        assert giving.wait(10)
        actions.revoke_grant(one.pk, by=None, reason="over", now=timezone.now())
        assert leases.take_account(app.pk, now=timezone.now()) is None  # the account is in other hands
        go_on.set()
    push(app)
    assert stub.accounts.get(person.login, set()) == set()
    assert states() == {"withdrawn": 1, "proven": 1}
    assert not Proof.objects.filter(change__state="withdrawn").exists()


@contextmanager
def in_the_background(work):
    problems = []

    def run():
        try:
            work()
        except BaseException as error:
            problems.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)
    assert problems == []


def test_a_worker_that_lost_its_lease_records_nothing(stub):
    app = stubbed()
    person = EmployeeFactory()
    held(person, app, "role")
    (change,) = end(person)

    def taken_by_another(task):
        SystemChange.objects.filter(pk=change.pk).update(taken_by="00000000-0000-0000-0000-000000000001")

    stub.before = taken_by_another
    push()
    change.refresh_from_db()
    assert change.state == ChangeState.PENDING
    assert change.proofs.count() == 0
    assert change.taken_until is not None  # the other's lease is not given back by us


def test_what_a_dead_worker_had_is_taken_up_when_its_time_is_over(stub):
    app = stubbed()
    person = EmployeeFactory()
    held(person, app, "role")
    (change,) = end(person)
    now = timezone.now()
    assert leases.take_account(app.pk, now=now).changes == [change]
    push()
    assert states() == {"pending": 1}
    later = now + timedelta(seconds=leases.LEASE_SECONDS + 1)
    actions.push_due(clock=lambda: later)
    assert states() == {"proven": 1}


def test_taking_and_giving_back_leave_no_noise_in_the_ledger(stub):
    app = stubbed()
    person = EmployeeFactory()
    held(person, app, "role")
    (change,) = end(person)
    leases.take_account(app.pk, now=timezone.now()).give_back()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM privacy_systemchangeledgerevent WHERE pgh_obj_id = %s", [change.pk])
        assert cursor.fetchone()[0] == 1


# --- many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_push_each_change_once(stub, monkeypatch):
    app = stubbed()
    people = EmployeeFactory.create_batch(20)
    for person in people:
        held(person, app, "one", "two")
        end(person)
    stub.before = lambda task: time.sleep(0.002)
    barrier = threading.Barrier(3)
    done = []

    def work():
        try:
            barrier.wait()
            mine = actions.Pushed()
            done.append(mine)
            pushing._work_off(app.pk, timezone.now, None, mine)  # as a process of its own would
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert states() == {"proven": 40}
    assert set(stub.pushed.values()) == {1}
    assert sum(len(one.proven) for one in done) == 40
    assert Proof.objects.count() == 120
    assert sum(1 for one in done if one.proven) > 1


@pytest.mark.django_db(transaction=True)
def test_a_second_run_in_the_same_process_only_knocks_and_nothing_is_overlooked(stub):
    app = stubbed()
    first, second = EmployeeFactory.create_batch(2)
    held(first, app, "role")
    held(second, app, "role")
    end(first)
    working, go_on = threading.Event(), threading.Event()

    def slowly(task):
        working.set()
        assert go_on.wait(10)

    stub.before = slowly
    with in_the_background(lambda: actions.push_system(app.pk, clock=timezone.now)):
        assert working.wait(10)
        end(second)
        assert actions.push_system(app.pk, clock=timezone.now).proven == []
        go_on.set()
    assert states() == {"proven": 2}


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow(60)
def test_a_worker_killed_in_the_middle_is_taken_over_and_nothing_is_lost_or_twice(cluster, monkeypatch):
    """5,000 grants of 25 people in 5 systems, ended at once; three workers are killed while they are at it."""
    systems = [cluster.system() for _ in range(5)]
    groups = [cluster.group() for _ in range(40)]
    people = many_people(cluster, systems, groups, count=25)
    keys = [person.pk for person in people]
    end_employments(keys, by=None, reason="the branch closes", now=timezone.now(), source="test")
    assert states() == {"pending": 5_000}
    for target in (200, 1_000, 2_000):
        process = warm.command("push_removals")
        wait_until(lambda target=target: states()["proven"] > target, 60)
        process.kill()
        process.wait()
        SystemChange.objects.filter(taken_until__isnull=False).update(taken_until=timezone.now())  # a minute goes by
    push()
    assert states() == {"proven": 5_000}
    assert set(AccessGrant.objects.filter(employee__in=keys).values_list("state", flat=True)) == {GrantState.REVOKED}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT pgh_obj_id) FROM privacy_systemchangeledgerevent WHERE state = 'proven'")
        assert cursor.fetchone() == (5_000, 5_000)
        cursor.execute("SELECT count(*), count(DISTINCT pgh_obj_id) FROM privacy_accessgrantledgerevent WHERE state = 'revoked'")
        assert cursor.fetchone() == (5_000, 5_000)
        cursor.execute(
            "SELECT count(*) FROM privacy_systemchange c WHERE state IS DISTINCT FROM (SELECT e.state FROM"
            " privacy_systemchangeledgerevent e WHERE e.pgh_obj_id = c.id ORDER BY e.pgh_id DESC LIMIT 1)"
        )
        assert cursor.fetchone() == (0,)
    proven_twice = Counter(Proof.objects.filter(step=Step.PROBE, holds=True).values_list("change", flat=True))
    assert set(proven_twice.values()) == {1}
    names = [f"{person.login}_{number}" for person in people for number in range(5)]
    found = cluster.admin.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s) AND rolcanlogin", [names]).fetchone()
    assert found == (0,)
    cluster.admin.execute("".join(f'DROP ROLE "{name}";' for name in names))


def many_people(cluster, systems, groups, *, count):
    """People with an account in each system and every group there, made in bulk."""
    one, two = approvers()
    people = Employee.objects.bulk_create(
        [Employee(login=f"many{n}", name=f"Person {n}", starts_on="2020-01-06", password="!") for n in range(count)]
    )
    entitlements = [OutsideEntitlementFactory(system=system, external_name=group) for system in systems for group in groups]
    now = timezone.now()
    AccessGrant.objects.bulk_create(
        AccessGrant(
            employee=person, entitlement=entitlement, state=GrantState.APPROVED, requested_at=now, reason="works here",
            starts_at=now, approved_by=one, approved_at=now, seconded_by=two, seconded_at=now,
        )
        for person in people for entitlement in entitlements
    )  # fmt: skip
    names = []
    for number, system in enumerate(systems):
        for person in people:
            names.append(f"{person.login}_{number}")
            SystemAccount.objects.create(system=system, employee=person, name=names[-1])
    in_groups = ", ".join(groups)
    cluster.admin.execute("".join(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'x' IN ROLE {in_groups};" for name in names))
    return people


# --- by hand, by the clock, from the terminal -------------------------------------------------------------------------


def test_what_is_done_by_hand_becomes_a_task_of_the_owner_and_waits():
    office = SystemFactory(kind=SystemKind.BY_HAND)
    person = EmployeeFactory()
    held(person, office, "badge")
    (change,) = end(person)
    sweep_changes()
    sweep_changes()
    task = HandTask.objects.get(change=change)
    assert task.assigned_to == office.owner
    assert actions.systems_with_work(now=timezone.now()) == []
    change.refresh_from_db()
    assert change.state == ChangeState.PENDING


def test_by_hand_is_proven_by_a_second_person_and_the_grant_is_gone():
    office = SystemFactory(kind=SystemKind.BY_HAND)
    person, second = EmployeeFactory(), EmployeeFactory()
    grant(second, "access.administer")
    (one,) = held(person, office, "badge")
    (change,) = end(person)
    now = timezone.now()
    actions.do_task(change.pk, evidence=b"the badge was collected\n", note="collected", by=office.owner, now=now)
    actions.verify_task(change.pk, by=second, now=now)
    actions.prove_by_hand(change.pk, by=second, now=now)
    change.refresh_from_db()
    assert change.state == ChangeState.PROVEN
    assert proofs(change) == [("by_hand", True), ("verified", True)]
    assert AccessGrant.objects.get(pk=one.pk).state == GrantState.REVOKED


def test_who_did_it_does_not_prove_it():
    office = SystemFactory(kind=SystemKind.BY_HAND)
    person = EmployeeFactory()
    held(person, office, "badge")
    (change,) = end(person)
    actions.do_task(change.pk, evidence=b"the badge was collected\n", note="collected", by=office.owner, now=timezone.now())
    with pytest.raises(ValueError, match="somebody else"):
        actions.prove_by_hand(change.pk, by=office.owner, now=timezone.now())


def test_the_sweep_settles_what_the_clock_changed_and_wakes_the_system(stub):
    app = stubbed()
    person = EmployeeFactory()
    held(person, app, "role")
    told = sweep_changes()
    assert told["settled"] == 1
    assert told["systems"] == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'access.push_system'")
        assert cursor.fetchone()[0] >= 1


def test_push_removals_tells_what_it_did_and_what_is_left(stub, capsys):
    app, office = stubbed(), SystemFactory()
    person = EmployeeFactory()
    held(person, app, "role")
    held(person, office, "badge")
    end(person)
    with pytest.raises(SystemExit) as left:
        call_command("push_removals", "--json")
    told = json.loads(capsys.readouterr().out)
    assert left.value.code == 1
    assert (told["proven"], told["failed"], told["outstanding"]) == (1, 0, 1)
    assert told["outstanding_by_system"] == {office.code: 1}
    assert told["changes"][0]["by_hand"] is True


def test_push_removals_with_nothing_left_ends_well(stub, capsys):
    person = EmployeeFactory()
    held(person, stubbed(), "role")
    end(person)
    call_command("push_removals", "--json")
    assert '"outstanding": 0' in capsys.readouterr().out
