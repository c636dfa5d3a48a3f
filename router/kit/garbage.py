"""Python's cycle collector, paused while something large is built.

The collector walks all containers each time that their number has grown by a quarter. While a schema of a hundred
thousand syntax nodes is built, all of which stay, that walking is 40 % of the time and frees nothing
(`python -m bench.composition`).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

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
