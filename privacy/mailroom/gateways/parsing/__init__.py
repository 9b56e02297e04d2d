"""Reads one message. Runs in the reader's own process, under limits; knows nothing of Django (see `reader`).

Nothing here may trust its input: header values are cut before they are decoded, parts are counted, unknown character sets are
read as Latin-1. What still goes wrong ends this process, and the message goes to quarantine.
"""

import hashlib
import re
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from typing import Any

from privacy.mailroom.gateways.parsing.text import (
    LONGEST_HEADER,
    LONGEST_TEXT,
    MOST_ADDRESSES,
    addresses,
    header_text,
    html_to_text,
    to_text,
)

LONGEST_HEAD = 1_000_000  # bytes of all headers together
MOST_HEADERS = 1_000
MOST_PARTS = 500
DEEPEST = 50

_IDS = re.compile(r"<[^<>\s]{1,250}>")
_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:")
_REPORTS = {
    "message/feedback-report": "feedback",
    "message/delivery-status": "delivery",
    "message/global-delivery-status": "delivery",
    "message/disposition-notification": "disposition",
    "message/global-disposition-notification": "disposition",
}


# Parts that hold other people's messages.
_ENCLOSED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})


class Unreadable(Exception):
    """This is not a message that can be read; str() says why."""


def normalise_line_ends(raw: bytes) -> bytes:
    """The message with LF line ends, whatever it came with."""
    raw = raw.replace(b"\r\n", b"\n")
    if b"\r" in raw and b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return raw


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Headers and body of a message with LF line ends. Lines that mailbox files put among the headers are left out."""
    lines: list[bytes] = []
    position, size = 0, len(raw)
    while position < size:
        end = raw.find(b"\n", position)
        end = size if end < 0 else end
        line = raw[position:end]
        position = end + 1
        if not line.rstrip(b"\r"):
            if lines:
                return b"\n".join(lines) + b"\n", raw[position:]
            continue  # blank lines before the first header
        if line.startswith((b"From ", b">From ")):
            continue
        if not (line[:1] in b" \t" and lines) and not _HEADER_LINE.match(line):
            return b"\n".join(lines) + b"\n", raw[position - len(line) - 1 :]  # the body began without a blank line
        lines.append(line)
        if position > LONGEST_HEAD:
            raise Unreadable("its headers are too long")
    return b"\n".join(lines) + b"\n", b""


def _decoded(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _part_text(part: Message) -> str:
    try:
        charset = part.get_content_charset()
    except (LookupError, ValueError, MessageError):
        charset = None
    return to_text(_decoded(part)[: LONGEST_TEXT * 4], charset)


def _fields(part: Message) -> list[dict[str, str]]:
    """The groups of fields of a report part (RFC 3464, 5965, 8098): lower-case names."""
    payload = part.get_payload()
    blocks = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    groups = [
        {name.lower(): header_text(value) for name, value in list(block.raw_items())[:100]} for block in blocks[:MOST_ADDRESSES]
    ]
    groups = [group for group in groups if group]
    body = "" if groups else _part_text(part)
    for chunk in re.split(r"\n\s*\n", body)[:MOST_ADDRESSES]:
        pairs = (line.split(":", 1) for line in chunk.splitlines()[:100] if ":" in line)
        if group := {name.strip().lower(): value.strip()[:LONGEST_HEADER] for name, value in pairs}:
            groups.append(group)
    return groups


def _walk(message: Message) -> list[tuple[int, Message]]:
    """(depth, part) of every part that the sender wrote or the report consists of, in order.

    What stands inside an enclosed message (forwarded, sent back, a digest's) is somebody else's: counted, not returned.
    """
    found: list[tuple[int, Message]] = []
    counted = 0
    waiting: list[tuple[int, Message, bool]] = [(0, message, True)]
    while waiting:
        depth, part, own = waiting.pop()
        if depth > DEEPEST:
            raise Unreadable("its parts are nested too deep")
        counted += 1
        if counted > MOST_PARTS:
            raise Unreadable("it has too many parts")
        if own:
            found.append((depth, part))
        payload = part.get_payload()
        if isinstance(payload, list):
            own = own and part.get_content_type() not in _ENCLOSED
            waiting += [(depth + 1, child, own) for child in reversed(payload) if isinstance(child, Message)]
    return found


def parse(raw: bytes) -> dict[str, Any]:
    """What the mailroom needs to know about a message, as plain data. Raises Unreadable."""
    raw = normalise_line_ends(raw).removeprefix(b"\xef\xbb\xbf")
    if not raw.strip(b"\n\r\t \x00"):
        raise Unreadable("it is empty")
    head, body = split_head(raw)
    if not head.strip():
        raise Unreadable("it has no headers")
    if sum(line[:1] not in b" \t" for line in head.split(b"\n")) > MOST_HEADERS:
        raise Unreadable("it has too many headers")
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(head + b"\n" + body)
        parts = _walk(message)
    except RecursionError as error:
        raise Unreadable("its parts are nested too deep") from error
    headers: dict[str, list[str]] = {}
    for name, value in list(message.raw_items())[:MOST_HEADERS]:
        headers.setdefault(name.lower(), []).append(value)
    senders = headers.get("from", [])
    notes = []
    if len(senders) > 1:
        notes.append("more than one From header: the first counts")
    if not senders:
        notes.append("no From header")
    recipients = [
        address
        for name in ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
        for _, address in addresses(headers.get(name, [])[:5])
    ]
    report: dict[str, list[dict[str, str]]] = {}
    original: dict[str, Any] = {}
    plain, html = "", ""
    for depth, part in parts:
        kind = part.get_content_type()
        if kind in _REPORTS and _REPORTS[kind] not in report:
            report[_REPORTS[kind]] = _fields(part)
        encloses = kind in _ENCLOSED
        if encloses and not original:
            original = _original(part)
        if part.is_multipart() or part.get_content_disposition() == "attachment" or encloses:
            continue
        if kind == "text/plain" and not plain:
            plain = _part_text(part)
        elif kind == "text/html" and not html:
            html = _part_text(part)
        elif depth == 0 and part.get_content_maintype() == "text" and not plain:
            plain = _part_text(part)
    own = plain if plain.strip() else html_to_text(html) if html else ""
    kept = {
        name: [header_text(value) for value in headers.get(name, [])[:3]]
        for name in (
            "auto-submitted", "x-autoreply", "x-autorespond", "x-auto-reply", "return-path", "precedence", "x-precedence",
            "x-failed-recipients", "list-id", "list-unsubscribe", "list-post", "x-autoresponse",
        )
        if name in headers
    }  # fmt: skip
    if "return-path" in headers:
        kept["return-path"] = [str(value).strip()[:LONGEST_HEADER] for value in headers["return-path"][:3]]
    return {
        "message_id": _message_id(headers.get("message-id", [""])[0]),
        "from": addresses(senders[:1]),
        "subject": header_text(headers.get("subject", [""])[0]),
        "recipients": recipients[:MOST_ADDRESSES],
        "references": _IDS.findall(
            " ".join(header_text(v) for name in ("in-reply-to", "references") for v in headers.get(name, [])[:2])
        )[-50:],
        "headers": kept,
        "report_type": str(message.get_param("report-type") or "").lower()
        if message.get_content_type() == "multipart/report"
        else "",
        "multipart_report": message.get_content_type() == "multipart/report",
        "report": report,
        "original": original,
        "text": own[:LONGEST_TEXT],
        "notes": notes,
        "body_sha256": hashlib.sha256(body.rstrip(b"\n \t\r")).hexdigest(),
    }


def _message_id(header: Any) -> str:
    """The id in its brackets, or what stands there without any; "<>" names no message, so it would make all of them one."""
    text = header_text(header)
    found = _IDS.search(text)
    return found[0] if found else text if text.strip("<> ") else ""


def _original(part: Message) -> dict[str, Any]:
    """Addresses of the message that a report is about."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        inner = payload[0]
    else:
        inner = BytesParser(policy=policy.compat32).parsebytes(_decoded(part)[:LONGEST_HEAD], headersonly=True)
    values: dict[str, list[str]] = {}
    for name, value in list(inner.raw_items())[:MOST_HEADERS]:
        values.setdefault(name.lower(), []).append(value)
    return {
        "to": [address for _, address in addresses(values.get("to", [])[:3])],
        "list_unsubscribe": [header_text(value) for value in values.get("list-unsubscribe", [])[:2]],
    }


def clean(value: Any) -> Any:
    """The same data with nothing that JSON or a database refuses."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value
