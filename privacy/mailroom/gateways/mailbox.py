"""The mailbox of the mail server, by IMAP. A message is marked as taken only after it is kept here."""

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from privacy.mailroom.errors import NoMailbox
from privacy.mailroom.gateways.files import LARGEST_KEPT

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 60
TAKEN = "LumensTaken"  # the keyword on messages that are kept here; \Seen would be set by any colleague who looks
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Mail:
    """One message on the server. uid: its number there. received_at: when the server got it, which is when clocks start.

    raw: its bytes, of a huge one the beginning; size: how many it has.
    """

    uid: str
    raw: bytes
    received_at: datetime | None
    size: int


class _Refused(NoMailbox):
    """The server answered NO to one command; the connection goes on."""


class ImapMailbox:
    """imaps://user:password@host:993/INBOX — with `?move=Folder`, messages go to that folder once they are kept. Context manager.

    Raises NoMailbox for a URL that cannot be used, and when the server refuses or goes away. Unencrypted imap:// only on this
    machine.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"imaps", "imap"} or not parts.hostname or not parts.username:
            raise NoMailbox("MAILBOX_URL must look like imaps://user:password@host/INBOX.")
        if parts.scheme == "imap" and parts.hostname not in _LOOPBACK:
            raise NoMailbox("MAILBOX_URL must begin with imaps:// unless the server is this machine.")
        self._host, self._port = parts.hostname, parts.port
        self._encrypted = parts.scheme == "imaps"
        self._user, self._password = unquote(parts.username), unquote(parts.password or "")
        self._folder = unquote(parts.path.strip("/")) or "INBOX"
        self._move_to = parse_qs(parts.query).get("move", [""])[0]
        self._imap: imaplib.IMAP4 | None = None
        self._keyword = True

    def __enter__(self) -> "ImapMailbox":
        try:
            if self._encrypted:
                context = ssl.create_default_context()
                self._imap = imaplib.IMAP4_SSL(self._host, self._port or 993, ssl_context=context, timeout=TIMEOUT_SECONDS)
            else:
                self._imap = imaplib.IMAP4(self._host, self._port or 143, timeout=TIMEOUT_SECONDS)
            self._imap.login(self._user, self._password)
            self._ask("select", _quoted(self._folder))
            allowed = b" ".join(
                item for item in self._imap.untagged_responses.get("PERMANENTFLAGS", []) if isinstance(item, bytes)
            )
            self._keyword = b"\\*" in allowed or TAKEN.encode() in allowed
        except (OSError, imaplib.IMAP4.error) as error:
            self.__exit__(None, None, None)
            raise NoMailbox(_without_secrets(error)) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        imap, self._imap = self._imap, None
        if imap:
            try:
                imap.logout()
            except (OSError, imaplib.IMAP4.error):
                pass

    def waiting(self) -> Iterator[Mail]:
        """Messages that were not taken yet, oldest first. Looking does not mark them as read.

        One that the server does not hand out (somebody moved it meanwhile, its file is damaged) holds up none of the others.
        """
        found = self._ask("uid", "SEARCH", "UNKEYWORD" if self._keyword else "UNSEEN", *([TAKEN] if self._keyword else []))
        for uid in (found[0] or b"").decode().split():
            try:
                answer = self._ask("uid", "FETCH", uid, f"(INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{LARGEST_KEPT}>)")
            except _Refused as refusal:
                logger.warning("message %s of the mailbox was left there: %s", uid, refusal)
                continue
            for part in answer:
                if isinstance(part, tuple):
                    raw = bytes(part[1])
                    yield Mail(uid, raw, _internal_date(part[0]), _size(part[0]) if len(raw) >= LARGEST_KEPT else len(raw))

    def taken(self, mail: Mail) -> None:
        """This message is kept here: mark it, or move it away."""
        if self._keyword:
            self._ask("uid", "STORE", mail.uid, "+FLAGS.SILENT", f"({TAKEN})")
        else:
            self._ask("uid", "STORE", mail.uid, "+FLAGS.SILENT", r"(\Seen)")
        if self._move_to:
            self._ask("uid", "MOVE", mail.uid, _quoted(self._move_to))

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        assert self._imap is not None
        try:
            status, data = getattr(self._imap, command)(*arguments)
        except (OSError, imaplib.IMAP4.error) as error:
            raise NoMailbox(_without_secrets(error)) from None
        if status != "OK":
            raise _Refused(f"the server answered {status} to {arguments[0] if arguments else command}.")
        return list(data)


def _quoted(name: str) -> str:
    if re.search(r"[\r\n\x00]", name):
        raise NoMailbox("the folder's name has a line break.")
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _internal_date(envelope: bytes) -> datetime | None:
    match = re.search(rb'INTERNALDATE "([^"]+)"', envelope)
    try:
        return datetime.strptime(match[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z") if match else None
    except ValueError:
        return None


def _size(envelope: bytes) -> int:
    """What the server says; asked only for what was cut, because some servers count other line ends than they send."""
    match = re.search(rb"RFC822\.SIZE (\d+)", envelope)
    return int(match[1]) if match else 0


def _without_secrets(error: Exception) -> str:
    """What went wrong, without the password that some servers repeat."""
    return (
        f"{type(error).__name__}: {str(error)[:200]}" if isinstance(error, OSError) else "the server refused (sign-in or folder)."
    )
