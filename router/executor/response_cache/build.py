"""The cache that the options ask for."""

import logging

from router.executor.response_cache.layer import Count, ResponseCache
from router.executor.response_cache.memory import MemoryCache
from router.executor.response_cache.options import ResponseCacheOptions
from router.executor.response_cache.store import Store
from router.kit.redis_options import RedisOptions
from router.supergraph.cache_tags import read_cache_tags
from router.supergraph.model import Supergraph

logger = logging.getLogger(__name__)


def build_response_cache(
    options: ResponseCacheOptions,
    supergraph: Supergraph,
    credentials: frozenset[str],
    count: Count | None = None,
) -> ResponseCache:
    """The layer with its store; `count` is told of what is found, `credentials` are headers that say who calls."""
    tags = read_cache_tags(supergraph)
    for fault in tags.faults:
        logger.warning("%s", fault)
    stores = {name: _build_redis(redis) for name, redis in options.subgraph_redis.items()}
    return ResponseCache(options, _build_store(options), count or _count_nothing, tags, credentials, stores)


def _count_nothing(_subgraph: str, _type_name: str, _is_hit: bool, _count: int) -> None:
    pass


def _build_store(options: ResponseCacheOptions) -> Store:
    if options.redis is None:
        return MemoryCache(options.memory_bytes_max)
    return _build_redis(options.redis)


def _build_redis(options: RedisOptions) -> Store:
    # Its library takes long to import.
    from router.executor.response_cache.redis import RedisCache  # noqa: PLC0415

    return RedisCache(options)
