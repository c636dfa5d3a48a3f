"""Python's cycle collector, paused while something large is built.

The collector walks all containers each time that their number has grown by a quarter. While a schema of a hundred
thousand syntax nodes is built, all of which stay, that walking is 40 % of the time and frees nothing
(`python -m bench.composition`).

And it counts objects, whatever they hold: a type of msgspec's is a handful of them, and 5 KB.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

HEAVY_MAX = 8_000_000
"""Bytes of what the collector alone can free that may wait for it."""

_lock = Lock()
_pauses = 0


@contextmanager
def collection_paused() -> Iterator[None]:
    """Pause the collector until the last of all pauses, in any thread, has ended.

    A collector that its user has switched off stays off. What is no part of a cycle is freed at once as ever.
    """
    global _pauses  # noqa: PLW0603 -- the collector is one for the process, and so is the count
    with _lock:
        is_ours = gc.isenabled() or _pauses > 0
        _pauses += is_ours
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pauses -= is_ours
            if is_ours and _pauses == 0:
                gc.enable()


class HeavyGarbage:
    """What has been let go of and is large, where only the collector can free it."""

    def __init__(self) -> None:
        self._bytes = 0

    def add(self, size: int) -> None:
        """`size` bytes more have been let go of: collect if it is too much."""
        self._bytes += size
        if self._bytes > HEAVY_MAX:
            self._bytes = 0
            gc.collect()
