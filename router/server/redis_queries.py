"""Automatic persisted queries in Redis, shared by all routers that use it.

Redis only saves clients from sending a text again: without it everything works, so what it does wrong is a miss and
a warning. Keys are Apollo Router's: `apq:<hash>`, after the namespace if there is one.
"""

from datetime import timedelta

from router.executor.redis_client import Redis, RedisClient
from router.kit.redis_options import RedisOptions

TEXT_BYTES_MAX = 200_000
"""A longer text is not kept, and one that another has put there is not believed."""


class RedisQueryStore:
    """Texts by their hashes in Redis."""

    def __init__(self, options: RedisOptions) -> None:
        self._redis = RedisClient(options, "documents are this process's alone")
        self._ttl = None if options.ttl_s is None else timedelta(seconds=options.ttl_s)
        self._prefix = f"{options.namespace}:apq:" if options.namespace else "apq:"

    async def find(self, key: str) -> str | None:
        """The text, None if Redis has none or says nothing in time."""
        name, ttl = self._prefix + key, self._ttl

        async def get(redis: Redis) -> object:
            if ttl is not None and self._redis.options.is_ttl_reset:
                return await redis.getex(name, ex=ttl)
            return await redis.get(name)

        text = await self._redis.find(get, None)
        if not isinstance(text, bytes) or len(text) > TEXT_BYTES_MAX:
            return None
        return text.decode("utf-8", "replace")

    async def put(self, key: str, text: str) -> None:
        """Keep a text for the time that is set, if Redis takes it."""
        encoded = text.encode("utf-8", "replace")
        if len(encoded) > TEXT_BYTES_MAX:
            return

        async def keep(redis: Redis) -> None:
            await redis.set(self._prefix + key, encoded, ex=self._ttl)

        await self._redis.write(keep, None)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.close()
