"""Traces: each request, from the router's span on, down to its SQL. Only where OpenTelemetry's variables ask for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI

from subgraphs.common.database import Database

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
NOT_TRACED = "health"
FLUSH_TIMEOUT_MS = 5_000


def is_traced(environ: Mapping[str, str]) -> bool:
    """Whether a collector is named, and tracing not switched off."""
    is_disabled = environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not is_disabled and any(environ.get(name) for name in ENDPOINTS)


def trace_requests(app: FastAPI, name: str, database: Database) -> Callable[[], Awaitable[None]]:
    """Trace what `app` and `database` do; gives what sends the rest in the end.

    The exporter reads its settings from OpenTelemetry's own variables.
    """
    # Who does not trace imports none of it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware  # noqa: PLC0415
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    app.add_middleware(
        OpenTelemetryMiddleware,
        tracer_provider=provider,
        excluded_urls=NOT_TRACED,
        # A span for each part of a body says nothing.
        exclude_spans=["receive", "send"],
    )
    # It names 2.0 as the last version that it was tried with; the events of engines that it uses are those of 2.1, and
    # tests/subgraph/common tries it with ours.
    SQLAlchemyInstrumentor().instrument(
        engine=database.engine.sync_engine, tracer_provider=provider, skip_dep_check=True
    )

    async def send_rest() -> None:
        await asyncio.to_thread(provider.force_flush, FLUSH_TIMEOUT_MS)

    return send_rest
