"""Rate limits by client: who is counted together, and where the counts are kept.

Spec: RateLimit header fields for HTTP (draft-ietf-httpapi-ratelimit-headers-10); RFC 9110, 10.2.3 Retry-After.
"""

import math
import time
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Protocol, TypeAlias

from router.kit.gcra import Rate, Verdict, decide
from router.kit.json import JsonValue
from router.kit.lru import LruCache
from router.server.messages import Headers

KEY_LENGTH_MAX = 256
"""A longer key goes by its hash: tokens of one issuer may all begin in the same way."""

KeyFunction: TypeAlias = Callable[[Mapping[str, str], Mapping[str, JsonValue] | None], Awaitable[str | None]]
"""Of a request's headers (by lower-case name) and its caller's claims, who is counted; None for nobody."""


class Store(Protocol):
    """Where counts are kept."""

    async def decide(self, key: str) -> Verdict:
        """Count one more request of a client."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class MemoryStore:
    """Counts of this process."""

    def __init__(self, rate: Rate, clients_max: int) -> None:
        self._rate = rate
        self._arrivals: LruCache[str, float] = LruCache(clients_max)

    async def decide(self, key: str) -> Verdict:
        """Count one more request of a client."""
        verdict = decide(self._rate, self._arrivals.find(key), time.monotonic())
        if verdict.is_allowed:
            self._arrivals.put(key, verdict.arrival_s)
        return verdict

    async def close(self) -> None:
        """Nothing to let go of."""


def bound_key(key: str) -> str:
    """The key itself, or what stands for one that is too long to be remembered."""
    if len(key) <= KEY_LENGTH_MAX:
        return key
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def write_headers(rate: Rate, verdict: Verdict) -> Headers:
    """What a client is told of its allowance."""
    window = math.ceil(rate.interval_s)
    headers: Headers = (
        ("ratelimit-policy", f'"default";q={rate.capacity};w={window}'),
        ("ratelimit", f'"default";r={verdict.remaining};t={math.ceil(verdict.reset_s)}'),
    )
    if not verdict.is_allowed:
        headers += (("retry-after", str(max(1, math.ceil(verdict.retry_s)))),)
    return headers
