"""`router.yaml`: Apollo Router's configuration file, read into the options of each room.

Keys of Apollo's that have no effect here are accepted with a warning, so that a file can be moved as it
is; keys that nobody knows are refused, since a misspelt limit is no limit. Ours beside Apollo's are
`authorization.policies`, `headers.*.response`, `limits.max_repeats`, `limits.http_max_response_bytes`, `sandbox.studio`,
`supergraph.shutdown_delay`, and in `traffic_shaping` what docs/traffic.md names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from router.config.access_yaml import read_authentication, read_authorization
from router.config.browsers_yaml import read_cors, read_csrf
from router.config.coprocessor_yaml import read_coprocessor
from router.config.demand_yaml import read_demand_control
from router.config.describe import Description, Option
from router.config.expand import expand
from router.config.headers_yaml import read_headers
from router.config.instrumentation_yaml import read_instrumentation
from router.config.persisted_yaml import read_automatic_queries, read_persisted
from router.config.plugins_yaml import PluginsOptions, read_plugins
from router.config.problems import ConfigurationError
from router.config.response_cache_yaml import read_response_cache
from router.config.section import Findings, Section
from router.config.server_yaml import read_http, read_shutdown, read_tls
from router.config.subgraphs_yaml import read_error_exposure, read_switch
from router.config.telemetry_yaml import read_client_headers, read_telemetry
from router.config.traffic_yaml import read_traffic
from router.config.upgrade import upgrade
from router.config.yaml_text import add_lines, read_yaml
from router.coprocessor.options import CoprocessorOptions
from router.executor.options import (
    RESPONSE_BYTES_MAX,
    ErrorExposure,
    ErrorExposureOptions,
    ExecutorOptions,
    SubgraphSwitch,
)
from router.hooks.instrumentation import Instrumentation
from router.kit.json import JsonObject, JsonValue
from router.pipeline.options import PLAN_CACHE_SIZE, PipelineOptions
from router.planner.planner import PlannerOptions
from router.policy.options import LimitOptions
from router.server.options import BatchingOptions, HealthOptions, ServerOptions, UploadOptions
from router.server.paths import read_path
from router.server.readiness import ReadinessOptions
from router.telemetry.options import TelemetryOptions

UNSUPPORTED = (
    "connectors",
    "enhanced_client_awareness",
    "experimental_chaos",
    "experimental_diagnostics",
    "experimental_hoist_orphan_errors",
    "experimental_type_conditioned_fetching",
    "fleet_detector",
    "license_enforcement",
    "progressive_override",
    "rhai",
    "subscription",
)
"""Apollo's top-level keys that have no effect here yet."""

URLS: JsonObject = {
    "type": "object",
    "additionalProperties": {"type": "string", "pattern": "^(https?://|unix:///)|\\$\\{(env|file)\\."},
}

STUDIO = Path(__file__).resolve().parents[2] / "studio" / "dist"


@dataclass(frozen=True, slots=True)
class RouterConfig:
    """What a `router.yaml` says, by the room that obeys it.

    Attributes:
        subgraph_urls: URLs that replace the supergraph's, by subgraph.
        warnings: what was accepted and has no effect.
    """

    server: ServerOptions = field(default_factory=ServerOptions)
    pipeline: PipelineOptions = field(default_factory=PipelineOptions)
    executor: ExecutorOptions = field(default_factory=ExecutorOptions)
    subgraph_urls: Mapping[str, str] = field(default_factory=dict)
    plugins: PluginsOptions = field(default_factory=PluginsOptions)
    coprocessor: CoprocessorOptions | None = None
    telemetry: TelemetryOptions = field(default_factory=TelemetryOptions)
    instrumentation: Instrumentation = field(default_factory=Instrumentation)
    warnings: tuple[str, ...] = ()


def read_router_yaml(text: str, environment: Mapping[str, str]) -> RouterConfig:
    """The configuration in `text`; an empty one is Apollo's defaults.

    Raises:
        ConfigurationError: it is no YAML, or something in it is not understood; each problem begins with its line.
    """
    value = read_yaml(text)
    try:
        return read_router_config(value, environment)
    except ConfigurationError as error:
        raise ConfigurationError(add_lines(text, error.problems)) from None


def read_router_config(value: JsonValue, environment: Mapping[str, str]) -> RouterConfig:
    """The same from a mapping.

    Raises:
        ConfigurationError: something in it is not understood.
    """
    findings = Findings()
    value, changes = upgrade(value)
    findings.warnings += [
        f"{change}; `python -m router config upgrade` rewrites the file" for change in changes
    ]
    config = _read(Section(expand(value, environment, findings.problems), "", findings))
    if findings.problems:
        raise ConfigurationError(findings.problems)
    return replace(config, warnings=tuple(findings.warnings))


def describe_options() -> tuple[Option, ...]:
    """Every key that is read, in the order of reading: what the readers below ask for, and nothing besides."""
    description = Description()
    _read(description)
    return tuple(description.options.values())


def _read(section: Section) -> RouterConfig:
    timeout_s, dedupe, admission, traffic = read_traffic(section.section("traffic_shaping"))
    server_tls, tls = read_tls(section.section("tls"))
    limits_section = section.section("limits")
    batching, subgraph_batching = _read_batching(section.section("batching"))
    connection, trusted_proxies = read_http(section.section("server"), limits_section, timeout_s)
    response_bytes_max = limits_section.size("http_max_response_bytes", RESPONSE_BYTES_MAX)
    limits = _read_limits(limits_section)
    plugins, coprocessor = read_plugins(section), read_coprocessor(section)
    server, pipeline = _read_supergraph(section.section("supergraph"))
    server = replace(
        server,
        body_bytes_max=limits.http_max_request_bytes,
        studio=_read_studio(section),
        cors=read_cors(section.section("cors")),
        csrf=read_csrf(section.section("csrf")),
        health=_read_health(section.section("health_check")),
        connection=connection,
        trusted_proxies=trusted_proxies,
        dedupe=dedupe,
        admission=admission,
        batching=batching,
        tls=server_tls,
        uploads=_read_uploads(section.section("preview_file_uploads")),
    )
    telemetry_section = section.section("telemetry")
    jwt, signing = read_authentication(section.section("authentication"))
    apq, automatic_queries = read_automatic_queries(section.section("apq"))
    pipeline = replace(
        pipeline,
        timeout_s=timeout_s,
        limits=limits,
        apq=apq,
        persisted=read_persisted(section.section("persisted_queries"), has_automatic=apq is not None),
        demand=read_demand_control(section.section("demand_control")),
        jwt=jwt,
        authorization=read_authorization(section.section("authorization")),
        are_mutations_forbidden=section.boolean("forbid_mutations", default=False),
        is_plan_exposed=plugins.is_plan_exposed,
        client_headers=read_client_headers(telemetry_section.section("apollo")),
    )
    headers, response_headers = read_headers(section.section("headers"))
    executor = ExecutorOptions(
        headers=headers,
        response_headers=response_headers,
        traffic=traffic,
        tls=tls,
        signing=signing,
        error_exposure=read_error_exposure(section.section("include_subgraph_errors")),
        response_cache=read_response_cache(section),
        batching=subgraph_batching,
        automatic_queries=automatic_queries,
        response_bytes_max=response_bytes_max,
    )
    urls = _read_urls(section)
    telemetry = read_telemetry(telemetry_section)
    instrumentation = read_instrumentation(telemetry_section.section("instrumentation"))
    telemetry_section.finish()
    section.accept_unsupported(*UNSUPPORTED)
    section.finish()
    return RouterConfig(server, pipeline, executor, urls, plugins, coprocessor, telemetry, instrumentation)


def apply_development(config: RouterConfig) -> RouterConfig:
    """Apollo's `--dev`: introspection, the studio, subgraphs' errors and plans are shown."""
    return replace(
        config,
        server=replace(config.server, studio=config.server.studio or STUDIO),
        pipeline=replace(config.pipeline, is_introspection_enabled=True, is_plan_exposed=True),
        executor=replace(
            config.executor, error_exposure=ErrorExposureOptions(all=ErrorExposure(is_included=True))
        ),
    )


def _read_supergraph(section: Section) -> tuple[ServerOptions, PipelineOptions]:
    path = section.text("path", "/")
    try:
        read_path(path)
    except ValueError as error:
        section.fail("path", str(error))
        path = "/"
    planning = section.section("query_planning")
    cache = planning.section("cache")
    in_memory = cache.section("in_memory")
    size = in_memory.positive("limit", PLAN_CACHE_SIZE)
    cache.accept_unsupported("redis")
    planning.accept_unsupported(
        "experimental_paths_limit",
        "experimental_cooperative_cancellation",
    )
    server = ServerOptions(
        listen=section.text("listen", "127.0.0.1:4000"), path=path, shutdown=read_shutdown(section)
    )
    pipeline = PipelineOptions(
        is_introspection_enabled=section.boolean("introspection", default=False),
        is_defer_supported=section.boolean("defer_support", default=True),
        are_validation_errors_redacted=section.boolean("redact_query_validation_errors", default=False),
        are_unknown_fields_dropped=section.choice(
            "strict_variable_validation", "enforce", ("enforce", "measure")
        )
        == "measure",
        plan_cache_size=size,
        warmed_up_queries=planning.optional_count("warmed_up_queries"),
        planner=PlannerOptions(planning.count("experimental_plans_limit", PlannerOptions().steps_max)),
    )
    section.accept_unsupported(
        "early_cancel",
        "generate_query_fragments",
        "enable_result_coercion_errors",
        "experimental_log_on_broken_pipe",
    )
    for each in (in_memory, cache, planning, section):
        each.finish()
    return server, pipeline


def _read_limits(section: Section) -> LimitOptions:
    defaults = LimitOptions()
    limits = LimitOptions(
        http_max_request_bytes=section.size("http_max_request_bytes", defaults.http_max_request_bytes),
        parser_max_tokens=section.count("parser_max_tokens", defaults.parser_max_tokens),
        parser_max_recursion=section.count("parser_max_recursion", defaults.parser_max_recursion),
        max_depth=section.optional_count("max_depth"),
        max_height=section.optional_count("max_height"),
        max_root_fields=section.optional_count("max_root_fields"),
        max_aliases=section.optional_count("max_aliases"),
        max_repeats=section.optional_count("max_repeats", defaults.max_repeats),
        is_introspection_depth_limited=section.boolean("introspection_max_depth", default=True),
        is_warning_only=section.boolean("warn_only", default=False),
    )
    # HTTP/2 is not spoken to clients.
    section.accept_ignored("http2_max_headers_list_bytes")
    section.finish()
    return limits


def _read_health(section: Section) -> HealthOptions:
    readiness = section.section("readiness")
    interval = readiness.section("interval")
    sampling_s = interval.duration_s("sampling", ReadinessOptions().sampling_s)
    options = HealthOptions(
        is_enabled=section.boolean("enabled", default=True),
        path="/" + section.text("path", "/health").removeprefix("/"),
        listen=section.text("listen") or None,
        readiness=ReadinessOptions(
            allowed=readiness.count("allowed", ReadinessOptions().allowed),
            sampling_s=sampling_s,
            unready_s=interval.duration_s("unready", 2 * sampling_s),
        ),
    )
    for each in (interval, readiness, section):
        each.finish()
    return options


def _read_uploads(section: Section) -> UploadOptions | None:
    protocols = section.section("protocols")
    multipart = protocols.section("multipart")
    limits, defaults = multipart.section("limits"), UploadOptions()
    # Files are read before they are sent on.
    multipart.choice("mode", "stream", ("stream",))
    options = UploadOptions(
        limits.count("max_files", defaults.files_max), limits.size("max_file_size", defaults.file_bytes_max)
    )
    is_enabled = section.boolean("enabled", default=False)
    is_enabled &= multipart.boolean("enabled", default=True)
    for each in (limits, multipart, protocols, section):
        each.finish()
    return options if is_enabled else None


def _read_batching(section: Section) -> tuple[BatchingOptions, SubgraphSwitch]:
    is_enabled = section.boolean("enabled", default=False)
    section.choice("mode", "batch_http_link", ("batch_http_link",))
    size_max = section.optional_count("maximum_size", BatchingOptions().size_max)
    options = BatchingOptions(is_enabled, size_max)
    subgraphs = read_switch(section.section("subgraph"))
    section.finish()
    return options, subgraphs if is_enabled else SubgraphSwitch()


def _read_studio(section: Section) -> Path | None:
    """Apollo shows a homepage or its sandbox; both are the studio here."""
    homepage, sandbox = section.section("homepage"), section.section("sandbox")
    is_shown = sandbox.boolean("enabled", default=False)
    is_shown |= homepage.boolean("enabled", default=True)
    folder = sandbox.text("studio")
    homepage.accept_ignored("graph_ref")
    homepage.finish()
    sandbox.finish()
    if not is_shown:
        return None
    return Path(folder) if folder else STUDIO


def _read_urls(section: Section) -> dict[str, str]:
    urls = section.raw("override_subgraph_url", URLS)
    if urls is None:
        return {}
    if not isinstance(urls, dict) or not all(
        isinstance(url, str) and url.startswith(("http://", "https://", "unix:///")) for url in urls.values()
    ):
        section.fail(
            "override_subgraph_url", "must be a mapping of subgraphs to http://, https:// or unix:/// URLs"
        )
        return {}
    return {str(name): url for name, url in urls.items()}
