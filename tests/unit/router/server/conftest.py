"""Client connections run on two event loops: uvloop as served, asyncio's to be sure that nothing depends on it."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

from router.telemetry.tracing import Tracing
from tests.support.instrumented import Spans


def pytest_asyncio_loop_factories(
    config: pytest.Config,
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Name the event loops that a test runs on."""
    own: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    return own | ({"uvloop": uvloop.new_event_loop} if item.path.name == "test_connection.py" else {})


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Spans:
    """What is traced in the test."""
    found = Spans()
    monkeypatch.setattr(
        "router.telemetry.tracing.get_tracing", lambda options: Tracing(options, found.exporter)
    )
    return found
