"""Tokens that have been found good, so that a client's next request does not cost a signature again.

Checking a signature takes longer than answering a small operation. Nothing is believed for longer than it would be
without this: keys that are fetched again forget every token, and the end of a token is looked at each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from router.kit.json import JsonObject, read_json, write_json
from router.kit.lru import LruCache
from router.policy.authentication import VerificationKey

TOKENS_MAX = 4096
CLAIMS_BYTES_MAX = 4_000
"""Of one token, as JSON. With `TOKENS_MAX` it bounds the memory."""


@dataclass(frozen=True, slots=True)
class _Kept:
    keys: Sequence[VerificationKey]
    expires_at_s: float | None
    claims: bytes


class TokenCache:
    """The claims of good tokens. Neither tokens nor objects that others could change are kept."""

    def __init__(self) -> None:
        self._kept: LruCache[bytes, _Kept] = LruCache(TOKENS_MAX)

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, token: str, keys: Sequence[VerificationKey], *, now_s: float) -> JsonObject | None:
        """The claims of a token that `keys`, the very same object, have proved; None if it must be looked at."""
        kept = self._kept.find(_digest(token))
        if kept is None or kept.keys is not keys:
            return None
        # Past its end an issuer's leeway may still let it pass, which is looked at anew.
        if kept.expires_at_s is not None and now_s >= kept.expires_at_s:
            return None
        claims: JsonObject = read_json(kept.claims)
        return claims

    def put(self, token: str, keys: Sequence[VerificationKey], claims: JsonObject) -> None:
        """Keep what a token has been found to say."""
        written = _write(claims)
        if written is not None and len(written) <= CLAIMS_BYTES_MAX:
            self._kept.put(_digest(token), _Kept(keys, claims.get("exp"), written))


def _write(claims: JsonObject) -> bytes | None:
    """The claims as JSON that gives exactly them; None for what it does not, numbers beyond 64 bits say."""
    try:
        written = write_json(claims)
        same = read_json(written)
        return written if same == claims and write_json(same) == written else None
    except (TypeError, ValueError):
        return None


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
