"""Is what was sealed what is there? Seals against the anchor, entries against their seals, tables against their entries."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any, cast

from django.db import connection, models, transaction
from django.db.models import Prefetch

from privacy.ledger.errors import AnchorDisagrees
from privacy.ledger.gateways import Anchored
from privacy.ledger.models import Seal, SealedPart
from privacy.ledger.queries.contents import exchanged
from privacy.ledger.queries.digests import FIRST, digest_of, root_of, unpack_leaves
from privacy.ledger.queries.entries import Leaf, all_leaves, columns_of, ledger_models, ledger_tables

NAMED_AT_MOST = 20  # of one part, and of one table


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was. seal: its number, None where it is not under one; entry: the key of the bad entry."""

    says: str
    seal: int | None = None
    table: str = ""
    entry: int | None = None


@dataclass
class Verified:
    """What was looked at, and what was found: of the seals first, then of the entries in the order of their seals."""

    seals: int = 0
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify(
    anchored: Iterable[Anchored],
    *,
    rows_too: bool = True,
    told_entries: Callable[[int], None] = lambda entries: None,
    told_table: Callable[[str], None] = lambda table: None,
) -> Verified:
    """All of it. rows_too: also whether each row is what its last entry says. told_entries, told_table: called as it goes on."""
    seals = verify_seals(anchored)
    entries = verify_entries(told_entries)
    # An entry is named before the seal that it stands under, and that before the part that nobody can name better.
    both = [*entries.findings, *seals.findings]
    findings = sorted(both, key=lambda one: (one.seal or 0, one.entry is None, bool(one.table)))
    findings += outside_the_numbering()
    if rows_too:
        findings += verify_state(told_table)
    return Verified(seals.seals, entries.entries, findings)


def check_agreement(known: Anchored | None) -> None:
    """Raises AnchorDisagrees unless the newest seal outside is the one of that number here."""
    if known is None:
        return
    here = Seal.objects.filter(number=known.number).first()
    if here is None:
        raise AnchorDisagrees(
            f"the anchor knows seal {known.number} of {known.sealed_at}, and this database does not:"
            " it is an older copy, or seals are gone."
        )
    if bytes(here.digest) != known.digest:
        raise AnchorDisagrees(f"seal {known.number} is not the one that the anchor knows: the chain was rewritten.")


def verify_seals(anchored: Iterable[Anchored]) -> Verified:
    """The chain itself: no number missing, each naming the last one, each digest right, and each as the anchor knows it."""
    outside: dict[int, set[bytes]] = {}
    newest: Anchored | None = None
    for one in anchored:
        outside.setdefault(one.number, set()).add(one.digest)
        newest = one if newest is None or one.number > newest.number else newest
    done, expected, previous = Verified(), 1, FIRST
    last = None
    parts = Prefetch("parts", SealedPart.objects.order_by("pk").defer("leaves"))
    for seal in Seal.objects.order_by("number").prefetch_related(parts).iterator(chunk_size=200):
        done.seals += 1
        done.findings += _faults_of(seal, expected, previous, outside.get(seal.number, set()))
        expected, previous, last = seal.number + 1, bytes(seal.digest), seal
    if newest is not None and (last is None or last.number < newest.number):
        here = f"ends at seal {last.number}" if last else "has no seal"
        done.findings.append(
            Finding(
                f"the anchor knows seal {newest.number} of {newest.sealed_at}, and this database {here}:"
                " an older copy was restored, or the newest seals were deleted",
                seal=(last.number if last else 0) + 1,
            )
        )
    return done


def _faults_of(seal: Seal, expected: int, previous: bytes, outside: set[bytes]) -> Iterator[Finding]:
    if seal.number != expected:
        yield Finding(f"seal {expected} is gone", seal=expected)
    if bytes(seal.previous) != previous:
        yield Finding(f"seal {seal.number} does not follow the seal before it", seal=seal.number)
    if digest_of(seal.number, seal.sealed_at, bytes(seal.previous), seal.parts.all()) != bytes(seal.digest):
        yield Finding(f"seal {seal.number} was changed", seal=seal.number)
    if outside and outside != {bytes(seal.digest)}:
        yield Finding(
            f"seal {seal.number} is not the one that the anchor knows: the chain was rewritten from there on", seal=seal.number
        )


def verify_entries(told: Callable[[int], None] = lambda entries: None) -> Verified:
    """Every sealed entry, read again. told: called with the number of entries of each part."""
    done = Verified()
    parts = SealedPart.objects.order_by("table", "after_id")
    tables = set(SealedPart.objects.values_list("table", flat=True).distinct())
    present = columns_of(sorted(tables))
    with transaction.atomic():
        for (table, columns), run in groupby(parts.iterator(chunk_size=50), key=lambda part: (part.table, tuple(part.columns))):
            missing = set(columns) - set(present.get(table, ()))
            if missing:
                first = next(run)
                what = ", ".join(sorted(missing)) if table in present else "the whole table"
                done.findings.append(
                    Finding(f"sealed entries cannot be read any more: {what} of {table} is gone", seal=first.seal_id, table=table)
                )
                continue
            for part, found in _with_entries(table, columns, run):
                done.entries += len(found)
                done.findings += _faults_in(part, found)
                told(len(found))
    done.findings.sort(key=lambda finding: (finding.seal or 0, finding.table, finding.entry or 0))
    return done


def outside_the_numbering() -> Iterator[Finding]:
    """Entries with a number that the ledger never gave out: below its first, or above its last. No seal is ever put on them."""
    for table in ledger_tables():
        name = connection.ops.quote_name(table)
        with connection.cursor() as cursor:
            # What is there first, then what was given out by then: an entry of meanwhile is neither.
            cursor.execute(f"SELECT max(pgh_id) FROM {name}")  # noqa: S608  a table of ours
            newest = cursor.fetchone()[0] or 0
            cursor.execute(f"SELECT last_value FROM {_sequence_of(cursor, name)}")  # noqa: S608  its sequence
            given_out = cursor.fetchone()[0]
            cursor.execute(
                f"SELECT pgh_id FROM {name} WHERE pgh_id < 1 OR (pgh_id > %s AND pgh_id <= %s) ORDER BY pgh_id LIMIT %s",  # noqa: S608
                [given_out, newest, NAMED_AT_MOST],
            )
            for (key,) in cursor.fetchall():
                yield Finding(
                    f"entry {key} of {table} has a number that was never given out: it was slipped in", table=table, entry=key
                )


def _sequence_of(cursor: Any, table: str) -> str:
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'pgh_id')", [table])
    return str(cursor.fetchone()[0])


def _with_entries(table: str, columns: tuple[str, ...], run: Iterable[SealedPart]) -> Iterator[tuple[SealedPart, list[Leaf]]]:
    """Each part with what is there under its keys. Parts that follow each other are read together."""
    held: list[SealedPart] = []

    def read() -> Iterator[tuple[SealedPart, list[Leaf]]]:
        waiting = all_leaves(table, columns, after=held[0].after_id, to=held[-1].to_id)
        leaf = next(waiting, None)
        for part in held:
            found = []
            while leaf is not None and leaf[0] <= part.to_id:
                if leaf[0] > part.after_id:
                    found.append(leaf)
                leaf = next(waiting, None)
            yield part, found

    for part in run:
        if held and (part.after_id != held[-1].to_id or len(held) >= 50):
            yield from read()
            held = []
        held.append(part)
    if held:
        yield from read()


def _faults_in(part: SealedPart, found: list[Leaf]) -> list[Finding]:
    """Named one by one; where the names were made to agree and the root was not, the part."""
    if root_of([digest for _key, digest in found]) == bytes(part.root) and len(found) == part.entries:
        return []
    before = unpack_leaves(bytes(part.leaves))
    now = {key: digest[:8] for key, digest in found}
    faults = []
    for key in sorted(before.keys() | now.keys()):
        if key not in now:
            faults.append((key, "was deleted"))
        elif key not in before:
            faults.append((key, "was added afterwards"))
        elif now[key] != before[key]:
            faults.append((key, "was changed"))
    named = [
        Finding(f"entry {key} of {part.table} {what}", seal=part.seal_id, table=part.table, entry=key)
        for key, what in faults[:NAMED_AT_MOST]
    ]
    if len(faults) > NAMED_AT_MOST:
        named.append(
            Finding(f"and {len(faults) - NAMED_AT_MOST} more entries of {part.table}", seal=part.seal_id, table=part.table)
        )
    if not named:
        span = f"entries {part.after_id + 1} to {part.to_id} of {part.table}"
        named.append(Finding(f"{span} are not those that were sealed", seal=part.seal_id, table=part.table))
    return named


def verify_state(told: Callable[[str], None] = lambda table: None) -> list[Finding]:
    """Every row of ours against the last entry about it: what was written past the ledger, tail included, shows here.

    And every message and file kept as evidence against its digest, which is in the ledger.
    """
    findings: list[Finding] = []
    for model in ledger_models():
        table = cast("Any", model).pgh_tracked_model._meta.db_table
        told(table)
        tracked = cast("type[models.Model]", cast("Any", model).pgh_tracked_model)
        findings += _written_past(model, tracked)
        findings += [
            Finding(f"row {key} of {table} does not hold what its digest says: its evidence was exchanged", table=table)
            for key in islice(exchanged(tracked), NAMED_AT_MOST)
        ]
    return findings


def _written_past(event: type[models.Model], tracked: type[models.Model]) -> list[Finding]:
    quote = connection.ops.quote_name
    theirs = {column.column for column in event._meta.concrete_fields}
    key = cast("str", tracked._meta.pk.column)
    shared = [
        cast("str", column.column) for column in tracked._meta.concrete_fields if column.column in theirs and column.column != key
    ]
    differs = " OR ".join(f"t.{quote(column)} IS DISTINCT FROM l.{quote(column)}" for column in shared) or "false"
    sql = f"""
        WITH l AS (
            SELECT DISTINCT ON (pgh_obj_id) * FROM {quote(event._meta.db_table)} ORDER BY pgh_obj_id, pgh_id DESC
        )
        SELECT coalesce(t.{quote(key)}::text, l.pgh_obj_id::text), l.pgh_id,
            CASE WHEN l.pgh_id IS NULL THEN 'has no entry'
                 WHEN t.{quote(key)} IS NULL THEN 'is gone without an entry'
                 WHEN l.pgh_label = 'delete' THEN 'is here although its last entry says that it was deleted'
                 ELSE 'is not what its last entry says' END
        FROM {quote(tracked._meta.db_table)} t FULL JOIN l ON l.pgh_obj_id = t.{quote(key)}
        WHERE l.pgh_id IS NULL OR (t.{quote(key)} IS NULL) <> (l.pgh_label = 'delete')
            OR (t.{quote(key)} IS NOT NULL AND ({differs}))
        ORDER BY l.pgh_id NULLS FIRST LIMIT {NAMED_AT_MOST + 1}
    """  # noqa: S608  names of our own tables and columns
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall()
    name = tracked._meta.db_table
    found = [Finding(f"row {row} of {name} {what}", table=name, entry=entry) for row, entry, what in rows[:NAMED_AT_MOST]]
    if len(rows) > NAMED_AT_MOST:
        found.append(Finding(f"and more rows of {name}", table=name))
    return found
