"""Errors that wait for the part of the answer that they are told with."""

from collections.abc import Iterable

from router.errors import ResponseError, ResponsePath
from router.operation.error_paths import follow
from router.operation.shape import ObjectShape


class HeldErrors:
    """Found by their paths, since a long list has many parts and may have as many errors."""

    def __init__(self) -> None:
        self._left: dict[int, ResponseError] = {}
        # The numbers of errors, by each place on the way to theirs, and by their own.
        self._by_prefix: dict[ResponsePath, list[int]] = {}
        self._by_path: dict[ResponsePath, list[int]] = {}
        self._count = 0

    def add(self, errors: Iterable[ResponseError]) -> None:
        """Hold more errors."""
        for error in errors:
            path = error.path or ()
            self._left[self._count] = error
            self._by_path.setdefault(path, []).append(self._count)
            for end in range(len(path) + 1):
                self._by_prefix.setdefault(path[:end], []).append(self._count)
            self._count += 1

    def take(self, at: ResponsePath, shape: ObjectShape) -> list[ResponseError]:
        """Take the errors of a part: those of places that `shape` asks for, below `at`.

        What went wrong for all items of a list is told with the first that is told.
        """
        if not self._left:
            return []
        taken = [
            number
            for number in self._by_prefix.get(at, ())
            if number in self._left and covers(shape, (self._left[number].path or ())[len(at) :])
        ]
        for end in range(len(at)):
            taken += [number for number in self._by_path.get(at[:end], ()) if number in self._left]
        return [self._left.pop(number) for number in taken]

    def take_all(self) -> list[ResponseError]:
        """Take whatever is left."""
        left = list(self._left.values())
        self._left.clear()
        return left


def covers(shape: ObjectShape, path: ResponsePath) -> bool:
    """Whether a path below the objects of `shape` leads only to what it asks for."""
    return follow(shape, path) == len(path)
