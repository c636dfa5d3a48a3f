"""Operations by their ids: `apq`, `persisted_queries`, and the manifests that these name."""

from collections.abc import Iterable
from pathlib import Path

from router.config.problems import ConfigurationError
from router.config.redis_yaml import read_redis
from router.config.section import Section
from router.config.subgraphs_yaml import read_switch
from router.executor.options import SubgraphSwitch
from router.kit.json import read_json
from router.kit.redis_options import RedisOptions
from router.policy.options import AutomaticQueryOptions, PersistedOptions
from router.policy.persisted_operations import PersistedOperation, PersistedOperations, read_manifest

QUERIES_MAX = 512
"""Apollo Router's default for `apq.router.cache.in_memory.limit`."""

REDIS_TIMEOUT_S = 0.5


def read_automatic_queries(section: Section) -> tuple[AutomaticQueryOptions | None, SubgraphSwitch]:
    """`apq`: what clients may do, None if it is switched off; and which subgraphs are sent hashes."""
    is_enabled = section.boolean("enabled", default=True)
    router = section.section("router")
    cache = router.section("cache")
    in_memory = cache.section("in_memory")
    size = in_memory.positive("limit", QUERIES_MAX)
    redis = read_redis(cache, RedisOptions("", namespace="", timeout_s=REDIS_TIMEOUT_S, is_ttl_reset=True))
    subgraphs = read_switch(section.section("subgraph"))
    for part in (in_memory, cache, router, section):
        part.finish()
    return AutomaticQueryOptions(size, redis) if is_enabled else None, subgraphs


def read_persisted(section: Section, *, has_automatic: bool) -> PersistedOptions:
    """`persisted_queries`; what does not go together is refused as Apollo Router does."""
    is_enabled = section.boolean("enabled", default=False)
    safelist, planned = section.section("safelist"), section.section("experimental_prewarm_query_plan_cache")
    is_safelist = safelist.boolean("enabled", default=False)
    is_id_required = safelist.boolean("require_id", default=False)
    manifests = tuple(Path(path) for path in section.texts("local_manifests"))
    options = PersistedOptions(
        is_enabled,
        manifests,
        is_safelist=is_safelist,
        is_id_required=is_id_required,
        is_unknown_logged=section.boolean("log_unknown", default=False),
        is_hot_reloaded=section.boolean("hot_reload", default=False),
        is_planned_at_start=planned.boolean("on_startup", default=False),
        is_planned_at_reload=planned.boolean("on_reload", default=True),
    )
    if is_safelist and not is_enabled:
        safelist.fail("enabled", "needs persisted_queries.enabled: true")
    if is_id_required and not is_safelist:
        safelist.fail("require_id", "needs persisted_queries.safelist.enabled: true")
    if is_safelist and has_automatic:
        safelist.fail("enabled", "needs apq.enabled: false: anybody can register an operation there")
    if is_enabled and not manifests:
        section.warn(
            "local_manifests", "names no file, so there are no operations: they come from nowhere else"
        )
    for each in (safelist, planned, section):
        each.finish()
    return options


def load_manifests(paths: Iterable[Path]) -> PersistedOperations:
    """The operations of all manifests.

    Raises:
        ConfigurationError: a file cannot be read or is no manifest, or two say different things of one id; all at once.
    """
    found: dict[tuple[str, str | None], PersistedOperation] = {}
    problems = []
    for path in paths:
        try:
            operations = read_manifest(read_json(path.read_bytes()))
        except OSError as error:
            problems.append(f"persisted_queries.local_manifests: {path}: {error.strerror}")
            continue
        except ValueError as error:
            problems.append(f"persisted_queries.local_manifests: {path}: {error}")
            continue
        for each in operations:
            key = each.id, each.client_name
            if found.setdefault(key, each).body != each.body:
                problems.append(
                    f"persisted_queries.local_manifests: {path}: {each.id} is another operation elsewhere"
                )
    if problems:
        raise ConfigurationError(problems)
    return PersistedOperations(found.values())
