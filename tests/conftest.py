"""Fixtures that every tier may use."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.support.distribution import Together

pytest_plugins = ["router.testing.fixtures", "tests.support.postgres", "tests.support.redis_server"]

# What one run finds, the next finds too; `--hypothesis-profile=default` looks for more.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

ENDING_S_MAX = 5.0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Tests that share what takes long to make stay together."""
    return Together(config, log)


@pytest.fixture(autouse=True)
def _nothing_runs_on(request: pytest.FixtureRequest) -> None:
    """What an asynchronous test leaves running is told of that test, not of one that happens to come later."""
    if request.node.get_closest_marker("asyncio"):
        request.getfixturevalue("_tasks_end")


@pytest.fixture
async def _tasks_end() -> AsyncIterator[None]:
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=ENDING_S_MAX)
    assert not left, "these tasks are left behind"


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that runs in this process sets up the process's logs: the next test finds them as they were."""
    root = logging.getLogger()
    level, handlers = root.level, [*root.handlers]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
