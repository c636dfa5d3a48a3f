"""Automatic persisted queries in Redis, shared by all routers that use it.

Redis only saves clients from sending a text again: without it everything works, so what it does wrong is a miss and
a warning. Keys are Apollo Router's: `apq:<hash>`, after the namespace if there is one.
"""

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from router.policy.options import RedisOptions

if TYPE_CHECKING:
    pass

logger = logging.getLogger(__name__)

TEXT_BYTES_MAX = 200_000
"""A longer text is not kept, and one that another has put there is not believed."""

CONNECTIONS_MAX = 16


class RedisQueryStore:
    """Texts by their hashes in Redis. The library is needed only where this is used."""

    def __init__(self, options: RedisOptions) -> None:
        from redis.asyncio import Redis  # noqa: PLC0415 -- it is optional
        from redis.exceptions import RedisError  # noqa: PLC0415

        self._redis: Redis = Redis.from_url(
            options.url,
            username=options.username or None,
            password=options.password or None,
            max_connections=CONNECTIONS_MAX,
        )
        self._timeout_s = options.timeout_s
        self._errors = (RedisError, OSError, TimeoutError)
        self._ttl = None if options.ttl_s is None else timedelta(seconds=options.ttl_s)
        self._prefix = f"{options.namespace}:apq:" if options.namespace else "apq:"

    async def find(self, key: str) -> str | None:
        """The text, None if Redis has none or says nothing in time."""
        try:
            # The library may try again; this bounds all of it.
            async with asyncio.timeout(self._timeout_s):
                text = await self._redis.get(self._prefix + key)
        except self._errors as error:
            logger.warning("Redis cannot be asked: %s", type(error).__name__)
            return None
        if not isinstance(text, bytes) or len(text) > TEXT_BYTES_MAX:
            return None
        return text.decode("utf-8", "replace")

    async def put(self, key: str, text: str) -> None:
        """Keep a text for the time that is set, if Redis takes it."""
        encoded = text.encode("utf-8", "replace")
        if len(encoded) > TEXT_BYTES_MAX:
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._redis.set(self._prefix + key, encoded, ex=self._ttl)
        except self._errors as error:
            logger.warning("Redis keeps nothing: %s", type(error).__name__)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
