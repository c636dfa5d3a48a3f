"""Rate limits by client: who is counted together, and where the counts are kept.

Spec: RateLimit header fields for HTTP (draft-ietf-httpapi-ratelimit-headers-10); RFC 9110, 10.2.3 Retry-After.
"""

import ipaddress
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias

from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.kit.gcra import Rate, Verdict, decide
from router.kit.json import JsonValue
from router.kit.lru import LruCache
from router.server.messages import Headers
from router.server.options import ClientRateOptions, RedisOptions

logger = logging.getLogger(__name__)

KEY_LENGTH_MAX = 256
IPV6_PREFIX = 64
"""One network of IPv6 is one address: who has one has all of it."""

REDIS_CONNECTIONS_MAX = 64
REDIS_RETRY_S = 1.0

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


# `kit.gcra.decide`, where it is atomic. The clock is Redis's own: the routers' may differ.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local share, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local before = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local after = before + share
if interval - (after - now) + share * 0.000001 < 0 then
  return {0, tostring(before - now)}
end
redis.call('SET', KEYS[1], string.format('%.6f', after), 'PX', math.ceil((after - now) * 1000) + 1)
return {1, tostring(after - now)}
"""


class RedisStore:
    """Counts that routers share; those of this process while Redis does not answer."""

    def __init__(self, rate: Rate, options: RedisOptions, clients_max: int) -> None:
        self._rate = rate
        self._options = options
        self._alone = MemoryStore(rate, clients_max)
        self._redis: Redis | None = None
        self._tried_again_at_s = 0.0

    async def decide(self, key: str) -> Verdict:
        """Count one more request of a client."""
        if time.monotonic() < self._tried_again_at_s:
            return await self._alone.decide(key)
        rate, options = self._rate, self._options
        share_s = rate.interval_s / rate.capacity
        try:
            redis = self._connect()
            name = f"{options.namespace}:rate:{rate.capacity}:{rate.interval_s:g}:{key}"
            is_allowed, reset = await redis.eval(_SCRIPT, 1, name, str(share_s), str(rate.interval_s))
        except (RedisError, OSError, TimeoutError) as error:
            self._tried_again_at_s = time.monotonic() + REDIS_RETRY_S
            logger.warning(
                "rate limits are this process's alone: Redis does not answer (%s)", type(error).__name__
            )
            return await self._alone.decide(key)
        reset_s = float(reset)
        left_s = rate.interval_s - reset_s
        if is_allowed:
            return Verdict(True, 0.0, int(left_s / share_s + 1e-6), reset_s, 0.0)
        return Verdict(False, 0.0, 0, reset_s, max(0.0, share_s - left_s))

    async def close(self) -> None:
        """Let go of connections."""
        if self._redis is not None:
            await self._redis.aclose()

    def _connect(self) -> Redis:
        if self._redis is None:
            timeout_s = self._options.timeout_s
            self._redis = Redis.from_url(
                self._options.url,
                socket_timeout=timeout_s,
                socket_connect_timeout=timeout_s,
                max_connections=REDIS_CONNECTIONS_MAX,
            )
        return self._redis


def build_store(options: ClientRateOptions) -> Store:
    """Where the counts of a limit are kept."""
    if options.redis is not None:
        return RedisStore(options.rate, options.redis, options.clients_max)
    return MemoryStore(options.rate, options.clients_max)


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
