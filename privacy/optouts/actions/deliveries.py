"""Lists of hashes for third parties, so that they stop sending on our behalf (statement G)."""

import contextlib
import csv
import hashlib
import json
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Max

from privacy.agreements.models import ThirdParty
from privacy.ledger.actions import act, check_still_allowed
from privacy.optouts.errors import HoldsAnothersList, MayNotFollow
from privacy.optouts.models import SUPPRESSION_PURPOSE, DeliveryState, OptOut, SuppressionDelivery, SuppressionItem
from privacy.optouts.policies.gate import APPLY_WITHIN_DAYS, agreement_for_suppression

FORMAT = "lumens-suppression/1"


def send_suppression(
    third_party: ThirdParty, *, directory: Path, now: datetime, full: bool = False, by: Any = None
) -> dict[str, Any]:
    """Make one delivery in `directory`: a data file with its manifest, which is the newest's manifest.json, too. Returns it.

    Raises MayNotReceiveSuppression, NoLongerAllowed, HoldsAnothersList.

    The data file is CSV (item, action, sha256): what was added and removed since the last delivery, or with `full` everything
    that stands. Items keep their numbers for ever. Files and rows appear together: the files take their names just before the
    commit. Each delivery keeps a manifest of its own beside its file; manifest.json is that of the newest.
    """
    with act("send_suppression", by=by, reason=SUPPRESSION_PURPOSE, third_party=third_party.pk):
        third_party = ThirdParty.objects.select_for_update().get(pk=third_party.pk)
        check_still_allowed(by, "privacy.send_suppression")
        agreement = agreement_for_suppression(third_party, now=now)
        sent = SuppressionDelivery.objects.filter(third_party=third_party)
        sequence = (sent.aggregate(last=Max("sequence"))["last"] or 0) + 1
        previous = sent.order_by("-sequence").values_list("file_sha256", flat=True).first() or ""
        delivery = SuppressionDelivery.objects.create(
            third_party=third_party,
            sequence=sequence,
            full=full,
            profile=agreement.hash_profile,
            additions=0,
            removals=0,
            file_name=f"suppression-{third_party.code}-{sequence:06d}.csv",
            file_sha256="",
            previous_sha256=previous,
            made_at=now,
            deadline=now + timedelta(days=APPLY_WITHIN_DAYS),
        )
        delivery.removals, delivery.additions = _settle_items(delivery)
        directory.mkdir(parents=True, exist_ok=True)
        _check_is_theirs(directory, third_party)
        data_file = directory / delivery.file_name
        named = [data_file, data_file.with_suffix(".manifest.json"), directory / "manifest.json"]
        # Of their own for each party: what is half made touches nobody else's list.
        half_made = [data_file.with_suffix(end) for end in (".part", ".manifest.part", ".newest.part")]
        try:
            rows, delivery.file_sha256 = _write_data(half_made[0], delivery)
            manifest = _manifest(delivery, rows=rows, agreement=agreement.reference)
            for half in half_made[1:]:
                _write_whole(half, json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n")
            delivery.save(update_fields=["additions", "removals", "file_sha256"])
            for half, whole in zip(half_made, named, strict=True):
                half.replace(whole)
        except BaseException:
            for path in [*half_made, *named[:2]]:  # a delivery of that number is not recorded
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
            raise
        return manifest


def _check_is_theirs(directory: Path, third_party: ThirdParty) -> None:
    """Raises HoldsAnothersList where manifest.json there is not of this party: theirs would be lost behind it.

    One list at a time is made in a directory, until its commit.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('suppression ' || %s, 0))", [str(directory.resolve())])
    manifest = directory / "manifest.json"
    try:
        whose = json.loads(manifest.read_bytes())["third_party"]
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError):
        whose = None
    if whose != third_party.code:
        raise HoldsAnothersList(str(manifest))


def record_receipt(delivery_id: int, *, state: str, by: Any, now: datetime, reason: str = "") -> SuppressionDelivery:
    """The third party said that it has the list, or that it has applied it. Raises MayNotFollow, NoLongerAllowed."""
    with act("record_receipt", by=by, reason=reason, delivery=delivery_id):
        delivery = SuppressionDelivery.objects.select_for_update().get(pk=delivery_id)
        check_still_allowed(by, "privacy.send_suppression", "privacy.manage_sharing")
        if state == delivery.state:  # said again: what counts is when it was said first
            return delivery
        if DeliveryState.values.index(state) < DeliveryState.values.index(delivery.state):
            raise MayNotFollow(delivery.get_state_display(), DeliveryState(state).label)
        delivery.state = DeliveryState(state)
        delivery.receipt_at = now
        delivery.save(update_fields=["state", "receipt_at"])
        return delivery


def _settle_items(delivery: SuppressionDelivery) -> tuple[int, int]:
    """Close the items whose opt-out no longer stands, make those that are new. Returns how many of each."""
    owed = OptOut.objects.owed_to_mailers().order_by()
    owed_sql, owed_parameters = owed.values("owed_sha256").query.sql_with_params()
    item, third_party, pk = SuppressionItem._meta.db_table, delivery.third_party_id, delivery.pk
    with connection.cursor() as cursor:
        # Until the database has counted rows that are new, it takes them for a few, and would walk through one table for each
        # row of the other: ten minutes and more for 300,000 items. Without nested loops it joins them, whatever it believes.
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        cursor.execute(
            f"UPDATE {item} SET removed_in_id = %s WHERE third_party_id = %s AND removed_in_id IS NULL"  # noqa: S608
            f" AND NOT EXISTS (SELECT 1 FROM ({owed_sql}) o WHERE o.owed_sha256 = {item}.owed_sha256)",
            [pk, third_party, *owed_parameters],
        )
        removed = cursor.rowcount
        cursor.execute(
            f"INSERT INTO {item} (third_party_id, owed_sha256, added_in_id)"  # noqa: S608
            f" SELECT DISTINCT %s::bigint, o.owed_sha256, %s::bigint FROM ({owed_sql}) o"
            f" WHERE NOT EXISTS (SELECT 1 FROM {item} i"
            "  WHERE i.third_party_id = %s AND i.removed_in_id IS NULL AND i.owed_sha256 = o.owed_sha256)",
            [third_party, pk, *owed_parameters, third_party],
        )
        added = cursor.rowcount
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
        return removed, added


def _items(delivery: SuppressionDelivery) -> Iterable[tuple[int, str, str]]:
    items = SuppressionItem.objects.filter(third_party=delivery.third_party).order_by("pk")
    if delivery.full:
        chosen = [("add", items.filter(removed_in__isnull=True))]
    else:
        chosen = [("remove", items.filter(removed_in=delivery)), ("add", items.filter(added_in=delivery))]
    for action, rows in chosen:
        for pk, digest in rows.values_list("pk", "owed_sha256").iterator(chunk_size=20_000):
            yield pk, action, bytes(digest).hex()


def _write_data(path: Path, delivery: SuppressionDelivery) -> tuple[int, str]:
    rows = 0
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["item", "action", "sha256"])
        for row in _items(delivery):
            writer.writerow(row)
            rows += 1
        file.flush()
        os.fsync(file.fileno())
    digest = hashlib.sha256()
    with path.open("rb") as written:
        while chunk := written.read(1 << 20):
            digest.update(chunk)
    return rows, digest.hexdigest()


def _write_whole(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _manifest(delivery: SuppressionDelivery, *, rows: int, agreement: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "third_party": delivery.third_party.code,
        "agreement": agreement,
        "sequence": delivery.sequence,
        "kind": "full" if delivery.full else "changes",
        "profile": delivery.profile,
        "purpose": delivery.purpose_stamp,
        "made_at": delivery.made_at.isoformat(),
        "deadline": delivery.deadline.isoformat(),
        "file": delivery.file_name,
        "rows": rows,
        "additions": delivery.additions,
        "removals": delivery.removals,
        "sha256": delivery.file_sha256,
        "previous_sha256": delivery.previous_sha256,
    }
