"""Assembly: a supergraph and a configuration become one ASGI application. The only place where rooms meet."""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from graphql import DocumentNode, parse, validate

from router.checks import Candidate, Check, CheckError, Graph, check_candidate, read_client_operations
from router.composition.compose import Composition
from router.composition.compose import compose as compose_subgraphs
from router.composition.contract import Contract, build_contract
from router.composition.report import CompositionError, CompositionHint
from router.composition.subgraph import SubgraphSource
from router.config.plugins_yaml import load_plugins
from router.config.policies import load_policies
from router.config.problems import ConfigurationError
from router.config.router_yaml import RouterConfig, read_router_config
from router.config.supergraph_yaml import SupergraphConfig, read_supergraph_config
from router.config.traffic_yaml import load_key_function
from router.coprocessor import build_plugin as build_coprocessor
from router.executor.execute import Executor
from router.executor.hooks import SubgraphHooks
from router.executor.interpret.typenames import read_typenames
from router.executor.layers import Layer
from router.executor.memory import AsgiApp, MemoryTransport, mount_asgi
from router.executor.response_cache.build import build_response_cache
from router.executor.response_headers import PROPAGATE_CACHE_CONTROL, HeaderCollector
from router.executor.transport import SubgraphTransport
from router.executor.transports import TransportBySubgraph, build_http_transport, shape_given_transport
from router.hooks.chain import HookChain, build_chain
from router.hooks.plugin import Plugin
from router.kit.did_you_mean import suggest
from router.kit.json import JsonValue
from router.pipeline.caches import OperationCaches
from router.pipeline.deadline import Deadlines
from router.pipeline.generation import Generation, PolicyFunction
from router.planner.planner import Planner
from router.query_plan.nodes import QueryPlan
from router.server.asgi import RouterApp
from router.server.http import HttpServer
from router.server.jwks import JwksStore
from router.server.telemetry import Telemetry, build_telemetry
from router.supergraph.contracts import TagFilter
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
    check_subgraph_names(supergraph, config)
    hooks = build_chain({**build_plugins(supergraph, config), **(plugins or {})})
    telemetry = build_telemetry(config.telemetry)
    generation = build_generation(
        supergraph,
        config,
        transport or build_transport(supergraph, config),
        policies,
        hooks=hooks,
        telemetry=telemetry,
    )
    key_function = load_key_function(config.server.admission)
    return HttpServer(generation, config.server, config.executor.headers.reads, key_function, telemetry)


def build_plugins(supergraph: Supergraph, config: RouterConfig) -> dict[str, Plugin]:
    """The plugins that the configuration names, the coprocessor last, as in Apollo Router.

    Raises:
        ConfigurationError: one cannot be loaded.
    """
    plugins = load_plugins(config.plugins.factories)
    if config.coprocessor is not None:
        urls = {each.name: config.subgraph_urls.get(each.name, each.url) for each in supergraph.subgraphs}
        plugins["coprocessor"] = build_coprocessor(config.coprocessor, supergraph.sdl, urls)
    return plugins


def build_generation(
    supergraph: Supergraph,
    config: RouterConfig,
    transport: SubgraphTransport,
    policies: Mapping[str, PolicyFunction] | None = None,
    *,
    hooks: HookChain | None = None,
    telemetry: Telemetry | None = None,
) -> Generation:
    """The rooms that answer requests, put together."""
    options = config.pipeline
    rules, caching = config.executor.response_headers, config.executor.response_cache
    cache = None
    if caching is not None:
        # Clients are told how long they may keep what is made of kept answers.
        rules = replace(rules, all=(PROPAGATE_CACHE_CONTROL, *rules.all))
        cache = build_response_cache(caching, telemetry.find_cache_count() if telemetry is not None else None)
    collector = None if rules.is_empty else HeaderCollector(rules)
    layers: list[Layer] = [] if collector is None else [collector]
    layers += telemetry.outer if telemetry is not None else ()
    if hooks is not None and hooks.subgraph is not None:
        layers.append(SubgraphHooks(hooks.subgraph))
    layers += [cache] if cache is not None else []
    layers += telemetry.inner if telemetry is not None else ()
    named = load_policies(options.authorization.policies)
    more = {} if telemetry is None else {"traced": telemetry.traced}
    return Generation(
        api_schema=supergraph.api_schema,
        access=supergraph.access,
        planner=Planner(supergraph),
        executor=Executor(read_typenames(supergraph.document), transport, config.executor, layers=layers),
        transport=transport,
        options=options,
        caches=OperationCaches(options.plan_cache_size),
        deadlines=Deadlines(options.timeout_s),
        keys=JwksStore(options.jwt.jwks) if options.jwt is not None else None,
        policies={**named, **(policies or {})},
        hooks=hooks,
        response_headers=collector,
        response_cache=cache,
        needs_context=hooks is not None or bool(layers) or config.executor.headers.reads_context,
        **more,
    )


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
        remote = build_http_transport(urls, traffic, config.executor.tls).transports
    else:
        remote = shape_given_transport(urls, transport, traffic)
    local = MemoryTransport({name: mount_asgi(app, paths[name]) for name, app in mounted.items()})
    return TransportBySubgraph({**remote, **shape_given_transport(mounted, local, traffic)})


def check_subgraph_names(supergraph: Supergraph, config: RouterConfig) -> None:
    """Refuse settings for subgraphs that do not exist: a misspelt name would leave them without effect.

    Raises:
        ConfigurationError: there are such.
    """
    known = {each.name for each in supergraph.subgraphs}
    executor = config.executor
    named = {
        "override_subgraph_url": config.subgraph_urls,
        "headers.subgraphs": executor.headers.subgraphs,
        "traffic_shaping.subgraphs": executor.traffic.subgraphs,
        "tls.subgraph.subgraphs": executor.tls.subgraphs,
        "include_subgraph_errors.subgraphs": executor.error_exposure.subgraphs,
        "response_cache.subgraph.subgraphs": executor.response_cache.subgraphs
        if executor.response_cache
        else (),
    }
    problems = [
        f"{section}.{name}: there is no such subgraph.{suggest(name, known)}"
        for section, names in named.items()
        for name in names
        if name not in known
    ]
    if problems:
        raise ConfigurationError(problems)


def compose_file(path: Path) -> Composition:
    """Compose the subgraphs that a `supergraph.yaml` names.

    Raises:
        ConfigurationError: the file is not understood, or a schema cannot be had.
        OSError: the file cannot be read.
    """
    return compose(read_supergraph_config(path))


def describe_finding(finding: CompositionError | CompositionHint) -> str:
    """One line for people: code, message and where in which subgraph."""
    places = [f"{each.file}:{each.line}:{each.column}" for each in finding.locations]
    return f"{finding.code}: {finding.message}" + (f" ({', '.join(places)})" if places else "")


def compose(subgraphs: Mapping[str, str] | SupergraphConfig | Iterable[SubgraphSource]) -> Composition:
    """Compose subgraphs: their SDL by name, those of a `supergraph.yaml`, or with URLs as `SubgraphSource`s.

    The result holds the supergraph and hints, or every error found; nothing is raised for what is in the SDLs.

    Raises:
        TypeError: a subgraph or its SDL is something else.
        ValueError: two subgraphs have the same name.
    """
    return compose_subgraphs(_read_sources(subgraphs))


def _read_sources(
    subgraphs: Mapping[str, str] | SupergraphConfig | Iterable[SubgraphSource],
) -> list[SubgraphSource]:
    if isinstance(subgraphs, Mapping):
        sources = [SubgraphSource(name, "", sdl) for name, sdl in subgraphs.items()]
    elif isinstance(subgraphs, SupergraphConfig):
        sources = list(subgraphs.subgraphs)
    else:
        sources = list(subgraphs)
    for source in sources:
        if not isinstance(source, SubgraphSource):
            raise TypeError(
                f"A subgraph is a SubgraphSource, or its SDL by name, not {type(source).__name__}."
            )
        for what, text in (("name", source.name), ("URL", source.url), ("SDL", source.sdl)):
            if not isinstance(text, str):
                raise TypeError(
                    f"The {what} of a subgraph is a string, not {type(text).__name__}: {source.name!r}."
                )
    return sources


GraphSource: TypeAlias = (
    Supergraph | Composition | str | Mapping[str, str] | SupergraphConfig | Iterable[SubgraphSource]
)
"""A supergraph: read already, as it was composed, or as SDL text; or the subgraphs, in any form that `compose` takes."""


def check(
    graph: GraphSource,
    *,
    against: GraphSource,
    operations: Mapping[str, str] | None = None,
    exported: Mapping[str, str] | None = None,
) -> Check:
    """Tell what a new graph changes for the clients of a published one.

    Args:
        graph: what is to be published. With subgraphs, findings have their places in the subgraphs' files.
        against: what is published.
        operations: GraphQL texts with the clients' operations, by their names for messages; they may share fragments.
            None if nobody knows them: then every element counts as used. `read_operations` reads them from files.
        exported: the SDL that the code of subgraphs exports, by their names, to be compared with what is in `graph`.

    Raises:
        CheckError: the operations cannot be read, or what is published does not compose.
        SupergraphError: a text is no supergraph.
        TypeError: as for `compose`.
        ValueError: as for `compose`.
    """
    known = read_client_operations(operations) if operations is not None else None
    published = _read_candidate(against)
    if published.graph is None:
        told = [
            f"what it is compared with does not compose: {describe_finding(each)}"
            for each in published.errors
        ]
        raise CheckError(told)
    return check_candidate(published.graph, _read_candidate(graph), operations=known, exported=exported)


def _read_candidate(given: GraphSource) -> Candidate:
    if isinstance(given, str):
        given = Supergraph.read(given)
    if isinstance(given, Supergraph):
        return Candidate(Graph(given))
    sources: tuple[SubgraphSource, ...] = ()
    if not isinstance(given, Composition):
        sources = tuple(_read_sources(given))
        given = compose_subgraphs(sources)
    if given.supergraph_sdl is None:
        return Candidate(None, sources, given.errors)
    return Candidate(Graph(Supergraph.read(given.supergraph_sdl), sources), sources, hints=given.hints)


def contract(
    supergraph: Supergraph | Composition | str,
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    hide_unreachable_types: bool = False,
) -> Contract:
    """The part of a supergraph that some of its clients get, by the `@tag`s of its elements.

    What is hidden becomes `@inaccessible` and stays known to the router, so a contract is served like any other
    supergraph. The result holds it, or every error found; that of a failed composition has the composition's errors.

    Args:
        supergraph: a composed schema: read already, as it was composed, or as SDL text.
        include: show only elements that have one of these tags, themselves or by their type; none for all.
        exclude: hide elements that have one of these tags, whatever others they have.
        hide_unreachable_types: hide types that no operation can reach any more.

    Raises:
        SupergraphError: the text is no supergraph.
        TypeError: tags are given as one string.
    """
    if isinstance(include, str) or isinstance(exclude, str):
        raise TypeError('Tags are given as a list: include=["public"].')
    if isinstance(supergraph, Composition):
        if supergraph.supergraph_sdl is None:
            return Contract(None, None, supergraph.errors, supergraph.hints)
        supergraph = supergraph.supergraph_sdl
    if isinstance(supergraph, str):
        supergraph = Supergraph.read(supergraph)
    tags = TagFilter(frozenset(include), frozenset(exclude))
    return build_contract(supergraph, tags, hide_unreachable_types=hide_unreachable_types)


def plan(
    supergraph: Supergraph, operation: str | DocumentNode, operation_name: str | None = None
) -> QueryPlan:
    """The plan of an operation, which is valid against the supergraph's API schema.

    Raises:
        GraphQLError: the operation is not valid; the first reason.
        PlanningError: there is no way to answer all of it.
    """
    document = parse(operation) if isinstance(operation, str) else operation
    errors = validate(supergraph.api_schema, document)
    if errors:
        raise errors[0]
    return Planner(supergraph).plan(document, operation_name)
