"""Noticing that files change.

They are looked at once in a while: no change is missed, not one made while the router starts, and none that the kernel
does not tell of (a folder mounted from elsewhere, a link that comes to lead to another file).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TypeAlias

LOOK_S = 0.5

_Stamps: TypeAlias = tuple[tuple[int, int, int] | None, ...]


class Watched:
    """Some files as they were when this was made, or at their last change."""

    def __init__(self, files: Sequence[Path] = ()) -> None:
        self._files = tuple(files)
        self._stamps = self._look()

    def __bool__(self) -> bool:
        return bool(self._files)

    async def changes(self) -> AsyncIterator[None]:
        """An item for each time that some of the files have changed, for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            stamps = self._look()
            if stamps != self._stamps:
                self._stamps = stamps
                yield

    def _look(self) -> _Stamps:
        return tuple(_stamp(file) for file in self._files)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """What tells one content of a file from another; None if there is no such file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
