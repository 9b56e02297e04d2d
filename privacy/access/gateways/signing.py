"""The key of this installation: Ed25519 (RFC 8032). It signs evidence: an outsider has to trust this key and nothing else.

The private key is a setting (EVIDENCE_KEY, 32 bytes) and never leaves the process. Its public half is shown to whoever may read
evidence, and is in every pack; a fingerprint is the SHA-256 of the public key's DER form (SubjectPublicKeyInfo), hexadecimal:
what `openssl pkey -pubin -outform DER | sha256sum` prints.
"""

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings


class NotAKey(Exception):
    """This is not an Ed25519 public key in PEM form."""

    def __str__(self) -> str:
        return self.__doc__ or ""


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.EVIDENCE_KEY)


def sign(message: bytes) -> bytes:
    """The installation's signature (64 bytes) over exactly these bytes."""
    return _private_key().sign(message)


def public_pem() -> bytes:
    """The installation's public key, in PEM form."""
    return _private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public_pem(pem: bytes) -> Ed25519PublicKey:
    """The key in a PEM file of at most 4 KB. Raises NotAKey."""
    try:
        key = load_pem_public_key(pem[:4096])
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotAKey from error
    if not isinstance(key, Ed25519PublicKey):
        raise NotAKey
    return key


def fingerprint(pem: bytes) -> str:
    """SHA-256 of the public key in that PEM file, 64 hexadecimal digits. Raises NotAKey."""
    der = read_public_pem(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def is_signed_by(pem: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of that key signed exactly these bytes. Raises NotAKey."""
    try:
        read_public_pem(pem).verify(signature, message)
    except InvalidSignature:
        return False
    return True
