"""What the application's database role may not do (ASVS 13.2.2): the database writes the ledger, and nobody rewrites it."""

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection

from lumens_admin.serve import preparation
from privacy.ledger.actions import act
from privacy.ledger.queries import owns_the_ledger, rights_are_behind
from privacy.ledger.signals import grant_application_role, let_only_triggers_write_the_ledger
from privacy.models import Department

ROLE = "lumens_app_in_tests"


@pytest.fixture
def application(transactional_db, settings):
    """A connection of the application's role to the test database, with the rights that migrating gives it."""
    settings.DATABASE_APPLICATION_ROLE = ROLE
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'")
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN")
        cursor.execute(f"GRANT {ROLE} TO CURRENT_USER")
    grant_application_role(sender=apps.get_app_config("privacy"), using="default")
    with act("found_department", by=None, reason="for the test"):
        Department.objects.create(code="it", name="IT")
    given = connection.get_connection_params()
    parameters = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**parameters, autocommit=True) as other:
        other.execute(f"SET ROLE {ROLE}")
        yield other
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")


def test_the_application_changes_state_and_its_acts_are_written_down(application):
    application.execute(
        "SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false),"
        " set_config('pghistory.context_metadata', '{\"verb\": \"rename\"}', false)"
    )
    application.execute("UPDATE privacy_department SET name = 'Technology'")
    application.execute("UPDATE privacy_department SET name = 'Machines'")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.name, c.metadata->>'verb' FROM privacy_departmentledgerevent e"
            " JOIN pghistory_context c ON c.id = e.pgh_context_id ORDER BY e.pgh_id"
        )
        assert cursor.fetchall() == [("IT", "found_department"), ("Technology", "rename"), ("Machines", "rename")]


def test_the_application_cannot_tell_the_ledger_to_look_away(application):
    """django-pgtrigger's own way to leave a trigger out, as any session could ask for it."""
    named = application.execute(
        "SELECT array_agg(tgname::text) FROM pg_trigger WHERE tgrelid = 'privacy_department'::regclass"
    ).fetchone()[0]
    assert named
    application.execute("SELECT set_config('pgtrigger.ignore', %s::text[]::text, false)", [named])
    application.execute("UPDATE privacy_department SET name = 'Unseen'")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM privacy_departmentledgerevent ORDER BY pgh_id DESC LIMIT 1")
        assert cursor.fetchone() == ("Unseen",)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "SET session_replication_role = replica",
        "UPDATE privacy_departmentledgerevent SET name = 'x'",
        "DELETE FROM privacy_departmentledgerevent",
        "TRUNCATE privacy_departmentledgerevent",
        "UPDATE pghistory_context SET metadata = '{}'",
        "DELETE FROM pghistory_context",
        "UPDATE privacy_seal SET entries = 0",
        "DELETE FROM privacy_sealedpart",
        "DELETE FROM privacy_recordedread",
        "UPDATE privacy_recordedread SET reason = 'x'",
        "DELETE FROM privacy_deniedattempt",
        "UPDATE privacy_deniedattempt SET login = 'x'",
        "DELETE FROM privacy_proof",
        "UPDATE privacy_proof SET holds = true",
        "DELETE FROM privacy_evidencepack",
        "UPDATE privacy_evidencepack SET made_at = now()",
        "UPDATE privacy_verification SET found = 0",
        "INSERT INTO privacy_departmentledgerevent (pgh_id, pgh_created_at, pgh_label, pgh_obj_id, id, code, name)"
        " SELECT -5, now(), 'insert', pgh_obj_id, id, code, 'invented' FROM privacy_departmentledgerevent",
        "ALTER TABLE privacy_department DISABLE TRIGGER ALL",
        "DROP TABLE privacy_departmentledgerevent",
    ],
)
def test_the_application_cannot_rewrite_the_ledger(application, sql):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(sql)


def test_a_table_of_the_session_under_the_name_of_the_ledgers_catches_no_entry(application):
    application.execute("CREATE TEMP TABLE privacy_departmentledgerevent (LIKE public.privacy_departmentledgerevent)")
    application.execute("UPDATE privacy_department SET name = 'Unseen'")
    assert application.execute("SELECT count(*) FROM pg_temp.privacy_departmentledgerevent").fetchone() == (0,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM privacy_departmentledgerevent ORDER BY pgh_id DESC LIMIT 1")
        assert cursor.fetchone() == ("Unseen",)


def test_what_writes_the_ledger_hangs_on_no_table_of_somebody_elses(application):
    function = application.execute(
        "SELECT tgfoid::regproc::text FROM pg_trigger WHERE tgrelid = 'privacy_department'::regclass"
        " AND tgnewtable IS NOT NULL AND tgoldtable IS NULL"
    ).fetchone()[0]
    application.execute("CREATE TEMP TABLE mine (LIKE public.privacy_department)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(
            f"CREATE TRIGGER forges AFTER INSERT ON mine REFERENCING NEW TABLE AS new_values EXECUTE FUNCTION {function}()"
        )


def test_every_table_of_ours_is_written_down_by_a_function_that_the_application_cannot_call(application):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, p.prosecdef, p.proconfig, has_function_privilege(%s, p.oid, 'EXECUTE') FROM pg_trigger"
            " JOIN pg_proc p ON p.oid = tgfoid WHERE prosrc LIKE '%%ledgerevent%%' AND NOT tgisinternal",
            [ROLE],
        )
        functions = cursor.fetchall()
    assert len(functions) > 100
    for name, as_owner, settings, may_call in functions:
        assert as_owner, name
        assert "search_path=public, pg_temp" in settings, name
        assert not may_call, name


def test_what_is_encrypted_anew_is_the_one_thing_of_an_evidence_pack_that_changes(application):
    application.execute("UPDATE privacy_evidencepack SET file = file")


@pytest.mark.parametrize(
    "given",
    ["UPDATE ON privacy_deniedattempt", "DELETE ON privacy_deniedattempt", "INSERT ON privacy_departmentledgerevent"],
)
def test_a_next_start_notices_rights_of_an_earlier_version(application, settings, given):
    def as_the_application():
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {ROLE}")
            try:
                return rights_are_behind()
            finally:
                cursor.execute("RESET ROLE")

    assert not as_the_application()
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {given} TO {ROLE}")
    assert as_the_application()
    assert not rights_are_behind(), "the owner may, and is not asked"
    grant_application_role(sender=apps.get_app_config("privacy"), using="default")
    assert not as_the_application()


def test_a_next_start_notices_that_a_migration_was_cut_off_before_its_end(application):
    assert not rights_are_behind()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgfoid::regprocedure::text FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid"
            " WHERE tgrelid = 'privacy_department'::regclass AND prosrc LIKE '%ledgerevent%' LIMIT 1"
        )
        (function,) = cursor.fetchone()
        cursor.execute(f"ALTER FUNCTION {function} SECURITY INVOKER")
    assert rights_are_behind()
    assert owns_the_ledger()
    let_only_triggers_write_the_ledger(sender=apps.get_app_config("privacy"), using="default")
    assert not rights_are_behind()


def test_a_start_migrates_as_the_owner_it_knows_and_else_says_whom_to_name(application, settings, monkeypatch, capsys):
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT INSERT ON privacy_departmentledgerevent TO {ROLE}")
        cursor.execute(f"SET ROLE {ROLE}")
        try:
            settings.EMBEDDED = True
            assert preparation._rights_are_behind()
            settings.EMBEDDED = False
            monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
            assert not preparation._rights_are_behind()
            assert "Name the tables' owner in DATABASE_OWNER_URL" in capsys.readouterr().out
            monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@db.example/lumens")
            assert preparation._rights_are_behind()
        finally:
            cursor.execute("RESET ROLE")


def test_the_owner_cannot_rewrite_who_acted_by_a_slip_of_the_hand(application):
    for sql in ("UPDATE pghistory_context SET metadata = '{}'", "DELETE FROM pghistory_context"):
        with pytest.raises(Exception, match="not changed or deleted"), connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.django_db
def test_the_database_refuses_a_group():
    """Statement E.1: access is assigned to specific individuals."""
    with pytest.raises(IntegrityError, match="individuals_never_to_groups"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('everybody')")
