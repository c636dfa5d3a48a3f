"""Traces of a subgraph: where the router's goes on."""

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.responses import Response

from subgraphs.common.telemetry import is_traced, trace_requests
from tests.support.json_server import serving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "TRUE"}, False),
    ],
)
def test_a_collector_has_to_be_named(environ, expected):
    assert is_traced(environ) is expected


class OwnDatabase:
    """An engine with statements but without a Postgres: what is executed is never sent."""

    def __init__(self):
        self.engine = create_async_engine("postgresql+asyncpg://localhost/none")


async def test_a_request_goes_on_with_its_trace(monkeypatch):
    spans = []

    async def collect(request):
        message = ExportTraceServiceRequest.FromString(await request.body())
        for each in message.resource_spans:
            spans.extend((each.resource, span) for scope in each.scope_spans for span in scope.spans)
        return Response(b"")

    app = FastAPI()

    @app.post("/graphql")
    async def graphql():
        return {}

    @app.get("/health")
    async def health():
        return {}

    async with serving(collect) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        send_rest = trace_requests(app, "products", OwnDatabase())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://s") as client:
            await client.post("/graphql", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
            await client.get("/health")
        await send_rest()
    # The instrumentation is the process's, as a subgraph is; the next test's is another.
    SQLAlchemyInstrumentor().uninstrument()
    ((resource, span),) = spans
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert {each.key: each.value.string_value for each in resource.attributes}["service.name"] == "products"
