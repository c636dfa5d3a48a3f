"""Giving subgraphs' errors their place in the client's response.

A subgraph's path speaks of its own answer: `_entities`, an index into the representations, the
planner's aliases. The client's path speaks of what the client asked for. An error that belongs to
something the planner added is placed at the nearest thing that the client knows.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from itertools import takewhile
from typing import TypeAlias

from router.errors import ErrorCode, ResponseError, ResponsePath
from router.executor.interpret.rewrites import rename_error_path
from router.executor.interpret.walk import cut_before_list
from router.kit.json import JsonObject, JsonValue
from router.operation.error_paths import follow
from router.operation.shape import ObjectShape
from router.query_plan.nodes import Fetch

COPIES_MAX = 100
"""One error of one entity is reported at this many of the places where the entity stands, not more."""

ALL_COPIES_MAX = 10_000
"""All errors of one answer are reported at this many places together, though each at one."""

Visit: TypeAlias = Callable[[int, Container[int]], Iterable[tuple[ResponsePath, object]]]
"""Gives where those objects of the selection with this number stand that have these `id()`s, in the order of the response.
The response keeps its objects as long as the plan runs."""


class ErrorLocator:
    """Places errors in the response of one shape."""

    __slots__ = ("_shape",)

    def __init__(self, shape: ObjectShape) -> None:
        self._shape = shape

    def clip(self, path: ResponsePath) -> ResponsePath:
        """The part of `path` that the client asked for."""
        return path[: follow(self._shape, path)]

    def place_failure(self, failure: ResponseError, fetch: Fetch) -> ResponseError:
        """The client's form of a failure of the whole exchange."""
        path = fetch.entities[0].paths[0] if fetch.entities else fetch.path
        place = self.clip(cut_before_list(path)) or None
        return ResponseError(
            failure.message, path=place, extensions=failure.extensions, subgraph=failure.subgraph
        )

    def place_root_error(self, error: JsonObject, fetch: Fetch) -> ResponseError:
        """The client's form of an error of a root fetch."""
        prefix = cut_before_list(fetch.path)
        path = rename_error_path(_read_path(error), fetch.output_rewrites)
        return self._build(error, fetch.subgraph, (*prefix, *path))

    def place_entity_errors(
        self, errors: Sequence[JsonObject], fetch: Fetch, targets: Sequence[Sequence[object]], visit: Visit
    ) -> list[ResponseError]:
        """The client's form of the errors of an entity fetch: one for each place that an entity stands in.

        `targets` has for each representation of each selection the object that it stands for, or a list of them.
        """
        numbers = {each.response_key: i for i, each in enumerate(fetch.entities)}
        addressed: list[tuple[JsonObject, ResponsePath, list[ResponsePath]]] = []
        places: dict[tuple[int, int], list[ResponsePath]] = {}
        for error in errors:
            path = _read_path(error)
            number = numbers.get(str(path[0])) if path else None
            index = path[1] if len(path) > 1 else None
            if number is None or not _is_index(index, len(targets[number])):
                addressed.append((error, (), [cut_before_list(fetch.entities[0].paths[0])]))
                continue
            assert isinstance(index, int)
            own = places.setdefault((number, index), [])
            addressed.append(
                (error, rename_error_path(path[2:], fetch.entities[number].output_rewrites), own)
            )
        copies_max = max(1, min(COPIES_MAX, ALL_COPIES_MAX // max(1, len(errors))))
        by_id: dict[int, dict[int, list[ResponsePath]]] = {}
        for (number, index), own in places.items():
            target = targets[number][index]
            ids = map(id, target if isinstance(target, list) else (target,))
            by_id.setdefault(number, {}).update(dict.fromkeys(ids, own))
        for number, found in by_id.items():
            for place, visited in visit(number, found):
                own = found[id(visited)]
                if len(own) < copies_max:
                    own.append(place)
        return [
            self._build(error, fetch.subgraph, place + rest)
            for error, rest, own in addressed
            for place in own
        ]

    def _build(self, error: JsonObject, subgraph: str, path: ResponsePath) -> ResponseError:
        given = error.get("extensions")
        extensions: JsonObject = dict(given) if isinstance(given, dict) else {}
        if extensions.get("code") is None:
            extensions["code"] = ErrorCode.DOWNSTREAM_SERVICE_ERROR
        # Its locations are positions in a document that the client has never seen.
        return ResponseError(
            error["message"], path=self.clip(path) or None, extensions=extensions, subgraph=subgraph
        )


def _read_path(error: JsonObject) -> ResponsePath:
    path = error.get("path")
    if not isinstance(path, list):
        return ()
    return tuple(takewhile(_is_step, path))


def _is_step(value: JsonValue) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_index(value: JsonValue, length: int) -> bool:
    return isinstance(value, int) and 0 <= value < length
