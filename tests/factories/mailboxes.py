"""A mailbox that answers IMAP (RFC 3501), as far as fetching from it goes; the whole of it is Dovecot's in test_mailbox."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Mailbox:
    """messages: what lies in it, by uid; flags: what was set on which."""

    def __init__(self, messages: list[bytes]) -> None:
        self.messages = {str(number): raw for number, raw in enumerate(messages, start=1)}
        self.flags: dict[str, set[str]] = {uid: set() for uid in self.messages}
        self.url = ""

    def answer(self, command: str) -> bytes:
        """What goes before the final OK."""
        if command.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith("SELECT"):
            return b"* %d EXISTS\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] all of them\r\n" % len(self.messages)
        if command.startswith("UID SEARCH UNKEYWORD"):
            waiting = [uid for uid in self.messages if command.split()[-1] not in self.flags[uid]]
            return f"* SEARCH {' '.join(waiting)}\r\n".encode()
        if command.startswith("UID FETCH"):
            uid = command.split()[2]
            raw = self.messages[uid]
            about = f'UID {uid} INTERNALDATE "23-Nov-2025 10:00:00 -0500" RFC822.SIZE {len(raw)} BODY[]<0> {{{len(raw)}}}'
            return f"* {uid} FETCH ({about}\r\n".encode() + raw + b")\r\n"
        if stored := re.match(r"UID STORE (\S+) \+FLAGS.SILENT \((\S+)\)", command):
            self.flags[stored[1]].add(stored[2])
        return b""


@contextmanager
def running_mailbox(*messages: bytes) -> Iterator[Mailbox]:
    mailbox = Mailbox(list(messages))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK here\r\n")
            for line in self.rfile:
                tag, command = line.decode().strip().split(" ", 1)
                self.wfile.write(mailbox.answer(command) + f"{tag} OK done\r\n".encode())
                if command == "LOGOUT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        mailbox.url = f"imap://desk:seven@127.0.0.1:{server.server_address[1]}/INBOX"
        yield mailbox
        server.shutdown()
