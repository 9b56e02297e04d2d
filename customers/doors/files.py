"""Files for people: CSV that no spreadsheet takes for a formula (OWASP's list, ASVS 1.2.10; RFC 4180)."""

import csv
import io
import itertools
import unicodedata
from collections.abc import Iterable, Iterator

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")


def safe_cell(value: object) -> str:
    """The value as text, with an apostrophe before anything that a spreadsheet could read as a formula.

    Looks behind leading white space, zero-width characters and full-width signs. NUL characters are dropped.
    """
    text = "" if value is None else str(value)
    text = text.replace("\x00", "")
    looked_at = unicodedata.normalize("NFKC", text).lstrip(" \u00a0\u200b\u200c\u200d\u2060\ufeff\u3000'\"")
    if text.startswith(_STARTS_A_FORMULA) or looked_at.startswith(_STARTS_A_FORMULA):
        return "'" + text
    return text


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """RFC 4180 lines (CRLF), one at a time, every cell made safe. For streaming answers."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in itertools.chain([list(header)], rows):
        writer.writerow([safe_cell(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
