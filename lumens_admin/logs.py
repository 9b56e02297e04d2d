"""Log lines: one event, one line, whatever the message holds (ASVS 16.4.1)."""

import logging


class OneLineFormatter(logging.Formatter):
    """Escapes control characters, so that data cannot forge a log line or steer a terminal. Tracebacks keep their lines."""

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        safe = logging.makeLogRecord({**record.__dict__, "msg": _printable(record.message), "args": None})
        return super().format(safe)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
