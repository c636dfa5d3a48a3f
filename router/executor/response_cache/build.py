"""The cache that the options ask for."""

from router.executor.response_cache.layer import Count, ResponseCache
from router.executor.response_cache.memory import MemoryCache
from router.executor.response_cache.options import ResponseCacheOptions
from router.executor.response_cache.store import Store


def build_response_cache(options: ResponseCacheOptions, count: Count | None = None) -> ResponseCache:
    """The layer with its store; `count` is told of what is found."""
    store = _build_store(options)
    return ResponseCache(options, store) if count is None else ResponseCache(options, store, count)


def _build_store(options: ResponseCacheOptions) -> Store:
    if options.redis is None:
        return MemoryCache(options.memory_bytes_max)
    # Its library takes long to import.
    from router.executor.response_cache.redis import RedisCache  # noqa: PLC0415

    return RedisCache(options.redis)
