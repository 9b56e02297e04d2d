"""A PostgreSQL server as another machine would show it: over TCP, with TLS and a certificate, or without."""

import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

ELSEWHERE = "127.0.0.2"  # reached over the network stack, and none of the names that this machine goes by
_SSL_REQUEST, _PROTOCOL_3, _WANTS_CLEARTEXT = 80877103, 196608, b"R\x00\x00\x00\x08\x00\x00\x00\x03"


def certificate_for(address: str, folder: Path) -> tuple[Path, Path]:
    """A certificate signed by itself for that address, and its key: two PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1)).add_extension(x509.BasicConstraints(True, None), critical=True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem, secret = folder / f"{address}.pem", folder / f"{address}.key"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pem, secret


class Front:
    """Stands before a server that listens on a Unix socket, and notes what comes in the clear.

    pem, key: its certificate; without, it has no TLS. asks_for_password: it answers itself, and wants the password in the clear.
    """

    def __init__(self, behind: str, pem: Path | None, key: Path | None, *, asks_for_password: bool) -> None:
        self.behind, self.asks_for_password = behind, asks_for_password
        self.context = None
        if pem and key:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pem, key)
        self.began_in_the_clear = 0
        self.told = b""
        self.listener = socket.create_server((ELSEWHERE, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=[link], daemon=True).start()

    def _one(self, link: socket.socket) -> None:
        try:
            with link:
                link.settimeout(10)
                first = link.recv(8, socket.MSG_WAITALL)
                if int.from_bytes(first[4:8], "big") == _SSL_REQUEST:
                    link.sendall(b"S" if self.context else b"N")
                    if self.context:
                        link = self.context.wrap_socket(link, server_side=True)
                    first = link.recv(8)
                if int.from_bytes(first[4:8], "big") == _PROTOCOL_3:
                    self.began_in_the_clear += not isinstance(link, ssl.SSLSocket)
                    self._talk(link, first)
        except OSError:
            pass  # whoever called hung up, as one does on a certificate that one does not believe

    def _talk(self, link: socket.socket, first: bytes) -> None:
        if self.asks_for_password:
            link.recv(4096)
            link.sendall(_WANTS_CLEARTEXT)
            self.told += link.recv(4096)
            return
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(self.behind)
            server.sendall(first)
            # One thread for both ways: two at once on one TLS connection lose pieces of it now and then.
            while True:
                waiting = isinstance(link, ssl.SSLSocket) and link.pending()
                for one in [link] if waiting else select.select([link, server], [], [])[0]:
                    piece = one.recv(65536)
                    if not piece:
                        return
                    (server if one is link else link).sendall(piece)


@contextmanager
def front(cluster, certificate=(None, None), *, asks_for_password: bool = False) -> Iterator[Front]:
    """The cluster, as if it were on another machine."""
    info = cluster.admin.info
    found = Front(f"{info.host}/.s.PGSQL.{info.port}", *certificate, asks_for_password=asks_for_password)
    try:
        yield found
    finally:
        found.listener.close()
