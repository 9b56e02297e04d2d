"""What is in force for one person, computed from 100,000 grants with all their conditions, beside one look-up by an index."""

from django.db import connection
from django.utils import timezone

from bench.permission import HELD, _company
from bench.ratio import Ratio, interleaved
from privacy.access.policies import may_now, permissions_at

FULL_GRANTS = 100_000
TIMES = 600
LOOK_UP = "SELECT id, entitlement_id FROM privacy_accessgrant WHERE employee_id = %s AND state = 'approved'"


def run(scale: float) -> list[Ratio]:
    people = max(50, int(FULL_GRANTS * scale) // len(HELD))
    keys = _company(people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    turns = iter(range(10_000_000))
    now = timezone.now()

    def look_up() -> None:
        with connection.cursor() as cursor:
            cursor.execute(LOOK_UP, [keys[next(turns) % people]])
            cursor.fetchall()

    def everything() -> None:
        permissions_at(keys[next(turns) % people], at=now)

    def one_question() -> None:
        may_now(keys[next(turns) % people], "customers.reveal_contact", at=now)

    grants = f"{people * len(HELD):,} grants"
    whole, bare = interleaved(everything, look_up, times=TIMES)
    single, bare_again = interleaved(one_question, look_up, times=TIMES)
    remark = "NDA, briefing, second factor, employment and dates asked of each"
    return [
        Ratio(f"every permission of a request, {grants}", whole, bare, goal=3, remark=remark),
        Ratio("one permission asked afresh (reveal, stream)", single, bare_again, goal=8, remark="composed by the ORM each time"),
    ]
