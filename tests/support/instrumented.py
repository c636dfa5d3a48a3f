"""A router over the small graph with telemetry of the test's choice, and what it has told."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
from msgspec.structs import replace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.kit.json import JsonObject
from tests.support.small_graph import SmallGraph

BOTH = "query Q($n: Int) { products(first: $n) { name seller { name } } }"
PROMETHEUS = {"metrics": {"prometheus": {"enabled": True, "listen": "127.0.0.1:4000"}}}
TRACES = {"tracing": {"otlp": {"enabled": True}}}


class Recording:
    """Subgraphs that remember headers; `fault` stands for what users answers."""

    def __init__(self, fault: Exception | SubgraphAnswer | None = None) -> None:
        self.inner, self.fault = SmallGraph().transport, fault
        self.sent: list[dict[str, str]] = []

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer one request."""
        self.sent.append(dict(request.headers))
        if request.subgraph == "users" and self.fault is not None:
            if isinstance(self.fault, Exception):
                raise self.fault
            return self.fault
        answer = await self.inner.send(request)
        return replace(answer, headers={**answer.headers, "x-region": "eu"})

    async def close(self) -> None:
        """Nothing to let go of."""


class Spans:
    """The attributes of spans that have ended, by their names."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()

    def all(self, name: str) -> list[dict[str, Any]]:
        """Of each."""
        return [
            dict(span.attributes or {}) for span in self.exporter.get_finished_spans() if span.name == name
        ]

    def __call__(self, name: str) -> dict[str, Any]:
        """Of the first."""
        return self.all(name)[0]


async def ask(
    query: str = BOTH,
    *,
    exporters: JsonObject = TRACES,
    headers: Mapping[str, str] | None = None,
    transport: SubgraphTransport | None = None,
    then: str | None = None,
    times: int = 1,
    config: JsonObject | None = None,
    scope: Mapping[str, Any] | None = None,
    **instrumentation: Any,
) -> httpx.Response:
    """The answer, or what `then` is answered after it; `config` is the rest of it, `scope` of what the server says."""
    telemetry = {"exporters": exporters, "instrumentation": instrumentation}
    app = SmallGraph().build_app(
        {**(config or {}), "telemetry": telemetry}, transport=transport or Recording()
    )

    async def serve(given: Any, receive: Any, send: Any) -> None:
        await app({**given, **(scope or {})}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(serve), base_url="http://router") as client:
        for _ in range(times):
            answer = await client.post("/", json={"query": query, "variables": {"n": 1}}, headers=headers)
        if then is not None:
            answer = await client.get(then)
    await app.close()
    return answer


def read_samples(text: str) -> dict[str, float]:
    """The values in Prometheus' text, by names with labels."""
    samples = re.findall(r"^([a-zA-Z_0-9]+(?:\{[^\n]*\})?) ([0-9.e+-]+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in samples}
