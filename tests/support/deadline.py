"""Waiting for a condition instead of sleeping."""

import time
from collections.abc import Callable

_POLL_S = 0.02


def eventually(condition: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
    """Return when `condition` holds; fail after `timeout_s` seconds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(_POLL_S)
