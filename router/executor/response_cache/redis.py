"""Answers kept in a Redis that routers share.

An entry is a string that expires; a tag is a set of keys of entries, which expires with the last of them. A Redis that does
not answer in time, or answers nonsense, is as one that is empty: subgraphs are asked.
"""

import math
import time
from collections.abc import Sequence

from router.executor.redis_client import Redis, RedisClient, get_many
from router.executor.response_cache.store import Entry
from router.kit.json import RawJson, read_json, write_json
from router.kit.redis_options import RedisOptions

INVALIDATED_TOGETHER = 500


class RedisCache:
    """Entries and tags under a namespace."""

    def __init__(self, options: RedisOptions) -> None:
        self._redis = RedisClient(options, "the response cache is done without")

    async def find(self, keys: Sequence[str]) -> list[Entry | None]:
        """The entries of `keys` that have not expired."""
        names = [self._name(key) for key in keys]

        async def get(redis: Redis) -> list[bytes | str | None]:
            return await get_many(redis, names)

        nothing: list[bytes | str | None] = []
        found = await self._redis.find(get, nothing)
        if len(found) != len(keys):
            return [None] * len(keys)
        now_s = time.time()
        return [_read(text, now_s) for text in found]

    async def put(self, entries: Sequence[tuple[str, Entry]]) -> None:
        """Keep entries."""

        async def write(redis: Redis) -> None:
            async with redis.pipeline(transaction=False) as pipe:
                for key, entry in entries:
                    seconds = max(1, math.ceil(entry.expires_at_s - time.time()))
                    document = {
                        "expires": entry.expires_at_s,
                        "private": entry.is_private,
                        "value": RawJson(entry.value),
                    }
                    pipe.set(self._name(key), write_json(document), ex=seconds)
                    for tag in entry.tags:
                        name = self._name(f"tag:{tag}")
                        pipe.sadd(name, self._name(key))
                        # The set has to last as long as its last member: it is never shortened.
                        pipe.expire(name, seconds, nx=True)
                        pipe.expire(name, seconds, gt=True)
                await pipe.execute()

        await self._redis.write(write, None)

    async def invalidate(self, tags: Sequence[str]) -> int:
        """Throw away every entry that has one of `tags`; gives how many there were."""

        async def delete(redis: Redis) -> int:
            count = 0
            for tag in tags:
                name = self._name(f"tag:{tag}")
                while members := await redis.spop(name, INVALIDATED_TOGETHER):
                    count += await redis.unlink(*members)
            return count

        return await self._redis.write(delete, 0)

    async def close(self) -> None:
        """Let go of connections."""
        await self._redis.close()

    def _name(self, key: str) -> str:
        return f"{self._redis.options.namespace}:response:{key}"


def _read(text: bytes | str | None, now_s: float) -> Entry | None:
    if text is None:
        return None
    try:
        document = read_json(text)
        entry = Entry(write_json(document["value"]), float(document["expires"]), bool(document["private"]))
    except (ValueError, KeyError, TypeError):
        return None
    return entry if entry.expires_at_s > now_s else None
