"""Assembly: a supergraph and a configuration become one ASGI application. The only place where rooms meet."""

import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from router.config.persisted_yaml import load_manifests
from router.config.plugins_yaml import load_plugins
from router.config.policies import load_policies
from router.config.problems import ConfigurationError
from router.config.redis_yaml import check_redis
from router.config.router_yaml import RouterConfig, read_router_config
from router.config.traffic_yaml import load_key_function
from router.coprocessor import build_plugin as build_coprocessor
from router.executor.execute import Executor
from router.executor.hooks import SubgraphHooks
from router.executor.interpret.typenames import read_typenames
from router.executor.layers import Layer
from router.executor.memory import AsgiApp, MemoryTransport, mount_asgi
from router.executor.response_cache.build import build_response_cache
from router.executor.response_cache.layer import ResponseCache
from router.executor.response_headers import PROPAGATE_CACHE_CONTROL, HeaderCollector
from router.executor.transport import SubgraphTransport
from router.executor.transports import (
    TransportBySubgraph,
    build_http_transport,
    shape_bodies,
    shape_given_transport,
)
from router.executor.uploads import send_files
from router.hooks.chain import HookChain, build_chain
from router.hooks.plugin import Plugin
from router.kit.did_you_mean import suggest
from router.kit.json import JsonValue
from router.kit.redis_options import RedisOptions
from router.pipeline.automatic_queries import LayeredQueryStore, MemoryQueryStore, QueryStore
from router.pipeline.caches import OperationCaches
from router.pipeline.costs import DemandControl
from router.pipeline.deadline import Deadlines
from router.pipeline.generation import (
    Generation,
    KeyStore,
    PolicyFunction,
    leave_uncounted,
    leave_untraced,
    never,
)
from router.planner.planner import Planner
from router.policy.options import AutomaticQueryOptions, JwtOptions
from router.server.asgi import RouterApp
from router.server.coprocessor_poster import CoprocessorPoster
from router.server.http import HttpServer
from router.server.telemetry import Telemetry, build_telemetry
from router.supergraph.api_schema import allow_defer
from router.supergraph.cost import read_cost_rules
from router.supergraph.model import Supergraph

logger = logging.getLogger(__name__)


def create_app(
    supergraph: Supergraph | str | Path,
    *,
    config: RouterConfig | Mapping[str, JsonValue] | None = None,
    transport: SubgraphTransport | None = None,
    mounted: Mapping[str, AsgiApp] | None = None,
    policies: Mapping[str, PolicyFunction] | None = None,
    plugins: Mapping[str, Plugin] | None = None,
) -> RouterApp:
    """A router for `supergraph`: serve it with any ASGI server, or mount it in FastAPI or Starlette.

    Args:
        supergraph: a composed schema: read already, as SDL text, or as the path of a file.
        config: what `router.yaml` would say; None for Apollo Router's defaults.
        transport: reaches the subgraphs; None for HTTP to the URLs in the supergraph.
        mounted: subgraphs that are ASGI applications in this process, by name. They are called without a socket, at the
            paths of their URLs. Nobody but you starts and ends them (ASGI's lifespan).
        policies: functions that decide `@policy`, beside those that `config` names.
        plugins: hooks by names for messages, after those that `config` names.

    Raises:
        ConfigurationError: something in `config` is not understood, or fits no subgraph.
    """
    if isinstance(supergraph, Path):
        supergraph = supergraph.read_text("utf-8")
    if isinstance(supergraph, str):
        supergraph = Supergraph.read(supergraph)
    if not isinstance(config, RouterConfig):
        config = read_router_config(dict(config or {}), os.environ)
    if mounted or transport is not None:
        transport = build_transport(supergraph, config, transport=transport, mounted=mounted)
    return RouterApp(
        build_server(supergraph, config, transport=transport, policies=policies, plugins=plugins)
    )


def build_server(
    supergraph: Supergraph,
    config: RouterConfig,
    *,
    transport: SubgraphTransport | None = None,
    policies: Mapping[str, PolicyFunction] | None = None,
    plugins: Mapping[str, Plugin] | None = None,
) -> HttpServer:
    """Everything that serves one supergraph with one configuration; a reload builds a new one.

    Raises:
        ConfigurationError: the configuration fits no such supergraph.
    """
    for warning in find_unknown_subgraphs(supergraph, config):
        logger.warning("%s", warning)
    check_redis(_find_redis_options(config))
    telemetry = build_telemetry(config.telemetry, config.instrumentation)
    hooks = build_chain({**build_plugins(supergraph, config, telemetry), **(plugins or {})})
    generation = build_generation(
        supergraph,
        config,
        transport or build_transport(supergraph, config),
        policies,
        hooks=hooks,
        telemetry=telemetry,
    )
    key_function = load_key_function(config.server.admission)
    is_forwarded = partial(config.executor.headers.reads, client_headers=config.pipeline.client_headers)
    return HttpServer(generation, config.server, is_forwarded, key_function, telemetry)


def build_plugins(
    supergraph: Supergraph, config: RouterConfig, telemetry: Telemetry | None = None
) -> dict[str, Plugin]:
    """The plugins that the configuration names, the coprocessor last, as in Apollo Router.

    Raises:
        ConfigurationError: one cannot be loaded.
    """
    plugins = load_plugins(config.plugins.factories)
    if config.coprocessor is not None:
        urls = {each.name: config.subgraph_urls.get(each.name, each.url) for each in supergraph.subgraphs}
        timeout_s = config.coprocessor.timeout_s
        plugins["coprocessor"] = build_coprocessor(
            config.coprocessor,
            lambda url: CoprocessorPoster(url, timeout_s),
            supergraph.sdl,
            urls,
            telemetry.note_coprocessor if telemetry is not None else None,
        )
    return plugins


def build_generation(
    supergraph: Supergraph,
    config: RouterConfig,
    transport: SubgraphTransport,
    policies: Mapping[str, PolicyFunction] | None,
    *,
    hooks: HookChain | None,
    telemetry: Telemetry | None,
) -> Generation:
    """The rooms that answer requests, put together."""
    options, api_schema = config.pipeline, supergraph.api_schema
    cache = _build_cache(supergraph, config, telemetry)
    collector = _build_collector(config)
    layers = _build_layers(config, collector, cache, hooks, telemetry)
    demand = None
    if options.demand is not None:
        prices = read_cost_rules(supergraph.document)
        demand = DemandControl(options.demand, prices, supergraph.root_types, options.plan_cache_size)
        transport = demand.measure(transport)
    named = load_policies(options.authorization.policies)
    noted = telemetry.find_noted(api_schema) if telemetry is not None else None
    tracing = telemetry.tracing if telemetry is not None else None
    metrics = telemetry.metrics if telemetry is not None else None
    return Generation(
        api_schema=allow_defer(api_schema) if options.is_defer_supported else api_schema,
        access=supergraph.access,
        planner=Planner(supergraph, options.planner),
        executor=Executor(read_typenames(supergraph.document), transport, config.executor, layers=layers),
        transport=transport,
        options=options,
        caches=OperationCaches(options.plan_cache_size),
        deadlines=Deadlines(options.timeout_s),
        demand=demand,
        queries=_build_query_store(options.apq) if options.apq is not None else None,
        persisted=load_manifests(options.persisted.manifests) if options.persisted.is_enabled else None,
        keys=_build_key_store(options.jwt) if options.jwt is not None else None,
        policies={**named, **(policies or {})},
        hooks=hooks,
        response_headers=collector,
        response_cache=cache,
        batching=None if config.executor.batching.is_off else config.executor.batching,
        needs_context=hooks is not None
        or bool(layers)
        or noted is not None
        or config.executor.headers.reads_context,
        noted=noted,
        is_foreseen=_is_foreseen(hooks, telemetry),
        traced=tracing.traced if tracing is not None else leave_untraced,
        is_traced=tracing.is_traced if tracing is not None else never,
        counted=metrics.count_flagged if metrics is not None else leave_uncounted,
    )


def _build_cache(
    supergraph: Supergraph, config: RouterConfig, telemetry: Telemetry | None
) -> ResponseCache | None:
    options, jwt = config.executor.response_cache, config.pipeline.jwt
    if options is None:
        return None
    count = telemetry.find_cache_count() if telemetry is not None else None
    credentials = config.executor.headers.find_credentials(
        jwt.header_names if jwt is not None else frozenset()
    )
    return build_response_cache(options, supergraph, credentials, count)


def _build_collector(config: RouterConfig) -> HeaderCollector | None:
    rules = config.executor.response_headers
    if config.executor.response_cache is not None:
        # Clients are told how long they may keep what is made of kept answers.
        rules = replace(rules, all=(PROPAGATE_CACHE_CONTROL, *rules.all))
    return None if rules.is_empty else HeaderCollector(rules)


def _build_layers(
    config: RouterConfig,
    collector: HeaderCollector | None,
    cache: ResponseCache | None,
    hooks: HookChain | None,
    telemetry: Telemetry | None,
) -> list[Layer]:
    """What is around each fetch, outermost first."""
    layers: list[Layer] = [] if collector is None else [collector]
    layers += telemetry.outer if telemetry is not None else ()
    if hooks is not None and hooks.subgraph is not None:
        layers.append(SubgraphHooks(hooks.subgraph))
    layers += [cache] if cache is not None else []
    layers += telemetry.inner if telemetry is not None else ()
    layers += [send_files] if config.server.uploads is not None else []
    return layers


def _is_foreseen(hooks: HookChain | None, telemetry: Telemetry | None) -> bool:
    is_hooked = hooks is not None and hooks.supergraph is not None and hooks.supergraph.has_request_hooks
    return is_hooked or (telemetry is not None and telemetry.instrumentation.supergraph.tells_of_requests)


def _build_key_store(options: JwtOptions) -> KeyStore:
    # With cryptography and a client it is 15 MB.
    from router.server.jwks import JwksStore  # noqa: PLC0415

    return JwksStore(options.jwks)


def _build_query_store(options: AutomaticQueryOptions) -> QueryStore:
    near = MemoryQueryStore(options.memory_max)
    if options.redis is None:
        return near
    from router.server.redis_queries import RedisQueryStore  # noqa: PLC0415 -- its library is optional

    return LayeredQueryStore(near, RedisQueryStore(options.redis))


def _find_redis_options(config: RouterConfig) -> list[tuple[str, RedisOptions | None]]:
    """Every Redis that is used, by its place in the configuration."""
    apq, cache = config.pipeline.apq, config.executor.response_cache
    rate = config.server.admission.client_rate
    return [
        ("apq.router.cache.redis", apq.redis if apq is not None else None),
        ("response_cache.subgraph.all.redis", cache.redis if cache is not None else None),
        ("traffic_shaping.router.client_rate_limit.redis", rate.redis if rate is not None else None),
        *(
            (f"response_cache.subgraph.subgraphs.{name}.redis", redis)
            for name, redis in (cache.subgraph_redis if cache is not None else {}).items()
        ),
    ]


def build_transport(
    supergraph: Supergraph,
    config: RouterConfig,
    *,
    transport: SubgraphTransport | None = None,
    mounted: Mapping[str, AsgiApp] | None = None,
) -> SubgraphTransport:
    """Calls to what is `mounted`; to the others `transport`, else HTTP at the configuration's or the supergraph's URLs.

    Raises:
        ConfigurationError: something is mounted that is no subgraph.
    """
    mounted = mounted or {}
    urls = {each.name: config.subgraph_urls.get(each.name, each.url) for each in supergraph.subgraphs}
    unknown = [
        f"mounted[{name!r}]: there is no such subgraph.{suggest(name, urls)}"
        for name in mounted
        if name not in urls
    ]
    if unknown:
        raise ConfigurationError(unknown)
    paths = {name: urlsplit(urls.pop(name)).path or "/" for name in mounted}
    traffic = config.executor.traffic
    if transport is None:
        executor = config.executor
        remote = build_http_transport(urls, traffic, executor.tls, executor.signing).transports
    else:
        remote = shape_given_transport(urls, transport, traffic)
    local = MemoryTransport({name: mount_asgi(app, paths[name]) for name, app in mounted.items()})
    transports = {**remote, **shape_given_transport(mounted, local, traffic)}
    return TransportBySubgraph(
        shape_bodies(transports, config.executor.batching, config.executor.automatic_queries)
    )


def find_unknown_subgraphs(supergraph: Supergraph, config: RouterConfig) -> list[str]:
    """A sentence for each setting of a subgraph that does not exist.

    It is no fault that keeps a router from serving: a supergraph may lose a subgraph before its configuration does, and
    a reload that is refused for that would go on calling it.
    """
    known = {each.name for each in supergraph.subgraphs}
    executor, demand = config.executor, config.pipeline.demand
    named = {
        "override_subgraph_url": config.subgraph_urls,
        "headers.subgraphs": executor.headers.subgraphs,
        "traffic_shaping.subgraphs": executor.traffic.subgraphs,
        "tls.subgraph.subgraphs": executor.tls.subgraphs,
        "apq.subgraph.subgraphs": executor.automatic_queries.subgraphs,
        "authentication.subgraph.subgraphs": executor.signing.subgraphs,
        "batching.subgraph.subgraphs": executor.batching.subgraphs,
        "include_subgraph_errors.subgraphs": executor.error_exposure.subgraphs,
        "response_cache.subgraph.subgraphs": executor.response_cache.subgraphs
        if executor.response_cache
        else (),
        "demand_control.strategy.static_estimated.subgraph.subgraphs": demand.subgraphs
        if demand is not None
        else (),
    }
    return [
        f"{section}.{name} has no effect: there is no such subgraph.{suggest(name, known)}"
        for section, names in named.items()
        for name in names
        if name not in known
    ]
