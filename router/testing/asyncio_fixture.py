"""The pytest fixture, which ends its routers in the event loop of the test."""

from collections.abc import AsyncIterator, Callable

import pytest_asyncio

from router.testing.router_under_test import RouterUnderTest, build_test_router

BuildTestRouter = Callable[..., RouterUnderTest]


@pytest_asyncio.fixture
async def test_router() -> AsyncIterator[BuildTestRouter]:
    """`build_test_router`, whose routers end with the test."""
    built: list[RouterUnderTest] = []

    def build(*arguments: object, **keywords: object) -> RouterUnderTest:
        router = build_test_router(*arguments, **keywords)  # type: ignore[arg-type]  # its own arguments
        built.append(router)
        return router

    yield build
    for router in built:
        await router.close()
