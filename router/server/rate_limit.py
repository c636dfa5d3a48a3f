"""Rate limits by client: who is counted together, and where the counts are kept.

Spec: RateLimit header fields for HTTP (draft-ietf-httpapi-ratelimit-headers-10); RFC 9110, 10.2.3 Retry-After.
"""

import ipaddress
import math
import re
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

NOWHERE = "nowhere"
"""The address of those who have none, as behind a Unix socket without a proxy that tells it: they share an allowance."""

IPV6_PREFIX = 64
"""One network of IPv6 is one address: who has one has all of it."""

_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*):\d+")

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


def find_address(peer: str | None, forwarded_for: str | None, trusted_proxies: int) -> str:
    """The client's address, or its network.

    A client may write into `X-Forwarded-For` what it likes; only what the trusted proxies have appended is believed, and
    what of that is no address (`unknown`) makes nobody be without a limit: the peer's counts then.
    """
    hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
    # The nearest proxy is the peer, and has appended the address that it saw.
    told = hops[-trusted_proxies] if 0 < trusted_proxies <= len(hops) else ""
    return _read_address(told) or _read_address(peer or "") or NOWHERE


def _read_address(text: str) -> str | None:
    """`1.2.3.4`, `2001:db8::1`; some proxies append the port too: `1.2.3.4:80`, `[2001:db8::1]:80`."""
    match = _WITH_PORT.fullmatch(text)
    try:
        parsed = ipaddress.ip_address(match[1] or match[2] if match is not None else text)
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
