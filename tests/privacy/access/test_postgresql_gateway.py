"""Access to a PostgreSQL is gone when nobody comes in, nobody is in, and the server itself says so. A real second server."""

import os
import signal
import threading
import time
from contextlib import contextmanager

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from privacy.access.gateways import Account, NoDoor, PostgresqlGateway, SystemSilent, Task, Unreachable
from privacy.access.gateways.login import try_to_log_in
from tests.factories.systems import deaf_port, wait_until

CUT_OFF = (psycopg.OperationalError, psycopg.errors.AdminShutdown)


@pytest.fixture
def door(cluster):
    door = PostgresqlGateway(cluster.address)
    door.begin(25)
    yield door
    door.close()


def all_of(name, *groups):
    return Task(Account(name), groups or ("",), given=False, whole_account=True)


def some_of(name, *groups):
    return Task(Account(name), groups, given=False)


def done(door, task):
    """Pushed, read back and probed; returns the answers of the three by name, and asserts nothing."""
    return [step(task) for step in (door.push, door.read_back, door.probe)]


def hold(answers):
    return all(answer.holds for step in answers for answer in step.values())


def failures(answers):
    return " ".join(answer.failure for step in answers for answer in step.values())


def test_a_leaver_cannot_log_in_any_more_and_the_server_says_why(cluster, door):
    group = cluster.group()
    name = cluster.person(group)
    cluster.log_in(name).close()
    answers = done(door, all_of(name, group))
    assert hold(answers)
    with pytest.raises(psycopg.OperationalError, match=r"password|not permitted to log in"):
        cluster.log_in(name)
    assert "28000" in answers[2][group].text
    assert "not permitted to log in" in answers[2][group].text
    assert cluster.groups_of(name) == set()


def test_the_old_password_stays_dead_even_if_somebody_lets_the_account_log_in_again(cluster, door):
    name = cluster.person()
    assert hold(done(door, all_of(name)))
    cluster.run("ALTER ROLE {} LOGIN", name)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        cluster.log_in(name)


def test_open_sessions_end_also_one_that_set_a_role_and_reads_through_an_open_cursor(cluster, door):
    group = cluster.group(rows=100_000)
    name = cluster.person(group)
    with cluster.log_in(name) as idle, psycopg.connect(cluster.address, user=name, password="seven lamps") as reading:
        reading.execute(psycopg.sql.SQL("SET ROLE {}").format(psycopg.sql.Identifier(group)))
        cursor = reading.cursor(name="open")
        cursor.execute(psycopg.sql.SQL("SELECT n FROM {}").format(psycopg.sql.Identifier(group)))
        assert cursor.fetchmany(10)
        assert hold(done(door, all_of(name, group)))
        with pytest.raises(CUT_OFF):
            cursor.fetchmany(100_000)
        with pytest.raises(CUT_OFF):
            idle.execute("SELECT 1")
        reading._closed = idle._closed = True


def test_a_pool_of_connections_gets_none_back(cluster, door):
    name = cluster.person()
    with ConnectionPool(
        cluster.address, kwargs={"user": name, "password": "seven lamps"}, min_size=3, max_size=3, open=False, reconnect_timeout=1
    ) as pool:
        pool.wait(10)
        assert hold(done(door, all_of(name)))
        with pytest.raises(psycopg.Error), pool.connection(timeout=2) as connection:
            connection.execute("SELECT 1")


def test_what_stays_keeps_working_and_what_is_taken_does_not(cluster, door):
    going, staying = cluster.group(rows=3), cluster.group(rows=3)
    name = cluster.person(going, staying)
    session = cluster.log_in(name)
    assert hold(done(door, some_of(name, going)))
    with pytest.raises(CUT_OFF):
        session.execute("SELECT 1")
    with cluster.log_in(name) as again:
        assert (
            again.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(staying))).fetchone()[0] == 3
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            again.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(going)))


def test_a_role_still_reached_through_another_role_is_not_proven_and_the_way_is_named(cluster, door):
    group, between = cluster.group(), cluster.group()
    cluster.run("GRANT {} TO {}", group, between)
    name = cluster.person(group, between)
    answers = done(door, some_of(name, group))
    assert not hold(answers)
    assert f"{name} → {between} → {group}" in failures(answers)
    assert not answers[2][group].holds


def test_an_account_that_is_a_superuser_is_not_proven(cluster, door):
    group = cluster.group()
    name = cluster.person(group)
    cluster.run("ALTER ROLE {} SUPERUSER", name)
    assert "superuser" in failures(done(door, some_of(name, group)))


def test_an_account_that_others_may_still_act_as_is_not_proven_and_they_are_named(cluster, door):
    """An application that comes in as itself and sets each user's role, or a friend who was given the account."""
    name, application = cluster.person(), cluster.person()
    cluster.run("GRANT {} TO {}", name, application)
    with cluster.log_in(application) as acting:
        acting.execute(psycopg.sql.SQL("SET ROLE {}").format(psycopg.sql.Identifier(name)))
        answers = done(door, all_of(name))
        assert f"{application} may still act as it" in failures(answers)
        assert acting.execute("SELECT current_user::text").fetchone() == (name,), "and so it is"
    cluster.run("REVOKE {} FROM {}", name, application)
    assert hold(done(door, all_of(name)))


def test_what_somebody_else_gave_and_what_was_handed_on_goes_too(cluster, door):
    group, chief, friend = cluster.group(), cluster.person(), cluster.person()
    name = cluster.person()
    cluster.run("GRANT {} TO {} WITH ADMIN OPTION", group, chief)
    cluster.run("GRANT {} TO {} WITH ADMIN OPTION GRANTED BY {}", group, name, chief)
    cluster.run("GRANT {} TO {} GRANTED BY {}", group, friend, name)
    assert hold(done(door, all_of(name, group)))
    assert cluster.groups_of(name) == set()
    assert group in cluster.groups_of(chief)


def test_gone_already_is_success_and_all_of_it_may_be_done_twice(cluster, door):
    group = cluster.group()
    assert hold(done(door, all_of("nobody_of_that_name", group)))
    assert hold(done(door, some_of("nobody_of_that_name", group)))
    name = cluster.person(group)
    for _ in range(2):
        assert hold(done(door, all_of(name, group)))


def test_giving_makes_the_account_without_a_password_and_gives_the_role(cluster, door):
    group, name = cluster.group(), f"new_{os.urandom(4).hex()}"
    task = Task(Account(name), (group, ""), given=True)
    for _ in range(2):
        assert hold(done(door, task))
    assert cluster.groups_of(name) == {group}
    with pytest.raises(psycopg.OperationalError, match="password"):
        cluster.log_in(name, "")


def test_a_leaver_who_comes_back_may_log_in_again(cluster, door):
    group = cluster.group()
    name = cluster.person(group)
    assert hold(done(door, all_of(name, group)))
    assert hold(done(door, Task(Account(name), (group,), given=True)))
    assert cluster.run("SELECT rolcanlogin FROM pg_roles WHERE rolname = current_user OR rolname = '" + name + "'")[0][0]


def test_a_role_that_is_not_there_cannot_be_given_and_the_others_are(cluster, door):
    group, name = cluster.group(), cluster.person()
    pushed = door.push(Task(Account(name), (group, "no_such_role"), given=True))
    assert pushed[group].holds
    assert "does not exist" in pushed["no_such_role"].failure


@pytest.mark.parametrize("name", ['o"brien', "semi; DROP ROLE postgres; --", "Ünïcode näme", "a'b", "%s{}"])
def test_strange_names_are_names(cluster, door, name):
    name = f"{name} {os.urandom(3).hex()}"
    group = cluster.group()
    assert hold(done(door, Task(Account(name), (group,), given=True)))
    assert cluster.groups_of(name) == {group}
    assert hold(done(door, all_of(name, group)))


@pytest.mark.parametrize("name", ["postgres", "pg_monitor", "x" * 64, ""])
def test_the_servers_own_roles_ourselves_and_names_that_would_be_cut_are_refused(cluster, door, name):
    pushed = door.push(all_of(name, "anything"))
    assert not pushed["anything"].holds
    assert pushed["anything"].failure
    assert cluster.run("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'postgres'") == [(True,)]


def test_no_secret_gets_into_a_proof(cluster):
    door = PostgresqlGateway(cluster.address, "the admin's password")
    door.begin(25)
    name = cluster.person()
    answers = done(door, all_of(name))
    texts = " ".join(answer.text for step in answers for answer in step.values())
    assert "ALTER ROLE" in texts
    for secret in ("the admin's password", door._passwords[name], "SCRAM-SHA-256$"):
        assert secret not in texts
    door.close()
    assert door._passwords == {}


@contextmanager
def undoing(cluster, statement, *names):
    """Somebody, or something, puts back at once what we take away."""
    over = threading.Event()

    def work():
        with psycopg.connect(cluster.address, autocommit=True) as ours:
            while not over.is_set():
                try:
                    ours.execute(psycopg.sql.SQL(statement).format(*map(psycopg.sql.Identifier, names)))
                except psycopg.Error:
                    pass
                over.wait(0.001)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_server_on_which_it_is_undone_at_once_is_not_believed(cluster, door):
    name = cluster.person()
    assert door.push(all_of(name))[""].holds
    with undoing(cluster, "ALTER ROLE {} LOGIN", name):
        wait_until(lambda: cluster.run("SELECT rolcanlogin FROM pg_roles WHERE rolname = '" + name + "'") == [(True,)])
        found = door.read_back(all_of(name))[""]
        tried = door.probe(all_of(name))[""]
    assert not found.holds
    assert "may still log in" in found.failure
    assert tried.failure == "The account could still log in."


def test_a_wrong_password_is_no_proof(cluster, door):
    name = cluster.person()
    assert door.push(all_of(name))[""].holds
    cluster.run("ALTER ROLE {} LOGIN PASSWORD 'somebody else set another'", name)
    assert "proves nothing" in door.probe(all_of(name))[""].failure


def test_a_network_failure_is_no_refusal(cluster):
    with deaf_port() as port:
        told = try_to_log_in({"host": "127.0.0.1", "port": port, "user": "ana", "sslmode": "disable"}, seconds=0.3)
    assert not told.refused
    assert not told.entered
    closed = try_to_log_in({"host": "127.0.0.1", "port": 1, "user": "ana"}, seconds=1)
    assert not closed.refused


def test_a_server_that_takes_the_call_and_says_nothing_is_given_up_within_seconds():
    with deaf_port() as port:
        door = PostgresqlGateway(f"postgresql://admin@127.0.0.1:{port}/shop?sslmode=disable", "x")
        door.begin(2)
        begun = time.monotonic()
        with pytest.raises(Unreachable):
            door.push(all_of("ana"))
        assert time.monotonic() - begun < 4


def test_a_server_that_freezes_in_the_middle_is_given_up_within_seconds(cluster, door):
    name = cluster.person()
    door.push(all_of(name))
    backend = door._pusher.info.backend_pid
    door.begin(0.6)
    os.kill(backend, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        with pytest.raises(SystemSilent):
            door.push(all_of(name))
        assert time.monotonic() - begun < 4
    finally:
        os.kill(backend, signal.SIGCONT)


def test_an_address_that_makes_no_sense_is_said_so_without_a_secret():
    with pytest.raises(NoDoor, match="cannot be read"):
        PostgresqlGateway("not an address at all =", "secret")


def test_the_list_of_accounts_leaves_out_the_servers_own_and_ours(cluster, door):
    group = cluster.group()
    name = cluster.person(group)
    door.begin(20)
    listed = {account.name: account for account in door.list_accounts()}
    assert listed[name].active
    assert listed[name].names == {group}
    assert not listed[group].active
    assert not any(other.startswith("pg_") or other == "postgres" for other in listed)
