"""A Redis that routers share, and that everything goes on without.

A command that fails, or takes longer than it may, counts as one that found nothing; for a second nothing more is asked then, so
that requests do not wait for a Redis that is down. Its library is optional, and imported only where this is.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis import Redis as BlockingRedis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from router.kit.json import JsonObject
from router.kit.redis_options import RedisOptions

logger = logging.getLogger(__name__)

PAUSE_S = 1.0
START_TIMEOUT_S = 5.0

Result = TypeVar("Result")
Command = Callable[[Redis], Awaitable[Result]]


class RedisClient:
    """Connections to one Redis, made when first needed."""

    def __init__(self, options: RedisOptions, without_it: str) -> None:
        """`without_it` says in the log what it means that Redis does not answer."""
        self.options = options
        self._without_it = without_it
        self._redis: Redis | None = None
        self._tried_again_at_s = 0.0

    async def find(self, command: Command[Result], otherwise: Result) -> Result:
        """What `command` finds; `otherwise` if Redis does not say in time."""
        return await self._ask(command, otherwise, self.options.timeout_s)

    async def write(self, command: Command[Result], otherwise: Result) -> Result:
        """The same for a command that keeps or deletes something."""
        return await self._ask(command, otherwise, self.options.seconds_for_writing)

    def connect(self) -> Redis:
        """The library's own client."""
        if self._redis is None:
            options = self.options
            pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
                options.url,
                max_connections=options.connections_max,
                # The time of the whole command bounds it too.
                timeout=max(options.timeout_s, options.seconds_for_writing),
                **_describe_connection(options),
            )
            self._redis = Redis.from_pool(pool)
        return self._redis

    async def close(self) -> None:
        """Let go of connections."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _ask(self, command: Command[Result], otherwise: Result, timeout_s: float) -> Result:
        if time.monotonic() < self._tried_again_at_s:
            return otherwise
        try:
            # The library tries again and waits between; this bounds all of it.
            async with asyncio.timeout(timeout_s):
                return await command(self.connect())
        except (RedisError, OSError, TimeoutError) as error:
            self._tried_again_at_s = time.monotonic() + PAUSE_S
            logger.warning("%s: Redis does not answer (%s)", self._without_it, type(error).__name__)
            return otherwise


def find_fault(options: RedisOptions) -> str | None:
    """Why a Redis cannot be used now; None if it can. Waits for it."""
    try:
        with BlockingRedis.from_url(
            options.url, socket_connect_timeout=START_TIMEOUT_S, **_describe_connection(options)
        ) as redis:
            redis.ping()
    except (RedisError, OSError) as error:
        return f"Redis does not answer ({type(error).__name__})"
    return None


def _describe_connection(options: RedisOptions) -> JsonObject:
    described: JsonObject = {}
    if options.username:
        described["username"] = options.username
    if options.password:
        described["password"] = options.password
    if options.certificate_authorities:
        described["ssl_ca_data"] = options.certificate_authorities
    return described
