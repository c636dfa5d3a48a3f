"""Noticing that files change, and what is somewhere else.

They are looked at once in a while: no change is missed, not one made while the router starts, and none that the kernel
does not tell of (a folder mounted from elsewhere, a link that comes to lead to another file).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

LOOK_S = 0.5

_Stamps: TypeAlias = tuple[tuple[int, int, int] | None, ...]


class Stamped(Protocol):
    """Something elsewhere, whose stamp tells one content from another."""

    @property
    def stamp(self) -> str | None:
        """The stamp of what was there last; None if nothing was ever had from there."""
        ...

    def find_stamp(self) -> str | None:
        """The stamp of what is there now. It takes its time, and raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Poll:
    """Something to be asked once in a while."""

    source: Stamped
    interval_s: float


class Watched:
    """Some files as they were when this was made, or at their last change, and what is polled."""

    def __init__(self, files: Sequence[Path] = (), poll: Poll | None = None) -> None:
        self._files = tuple(files)
        self._stamps = self._look()
        self._poll = poll
        self._polled_at_s = time.monotonic()

    def __bool__(self) -> bool:
        return bool(self._files) or self._poll is not None

    async def changes(self) -> AsyncIterator[None]:
        """An item for each time that something has changed, for ever."""
        polled = self._poll.source.stamp if self._poll is not None else None
        while True:
            await asyncio.sleep(LOOK_S)
            stamps = self._look()
            is_changed = stamps != self._stamps
            self._stamps = stamps
            if self._poll is not None and time.monotonic() >= self._polled_at_s + self._poll.interval_s:
                before, polled = polled, await asyncio.to_thread(self._poll.source.find_stamp)
                self._polled_at_s = time.monotonic()
                is_changed |= polled != before
            if is_changed:
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
