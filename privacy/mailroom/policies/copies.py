"""When are two messages the same one? Their Message-ID, sender, subject and body say so (OPTOUTS.md, "Mailroom", 1)."""

import hashlib
import re
from typing import Any

# "[staff]", which a list writes before a subject, also behind "Re:"; the number of a request is no list's.
_LISTS_TAG = re.compile(r"\s*((?:re|aw|sv|antw)\s*[:：]\s*)?\[(?!lum-)[^\[\]]{1,80}\]", re.IGNORECASE)


def identity_of(facts: dict[str, Any]) -> bytes | None:
    """32 bytes that are equal for copies of one message; None without a Message-ID, which is all that copies may differ in.

    The wish often stands in the subject alone, and some programs give every message the same Message-ID: both count, and so
    does whose message it is.
    """
    if not facts["message_id"]:
        return None
    sender = facts["from"][0][1].lower() if facts["from"] else ""
    said = "\x00".join([facts["message_id"], sender, _subject(facts["subject"]), facts["body_sha256"]])
    return hashlib.sha256(said.encode()).digest()


def earlier_identity_of(facts: dict[str, Any]) -> bytes | None:
    """The same as it was made until November 2026, of Message-ID and body: rows from before have it."""
    said = f"{facts['message_id']}\x00{facts['body_sha256']}"
    return hashlib.sha256(said.encode()).digest() if facts["message_id"] else None


def _subject(subject: str) -> str:
    """The subject in one form, without what lists write before it."""
    bare = subject
    while match := _LISTS_TAG.match(bare):
        bare = (match[1] or "") + bare[match.end() :]
    return " ".join((bare if bare.strip() else subject).lower().split())
