"""What is counted of requests that end badly, and told without a database."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from subgraphs.common import deadline
from subgraphs.common.database import Database
from subgraphs.common.deadline import Deadline
from subgraphs.common.metrics import Measured, Metrics
from tests.support.ports import free_ports


@pytest.fixture
def metrics() -> Metrics:
    (port,) = free_ports(1)
    return Metrics(
        Database(f"postgresql://nobody@127.0.0.1:{port}/nothing"), {"outbox": "SELECT count(*) FROM outbox"}
    )


async def get(app: ASGIApp, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


def count(metrics: Metrics, status: str) -> float | None:
    name = "subgraph_request_duration_seconds_count"
    return metrics._registry.get_sample_value(name, {"operation": "none", "status": status})


async def test_a_request_that_is_cut_off_and_one_that_fails_are_counted(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "REQUEST_S", 0.01)

    async def hang(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.Event().wait()

    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError

    for app, status in ((hang, 504), (fail, 500)):
        # Who is cut off is told first, and the work is undone after.
        has_ended = asyncio.Event()

        async def serve(*connection: Any, app: ASGIApp = app, has_ended: asyncio.Event = has_ended) -> None:
            try:
                await Measured(app, metrics)(*connection)
            finally:
                has_ended.set()

        for path in ("/graphql", "/health"):
            assert (await get(Deadline(serve), path)).status_code == status
            await has_ended.wait()
            assert count(metrics, str(status)) == 1


async def test_without_a_database_the_rest_is_told(metrics: Metrics) -> None:
    app = FastAPI()
    app.include_router(metrics.build_router())
    response = await get(app, "/metrics")
    assert response.status_code == 200
    assert 'subgraph_database_connections{state="used"} 0.0' in response.text
    assert "outbox" not in response.text
