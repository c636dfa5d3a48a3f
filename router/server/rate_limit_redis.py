"""Rate limits whose counts several routers share, in Redis."""

import logging
import time

from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.kit.gcra import Rate, Verdict
from router.server.options import RedisOptions
from router.server.rate_limit import MemoryStore

logger = logging.getLogger(__name__)

CONNECTIONS_MAX = 64
RETRY_S = 1.0

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
            self._tried_again_at_s = time.monotonic() + RETRY_S
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
                max_connections=CONNECTIONS_MAX,
            )
        return self._redis
