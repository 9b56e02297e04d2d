"""Text of a message: what bytes say, values of headers, addresses. Nothing here may trust its input."""

import binascii
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from email.errors import MessageError
from email.header import decode_header
from email.utils import getaddresses
from typing import Any

LONGEST_HEADER = 4_000  # characters of one header that are looked at
LONGEST_TEXT = 200_000  # characters of text that are kept for people to read
MOST_ADDRESSES = 50
_LONGEST_CHARACTER = 4  # bytes
_PLAIN = re.compile(r"(?!')[^\s<>,;:\"()\[\]@]{1,64}@[^\s<>,;:\"()\[\]@']{1,253}")
_BARE = re.compile(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()]{1,253}")
_BRACKETED = re.compile(r"<\s{0,3}'?([^\s<>,;:\"()'@][^\s<>,;:\"()@]{0,63}@[^\s<>,;:\"()'@]{1,253})'?\s{0,3}>")
_QUOTED_NAME = re.compile(r'"[^"]*"')


def to_text(value: bytes, charset: str | None) -> str:
    """Text of any bytes: by the named character set, or UTF-8, or Latin-1 as a last resort. Without NUL characters.

    A mark of UTF-16 at the beginning counts more than the name. A last character that was cut in two does not count.
    """
    for name in ("utf-16" if value.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else charset, "utf-8"):
        if name:
            try:
                return value.decode(name).replace("\x00", "")
            except UnicodeDecodeError as error:
                if 0 < len(value) - _LONGEST_CHARACTER <= error.start:
                    return value[: error.start].decode(name, "ignore").replace("\x00", "")
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
        pairs = [pair for pair in _pairs(safe) if "@" in pair[1]]
        if not (len(pairs) == 1 and _PLAIN.fullmatch(pairs[0][1])):
            pairs = _beside_a_name(safe) or pairs
        if not pairs:
            pairs = [("", match) for match in _BARE.findall(safe)[:MOST_ADDRESSES]]
        if not pairs and "@" in (decoded := header_text(raw)) and "=?" in raw:
            pairs = _beside_a_name(decoded)  # a program that encoded the address, too
        found += [[header_text(name), address.strip().strip("<>")] for name, address in pairs[:MOST_ADDRESSES]]
        if len(found) >= MOST_ADDRESSES:
            break
    return found[:MOST_ADDRESSES]


def _pairs(value: str) -> list[tuple[str, str]]:
    """What the library reads in it. It raises for some broken values, and calls itself once for each group within a group."""
    try:
        try:
            return getaddresses([value], strict=False)
        except TypeError:  # a Python before the `strict` argument
            return getaddresses([value])
    except (IndexError, ValueError, MessageError, RecursionError):
        return []


def _beside_a_name(value: str) -> list[tuple[str, str]]:
    """The one address of a value whose name breaks the rules of quoting; none where there may be more than one.

    In 'ann@example.com' <ann@example.com> and "Ann <ann@example.com> the address is what stands in the brackets; without any
    ("Example, Ann" ann@example.com), what is written like one.
    """
    unquoted = _QUOTED_NAME.sub(" ", value)
    if "," in unquoted or ";" in unquoted:
        return []
    bracketed = list(_BRACKETED.finditer(unquoted))
    if not bracketed and "<" not in unquoted:
        bare = _BARE.findall(unquoted)
        return [("", bare[0])] if len(bare) == 1 else []
    return [(unquoted[: bracketed[0].start()].strip(" \"'"), bracketed[0][1])] if len(bracketed) == 1 else []
