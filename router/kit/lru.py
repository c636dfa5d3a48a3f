"""A dictionary that forgets what was used least recently."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LruCache(Generic[Key, Value]):
    """At most `size_max` entries, and of all together at most `weight_max`; reading an entry makes it the most recent."""

    __slots__ = ("_entries", "_weigh", "_weight", "_weight_max", "size_max")

    def __init__(
        self, size_max: int, weight_max: int = 0, weigh: Callable[[Key, Value], int] | None = None
    ) -> None:
        """`weigh` says of an entry, always the same, what it counts of `weight_max`; without it only entries are counted."""
        if size_max < 1:
            msg = f"a cache needs room for one entry at least, not {size_max}"
            raise ValueError(msg)
        self.size_max = size_max
        self._entries: OrderedDict[Key, Value] = OrderedDict()
        self._weigh, self._weight, self._weight_max = weigh, 0, weight_max

    def find(self, key: Key) -> Value | None:
        """The value of `key`, None if it is not there (any more)."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: Key, value: Value) -> int:
        """Keep `value`, and forget the entries used least recently if there are too many; gives what these weighed."""
        forgotten = 0
        if self._weigh is not None:
            if key in self._entries:
                self._weight -= self._weigh(key, self._entries[key])
            self._weight += self._weigh(key, value)
        self._entries[key] = value
        self._entries.move_to_end(key)
        while len(self._entries) > self.size_max or self._weight > self._weight_max:
            dropped = self._entries.popitem(last=False)
            if self._weigh is not None:
                weight = self._weigh(*dropped)
                self._weight -= weight
                forgotten += weight
        return forgotten

    def list_recent(self, count: int) -> list[Key]:
        """The keys used last, the latest first."""
        return list(islice(reversed(self._entries), count))

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)
