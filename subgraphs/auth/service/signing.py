"""The keys that sign access tokens, and the public half that everybody may fetch.

A key file may hold several Ed25519 private keys in PEM: the first signs, all are published. The file is read again
when it changes, so a key is changed without a restart and without logging anybody out: put the new one last, wait
until everybody has fetched it (five minutes), put it first, wait until the last old token has expired (ten), take the
old one away. A file that cannot be read leaves the keys as they were.
"""

import base64
import hashlib
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_log = logging.getLogger(__name__)

_PEM_BLOCK = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)


class SigningKeyError(Exception):
    """The key text or file cannot be used; the message says why and what is expected."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One Ed25519 key and its id, the RFC 7638 thumbprint of its public half."""

    private: Ed25519PrivateKey
    id: str
    public_x: str

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> "SigningKey":
        """Derive the id from the key."""
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        public_x = _base64url(raw)
        return cls(private, thumbprint(public_x), public_x)

    def as_jwk(self) -> dict[str, str]:
        """Return the public half as a JWK (RFC 8037, 2)."""
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": self.public_x,
            "kid": self.id,
            "use": "sig",
            "alg": "EdDSA",
        }


class KeyRing:
    """The signing key and those that may still have signed a token in use."""

    def __init__(self, keys: list[SigningKey]) -> None:
        """Take at least one key; the first signs."""
        if not keys:
            raise SigningKeyError("there is no Ed25519 private key in it")
        self._keys = keys

    @classmethod
    def read(cls, pem: str) -> "KeyRing":
        """Read the keys of a PEM text, in order.

        Raises:
            SigningKeyError: no key, one that is not Ed25519, or one that is encrypted or damaged.
        """
        return cls(_read_keys(pem))

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return a signed JWT (EdDSA) whose header names the key."""
        self._refresh()
        key = self._keys[0]
        return jwt.encode(dict(claims), key.private, algorithm="EdDSA", headers={"kid": key.id})

    def as_jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys as a JWK set (RFC 7517, 5)."""
        self._refresh()
        return {"keys": [key.as_jwk() for key in self._keys]}

    def _refresh(self) -> None:
        """Look for newer keys, where there can be any."""


class KeyFile(KeyRing):
    """The keys of a file as it is now."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            OSError, UnicodeDecodeError, SigningKeyError: it cannot be used.
        """
        self._path = path
        self._stamp = _stamp(path)
        super().__init__(_read_keys(path.read_text()))

    def _refresh(self) -> None:
        try:
            stamp = _stamp(self._path)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._keys = KeyRing(_read_keys(self._path.read_text()))._keys  # noqa: SLF001  its own class
            _log.info("signing keys read again: %s", ", ".join(key.id for key in self._keys))
        except (OSError, UnicodeDecodeError, SigningKeyError) as error:
            _log.error("%s cannot be used, the keys stay as they were: %s", self._path, error)


def thumbprint(public_x: str) -> str:
    """Return the SHA-256 thumbprint of an Ed25519 public key given as base64url.

    Spec: RFC 7638, 3, with the members that RFC 8037, 2 requires, in their lexical order.
    """
    members = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": public_x}, separators=(",", ":"))
    return _base64url(hashlib.sha256(members.encode()).digest())


def read_or_create_key_file(path: Path) -> str:
    """Return the PEM text of a key file, made first (mode 0600) if it is missing.

    Two processes may do this at once: one file wins and both read it.
    """
    try:
        return path.read_text()
    except FileNotFoundError:
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    try:
        os.link(draft, path)  # fails where the other was first, and never shows half a file
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()


def _read_keys(pem: str) -> list[SigningKey]:
    return [_read_key(block) for block in _PEM_BLOCK.findall(pem)]


def _stamp(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _read_key(block: str) -> SigningKey:
    try:
        private = load_pem_private_key(block.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise SigningKeyError("it is not an unencrypted private key in PEM") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningKeyError("it is a private key, but not an Ed25519 one")
    return SigningKey.of(private)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
