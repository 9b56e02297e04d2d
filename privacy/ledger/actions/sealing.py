"""The verb that seals the ledger: periodic, in batches, so that it costs nothing where entries are written (STACK.md)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from privacy.ledger.errors import BadAnchor
from privacy.ledger.gateways import Anchor, line_of
from privacy.ledger.models import Seal, SealedPart
from privacy.ledger.queries import (
    FIRST,
    check_agreement,
    columns_of,
    digest_of,
    leaves,
    ledger_tables,
    pack_leaves,
    root_of,
    settled_tops,
)

ENTRIES_OF_A_PART = 4_096
ENTRIES_OF_A_SEAL = 200_000  # a first seal of millions is many: what is done stays done when it is interrupted
_ONE_SEALER = 7_022_018  # key of the lock that lets one seal at a time


@dataclass
class Sealed:
    """What one run did. busy: tables left for the next run, because somebody was still writing there.

    anchored: the newest seal that the anchor knows; unwritten: why it does not know them all.
    """

    seals: list[int] = field(default_factory=list)
    entries: int = 0
    busy: list[str] = field(default_factory=list)
    anchored: int = 0
    unwritten: str = ""


def seal_ledger(
    *,
    clock: Callable[[], datetime],
    anchor: Anchor | None,
    wait_seconds: float = 10,
    told: Callable[[int], None] = lambda entries: None,
) -> Sealed:
    """Put every entry that is committed under a seal, and write the seals outside the database.

    anchor: None where none is named. told: called with the entries of each seal. Repeating it is harmless: entries are sealed
    once, and what an interrupted run left unwritten at the anchor is written by the next. Raises AnchorDisagrees, and BadAnchor
    where the anchor cannot be read; then nothing is sealed.
    Source: HOUSE.md, "The ledger"; ASVS 16.4.2.
    """
    if anchor is not None:
        check_agreement(anchor.known())
    tops, busy = settled_tops(ledger_tables(), wait_seconds=wait_seconds)
    done = Sealed(busy=busy)
    while (seal := _seal_some(tops, clock=clock)) is not None:
        done.seals.append(seal.number)
        done.entries += seal.entries
        told(seal.entries)
    if anchor is not None:
        try:
            done.anchored = _write_outside(anchor)
        except BadAnchor as error:  # the seals stand; the next run writes them
            done.unwritten = str(error)
    return done


def _seal_some(tops: dict[str, int], *, clock: Callable[[], datetime]) -> Seal | None:
    """One more seal over what is not sealed up to these keys; None where nothing is left."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_SEALER])
        parts = list(_parts(tops))
        if not parts:
            return None
        last = Seal.objects.order_by("-number").first()
        number, previous, now = (last.number + 1, bytes(last.digest), clock()) if last else (1, FIRST, clock())
        seal = Seal.objects.create(
            number=number,
            sealed_at=now,
            previous=previous,
            entries=sum(part.entries for part in parts),
            digest=digest_of(number, now, previous, parts),
        )
        for part in parts:
            part.seal = seal
        SealedPart.objects.bulk_create(parts, batch_size=200)
        return seal


def _parts(tops: dict[str, int]) -> Iterator[SealedPart]:
    """Runs of entries that are not sealed yet, of one table after another, as many as one seal takes."""
    columns, left = columns_of(list(tops)), ENTRIES_OF_A_SEAL
    sealed_to = _sealed_to()
    for table in sorted(tops):
        after, top = sealed_to.get(table, 0), tops[table]
        while after < top and left > 0:
            found = leaves(table, columns[table], after=after, to=top, most=ENTRIES_OF_A_PART)
            if not found:
                break
            to = top if len(found) < ENTRIES_OF_A_PART else found[-1][0]
            yield SealedPart(
                table=table,
                columns=columns[table],
                after_id=after,
                to_id=to,
                entries=len(found),
                root=root_of([digest for _key, digest in found]),
                leaves=pack_leaves(found),
            )
            after, left = to, left - len(found)


def _sealed_to() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute('SELECT "table", max(to_id) FROM privacy_sealedpart GROUP BY "table"')
        return dict(cursor.fetchall())


def _write_outside(anchor: Anchor) -> int:
    """Every seal that the anchor does not know yet; the number of the newest one."""
    known = anchor.known()
    new = Seal.objects.filter(number__gt=known.number if known else 0).order_by("number")
    lines = [line_of(one.number, bytes(one.digest), one.sealed_at, one.entries) for one in new.iterator()]
    if lines:
        anchor.write(lines)
    newest = Seal.objects.order_by("-number").values_list("number", flat=True).first()
    return newest or 0
