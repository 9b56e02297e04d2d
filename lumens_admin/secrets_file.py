"""Secrets of an installation that named none: made once, kept in `var/secrets.env`, readable by its owner only."""

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

FILE_NAME = "secrets.env"


def ensure_secrets(var_dir: Path) -> dict[str, str]:
    """The secrets kept in `var_dir`, made first if there are none yet.

    Safe when several processes start at once: the file appears whole, by a hard link that only one of them wins, and
    all of them read the winner's. Never printed, never logged. Raises OSError when the directory cannot be written.
    """
    path = var_dir / FILE_NAME
    try:
        return _read(path)
    except FileNotFoundError:
        _create(path)
        return _read(path)


def _create(path: Path) -> None:
    fresh = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "INDEX_KEY": secrets.token_urlsafe(32),
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in fresh.items())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its secrets count
    finally:
        draft.unlink()


def _read(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
