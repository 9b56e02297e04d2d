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

    Raises ValueError with a sentence.
    """
    return _thirty_two_bytes(text, "EVIDENCE_KEY") if text else _follows_from(secret_key, "evidence signing key")


def index_key(text: str, secret_key: str) -> str:
    """INDEX_KEY as it is named; where it is not, one that follows from SECRET_KEY."""
    return text or urlsafe_b64encode(_follows_from(secret_key, "index key")).decode()


def field_keys(text: str, secret_key: str) -> list[str]:
    """The keys that `text` lists, each 32 bytes in URL-safe Base64; where it is empty, one that follows from SECRET_KEY.

    Raises ValueError, which names the place in the list and never a value.
    """
    listed = [key for key in text.split(",") if key.strip()]
    keys = [_thirty_two_bytes(key, f"FIELD_KEYS, key {place}") for place, key in enumerate(listed, start=1)]
    return [urlsafe_b64encode(key).decode() for key in keys or [_follows_from(secret_key, "field key")]]


def _follows_from(secret_key: str, what: str) -> bytes:
    """32 bytes by HKDF-SHA-256 (RFC 5869) under a label of their own: they say nothing of SECRET_KEY, nor of one another."""
    return HKDF(SHA256(), length=32, salt=None, info=f"lumens-admin {what} v1".encode()).derive(secret_key.encode())


def _thirty_two_bytes(text: str, name: str) -> bytes:
    text = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{name}: it is not Base64") from None
    if len(key) != 32:
        raise ValueError(f"{name}: it must be 32 bytes in Base64")
    return key
