"""One launcher at a time for a data directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.errors import AlreadyRunningError


@contextmanager
def only_launcher(data: Path) -> Iterator[None]:
    """Hold the directory, made if missing, for this process; the system lets go of it however we end.

    Raises:
        AlreadyRunningError: another process holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "launcher").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunningError(
                f"The marketplace already runs on {data} (process {find_launcher(data)}).",
                "Use that one, or stop it: Ctrl-C in its window. A second one beside it needs its own "
                "MARKETPLACE_DATA_DIR and its own *_PORT for all six.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def find_launcher(data: Path) -> int | None:
    """Return the process id of the launcher that holds the directory, None where nobody does."""
    try:
        with (data / "launcher").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0)
    except FileNotFoundError:
        pass
    return None
