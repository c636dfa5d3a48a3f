"""The plugin that pytest finds by its entry point where the router is installed: the fixture `test_router`.

It needs pytest-asyncio, as tests that wait do; who has none must not be disturbed.
"""

from importlib.util import find_spec

if find_spec("pytest_asyncio") is not None:
    from router.testing.asyncio_fixture import test_router

    __all__ = ["test_router"]
