"""Log lines: one event, one line, whatever the message holds (ASVS 16.4.1)."""

import logging
import re
import time
from http import HTTPStatus
from typing import Any

from customers.visible import visible

# Whoever has such an address needs nothing else: a new password, somebody's opt-out, or its end. Django logs the address of what
# it refuses itself (405, a missing CSRF cookie), and a traceback may hold it.
_TOKEN_IN_ADDRESS = re.compile(r"(/opt-out/(?:again/)?|/accounts/(?:password/reset/key|confirm-email)/)(?!again/)[^\s/'\"<>]+")


def without_traceback_of_refusals(record: logging.LogRecord) -> bool:
    """A filter that lets everything pass. What somebody was refused (403, 404) is one line: nothing is wrong with the house."""
    if getattr(record, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR) < HTTPStatus.INTERNAL_SERVER_ERROR:
        record.exc_info = record.exc_text = None
    return True


class OneLineFormatter(logging.Formatter):
    """Escapes control characters, so that data cannot forge a log line or steer a terminal.

    Tracebacks keep their lines, each of them moved in: what an exception says may be what somebody sent, and no line of it
    begins as a line of the log does. Tokens in addresses are left out. Instants are of UTC and say so (ASVS 16.2.2).
    """

    converter = time.gmtime  # type: ignore[assignment]
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        # A traceback that another formatter has written into the record is not taken as it is.
        safe = logging.makeLogRecord({**record.__dict__, "msg": _safe(record.message), "args": None, "exc_text": None})
        return super().format(safe)

    def formatException(self, ei: Any) -> str:
        return _moved_in(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        return _moved_in(super().formatStack(stack_info))


def _moved_in(text: str) -> str:
    return "\n".join(f"  {_safe(line)}" for line in text.split("\n"))


def _safe(line: str) -> str:
    return _TOKEN_IN_ADDRESS.sub(r"\1…", visible(line))
