"""Keys that Apollo Router has renamed, moved or dropped: old files are read as what they say today."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import TypeAlias

from router.kit.json import JsonObject, JsonValue

ANY_NAME = "*"


@dataclass(frozen=True, slots=True)
class Move:
    """A key that has another place or name now; `source` and `target` differ after the same `*`s."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Drop:
    """A key that says nothing any more."""

    path: str


Change: TypeAlias = Move | Drop

CHANGES: tuple[Change, ...] = (
    Move("server.listen", "supergraph.listen"),
    Move("server.introspection", "supergraph.introspection"),
    Move("server.endpoint", "supergraph.path"),
    Move("server.cors", "cors"),
    Move("server.health_check_path", "health_check.path"),
    Drop("server.landing_page"),
    Drop("server.experimental_parser_recursion_limit"),
    Move("health-check", "health_check"),
    Move("supergraph.apq", "apq"),
    Move("apq.experimental_cache", "apq.router.cache"),
    Move("supergraph.query_planning.experimental_cache", "supergraph.query_planning.cache"),
    Drop("supergraph.query_planning.experimental_parallelism"),
    Drop("supergraph.query_planning.experimental_reuse_query_plans"),
    Drop("supergraph.query_planning.legacy_introspection_caching"),
    Drop("supergraph.experimental_reuse_query_fragments"),
    Drop("supergraph.reuse_query_fragments"),
    Drop("experimental_query_planner_mode"),
    Drop("experimental_introspection_mode"),
    Drop("experimental_api_schema_generation_mode"),
    Drop("experimental_apollo_metrics_generation_mode"),
    Move("preview_operation_limits", "limits"),
    Move("limits.experimental_http_max_request_bytes", "limits.http_max_request_bytes"),
    Move("authentication.experimental", "authentication"),
    Move("authentication.jwt", "authentication.router.jwt"),
    Move("authentication.router.jwt.jwks_urls", "authentication.router.jwt.jwks"),
    Move("authorization.experimental_enable_authorization_directives", "authorization.directives.enabled"),
    Move("authorization.preview_directives", "authorization.directives"),
    Move("preview_directives", "authorization.directives"),
    Move("preview_persisted_queries", "persisted_queries"),
    Move("persisted_queries.experimental_local_manifests", "persisted_queries.local_manifests"),
    Move("experimental_batching", "batching"),
    Move("preview_batching", "batching"),
    Move("preview_demand_control", "demand_control"),
    Move("experimental_file_uploads", "preview_file_uploads"),
    Move("traffic_shaping.all.experimental_enable_http2", "traffic_shaping.all.experimental_http2"),
    Move(
        "traffic_shaping.subgraphs.*.experimental_enable_http2",
        "traffic_shaping.subgraphs.*.experimental_http2",
    ),
    # Apollo Router 2 has none any more; here it does what it did.
    Drop("traffic_shaping.all.experimental_retry.retry_mutations"),
    Drop("traffic_shaping.subgraphs.*.experimental_retry.retry_mutations"),
    Move("traffic_shaping.all.experimental_retry", "traffic_shaping.all.retry"),
    Move("traffic_shaping.subgraphs.*.experimental_retry", "traffic_shaping.subgraphs.*.retry"),
    Drop("traffic_shaping.all.experimental_entity_caching"),
    Drop("traffic_shaping.subgraphs.*.experimental_entity_caching"),
    Move("telemetry.tracing", "telemetry.exporters.tracing"),
    Move("telemetry.metrics", "telemetry.exporters.metrics"),
    Move("telemetry.logging", "telemetry.exporters.logging"),
    Move("telemetry.experimental_logging.format", "telemetry.exporters.logging.stdout.format"),
    Drop("telemetry.experimental_logging"),
    Move("telemetry.exporters.logging.format", "telemetry.exporters.logging.stdout.format"),
    Move("telemetry.exporters.tracing.trace_config", "telemetry.exporters.tracing.common"),
    Move("telemetry.exporters.tracing.common.attributes", "telemetry.exporters.tracing.common.resource"),
    Move("telemetry.exporters.metrics.common.resources", "telemetry.exporters.metrics.common.resource"),
    # What requests are told by, is said under telemetry.instrumentation.instruments.
    Drop("telemetry.exporters.metrics.common.attributes"),
    Drop("telemetry.exporters.metrics.common.experimental_cache_metrics"),
    # Jaeger takes OTLP.
    Drop("telemetry.exporters.tracing.jaeger"),
    Move("preview_entity_cache.redis", "preview_entity_cache.subgraph.all.redis"),
    Move("preview_entity_cache.subgraphs", "preview_entity_cache.subgraph.subgraphs"),
    Move("subscription.enable_deduplication", "subscription.deduplication.enabled"),
    Move("subscription.mode.preview_callback", "subscription.mode.callback"),
)
"""In this order: a later change may speak of what an earlier one has moved."""


def upgrade(value: JsonValue) -> tuple[JsonValue, list[str]]:
    """The configuration in today's words, and a sentence for each change."""
    if not isinstance(value, dict):
        return value, []
    value = deepcopy(value)
    told = [sentence for change in CHANGES for sentence in _apply(change, value)]
    told += _move_origins(value)
    told += _rename_issuers(value)
    told += _rewrite_path(value)
    return value, told


def _apply(change: Change, value: JsonObject) -> Iterator[str]:
    source = change.source if isinstance(change, Move) else change.path
    for path in list(_find(value, tuple(source.split(".")))):
        old = ".".join(path)
        taken = _take(value, path)
        if isinstance(change, Drop):
            yield f"{old} has no meaning any more"
            continue
        names = iter([name for name, step in zip(path, source.split("."), strict=True) if step == ANY_NAME])
        target = [next(names) if step == ANY_NAME else step for step in change.target.split(".")]
        if _put(value, target, _convert(change, taken)):
            yield f"{old} is {'.'.join(target)} now"
        else:
            yield f"{old} is {'.'.join(target)} now, which is there too and holds"


def _convert(change: Move, taken: JsonValue) -> JsonValue:
    if change.source.endswith("experimental_enable_http2") and isinstance(taken, bool):
        return "enable" if taken else "disable"
    if change.source.endswith("jwks_urls") and isinstance(taken, list):
        return [{"url": url} for url in taken]
    return taken


def _move_origins(value: JsonObject) -> Iterator[str]:
    """`cors.origins` and `match_origins` belong to a policy now."""
    cors = value.get("cors")
    if not isinstance(cors, dict) or "policies" in cors:
        return
    policy = {key: cors.pop(key) for key in ("origins", "match_origins") if key in cors}
    if policy:
        cors["policies"] = [policy]
        yield f"{' and '.join(f'cors.{key}' for key in policy)} belong to cors.policies now"


def _rename_issuers(value: JsonObject) -> Iterator[str]:
    for path in _find(value, ("authentication", "router", "jwt", "jwks")):
        sources = _look(value, path)
        for i, source in enumerate(sources if isinstance(sources, list) else ()):
            if isinstance(source, dict) and "issuer" in source and "issuers" not in source:
                source["issuers"] = [source.pop("issuer")]
                yield f"authentication.router.jwt.jwks[{i}].issuer is issuers now, a list"


def _rewrite_path(value: JsonObject) -> Iterator[str]:
    """Parameters in a path were `:name` and `*`, and are `{name}` and `{*rest}` now."""
    section = value.get("supergraph")
    path = section.get("path") if isinstance(section, dict) else None
    if not isinstance(section, dict) or not isinstance(path, str):
        return
    steps = path.split("/")
    written = [f"{{{step[1:]}}}" if step[:1] == ":" and step[1:] else step for step in steps]
    if steps[-1][:1] == "*":
        written[-1] = f"{{*{steps[-1][1:] or 'rest'}}}"
    if written != steps:
        section["path"] = "/".join(written)
        yield f"supergraph.path is written {section['path']} now"


def _find(value: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The places that `path` names, `*` for any key."""
    if not path:
        yield ()
    elif isinstance(value, dict):
        for key in list(value) if path[0] == ANY_NAME else [path[0]]:
            if key in value:
                yield from ((key, *rest) for rest in _find(value[key], path[1:]))


def _look(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    for key in path:
        value = value[key]
    return value


def _take(value: JsonObject, path: tuple[str, ...]) -> JsonValue:
    """Remove what is at `path`, and the mappings that are empty without it."""
    *above, last = path
    parents = [_look(value, tuple(above[:depth])) for depth in range(len(above) + 1)]
    taken = parents[-1].pop(last)
    for parent, key in zip(reversed(parents[:-1]), reversed(above), strict=True):
        if not parent[key]:
            del parent[key]
    return taken


def _put(value: JsonObject, path: list[str], what: JsonValue) -> bool:
    """Put `what` at `path`; what stands there already stays, mappings are put together."""
    *above, last = path
    for key in above:
        inner = value.setdefault(key, {})
        if not isinstance(inner, dict):
            return False
        value = inner
    there = value.get(last)
    if isinstance(there, dict) and isinstance(what, dict):
        put = [_put(there, [key], inner) for key, inner in what.items()]
        return all(put)
    if there is not None:
        return False
    value[last] = what
    return True
