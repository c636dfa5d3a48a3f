"""Secrets of one installation: made once, kept in files that only their owner reads."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Keys:
    """`internal_secret` signs calls between subgraphs; `signing_key` (Ed25519, PEM) signs access tokens."""

    internal_secret: str = field(repr=False)
    signing_key: str = field(repr=False)

    def database_password(self, role: str) -> str:
        """Derive the password of a database role, so that there is none to keep."""
        return self._derive(f"database role {role}")

    def provider_secret(self, use: str) -> str:
        """Derive what payments and the sandbox provider share: the shop's `key`, or the `secret` that signs messages."""
        return self._derive(f"sandbox provider {use}")

    def _derive(self, use: str) -> str:
        return hmac.digest(self.internal_secret.encode(), use.encode(), hashlib.sha256).hex()


def read_or_make_keys(directory: Path, environment: Mapping[str, str]) -> Keys:
    """Take the keys from the environment, else from `directory`, where those that are missing are made."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(
        internal_secret=environment.get("INTERNAL_SECRET")
        or _read_or_make(directory / "internal_secret", lambda: secrets.token_urlsafe(48)),
        signing_key=environment.get("JWT_SIGNING_KEY")
        or _read_or_make(signing_key_file(directory), make_signing_key),
    )


def signing_key_file(directory: Path) -> Path:
    """Return where the key that signs access tokens is kept."""
    return directory / "signing_key.pem"


def make_signing_key() -> str:
    """Return a new Ed25519 private key as PEM (PKCS #8, not encrypted)."""
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )


def _read_or_make(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        # Closed to others from the first moment, and complete under its name or not there at all.
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
        unfinished.rename(path)
    return path.read_text()
