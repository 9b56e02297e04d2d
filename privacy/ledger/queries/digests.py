"""The arithmetic of seals: no database here. SHA-256; trees as RFC 6962, section 2.1, builds them."""

import json
import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

FIRST = bytes(32)  # what the first seal names as the last one's digest
_LEAF = struct.Struct(">q8s")


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over these digests; of none, SHA-256 of nothing. An odd one out goes up a level as it is."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        paired = [sha256(b"\x01" + level[n] + level[n + 1]).digest() for n in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def digest_of(number: int, sealed_at: datetime, previous: bytes, parts: Iterable[Any]) -> bytes:
    """A seal's digest. parts: with table, columns, after_id, to_id, entries and root, in the order in which they were sealed."""
    said = {
        "kind": "lumens-seal-1",
        "number": number,
        "sealed_at": sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous": bytes(previous).hex(),
        "parts": [
            [part.table, list(part.columns), part.after_id, part.to_id, part.entries, bytes(part.root).hex()] for part in parts
        ],
    }
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()


def pack_leaves(leaves: Iterable[tuple[int, bytes]]) -> bytes:
    """Keys and the beginnings of digests, 16 bytes for each entry."""
    return b"".join(_LEAF.pack(key, digest[:8]) for key, digest in leaves)


def unpack_leaves(packed: bytes) -> dict[int, bytes]:
    """Key → the first 8 bytes of its digest. What is cut off inside an entry is left out."""
    raw = bytes(packed)
    return dict(_LEAF.iter_unpack(raw[: len(raw) - len(raw) % _LEAF.size]))
