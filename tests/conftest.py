"""Fixtures that every tier may use."""

pytest_plugins = ["router.testing.fixtures", "tests.support.postgres", "tests.support.redis_server"]
