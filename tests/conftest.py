"""Fixtures that every tier may use."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["router.testing.fixtures", "tests.support.postgres", "tests.support.redis_server"]

# What one run finds, the next finds too; `--hypothesis-profile=default` looks for more.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that runs in this process sets up the process's logs: the next test finds them as they were."""
    root = logging.getLogger()
    level, handlers = root.level, [*root.handlers]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
