"""Who changed what, when, why: written by the database, so that nothing escapes."""

from contextlib import suppress

import pytest
from django.db import ProgrammingError, connection, transaction

from privacy.ledger.actions import act, failing_together
from privacy.models import Department

pytestmark = pytest.mark.django_db


def events(table="privacy_departmentledgerevent"):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.pgh_label, e.name, c.metadata->>'verb', c.metadata->>'within_verb' FROM {table} e"
            " LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id ORDER BY e.pgh_id"
        )
        return cursor.fetchall()


def test_a_change_by_raw_sql_is_written_down_too():
    Department.objects.create(code="it", name="IT")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE privacy_department SET name = 'Technology'")
        cursor.execute("DELETE FROM privacy_department")
    assert [event[:2] for event in events()] == [("insert", "IT"), ("update", "Technology"), ("delete", "Technology")]


def test_a_verb_inside_a_verb_keeps_its_own_name():
    with act("open_shop", by=None, reason="new season"):
        Department.objects.create(code="a", name="A")
        with act("hire", by=None):
            Department.objects.create(code="b", name="B")
        Department.objects.create(code="c", name="C")
    assert [event[1:] for event in events()] == [("A", "open_shop", None), ("B", "hire", "open_shop"), ("C", "open_shop", None)]


def test_a_card_number_in_a_reason_never_reaches_what_nobody_can_take_back():
    with act("rename", by=None, reason="card 4111 1111 1111 1111"), act("rename_again", by=None, reason="4111111111111111"):
        Department.objects.create(code="it", name="IT")
    with connection.cursor() as cursor:
        cursor.execute("SELECT metadata->>'reason' FROM pghistory_context WHERE metadata->>'within_verb' = 'rename'")
        assert cursor.fetchall() == [("(what looks like a card number)",)]
        cursor.execute("SELECT count(*) FROM pghistory_context WHERE (metadata - 'within')::text ~ '4111'")  # a random id
        assert cursor.fetchone() == (0,)


def test_nobody_can_rewrite_an_event():
    Department.objects.create(code="it", name="IT")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute("UPDATE privacy_departmentledgerevent SET name = 'x'")


@pytest.mark.parametrize(("fails_alone", "left"), [(True, ["outer"]), (False, [])])
def test_what_fails_in_a_verb_that_does_not_fail_alone_ends_the_outer_one(fails_alone, left):
    with act("outer", by=None):
        Department.objects.create(code="outer", name="Outer")
        with suppress(ZeroDivisionError), act("inner", by=None, fails_alone=fails_alone):
            Department.objects.create(code="inner", name="Inner")
            raise ZeroDivisionError
    assert list(Department.objects.values_list("code", flat=True)) == left


def test_what_fails_among_verbs_that_fail_together_ends_all_of_them():
    with act("outer", by=None), failing_together():
        Department.objects.create(code="outer", name="Outer")
        with suppress(ZeroDivisionError), act("inner", by=None):
            raise ZeroDivisionError
    assert not Department.objects.exists()


def test_among_verbs_that_fail_together_whoever_catches_a_refusal_can_go_on():
    with act("outer", by=None), failing_together():
        Department.objects.create(code="outer", name="Outer")
        with suppress(ZeroDivisionError), transaction.atomic(), act("inner", by=None):
            Department.objects.create(code="inner", name="Inner")
            raise ZeroDivisionError
    assert list(Department.objects.values_list("code", flat=True)) == ["outer"]


def test_no_trigger_compares_each_of_thousands_of_rows_with_each():
    """A connection that first changed one row, and so planned for one, ends 5,000 grants as quickly as a new one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname::text, proconfig FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgoldtable IS NOT NULL AND tgnewtable IS NOT NULL"
        )
        found = cursor.fetchall()
    assert len(found) > 50
    assert [(table, name) for table, name, settings in found if "enable_nestloop=off" not in (settings or [])] == []
