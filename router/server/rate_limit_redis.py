"""Rate limits whose counts several routers share, in Redis."""

from router.executor.redis_client import Redis, RedisClient
from router.kit.gcra import Rate, Verdict
from router.kit.redis_options import RedisOptions
from router.server.rate_limit import MemoryStore

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
        self._alone = MemoryStore(rate, clients_max)
        self._redis = RedisClient(options, "rate limits are this process's alone")

    async def decide(self, key: str) -> Verdict:
        """Count one more request of a client."""
        rate = self._rate
        share_s = rate.interval_s / rate.capacity
        name = f"{self._redis.options.namespace}:rate:{rate.capacity}:{rate.interval_s:g}:{key}"

        async def count(redis: Redis) -> tuple[int, float] | None:
            is_allowed, reset = await redis.eval(_SCRIPT, 1, name, str(share_s), str(rate.interval_s))
            return is_allowed, float(reset)

        counted = await self._redis.find(count, None)
        if counted is None:
            return await self._alone.decide(key)
        is_allowed, reset_s = counted
        left_s = rate.interval_s - reset_s
        if is_allowed:
            return Verdict(True, 0.0, int(left_s / share_s + 1e-6), reset_s, 0.0)
        return Verdict(False, 0.0, 0, reset_s, max(0.0, share_s - left_s))

    async def close(self) -> None:
        """Let go of connections."""
        await self._redis.close()
