"""The plugin that pytest finds by its entry point where the router is installed: the fixture `test_router`.

It needs pytest-asyncio, as tests that wait do; who has none is told so by the first test that asks for it, and not before.
"""

from importlib.util import find_spec

import pytest

if find_spec("pytest_asyncio") is not None:
    from router.testing.asyncio_fixture import test_router
else:

    @pytest.fixture
    def test_router() -> None:
        """Say what is missing."""
        pytest.fail(
            "test_router needs pytest-asyncio: pip install pytest-asyncio, and asyncio_mode = auto in pytest's settings",
            pytrace=False,
        )


__all__ = ["test_router"]
