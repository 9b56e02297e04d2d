"""What the ledger's triggers cost: one row changed and saved, and many rows changed at once, with and without them."""

import statistics
from collections.abc import Callable

from django.db import connection, transaction

from bench.company import UNTIL
from bench.ratio import Ratio, milliseconds
from customers.actions.demonstration import generate_customers
from customers.models import Customer
from privacy.ledger.actions import act, stamp_connection

FULL = 100_000
SINGLE_TIMES = 400
BULK_TIMES = 3
TABLE = "customers_customer"


def run(scale: float) -> list[Ratio]:
    count = max(1_000, int(FULL * scale))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        generate_customers(count, seed=2, until=UNTIL, stamp=lambda: None, with_addresses=False)
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
    keys = list(Customer.objects.order_by("pk").values_list("pk", flat=True)[: SINGLE_TIMES * 4])
    single_with, single_without = _in_turns(lambda: _save(keys), SINGLE_TIMES)
    act_with, act_without = _in_turns(lambda: _save_in_an_act(keys), SINGLE_TIMES)
    bulk_with, bulk_without = _in_turns(_change_all, BULK_TIMES, clean=True)
    return [
        Ratio("one row saved", single_with, single_without, goal=1.3),
        Ratio("one row saved inside a verb", act_with, act_without, goal=1.3, remark="verb, person and reason on the event"),
        Ratio(f"{count:,} rows by one UPDATE", bulk_with, bulk_without, goal=2.5),
    ]


Work = Callable[[], None]


def _in_turns(prepare: Callable[[], Work], times: int, *, clean: bool = False) -> tuple[float, float]:
    """Medians with and without triggers, in turns of a tenth of the runs each. Only what `prepare` hands back is timed."""
    turns = min(10, times)
    took: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(turns * 2):
        triggers = turn % 2 == 0
        with connection.cursor() as cursor:
            if clean:
                cursor.execute("TRUNCATE customers_customerledgerevent")
                cursor.execute(f"VACUUM {TABLE}")
            cursor.execute(f"ALTER TABLE {TABLE} {'ENABLE' if triggers else 'DISABLE'} TRIGGER USER")
        if not clean:
            prepare()()
        took[triggers] += [milliseconds(prepare()) for _ in range(max(1, times // turns))]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
    return statistics.median(took[True]), statistics.median(took[False])


_turn = 0


def _changed(keys: list[int]) -> Customer:
    global _turn
    _turn += 1
    customer = Customer.objects.get(pk=keys[_turn % len(keys)])
    customer.source_detail = f"correction {_turn}"
    return customer


def _save(keys: list[int]) -> Work:
    customer = _changed(keys)

    def save() -> None:
        with transaction.atomic():
            customer.save(update_fields=["source_detail"])

    return save


def _save_in_an_act(keys: list[int]) -> Work:
    customer = _changed(keys)

    def save() -> None:
        with act("bench", by=None, reason="measuring"):
            customer.save(update_fields=["source_detail"])

    return save


def _change_all() -> Work:
    global _turn
    _turn += 1
    said = f"turn {_turn}"

    def change() -> None:
        with act("bench", by=None), connection.cursor() as cursor:
            stamp_connection()
            cursor.execute(f"UPDATE {TABLE} SET source_detail = %s", [said])

    return change
