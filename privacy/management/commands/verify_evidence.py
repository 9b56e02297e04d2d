"""Is this pack of evidence exactly what was signed? Exit 0: yes; 1: no, and what was changed; 2: it is no pack."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from customers.doors.commands import BadInput, HouseCommand
from privacy.access.errors import BadPack
from privacy.access.gateways import signing
from privacy.access.policies import PACK_BYTES_AT_MOST, check_pack


class Command(HouseCommand):
    help = "Check a pack of evidence: its signature, every file in it, and the zip around them."
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", type=Path)
        trusted = parser.add_mutually_exclusive_group()
        trusted.add_argument("--key", metavar="PUBLIC.pem", type=Path, help="the public key that you trust")
        trusted.add_argument(
            "--fingerprint", metavar="HEX", help="SHA-256 of the public key that you trust; without either: this installation's"
        )

    def run(self, *, file: Path, key: Path | None = None, fingerprint: str | None = None, **options: Any) -> None:
        raw = _read(file, most=PACK_BYTES_AT_MOST)
        pem, wanted = (None, _hexadecimal(fingerprint)) if fingerprint is not None else (_trusted(key), "")
        try:
            checked = check_pack(raw, trusted_pem=pem, trusted_fingerprint=wanted)
        except BadPack as error:
            raise BadInput(f"{file}: {error}") from error
        result = {
            "file": str(file),
            "good": checked.is_good,
            "faults": checked.faults,
            "signed_by": checked.signed_by,
            "files": checked.files,
            **{name: checked.about.get(name) for name in ("kind", "title", "made_at", "made_by", "software")},
        }
        made_by = (checked.about.get("made_by") or {}).get("name", "the system")
        good = [
            f"{file}: good. {checked.files} files, exactly as signed.",
            f"  {checked.about.get('title', '')}, made {checked.about.get('made_at', '')} by {made_by}",
            f"  key {checked.signed_by}",
        ]
        bad = [f"{file}: NOT as signed.", *(f"  - {fault}" for fault in checked.faults)]
        self.finish(result, good if checked.is_good else bad, found=not checked.is_good)


def _read(path: Path, *, most: int) -> bytes:
    """At most so many bytes and one more, so that what is too large is noticed without being read. Raises BadInput."""
    try:
        if not path.is_file() and not path.is_dir() and path.exists():
            # Opening a named pipe waits for whoever writes; a device has no end.
            raise BadInput(f"{path} is no ordinary file.")
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > most:
                raise BadInput(f"{path} is larger than {most:,} bytes: it is neither a pack nor a key.")
            return file.read(most + 1)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}.") from error


def _trusted(path: Path | None) -> bytes:
    if path is None:
        return signing.public_pem()
    pem = _read(path, most=4096)
    try:
        signing.read_public_pem(pem)
    except signing.NotAKey as error:
        raise BadInput(f"{path}: {error}") from error
    return pem


def _hexadecimal(text: str) -> str:
    plain = text.lower().replace(":", "").strip()
    if len(plain) != 64 or set(plain) - set("0123456789abcdef"):
        raise BadInput("--fingerprint: give the 64 hexadecimal digits of the key's SHA-256.")
    return plain
