"""The ledger's triggers: each has a name of its own."""

import pgtrigger
import pytest
from pgtrigger import registry

from customers.models import Customer


def test_the_index_of_the_triggers_holds_what_pgtrigger_would_look_up():
    plain = registry._Registry()
    plain.data = registry._registry.data
    assert len(plain) > 200
    assert registry._registry.by_db_table == plain.by_db_table
    assert registry._registry.pg_function_names == plain.pg_function_names


def test_a_second_trigger_of_the_same_name_is_refused_and_what_is_taken_away_may_come_again():
    def another(when):
        return pgtrigger.Protect(name="nobody_renames", operation=when)

    first = another(pgtrigger.Delete)
    first.register(Customer)
    try:
        with pytest.raises(KeyError, match="nobody_renames"):
            another(pgtrigger.Update).register(Customer)
    finally:
        first.unregister(Customer)
    another(pgtrigger.Update).register(Customer)
    another(pgtrigger.Update).unregister(Customer)
    assert "customers.Customer:nobody_renames" not in registry._registry
