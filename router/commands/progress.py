"""A line on the terminal while something takes long: nothing for what is quick, nothing where nobody watches."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

_QUIET_S = 0.5
_TICK_S = 1.0
_CLEAR = "\r\x1b[K"


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say what is being done, and for how long, until it is done."""
    if not sys.stderr.isatty():
        yield
        return
    is_done = threading.Event()
    teller = threading.Thread(target=_tell, args=(what, is_done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        is_done.set()
        teller.join()


def _tell(what: str, is_done: threading.Event) -> None:
    started_at = monotonic()
    wait_s = _QUIET_S
    is_told = False
    while not is_done.wait(wait_s):
        sys.stderr.write(f"{_CLEAR}{what} ... {monotonic() - started_at:.0f} s")
        sys.stderr.flush()
        is_told = True
        wait_s = _TICK_S
    if is_told:
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()
