"""Yes or no, about other systems: addresses, who does and who verifies a task by hand, what a file of evidence is."""

import ipaddress
import quopri
import re
from base64 import b64encode
from datetime import datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from privacy.access.gateways.postgresql_tls import tls_fault
from privacy.access.models import HandTask, SystemChange, SystemKind
from privacy.access.policies.grants import may_administer
from privacy.workforce.models import Employee

EVIDENCE_BYTES_AT_MOST = 10 * 1024 * 1024
# What libpq is told beside host and name; nothing that reads a file, runs a service or carries a secret.
_POSTGRESQL_SETTINGS = {"host", "port", "user", "dbname", "sslmode", "sslrootcert", "connect_timeout", "target_session_attrs"}


def address_fault(kind: str, address: str) -> str:
    """What is wrong with the address of a system of that kind, as a sentence; empty where nothing is.

    PostgreSQL: postgresql://user@host:5432/database without a password. SCIM: https://, or http:// to this machine itself.
    By hand: empty, or the https:// address where people go.
    """
    if len(address) > 500 or any(character.isspace() or not character.isprintable() for character in address):
        return "An address has no spaces and at most 500 characters."
    if not address:
        return "" if kind == SystemKind.BY_HAND else "Say where the system is reached."
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "This is not an address."
    if parts.password is not None:
        return "Leave the secret out of the address: it has a field of its own, which is encrypted."
    if parts.fragment:
        return "Leave out what follows the #."
    if kind == SystemKind.POSTGRESQL:
        return _postgresql_fault(parts.scheme, host, parts.username, parts.path, parts.query)
    if parts.username is not None:
        return "Leave the user out of the address: the token says who asks."
    if not host:
        return "Name the host."
    if parts.scheme == "http" and kind == SystemKind.SCIM and _is_this_machine(host):
        return ""
    if parts.scheme != "https":
        return "It must begin with https://" + (" (http:// only to this machine)." if kind == SystemKind.SCIM else ".")
    return "Leave out what follows the ?." if parts.query and kind == SystemKind.SCIM else ""


def _postgresql_fault(scheme: str, host: str, user: str | None, path: str, query: str) -> str:
    if scheme not in ("postgresql", "postgres"):
        return "It must begin with postgresql://."
    settings = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(set(settings) - _POSTGRESQL_SETTINGS):
        return f"After the ? these are allowed: {', '.join(sorted(_POSTGRESQL_SETTINGS))}; not {', '.join(unknown)}."
    if not host and not settings.get("host"):
        return "Name the host."
    if not user and not settings.get("user"):
        return "Name the user that gives and takes away: postgresql://user@host:5432/database."
    if not path.strip("/") and not settings.get("dbname"):
        return "Name the database: postgresql://user@host:5432/database."
    return tls_fault({"host": settings.get("host") or unquote(host), "sslmode": settings.get("sslmode")})


def server_of(address: str) -> tuple[str, ...]:
    """Who is reached under an address: what a secret was given for."""
    parts = urlsplit(address)
    settings = dict(parse_qsl(parts.query))
    return parts.scheme, parts.netloc.rpartition("@")[2].lower(), settings.get("host", ""), settings.get("port", "")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_do_task(change: SystemChange, by: Employee, *, at: datetime, assigned_to: int | None = None) -> bool:
    """The person it was given to, the system's owner, or a security administrator; never whose access it is."""
    if by.pk == change.employee_id:
        return False
    return by.pk in (assigned_to, change.system.owner_id) or may_administer(by, at=at)


def may_verify_task(task: HandTask, by: Employee, *, at: datetime) -> bool:
    """Somebody who might have done it and did not: the second person (ACCESS.md, "By hand")."""
    if task.done_at is None or by.pk == task.done_by_id:
        return False
    return may_do_task(task.change, by, at=at, assigned_to=task.assigned_to_id)


# The first bytes of what may be evidence. Text and mail have no such mark: they are told by being text.
_BEGINS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):")


# Every virus scanner stops a file with this in it (eicar.org): two halves, so that none stops this one.
_EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def _in_base64(content: bytes) -> set[bytes]:
    """What stands in Base64 wherever these bytes are in the middle of something: one text for each place in a group of three."""
    return {b64encode(bytes(before) + content)[-(-before * 8 // 6) : (before + len(content)) * 8 // 6] for before in range(3)}


_EICAR_IN_BASE64 = _in_base64(_EICAR)


def is_harmful(content: bytes) -> bool:
    """Whether a virus scanner would stop this file, or what is attached to this mail, on the second person's computer.

    A mail's parts are not taken apart here: a hostile one would cost the web's process its time. What both of mail's encodings
    make of the bytes is looked for instead, in time that grows with the length alone.
    """
    if _EICAR in content or _EICAR in quopri.decodestring(content):
        return True
    in_one_line = content.translate(None, b" \t\r\n")
    return any(encoded in in_one_line for encoded in _EICAR_IN_BASE64)


def type_of_evidence(content: bytes) -> tuple[str, str] | None:
    """(media type, ending) of a file by what is in it, never by its name; None where it is nothing that counts as evidence."""
    for begins, media_type, ending in _BEGINS:
        if content.startswith(begins):
            return media_type, ending
    if not content.strip() or b"\x00" in content:
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if any(ord(character) < 32 and character not in "\t\n\r\f" for character in text):
        return None
    names = _header_names(content[:65536])
    if b"from" in names and (b"date" in names or b"subject" in names):
        return "message/rfc822", "eml"
    return "text/plain", "txt"


def _header_names(content: bytes) -> set[bytes]:
    """The names of a mail's header, in small letters, line by line until something else stands there."""
    names = set()
    for count, line in enumerate(content.splitlines()):
        if line[:1] in (b" ", b"\t") or (count == 0 and line.startswith(b"From ")):
            continue
        if not (header := _HEADER.match(line)):
            break
        names.add(header[1].lower())
    return names
