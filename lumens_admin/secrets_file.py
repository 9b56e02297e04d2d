"""Secrets of an installation that named none: made once, kept in `var/secrets.env`, readable by its owner only."""

import binascii
import fcntl
import os
import secrets
from base64 import b64decode, urlsafe_b64encode
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FILE_NAME = "secrets.env"
# Names that came later than the first file of an older installation: added to it when they are missing, the rest untouched.
CAME_LATER = ("EVIDENCE_KEY",)


def ensure_secrets(var_dir: Path) -> dict[str, str]:
    """The secrets kept in `var_dir`, made first if there are none yet.

    Safe when several processes start at once: the file appears whole, by a hard link that only one of them wins, and
    all of them read the winner's; what came later is added under a lock, by a new file that takes the old one's place. Never
    printed, never logged. Raises OSError when the directory cannot be written.
    """
    path = var_dir / FILE_NAME
    try:
        found = _read(path)
    except FileNotFoundError:
        _create(path)
        found = _read(path)
    if not all(name in found for name in CAME_LATER):
        _add_what_came_later(path)
        found = _read(path)
    return found


def _fresh(name: str) -> str:
    if name in ("FIELD_KEYS", "EVIDENCE_KEY"):
        return urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(50 if name == "SECRET_KEY" else 32)


def _lines(names: tuple[str, ...]) -> str:
    return "".join(f"{name}={_fresh(name)}\n" for name in names)


def _draft(path: Path, text: str) -> Path:
    """A file beside `path` with that text, on the disk, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _create(path: Path) -> None:
    draft = _draft(path, _lines(("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", *CAME_LATER)))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its secrets count
    finally:
        draft.unlink()


def _add_what_came_later(path: Path) -> None:
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # ends with the process, whatever ends it
        found, text = _read(path), path.read_text()
        missing = tuple(name for name in CAME_LATER if name not in found)
        if missing:
            whole_lines = text if text.endswith("\n") or not text else f"{text}\n"
            os.replace(_draft(path, whole_lines + _lines(missing)), path)
    finally:
        os.close(descriptor)


def _read(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def signing_key(text: str, secret_key: str) -> bytes:
    """The 32 bytes that `text` is the Base64 of (either alphabet); where it is empty, 32 bytes that follow from SECRET_KEY.

    Raises ValueError with a sentence. Derived by HKDF-SHA-256 (RFC 5869) under a label of its own: it says nothing of SECRET_KEY.
    """
    if not text:
        return HKDF(SHA256(), length=32, salt=None, info=b"lumens-admin evidence signing key v1").derive(secret_key.encode())
    try:
        key = b64decode(text.strip().replace("-", "+").replace("_", "/") + "=" * (-len(text.strip()) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not Base64") from None
    if len(key) != 32:
        raise ValueError("it must be 32 bytes in Base64")
    return key
