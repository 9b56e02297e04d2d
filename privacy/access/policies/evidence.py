"""Yes or no, about evidence: who may have it, and whether a pack is what this house, or another, signed.

A pack is a zip in one exact form: stored files (never compressed), in a fixed order, with a fixed date and no extras. So its
bytes follow from its contents alone: any change of any byte shows, and nothing in it can unfold into more than its own size.
"""

import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from privacy.access.errors import BadPack
from privacy.access.gateways import signing
from privacy.access.policies.grants import ADMINISTERS, permissions_at

FORMAT = "lumens-evidence/1"
MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public_key.pem"
READABLE, DATA, FILES = "index.html", "evidence.json", "files/"
PACK_BYTES_AT_MOST = 256 * 1024 * 1024
PACK_FILES_AT_MOST = 10_000
MANIFEST_BYTES_AT_MOST = 8 * 1024 * 1024  # that many files with the longest names
FAULTS_AT_MOST = 20  # are named; whoever changed more is told how many
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}(/[A-Za-z0-9][A-Za-z0-9._-]{0,150}){0,3}")
_DATE = (1980, 1, 1, 0, 0, 0)
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
Content = bytes | memoryview


def may_have_evidence(employee_pk: int, *, at: datetime) -> bool:
    """Security administrators; and auditors: those who read the promises and the ledger both."""
    held = permissions_at(employee_pk, at=at)
    return ADMINISTERS in held or {"privacy.view_promises", "privacy.view_ledger"} <= held


def is_a_name(name: str) -> bool:
    """Whether a file of a pack may be called that: plain letters, no path out of the pack, nothing hidden."""
    return _NAME.fullmatch(name) is not None


def _order(name: str) -> tuple[int, str]:
    first = (READABLE, DATA, MANIFEST, SIGNATURE, PUBLIC_KEY)
    return (first.index(name), "") if name in first else (len(first), name)


def zip_of(files: Mapping[str, Content]) -> bytes:
    """The one zip that holds exactly these files: equal files, equal bytes. Raises BadPack for a name that no pack has."""
    buffer = io.BytesIO()
    _write_zip(files, buffer)
    return buffer.getvalue()


def _write_zip(files: Mapping[str, Content], to: Any) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=_order):
            if not is_a_name(name):
                raise BadPack(f"a file cannot be called “{name[:80]}”")
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, files[name])


class _Likeness(io.RawIOBase):
    """Takes what is written and keeps none of it but headers: it only compares, so that a pack is held in memory once."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at, self._end, self._alike = memoryview(raw), 0, 0, True
        self._headers: dict[int, bytes] = {}  # by place: zipfile writes a header anew once the file behind it is written

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, place: int, whence: int = 0) -> int:
        self._at = place + (0, self._at, self._end)[whence]
        return self._at

    def write(self, written: Any) -> int:
        size = len(written)
        if isinstance(written, memoryview):  # a file's own bytes
            self._alike = self._alike and self._raw[self._at : self._at + size] == written
        else:
            self._headers[self._at] = bytes(written)
        self._at += size
        self._end = max(self._end, self._at)
        return size

    def is_the_same(self) -> bool:
        alike = self._alike and self._end == len(self._raw)
        return alike and all(self._raw[at : at + len(head)] == head for at, head in self._headers.items())


def _is_zip_of(files: Mapping[str, memoryview], raw: bytes) -> bool:
    """Whether `raw` is exactly the one zip of these files."""
    likeness = _Likeness(raw)
    _write_zip(files, likeness)
    return likeness.is_the_same()


def files_in(raw: bytes) -> dict[str, memoryview]:
    """The files of a pack, where they lie in it.

    Raises BadPack where it is no zip in the form of a pack: compressed, nested paths, overlapping.
    """
    if len(raw) > PACK_BYTES_AT_MOST:
        raise BadPack("it is larger than any pack")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
    except Exception as error:  # zipfile raises whatever hostile headers lead it to
        raise BadPack("it is not a zip file, or its directory is damaged") from error
    if len(entries) > PACK_FILES_AT_MOST or sum(entry.file_size for entry in entries) > len(raw):
        raise BadPack("its directory promises more than the file holds")
    files: dict[str, memoryview] = {}
    for entry in entries:
        if not is_a_name(entry.filename):
            raise BadPack(f"a file cannot be called {entry.filename[:80]!r}")
        if entry.filename in files:
            raise BadPack(f"{entry.filename} is in it twice")
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 0x1:
            raise BadPack(f"{entry.filename} is compressed or encrypted; in a pack, nothing is")
        files[entry.filename] = _stored(memoryview(raw), entry)
    return files


def _stored(raw: memoryview, entry: zipfile.ZipInfo) -> memoryview:
    """A stored file's bytes as they are: its checksum is left to the manifest's, which says which file was changed."""
    header = raw[entry.header_offset : entry.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise BadPack(f"the place of {entry.filename} is damaged")
    *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    begin = entry.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    data = raw[begin : begin + entry.file_size]
    if len(data) != entry.file_size:
        raise BadPack(f"{entry.filename} is cut off")
    return data


def manifest_of(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """The manifest: what `about` says, and SHA-256 and size of each file; canonical JSON, so that its bytes can be signed."""
    listed = [
        {"name": name, "sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])}
        for name in sorted(files, key=_order)
    ]
    said = {"format": FORMAT, **about, "files": listed}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


@dataclass(frozen=True)
class Checked:
    """What a check of a pack found. faults: sentences, each naming the file; empty: the pack is good. about: the manifest."""

    faults: list[str] = field(default_factory=list)
    signed_by: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    files: int = 0

    @property
    def is_good(self) -> bool:
        return not self.faults


def check_pack(raw: bytes, *, trusted_pem: bytes | None = None, trusted_fingerprint: str = "") -> Checked:
    """Whether a pack is exactly what the trusted key signed. Raises BadPack where it is no pack at all.

    The key is trusted because the caller says so: by its PEM file, or by the fingerprint that the pack's own key must have. What
    the pack says about itself is believed only after the signature holds.
    """
    files = files_in(raw)
    missing = [name for name in (MANIFEST, SIGNATURE, PUBLIC_KEY) if name not in files]
    if missing:
        if len(missing) == 3 and READABLE not in files:
            raise BadPack("it is a zip file, but no evidence pack")
        return Checked([f"{name} is missing." for name in missing], files=len(files))
    faults: list[str] = []
    manifest, signature, inside = (bytes(files[name][:MANIFEST_BYTES_AT_MOST]) for name in (MANIFEST, SIGNATURE, PUBLIC_KEY))
    try:
        own = signing.fingerprint(inside)
    except signing.NotAKey:
        own = ""
        faults.append(f"{PUBLIC_KEY} was changed: it holds no key.")
    if trusted_pem is not None:
        trusted, wanted = trusted_pem, signing.fingerprint(trusted_pem)
    else:
        trusted, wanted = inside, trusted_fingerprint.lower().replace(":", "").strip()
    if own and own != wanted:
        faults.append(f"{PUBLIC_KEY} is another key ({own}) than the one you trust ({wanted}).")
    by_trusted = bool(own or trusted_pem is not None) and signing.is_signed_by(trusted, signature, manifest)
    if not by_trusted:
        if own and own != wanted and signing.is_signed_by(inside, signature, manifest):
            faults.append("The signature is of that other key, not of the one you trust.")
        else:
            faults.append(f"The signature does not match: {MANIFEST} or {SIGNATURE} was changed.")
    try:
        if len(files[MANIFEST]) > MANIFEST_BYTES_AT_MOST:
            raise ValueError("it is longer than any manifest")
        about = json.loads(manifest)
        listed = _listed_in(about)
    except (ValueError, KeyError, TypeError, RecursionError):
        faults.append(f"{MANIFEST} was changed: it cannot be read, or is none of a pack.")
        return Checked(faults, files=len(files))
    if about.get("format") != FORMAT:
        faults.append(f"{MANIFEST} is of another format than {FORMAT}.")
    of_files = _faults_of_files(files, listed)
    faults += of_files[:FAULTS_AT_MOST]
    if len(of_files) > FAULTS_AT_MOST:
        faults.append(f"{len(of_files) - FAULTS_AT_MOST:,} more files are missing, changed or added.")
    if not faults and not _is_zip_of(files, raw):
        faults.append("The files are as they were signed, but the zip around them was written or changed by something else.")
    return Checked(faults, own if by_trusted else "", about if by_trusted else {}, len(files))


def _listed_in(about: Any) -> dict[str, tuple[str, int]]:
    """The files that a manifest lists. Raises ValueError, KeyError, TypeError for one that no pack has.

    It may be anybody's: what it says is shown to whoever checks it, so a name is a name, and nothing that moves a cursor.
    """
    listed = {one["name"]: (str(one["sha256"]), one["size"]) for one in about["files"]}
    if not all(type(size) is int for _, size in listed.values()) or not all(map(is_a_name, listed)):
        raise ValueError("it lists what is no file of a pack")
    return listed


def _faults_of_files(files: Mapping[str, memoryview], listed: Mapping[str, tuple[str, int]]) -> list[str]:
    faults = []
    for name, (sha256, size) in listed.items():
        if name not in files:
            faults.append(f"{name} is missing.")
        elif len(files[name]) != size or hashlib.sha256(files[name]).hexdigest() != sha256:
            faults.append(f"{name} was changed.")
    added = sorted(set(files) - set(listed) - {MANIFEST, SIGNATURE})
    return faults + [f"{name} was added." for name in added]
