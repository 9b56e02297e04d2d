"""A connection of the web server, where ours does more than waitress'.

What is refused before the application sees it (a header that is too long, a body that never ends) is answered in words of SCIM to
identity providers (RFC 7644, 3.12), and in plain text to everybody else; no more is kept for this than a request's first bytes.

A long answer goes out at the pace of its reader, so that it stops when access ends: what has left cannot be taken back. What is
still on its way then is, from a reader so slow that it would take longer than a moment.
"""

import fcntl
import json
import re
import socket
import struct
import termios
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask

CONNECTION = "lumens.connection"
UNREAD_BYTES = 32 * 2**10  # of a long answer, before its next piece is made
UNREAD_SECONDS = 30.0  # in which a reader must take something of it
ASKED_EVERY = 1.0  # seconds: how long the right to go on is not asked for while a reader is waited for
LAST_SECONDS = 3.0  # in which a reader may take what is on its way when their access has ended

# As every page of the house says it (SCREENS.md, "Policy of the pages"); this answer has nothing that would need more.
STRICT = (
    ("Content-Security-Policy", "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
)
_KEPT_BYTES = 256
_TO_SCIM = re.compile(rb"\s*[A-Z]+ (?:https?://[^/ ]*)?/scim/")


class Parser(HTTPRequestParser):
    """first: the first bytes of the request, which waitress forgets when it refuses one."""

    first = b""

    def received(self, data: bytes) -> int:
        if len(self.first) < _KEPT_BYTES:
            self.first += data[: _KEPT_BYTES - len(self.first)]
        consumed: int = super().received(data)
        return consumed


class Refusal(ErrorTask):
    """The answer to a request that cannot be read."""

    def execute(self) -> None:
        if not _TO_SCIM.match(self.request.first):
            self.response_headers.extend(STRICT)
            super().execute()
            return
        error = self.request.error
        too_long = " Filters are read up to 4,000 characters." if error.code == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE else ""
        said = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": str(error.code),
            "detail": f"{error.reason}.{too_long}",
        }
        body = json.dumps(said).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/scim+json"))
        self.content_length = len(body)
        self.set_close_on_finish()
        self.write(body)


class Answer(WSGITask):
    """The answer of the application, which may wait for its reader."""

    def get_environment(self) -> dict[str, Any]:
        environment: dict[str, Any] = super().get_environment()
        environment[CONNECTION] = self.channel
        return environment


class Channel(HTTPChannel):
    """A connection with our requests, answers and refusals."""

    parser_class = Parser
    task_class = Answer
    error_task_class = Refusal
    # How much was left when the reader took something last, and when that was seen.
    _left, _taken_at = -1, 0.0

    def wait_until_read(self, may_go_on: Callable[[], bool]) -> None:
        """Wait until little is left of what was written, and `may_go_on` asked again and again.

        Raises ClientDisconnected for a reader who is gone, takes nothing, or lost the right to it while they were waited for.
        """
        while not self._is_read_to(UNREAD_BYTES, within=ASKED_EVERY):
            if not self.connected:
                raise ClientDisconnected
            if not may_go_on():
                self.end_soon()
                raise ClientDisconnected

    def end_soon(self) -> None:
        """Access has ended: what the reader has not taken in LAST_SECONDS does not leave any more."""
        until = time.monotonic() + LAST_SECONDS
        while self.connected and self._on_its_way():
            if time.monotonic() > until:
                self.cut_off()
                return
            self.server.pull_trigger()
            time.sleep(0.05)

    def _on_its_way(self) -> int:
        """Bytes that were written and not received: ours, and the system's."""
        try:
            unsent = struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, struct.pack("i", 0)))[0]
        except (OSError, ValueError):
            unsent = 0  # closed meanwhile
        return int(self.total_outbufs_len + unsent)

    def _flush_outbufs_below_high_watermark(self) -> None:
        """waitress waits here for the reader of an ordinary answer, and for ever: a thread for each who asks and never reads."""
        self._is_read_to(self.adj.outbuf_high_watermark)

    def _is_read_to(self, at_most: int, *, within: float = float("inf")) -> bool:
        """Wait until so many bytes are left. False: not yet, or nothing was taken for too long, and the connection is ended."""
        with self.outbuf_lock:
            began = time.monotonic()
            while self.connected and self.total_outbufs_len > at_most:
                if self.total_outbufs_len != self._left:
                    self._left, self._taken_at = self.total_outbufs_len, time.monotonic()
                elif time.monotonic() - self._taken_at > UNREAD_SECONDS:
                    self.cut_off()
                    return False
                if time.monotonic() - began > within:
                    return False
                self.server.pull_trigger()
                self.outbuf_lock.wait(min(1, within))
        return self.connected

    def cut_off(self) -> None:
        """End the connection now; what was not taken of the answer does not leave any more.

        waitress closes a connection when something more can be written to it, which for somebody who reads nothing is never.
        """
        self.will_close, self.connected = True, False
        try:
            # Closed like this, the system forgets what it has not sent, and the other side is told so.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # gone by itself
        self.server.pull_trigger()


def cutting_off_the_silent(maintain: Callable[[float], None], server: Any) -> Callable[[float], None]:
    """waitress' own look for connections without activity, which then really ends those that it finds."""

    def look(now: float) -> None:
        for channel in list(server.active_channels.values()):
            if channel.will_close:  # found last time, and not closed since
                channel.cut_off()
        maintain(now)

    return look


def at_the_pace_of_its_reader(body: Any, connection: Channel) -> Iterator[bytes]:
    """The pieces of a long answer. Each is made, and the right to it asked for, once the one before has left.

    body.may_go_on, if it has one: whether its reader has the right to it still.
    """
    may_go_on = getattr(body, "may_go_on", lambda: True)
    try:
        pieces = iter(body)
        while True:
            connection.wait_until_read(may_go_on)
            try:
                piece = next(pieces)
            except StopIteration:
                break
            yield piece
        if not may_go_on():
            connection.end_soon()
    finally:
        body.close()
