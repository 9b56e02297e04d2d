import re

DISK_IS_FULL = re.compile(r"No space left on device|Disk quota exceeded|Check free disk space|wrote only \d+ of \d+ bytes")
"""How the operating system, PostgreSQL and Python say it. A write of which only a part fits is no error to the system yet."""


class EmbeddedPostgresError(Exception):
    """The server cannot be had. The message is one line for a person."""
