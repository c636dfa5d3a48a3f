"""A Redis that routers share, and that everything goes on without.

A command that fails, or takes longer than it may, counts as one that found nothing; for a second nothing more is asked then, so
that requests do not wait for a Redis that is down. Its library is optional, and imported only where this is.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias, TypeVar

from redis.asyncio import Redis as SingleRedis
from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from router.kit.json import JsonObject
from router.kit.redis_options import RedisOptions
from router.kit.redis_urls import Arrangement, read_redis_urls

logger = logging.getLogger(__name__)

PAUSE_S = 1.0
START_TIMEOUT_S = 5.0

Result = TypeVar("Result")
Redis: TypeAlias = SingleRedis | RedisCluster
Command = Callable[[Redis], Awaitable[Result]]


class RedisClient:
    """Connections to one Redis, made when first needed."""

    def __init__(self, options: RedisOptions, without_it: str) -> None:
        """`without_it` says in the log what it means that Redis does not answer."""
        self.options = options
        self._without_it = without_it
        self._redis: Redis | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._turns = asyncio.Semaphore(options.connections_max)
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
            self._redis = _build(self.options, self._write_certificate())
        return self._redis

    async def close(self) -> None:
        """Let go of connections."""
        redis = self._redis
        if redis is not None:
            await redis.aclose()
        if isinstance(redis, SingleRedis) and isinstance(redis.connection_pool, SentinelConnectionPool):
            for sentinel in redis.connection_pool.sentinel_manager.sentinels:
                await sentinel.aclose()
        if self._folder is not None:
            self._folder.cleanup()

    async def _ask(self, command: Command[Result], otherwise: Result, timeout_s: float) -> Result:
        if time.monotonic() < self._tried_again_at_s:
            return otherwise
        try:
            # The library tries again and waits between; this bounds all of it, and the wait for a connection.
            async with asyncio.timeout(timeout_s), self._turns:
                return await command(self.connect())
        except (RedisError, OSError, TimeoutError) as error:
            self._tried_again_at_s = time.monotonic() + PAUSE_S
            logger.warning("%s: Redis does not answer (%s)", self._without_it, type(error).__name__)
            return otherwise

    def _write_certificate(self) -> str | None:
        """A file with our certificate and its key, which only we can read: the library takes no text."""
        options = self.options
        if not options.certificate_chain:
            return None
        self._folder = tempfile.TemporaryDirectory(prefix="router-redis-")
        path = Path(self._folder.name) / "client.pem"
        path.write_text(f"{options.key}\n{options.certificate_chain}", "ascii")
        return str(path)


async def get_many(redis: Redis, names: Sequence[str]) -> list[bytes | str | None]:
    """The values of `names`; those of a cluster are on several servers."""
    if isinstance(redis, RedisCluster):
        return await redis.mget_nonatomic(names)
    return await redis.mget(names)


def find_fault(options: RedisOptions) -> str | None:
    """Why a Redis cannot be used now; None if it can. Waits for it, also where an event loop runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _find_fault(options)).result()


async def _find_fault(options: RedisOptions) -> str | None:
    client = RedisClient(options, "")
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            await client.connect().ping()
    except (RedisError, OSError, TimeoutError) as error:
        # The library calls whatever happens while it connects a lost connection.
        cause = error.__cause__ if isinstance(error.__cause__, RedisError) else error
        return f"Redis does not answer ({type(cause).__name__})"
    finally:
        await client.close()
    return None


def _build(options: RedisOptions, certificate: str | None) -> Redis:
    servers = read_redis_urls(options.urls)
    # The one bound is that of `_ask`. With one of its own the library waits by `asyncio.wait_for`, in which Python 3.11 can
    # lose a cancellation: a command would then last for the library's five seconds.
    described: JsonObject = {"max_connections": options.connections_max, "socket_timeout": None}
    described |= _leave_empty_out(
        username=options.username or servers.username,
        password=options.password or servers.password,
        ssl_ca_data=options.certificate_authorities,
        ssl_certfile=certificate,
        ssl_keyfile=certificate,
    )
    if servers.arrangement is Arrangement.SINGLE:
        return SingleRedis.from_url(options.url, **described)
    described |= {"ssl": True} if servers.is_tls else {}
    if servers.arrangement is Arrangement.CLUSTER:
        nodes = [ClusterNode(host, port) for host, port in servers.nodes]
        # Whoever serves a part of the keys serves it, also while others do not.
        return RedisCluster(startup_nodes=nodes, require_full_coverage=False, **described)
    tls = {name: value for name, value in described.items() if name.startswith("ssl")}
    # One that does not answer must leave time to ask the next.
    asking = {**tls, "retry": Retry(NoBackoff(), 0)}
    asking |= dict.fromkeys(("socket_connect_timeout", "socket_timeout"), options.timeout_s / 2)
    sentinel = Sentinel(servers.nodes, sentinel_kwargs=asking, **described)  # type: ignore[no-untyped-call]  # the library's
    primary: SingleRedis = sentinel.master_for(servers.service, db=servers.database)
    return primary


def _leave_empty_out(**described: str | None) -> JsonObject:
    return {name: value for name, value in described.items() if value}
