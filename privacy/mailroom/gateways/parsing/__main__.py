"""The reader's own process: answers messages from standard input under limits of memory and processor time."""

import json
import resource
import struct
import sys
from typing import Any, BinaryIO

from privacy.mailroom.gateways.parsing import Unreadable, clean, parse

CPU_SECONDS = 8
MEMORY_BYTES = 1_000_000_000


def _answer(raw: bytes) -> dict[str, Any]:
    try:
        return {"ok": True, **clean(parse(raw))}
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


serve()
