"""Answers kept in this process, within a bound in bytes."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from router.executor.response_cache.store import Entry

OVERHEAD_BYTES = 600
"""What an entry costs beside its text: key, tags and their index."""


class MemoryCache:
    """Forgets what was used least recently where there is no room."""

    def __init__(self, bytes_max: int, clock: Callable[[], float] = time.time) -> None:
        self._bytes_max = bytes_max
        self._clock = clock
        self._bytes = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._keys_by_tag: dict[str, set[str]] = {}

    async def find(self, keys: Sequence[str]) -> list[Entry | None]:
        """The entries of `keys` that have not expired."""
        now_s = self._clock()
        return [self._find(key, now_s) for key in keys]

    async def put(self, entries: Sequence[tuple[str, Entry]]) -> None:
        """Keep entries, and forget others for them."""
        for key, entry in entries:
            self._drop(key)
            self._entries[key] = entry
            self._bytes += len(entry.value) + OVERHEAD_BYTES
            for tag in entry.tags:
                self._keys_by_tag.setdefault(tag, set()).add(key)
        while self._bytes > self._bytes_max:
            self._drop(next(iter(self._entries)))

    async def invalidate(self, tags: Sequence[str]) -> int:
        """Throw away every entry that has one of `tags`; gives how many there were."""
        keys = set().union(*(self._keys_by_tag.get(tag, ()) for tag in tags))
        for key in keys:
            self._drop(key)
        return len(keys)

    async def close(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._keys_by_tag.clear()
        self._bytes = 0

    def _find(self, key: str, now_s: float) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_at_s <= now_s:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._bytes -= len(entry.value) + OVERHEAD_BYTES
        # A subgraph may say a tag twice.
        for tag in set(entry.tags):
            keys = self._keys_by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._keys_by_tag[tag]
