"""`receive_mail` beside the bare work: the same messages parsed with the standard library and their bytes inserted, each in a
commit of its own.

Ours keeps each message (encrypted), reads it in a process under limits, sorts it, opts out or opens a request, owes the answer,
and writes the ledger: two commits a message.
"""

import email
import io
import json
import tempfile
import time
from email import policy
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from bench.ratio import Ratio

FULL = 1_000
# Of every ten: three robots, three people who want no more mail, four who ask something.
ROBOTS, WISHES = range(3), range(3, 6)
SECONDS = 10  # a hundred messages a second
QUESTION = "Hello,\n\nwhere is the lamp that I ordered in May? The shade is blue, and the cord was to be longer.\n\nAnn\n" * 5


def run(scale: float) -> list[Ratio]:
    count = max(50, int(FULL * scale))
    raws = [_message(number) for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="lumens-bench-") as folder:
        for number, raw in enumerate(raws):
            (Path(folder) / f"{number:06d}.eml").write_bytes(raw)
        _receive(Path(folder) / "000000.eml")  # imports, the reader's first start
        bare_ms = _bare(raws)
        begun = time.perf_counter()
        outcomes = _receive(Path(folder))
        ours_ms = (time.perf_counter() - begun) * 1000
    robots, wishes = (sum(number % 10 in kinds for number in range(count)) for kinds in (ROBOTS, WISHES))
    assert (outcomes["automatic"], outcomes["opted_out"]) == (robots - 1, wishes), outcomes  # the first was taken in before
    assert outcomes["ticket_opened"] == count - robots - wishes, outcomes
    remark = f"{count / ours_ms * 1000:.0f} messages a second; goal 100"
    return [Ratio(f"{count:,} messages", ours_ms, bare_ms, goal=15, ceiling_ms=SECONDS * 1000 * count / FULL, remark=remark)]


def _message(number: int) -> bytes:
    kind = number % 10
    subject, text, more = "My lamp", QUESTION, ""
    if kind in ROBOTS:
        subject, more = "Automatic reply: Lamps for less", "Auto-Submitted: auto-replied\n"
    elif kind in WISHES:
        subject, text = "Re: Lamps for less", "Unsubscribe\n\nOn Monday, Lumens wrote:\n> lamps\n"
    return (
        f"From: Person {number} <person{number}@example.com>\nTo: customerservice@lumens.com\nSubject: {subject}\n"
        f"Message-ID: <{number}.bench@example.com>\nDate: Mon, 23 Nov 2026 10:00:00 -0500\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n{more}\n{text}"
    ).encode()


def _receive(path: Path) -> dict[str, int]:
    out = io.StringIO()
    call_command("receive_mail", str(path), "--json", stdout=out)
    found: dict[str, int] = json.loads(out.getvalue())["outcomes"]
    return found


def _bare(raws: list[bytes]) -> float:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_mail (id bigserial PRIMARY KEY, subject text, sender text, body text, raw bytea)")
        begun = time.perf_counter()
        for raw in raws:
            message = email.message_from_bytes(raw, policy=policy.default)
            body = message.get_body(("plain", "html"))
            cursor.execute(
                "INSERT INTO bare_mail (subject, sender, body, raw) VALUES (%s, %s, %s, %s)",
                [message["Subject"], message["From"], body.get_content() if body else "", raw],
            )
        took = (time.perf_counter() - begun) * 1000
        cursor.execute("DROP TABLE bare_mail")
    return took
