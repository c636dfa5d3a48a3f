"""`response_cache`, and its predecessor `preview_entity_cache`, which has the same keys. The store in memory is ours."""

from dataclasses import replace

from router.config.redis_yaml import read_redis
from router.config.section import Section
from router.executor.response_cache.options import (
    MEMORY_BYTES_MAX,
    ResponseCacheOptions,
    SubgraphCacheOptions,
)
from router.kit.redis_options import RedisOptions

NAMES = ("response_cache", "preview_entity_cache")
INVALIDATION_PATH = "/invalidation"
KEEPING = ("insert_timeout", "ttl")
"""An answer is kept as long as its subgraph has said, however often it is read."""


def read_response_cache(root: Section) -> ResponseCacheOptions | None:
    """The cache; None if it is not enabled."""
    found = [options for name in NAMES if (options := _read(root.section(name))) is not None]
    if len(found) > 1:
        root.fail(
            "preview_entity_cache", "cannot be enabled beside response_cache, which has taken its place"
        )
    return found[0] if found else None


def _read(section: Section) -> ResponseCacheOptions | None:
    subgraph, memory = section.section("subgraph"), section.section("memory")
    invalidation = section.section("invalidation")
    all_subgraphs = subgraph.section("all")
    redis = read_redis(all_subgraphs, RedisOptions(""), KEEPING)
    default = SubgraphCacheOptions(ttl_s=redis.ttl_s if redis is not None else None)
    for_all = _read_subgraph(all_subgraphs, default)
    by_subgraph, redis_by_subgraph = {}, {}
    for name, each in subgraph.sections("subgraphs").items():
        own = read_redis(each, RedisOptions(""), KEEPING)
        inherited = for_all
        if own is not None:
            redis_by_subgraph[name] = own
            inherited = replace(for_all, ttl_s=own.ttl_s or for_all.ttl_s)
        by_subgraph[name] = _read_subgraph(each, inherited)
        each.finish()
    path = invalidation.text("path", INVALIDATION_PATH)
    if not path.startswith("/"):
        invalidation.fail("path", "must begin with /")
    options = ResponseCacheOptions(
        all=for_all,
        subgraphs=by_subgraph,
        memory_bytes_max=memory.size("limit", MEMORY_BYTES_MAX),
        redis=redis,
        subgraph_redis=redis_by_subgraph,
        is_told=section.boolean("debug", default=False),
        listen=invalidation.text("listen") or None,
        path=path if "listen" in invalidation or "path" in invalidation else None,
    )
    invalidation.accept_ignored("concurrent_requests", "scan_count")
    # Which queries are private need not be remembered: both are looked up at once.
    section.accept_ignored("private_queries_buffer_size")
    section.accept_unsupported("expose_keys_in_context", "metrics")
    is_enabled = section.boolean("enabled", default=False)
    for each in (memory, invalidation, all_subgraphs, subgraph, section):
        each.finish()
    return options if is_enabled else None


def _read_subgraph(section: Section, inherited: SubgraphCacheOptions) -> SubgraphCacheOptions:
    invalidation = section.section("invalidation")
    shared_key = invalidation.text("shared_key", inherited.shared_key)
    is_allowed = invalidation.boolean("enabled", default=inherited.is_invalidation_allowed)
    invalidation.finish()
    ttl_s = section.optional_duration_s("ttl")
    return SubgraphCacheOptions(
        is_enabled=section.boolean("enabled", default=inherited.is_enabled),
        ttl_s=inherited.ttl_s if ttl_s is None else ttl_s,
        private_id=section.text("private_id", inherited.private_id),
        shared_key=shared_key,
        is_invalidation_allowed=is_allowed,
    )
