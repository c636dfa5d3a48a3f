"""Random secrets, their hashes, and the box in which the few that must be read again are kept."""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_TOKEN_BYTES = 32
_CODE_BYTES = 10  # 80 bits: 16 characters of base32, too many to guess even with the hash at hand
_GROUP = 4


def new_token() -> str:
    """Return a fresh token: 256 random bits, so its hash needs no salt and no slowness."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> bytes:
    """Return the form in which a token is stored and found; any text has one."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_recovery_code() -> str:
    """Return a code that can be written down: four groups of four characters."""
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def hash_recovery_code(code: str) -> bytes:
    """Return the form in which a code is stored and found, however it was typed."""
    return hash_token("".join(code[:100].split()).replace("-", "").upper())


class SecretBox:
    """Encrypts what must be read again (authenticated AES), so that a copy of the database alone is no use."""

    def __init__(self, key_material: str) -> None:
        """Derive the key (HKDF, RFC 5869) from a long secret of the installation."""
        key = HKDF(SHA256(), 32, salt=None, info=b"auth second factors").derive(key_material.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, plain: str) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(plain.encode())

    def open(self, closed: bytes) -> str:
        """Decrypt.

        Raises:
            InvalidToken: it was closed with another key, or is damaged.
        """
        return self._fernet.decrypt(closed).decode()
