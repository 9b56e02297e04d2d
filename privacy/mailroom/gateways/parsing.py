"""Reads one message. Runs in the reader's own process, under limits; knows nothing of Django (see `reader`).

Nothing here may trust its input: header values are cut before they are decoded, parts are counted, unknown character sets are
read as Latin-1. What still goes wrong ends this process, and the message goes to quarantine.
"""

import binascii
import hashlib
import json
import re
import resource
import struct
import sys
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Any, BinaryIO

LONGEST_HEADER = 4_000  # characters of one header that are looked at
LONGEST_HEAD = 1_000_000  # bytes of all headers together
MOST_HEADERS = 1_000
MOST_PARTS = 500
DEEPEST = 50
LONGEST_TEXT = 200_000  # characters of text that are kept for people to read
MOST_ADDRESSES = 50
CPU_SECONDS = 8
MEMORY_BYTES = 1_000_000_000

_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:")
_REPORTS = {
    "message/feedback-report": "feedback",
    "message/delivery-status": "delivery",
    "message/global-delivery-status": "delivery",
    "message/disposition-notification": "disposition",
    "message/global-disposition-notification": "disposition",
}


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


def to_text(value: bytes, charset: str | None) -> str:
    """Text of any bytes: by the named character set, or UTF-8, or Latin-1 as a last resort. Without NUL characters."""
    for name in (charset, "utf-8"):
        if name:
            try:
                return value.decode(name).replace("\x00", "")
            except (LookupError, UnicodeError, ValueError):
                continue
    return value.decode("latin-1").replace("\x00", "")


def header_text(value: Any) -> str:
    """One header's value as text on one line, decoded; cut to LONGEST_HEADER before decoding."""
    text = str(value)[:LONGEST_HEADER]
    try:
        pieces = decode_header(text)
    except (MessageError, binascii.Error, ValueError, LookupError):
        pieces = [(text, None)]
    parts = []
    for piece, charset in pieces:
        if isinstance(piece, str):
            piece, charset = piece.encode("utf-8", "surrogateescape"), None
        elif charset in (None, "unknown-8bit"):
            charset = None
        parts.append(to_text(piece, charset))
    return " ".join("".join(parts).split())


def addresses(values: list[Any]) -> list[list[str]]:
    """[name, address] of every address in these headers; groups and broken ones are read as far as they go."""
    found: list[list[str]] = []
    for value in values:
        raw = str(value)[:LONGEST_HEADER]
        safe = to_text(raw.encode("utf-8", "surrogateescape"), None).replace("\n", " ").replace("\r", " ")
        try:
            pairs = getaddresses([safe], strict=False)
        except TypeError:  # a Python before the `strict` argument
            pairs = getaddresses([safe])
        except (IndexError, ValueError, MessageError):
            pairs = []
        pairs = [pair for pair in pairs if "@" in pair[1]]
        if not pairs:
            pairs = [("", match) for match in re.findall(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()]{1,253}", safe)[:MOST_ADDRESSES]]
        found += [[header_text(name), address.strip().strip("<>")] for name, address in pairs[:MOST_ADDRESSES]]
        if len(found) >= MOST_ADDRESSES:
            break
    return found[:MOST_ADDRESSES]


class _OwnText(HTMLParser):
    """Text of an HTML mail, without what it quotes."""

    _BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol", "hr"})
    _SILENT = frozenset({"script", "style", "head", "title", "template"})
    _VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.length = 0
        self._silent: list[str] = []  # open elements inside one whose text does not count

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._BREAKS and not self._silent:
            self.pieces.append("\n")
        if tag in self._VOID:
            return
        if self._silent:
            if tag == self._silent[0]:
                self._silent.append(tag)
            return
        classes = next((value or "" for name, value in attrs if name == "class"), "")
        quoted = tag == "blockquote" or "gmail_quote" in classes or "yahoo_quoted" in classes or "moz-cite-prefix" in classes
        if tag in self._SILENT or quoted:
            self._silent = [tag]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[0]:
            self._silent.pop()
        elif not self._silent and tag in self._BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent and self.length < LONGEST_TEXT:
            self.pieces.append(re.sub(r"\s+", " ", data))
            self.length += len(data)


def html_to_text(markup: str) -> str:
    """What a person wrote in an HTML mail, as lines."""
    parser = _OwnText()
    parser.feed(markup[: LONGEST_TEXT * 4])
    parser.close()
    return re.sub(r"\n[ \t]*(?=\n)", "", "".join(parser.pieces)).strip()


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
    found: list[tuple[int, Message]] = []
    waiting: list[tuple[int, Message]] = [(0, message)]
    while waiting:
        depth, part = waiting.pop()
        if depth > DEEPEST:
            raise Unreadable("its parts are nested too deep")
        found.append((depth, part))
        if len(found) > MOST_PARTS:
            raise Unreadable("it has too many parts")
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting += [(depth + 1, child) for child in reversed(payload) if isinstance(child, Message)]
    return found


def parse(raw: bytes) -> dict[str, Any]:
    """What the mailroom needs to know about a message, as plain data. Raises Unreadable."""
    raw = normalise_line_ends(raw)
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
        inside_original = kind in {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
        if inside_original and not original:
            original = _original(part)
        if part.is_multipart() or part.get_content_disposition() == "attachment" or inside_original:
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
        "message_id": header_text(headers.get("message-id", [""])[0]),
        "from": addresses(senders[:1]),
        "subject": header_text(headers.get("subject", [""])[0]),
        "recipients": recipients[:MOST_ADDRESSES],
        "references": re.findall(
            r"<[^<>\s]{1,250}>",
            " ".join(header_text(v) for name in ("in-reply-to", "references") for v in headers.get(name, [])[:2]),
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


def _clean(value: Any) -> Any:
    """The same data with nothing that JSON or a database refuses."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _answer(raw: bytes) -> dict[str, Any]:
    try:
        return {"ok": True, **_clean(parse(raw))}
    except Unreadable as error:
        return {"ok": False, "why": str(error)}
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # whatever a hostile message found: it is read no further, and the reader goes on
        return {"ok": False, "why": f"reading it failed ({type(error).__name__})"}


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise SystemExit(0)  # the parent is gone
    return data


def serve() -> None:
    """Answer messages from standard input until it ends: 8 bytes length, message; 8 bytes length, JSON."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        (size,) = struct.unpack(">Q", _read_exactly(source, 8))
        raw = _read_exactly(source, size)
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 1, hard))
        answer = json.dumps(_answer(raw)).encode()
        sink.write(struct.pack(">Q", len(answer)) + answer)
        sink.flush()


if __name__ == "__main__":
    serve()
