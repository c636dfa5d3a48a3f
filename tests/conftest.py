"""Fixtures that every tier may use."""

from hypothesis import settings

pytest_plugins = ["router.testing.fixtures", "tests.support.postgres", "tests.support.redis_server"]

# What one run finds, the next finds too; `--hypothesis-profile=default` looks for more.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
