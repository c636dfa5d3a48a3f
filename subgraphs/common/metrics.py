"""Metrics of a subgraph in Prometheus' form, at /metrics: its requests, its connections, what waits to be done.

Requests are counted as they end; the rest is looked at when somebody asks. The registry is the application's.
"""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from subgraphs.common.database import Database
from subgraphs.common.deadline import get_progress
from subgraphs.common.errors import UnavailableError

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 8.0)
"""Seconds; the last is when a request is cut off."""
_CUT_OFF = 504
_BROKEN = 500
_NO_FIELD = "none"


class Metrics:
    """The metrics of one process on one database; `queues` are the statements that count what waits, by name."""

    def __init__(self, database: Database, queues: Mapping[str, str]) -> None:
        """Make the registry."""
        self._database = database
        self._queues = queues
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "subgraph_request_duration_seconds",
            "GraphQL requests, by their first root field and HTTP status.",
            ("operation", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )

    def build_router(self) -> APIRouter:
        """Give the route for Prometheus."""
        router = APIRouter()

        @router.get("/metrics")
        async def tell() -> PlainTextResponse:
            shown = _Shown(self._show_connections(), await self._show_waiting())
            body = generate_latest(self._registry) + generate_latest(shown)
            return PlainTextResponse(body, media_type=CONTENT_TYPE_LATEST)

        return router

    def _show_connections(self) -> GaugeMetricFamily:
        pool = self._database.pool
        values = {"used": pool.checkedout(), "idle": pool.checkedin()}
        return _build_gauge("subgraph_database_connections", "The connections of the pool.", "state", values)

    async def _show_waiting(self) -> GaugeMetricFamily:
        """How much waits; nothing is known of it while the database does not answer."""
        counted: dict[str, int] = {}
        with suppress(UnavailableError):
            async with self._database.read() as session:
                for name, statement in self._queues.items():
                    counted[name] = (await session.execute(text(statement))).scalar_one()
        return _build_gauge("subgraph_waiting", "What is yet to be done, or to be paid.", "queue", counted)


class Measured:
    """Measures the requests to /graphql; inside of `Deadline`, which notes how far they came."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Take the application, and where to count."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when it has ended, however it has."""
        if scope["type"] != "http" or scope["path"] != "/graphql":
            await self._app(scope, receive, send)
            return
        status = _CUT_OFF

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, note_status)
        except Exception:
            status = _BROKEN
            raise
        finally:
            operation = get_progress().operation or _NO_FIELD
            self._metrics.requests.labels(operation, status).observe(time.perf_counter() - began)


class _Shown(Collector):
    def __init__(self, *families: GaugeMetricFamily) -> None:
        self._families = families

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """What was looked at."""
        return self._families


def _build_gauge(name: str, meaning: str, label: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, meaning, labels=[label])
    for key, value in values.items():
        gauge.add_metric([key], value)
    return gauge
