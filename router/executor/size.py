"""How large a response may get: one rule for both ways to run a plan.

An entity is fetched once and stands wherever it belongs, and lists of entities stand in lists of entities. So a response may be
larger than all that subgraphs have sent, by orders of magnitude. What comes is counted once for each place where it will stand,
before it is put there; so are keys whose values nobody has brought; and what is written is measured where it may be too much.

What each entity of an answer has in bytes is known only from reading the answer once more. So there is a bound on the count, which
costs next to nothing, and only when that is past the maximum is counted what it stands for.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from router.errors import RouterError
from router.kit.json import JsonValue, read_faulty_json, write_json
from router.query_plan.nodes import Fetch

NULL_BYTES = 6
"""A null after its key, with a colon and a comma."""

Groups: TypeAlias = Sequence[Sequence[object]]
"""For each selection of a fetch, and each of its representations, the object that it stands for, or a list of them."""


class ResponseTooLargeError(RouterError):
    """The response is larger than it may be."""


class ResponseSize:
    """The size of one response while it is put together.

    Attributes:
        bytes_max: what it may have.
        bound: bytes of answers, each at all places where it stands; it may be less.
        is_exceeded: whether it is more than may be. Then nothing more is asked for.
    """

    __slots__ = ("_keys_bytes", "_uncounted", "bound", "bytes_max", "is_exceeded")

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.bound = 0
        self.is_exceeded = False
        self._keys_bytes = 0
        self._uncounted: list[tuple[bytes, Fetch, Groups, int]] = []

    def add(self, body: bytes, fetch: Fetch, groups: Groups = (), more: int = 0) -> bool:
        """Count an answer before it is taken in; whether there is room for it.

        It will stand at `more` places at most beyond the first one, each entity at those of its objects in `groups`.
        """
        self.bound += len(body)
        if more:
            self.bound += len(body) * more
            if groups:
                self._uncounted.append((body, fetch, groups, more))
        if self.bound > self.bytes_max:
            self._count()
        return not self.is_exceeded

    def add_keys(self, keys_bytes: int) -> None:
        """Count the keys of an object, each with a null.

        Raises:
            ResponseTooLargeError: with whatever stands there it is more than may be.
        """
        self._keys_bytes += keys_bytes
        # The shortest key with a null takes less than twice what it takes with a digit.
        if self._keys_bytes > 2 * self.bytes_max:
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
        if self.bound + self._keys_bytes > self.bytes_max and len(write_json(value)) > self.bytes_max:
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

    def _count(self) -> None:
        for body, fetch, groups, more in self._uncounted:
            self.bound -= len(body) * more - _count_copies(body, fetch, groups)
        self._uncounted.clear()
        self.is_exceeded = self.bound > self.bytes_max


def _count_copies(body: bytes, fetch: Fetch, groups: Groups) -> int:
    """The bytes of entities at all their places but the first; 0 for an answer that cannot be read, of which none is placed."""
    try:
        data = read_faulty_json(body)["data"]
        return sum(
            len(write_json(entity)) * (len(targets) - 1)
            for selection, group in zip(fetch.entities, groups, strict=True)
            for entity, targets in zip(data.get(selection.response_key) or (), group, strict=False)
            if isinstance(targets, list) and len(targets) > 1
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return 0
