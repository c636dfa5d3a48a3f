"""Traces of a subgraph on a real Postgres: below the router's span the request's, below it each statement's."""

import httpx
from fastapi import FastAPI
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy import text
from starlette.responses import Response

from subgraphs.common.database import Database
from subgraphs.common.telemetry import trace_requests
from tests.support.json_server import serving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_statements_are_below_their_request(monkeypatch, fresh_postgres_url):
    spans = []

    async def collect(request):
        message = ExportTraceServiceRequest.FromString(await request.body())
        spans.extend(span for each in message.resource_spans for s in each.scope_spans for span in s.spans)
        return Response(b"")

    database = Database(fresh_postgres_url("traced"))
    app = FastAPI()

    @app.post("/graphql")
    async def graphql():
        async with database.read() as session:
            await session.execute(text("SELECT 41 + 1"))
        return {}

    async with serving(collect) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        send_rest = trace_requests(app, "products", database)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://s") as client:
            await client.post("/graphql", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
        await send_rest()
    # The instrumentation is the process's, as a subgraph is; the next test's is another.
    SQLAlchemyInstrumentor().uninstrument()
    await database.close()
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    (request,) = [span for span in spans if span.parent_span_id.hex() == PARENT]
    statements = [
        attribute.value.string_value
        for span in spans
        if span.parent_span_id == request.span_id
        for attribute in span.attributes
        if attribute.key in {"db.statement", "db.query.text"}
    ]
    assert "SELECT 41 + 1" in statements
