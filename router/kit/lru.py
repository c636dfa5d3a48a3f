"""A dictionary that forgets what was used least recently."""

from collections import OrderedDict
from collections.abc import Hashable
from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LruCache(Generic[Key, Value]):
    """At most `size_max` entries; reading an entry makes it the most recent."""

    __slots__ = ("_entries", "size_max")

    def __init__(self, size_max: int) -> None:
        if size_max < 1:
            msg = f"a cache needs room for one entry at least, not {size_max}"
            raise ValueError(msg)
        self.size_max = size_max
        self._entries: OrderedDict[Key, Value] = OrderedDict()

    def find(self, key: Key) -> Value | None:
        """The value of `key`, None if it is not there (any more)."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: Key, value: Value) -> None:
        """Keep `value`, and forget the entry used least recently if there are too many."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self.size_max:
            self._entries.popitem(last=False)

    def list_recent(self, count: int) -> list[Key]:
        """The keys used last, the latest first."""
        return list(islice(reversed(self._entries), count))

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)
