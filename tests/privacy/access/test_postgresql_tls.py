"""Passwords and people's names travel to another machine encrypted, and to no other machine than the one that is meant."""

import logging

import pytest
from django.utils import timezone

from privacy.access import actions, errors
from privacy.access.gateways import Account, NoDoor, PostgresqlGateway, Task, Unreachable
from privacy.access.policies.systems import address_fault
from tests.factories.access import grant
from tests.factories.systems import SystemFactory
from tests.factories.tls import ELSEWHERE, certificate_for, front
from tests.factories.workforce import EmployeeFactory

SECRET = "seven lamps in a row"


def open_door(port, **settings):
    wanted = "&".join(f"{name}={value}" for name, value in settings.items())
    door = PostgresqlGateway(f"postgresql://postgres@{ELSEWHERE}:{port}/postgres?{wanted}", SECRET)
    door.begin(10)
    return door


@pytest.fixture
def certificate(tmp_path):
    return certificate_for(ELSEWHERE, tmp_path)


def test_a_server_elsewhere_without_tls_is_told_nothing(cluster):
    with front(cluster) as there:
        with pytest.raises(Unreachable, match="does not support SSL") as refusal:
            open_door(there.port).list_accounts()
        assert there.began_in_the_clear == 0
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_nobody_can_ask_for_less_than_tls_to_another_machine(mode):
    address = f"postgresql://lumens@db.example:5432/shop?sslmode={mode}"
    assert "in the clear" in address_fault("postgresql", address)
    # A system that was connected by an older version is not asked either.
    with pytest.raises(NoDoor, match="in the clear"):
        PostgresqlGateway(address, SECRET)


@pytest.mark.parametrize("host", ["/run/postgresql,db.example", "localhost,db.example", "db.example,127.0.0.1"])
def test_a_server_elsewhere_is_elsewhere_also_behind_one_that_is_here(host):
    with pytest.raises(NoDoor, match="in the clear"):
        PostgresqlGateway(f"host={host} user=lumens dbname=shop sslmode=disable", SECRET)
    assert PostgresqlGateway(f"host={host} user=lumens dbname=shop", SECRET)._parameters["sslmode"] == "require"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpostgresql"])
def test_on_this_machine_nothing_is_asked_of_it(host):
    assert address_fault("postgresql", f"postgresql://lumens@{host}:5432/shop?sslmode=disable") == ""


def test_a_mode_that_there_is_not_is_said_when_it_is_typed():
    assert "sslmode is one of" in address_fault("postgresql", "postgresql://lumens@db.example/shop?sslmode=REQUIRED")


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_with_tls_the_work_is_done(cluster, certificate, mode):
    name = cluster.person()
    with front(cluster, certificate) as there:
        door = open_door(there.port, sslmode=mode, **({} if mode == "require" else {"sslrootcert": certificate[0]}))
        assert door.push(Task(Account(name), ("",), given=False, whole_account=True))[""].holds
        assert door.probe(Task(Account(name), ("",), given=False, whole_account=True))[""].holds
        door.close()
        assert there.began_in_the_clear == 0


def test_a_certificate_of_another_name_is_refused(cluster, tmp_path):
    other = certificate_for("127.0.0.3", tmp_path)
    with front(cluster, other) as there, pytest.raises(Unreachable, match="does not match host name"):
        open_door(there.port, sslmode="verify-full", sslrootcert=other[0]).list_accounts()


def test_a_certificate_of_somebody_unknown_is_refused(cluster, certificate, tmp_path):
    (tmp_path / "other").mkdir()
    trusted, _ = certificate_for(ELSEWHERE, tmp_path / "other")
    with front(cluster, certificate) as there, pytest.raises(Unreachable, match="certificate verify failed"):
        open_door(there.port, sslmode="verify-full", sslrootcert=trusted).list_accounts()


def test_whoever_cannot_show_who_they_are_is_never_told_the_password_itself(cluster, certificate):
    with front(cluster, certificate, asks_for_password=True) as there:
        with pytest.raises(Unreachable, match="password"):
            open_door(there.port).list_accounts()
        assert SECRET.encode() not in there.told


@pytest.mark.django_db
def test_the_secret_does_not_follow_an_address_that_was_changed():
    ines = EmployeeFactory(login="ines")
    grant(ines, "access.administer")
    kept = "postgresql://lumens@db.example:5432/shop"
    system = SystemFactory(code="shop", kind="postgresql", address=kept, secret=SECRET)

    def change(address, secret=None):
        said = {"name": "Shop", "owner": None, "reconciled": True}
        return actions.change_system(system.pk, address=address, secret=secret, by=ines, now=timezone.now(), **said)

    for other in ("postgresql://lumens@evil.example:5432/shop", "postgresql://lumens@db.example:6432/shop", f"{kept}?host=evil"):
        with pytest.raises(errors.SecretStays):
            change(other)
    system.refresh_from_db()
    assert system.address == kept
    change(kept + "?sslmode=verify-full")  # the same server
    change("postgresql://lumens@new.example:5432/shop", secret="another")


@pytest.mark.django_db(transaction=True)
def test_a_password_is_in_no_log_no_proof_and_no_row(cluster, certificate, caplog):
    from django.db import connection

    caplog.set_level(logging.DEBUG)  # the settings of a log that tells most
    ines = EmployeeFactory(login="ines")
    grant(ines, "access.administer")
    with front(cluster) as there:
        address = f"postgresql://postgres@{ELSEWHERE}:{there.port}/postgres"
        said = {"code": "far", "name": "Far", "kind": "postgresql", "owner": None}
        system = actions.connect_system(address=address, secret=SECRET, by=ines, now=timezone.now(), **said)
        found = actions.reconcile(system.pk, by=ines, clock=timezone.now)
    assert "does not support SSL" in found.reconciliation.failure
    assert SECRET not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE strpos(t::text, %s) > 0', [SECRET])
            assert cursor.fetchone() == (0,), table
