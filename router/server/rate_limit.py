"""Rate limits by client: who is counted together, and where the counts are kept.

Spec: RateLimit header fields for HTTP (draft-ietf-httpapi-ratelimit-headers-10); RFC 9110, 10.2.3 Retry-After.
"""

import ipaddress
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias

from router.kit.gcra import Rate, Verdict, decide
from router.kit.json import JsonValue
from router.kit.lru import LruCache
from router.server.messages import Headers

KEY_LENGTH_MAX = 256
IPV6_PREFIX = 64
"""One network of IPv6 is one address: who has one has all of it."""

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


def find_address(peer: str | None, forwarded_for: str | None, trusted_proxies: int) -> str | None:
    """The client's address, or its network; None where there is none (a Unix socket).

    A client may write into `X-Forwarded-For` what it likes; only what the trusted proxies have appended is believed.
    """
    address = peer
    if trusted_proxies:
        hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
        # The nearest proxy is the peer, and has appended the address that it saw.
        if len(hops) >= trusted_proxies:
            address = hops[-trusted_proxies]
    try:
        parsed = ipaddress.ip_address((address or "").strip("[]"))
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)


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
