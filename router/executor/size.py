"""How large a response may get: one rule for both ways to run a plan.

An entity is fetched once and stands wherever it belongs, and lists of entities stand in lists of entities. So a response may be
larger than all that subgraphs have sent, by orders of magnitude. What comes is counted once for each place where it will stand,
before it is put there; so are keys whose values nobody has brought; and what is written is measured where it may be too much.

What each entity of an answer has in bytes is known only from reading the answer once more. So there is a bound on the count, which
costs next to nothing, and only when that is past the maximum is counted what it stands for.
"""

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import TypeAlias

from msgspec import Struct

from router.errors import ResponseError, RouterError
from router.kit.json import JsonValue, read_faulty_json, write_json
from router.query_plan.nodes import Fetch

CountPlaces: TypeAlias = Callable[[], Sequence[Sequence[int]]]
"""Tells for each selection of a fetch, and each of its representations, at how many places the entity will stand."""

NULL = "null"

GROWTH_MAX = 5
"""How many times as long a value may be when it is written: `1e15` has 18 digits then, a byte that is no character becomes three."""


def measure_entry(key: str, value: str) -> int:
    """The bytes of an entry of an object that is null or a name, with a comma: of names, each character is one."""
    return len(key) + len(value) + (4 if value is NULL else 6)


class ResponseTooLargeError(RouterError):
    """The response is larger than it may be."""


class ResponseSize(Struct):
    """The size of one response while it is put together.

    Attributes:
        bytes_max: what it may have.
        bound: bytes of the response's braces and of answers, each at all places where it stands; it may be less.
        is_exceeded: whether it is more than may be. Then nothing more is asked for.
    """

    bytes_max: int
    bound: int = len("{}")
    is_exceeded: bool = False
    _added_bytes: int = 0
    _uncounted: tuple[tuple[bytes, Fetch, CountPlaces, int], ...] = ()

    def has_room(self, body: bytes, fetch: Fetch, count_places: CountPlaces | None, more: int) -> bool:
        """Whether there is room for an answer, which is counted once already.

        It will stand at `more` places at most beyond the first one; where these are an entity's, `count_places` tells more.
        """
        if more:
            self.bound += len(body) * more
            if count_places is not None:
                self._uncounted += ((body, fetch, count_places, more),)
        if self.bound > self.bytes_max:
            self._count()
        return not self.is_exceeded

    def add_own(self, value: JsonValue) -> None:
        """Count what the router answers itself, which is introspection: an alias stands at each of a thousand fields."""
        todo = [value]
        while todo and not self.is_exceeded:
            each = todo.pop()
            if isinstance(each, dict):
                self.bound += sum(map(measure_entry, each, repeat("")))
                todo += each.values()
            elif isinstance(each, list):
                todo += each
            elif isinstance(each, str):
                self.bound += len(each)
            self.is_exceeded = self.bound > self.bytes_max

    def add_errors(self, errors: Sequence[ResponseError]) -> None:
        """Count errors that are told: their paths have the client's keys.

        Raises:
            ResponseTooLargeError: with them it is more than may be.
        """
        for error in errors:
            keys = [step for step in error.path or () if isinstance(step, str)]
            self.bound += len(error.message) + sum(map(len, keys))
        if self.bound > self.bytes_max:
            self._count()
        self.check()

    def add_entry(self, key: str, value: str) -> None:
        """Count an entry of an object that no answer has brought: null or a typename.

        Raises:
            ResponseTooLargeError: it is more than may be.
        """
        self._added_bytes += measure_entry(key, value)
        if self._added_bytes > self.bytes_max:
            raise self.refuse()

    def check(self) -> None:
        """Look whether there was room for all that has come.

        Raises:
            ResponseTooLargeError: there was not.
        """
        if self.is_exceeded:
            raise self.refuse()

    def check_written(self, value: JsonValue) -> None:
        """Look whether a value is too much to write.

        Raises:
            ResponseTooLargeError: it is.
        """
        may_be = (self.bound + self._added_bytes) * GROWTH_MAX
        if may_be > self.bytes_max and len(write_json(value)) > self.bytes_max:
            raise self.refuse()

    def write(self, encode_into: Callable[[object, bytearray], None], value: object) -> bytes:
        """What an encoder makes of a value, of which no more is written than may be.

        Raises:
            ResponseTooLargeError: it is more.
        """
        buffer = bytearray(self.bytes_max)
        # A buffer that somebody looks at does not grow.
        with memoryview(buffer):
            try:
                encode_into(value, buffer)
            except BufferError:
                raise self.refuse() from None
        return bytes(buffer)

    def refuse(self) -> ResponseTooLargeError:
        """What to raise where it is too much."""
        msg = f"the response has more than {self.bytes_max} bytes: ask for shorter lists, or for less of each item"
        return ResponseTooLargeError(msg)

    def count_before_settling(self) -> None:
        """Count what has come before nulls take it away again, if it is much."""
        if self.bound * 2 > self.bytes_max:
            self._count()

    def _count(self) -> None:
        for body, fetch, count_places, more in self._uncounted:
            self.bound -= len(body) * more - _count_copies(body, fetch, count_places())
        self._uncounted = ()
        self.is_exceeded = self.bound > self.bytes_max


def _count_copies(body: bytes, fetch: Fetch, counted: Sequence[Sequence[int]]) -> int:
    """The bytes of entities at all their places but the first; 0 for an answer that cannot be read, of which none is placed."""
    try:
        data = read_faulty_json(body)["data"]
        return sum(
            len(write_json(entity)) * (places - 1)
            for selection, places_of_each in zip(fetch.entities, counted, strict=True)
            for entity, places in zip(data.get(selection.response_key) or (), places_of_each, strict=False)
            if places > 1
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return 0
