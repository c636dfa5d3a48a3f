"""How to live without each option of Apollo Router's that has no effect here, by its name: said at the start, and in the reference."""

_REST = "REST sources are not asked here; put a GraphQL server in front of them"
_PLANNER = "the planner has bounds of its own and refuses what is past them"

WITHOUT: dict[str, str] = {
    "authentication.connector": _REST,
    "connectors": _REST,
    "coprocessor.connector": _REST,
    "headers.connector": _REST,
    "telemetry.instrumentation.events.connector": _REST,
    "telemetry.instrumentation.instruments.connector": _REST,
    "telemetry.instrumentation.spans.connector": _REST,
    "tls.connector": _REST,
    "traffic_shaping.connector": _REST,
    "coprocessor.client": "a coprocessor is asked over HTTP/1.1, by connections that are kept",
    "enhanced_client_awareness": "the library that a client names is told to Apollo's Studio alone",
    "experimental_chaos": "`python -m bench.reloads` reloads a router under load",
    "experimental_diagnostics": "py-spy and memray look into a running Python process",
    "experimental_hoist_orphan_errors": "an error of an entity is told at every place where that entity stands",
    "experimental_type_conditioned_fetching": "plans say for which types of objects a fetch is, wherever it is not for all",
    "fleet_detector": "nothing is ever told to Apollo",
    "license_enforcement": "there is no licence to enforce",
    "progressive_override": "labels `percent(n)` are drawn for each request; others are on where a hook says so (docs/hooks.md)",
    "rhai": "write hooks in Python (docs/hooks.md), or a coprocessor",
    "server.http.tls_handshake_timeout": "a handshake may take a minute, the event loop's own bound",
    "subscription": "subscriptions are not federated; the subgraph that has them can be asked itself",
    "supergraph.early_cancel": "an operation whose client has gone runs to its end",
    "supergraph.enable_result_coercion_errors": "what a subgraph answers against its schema is in extensions.valueCompletion",
    "supergraph.experimental_log_on_broken_pipe": "a client that has gone is a request with status 499 in metrics and log lines",
    "supergraph.generate_query_fragments": "switch on apq.subgraph, or compression, where operations are too long",
    "supergraph.query_planning.cache.redis": "plans are kept in memory, and made again before a reload takes requests",
    "supergraph.query_planning.experimental_cooperative_cancellation": _PLANNER,
    "supergraph.query_planning.experimental_paths_limit": _PLANNER,
    "telemetry.exporters.metrics.otlp.batch_processor.max_concurrent_exports": "one thread sends all metrics at once",
    "telemetry.exporters.tracing.common.preview_datadog_agent_sampling": "let the agent sample, with sampler always_on here",
    "telemetry.exporters.tracing.datadog.batch_processor.max_concurrent_exports": "one batch is sent after the other",
    "telemetry.exporters.tracing.otlp.batch_processor.max_concurrent_exports": "one batch is sent after the other",
    "telemetry.exporters.tracing.propagation.aws_xray": "X-Ray reads W3C's traceparent, which trace_context sends",
    "telemetry.exporters.tracing.zipkin.batch_processor.max_concurrent_exports": "one batch is sent after the other",
    **{
        f"{cache}.{key}": sentence
        for cache in ("response_cache", "preview_entity_cache")
        for key, sentence in {
            "expose_keys_in_context": "keys are hashes of what is asked, and mean nothing elsewhere",
            "metrics": "apollo.router.operations.response_cache counts hits and misses by subgraph",
        }.items()
    },
}
