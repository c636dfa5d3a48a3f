"""Giving subgraphs' errors their place in the client's response.

A subgraph's path speaks of its own answer: `_entities`, an index into the representations, the
planner's aliases. The client's path speaks of what the client asked for. An error that belongs to
something the planner added is placed at the nearest thing that the client knows.
"""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from router.errors import ErrorCode, ResponseError, ResponsePath
from router.executor.interpret.representations import RepresentationBatch
from router.executor.interpret.rewrites import rename_error_path
from router.executor.interpret.typenames import Typenames
from router.executor.interpret.walk import cut_before_list, located_objects_at
from router.kit.json import JsonObject, JsonValue
from router.operation.error_paths import follow
from router.operation.shape import ObjectShape
from router.query_plan.nodes import EntitySelection, Fetch

COPIES_MAX = 100
"""One error of one entity is reported at this many of the places where the entity stands, not more."""


class ErrorLocator:
    """Places errors in the response of one shape."""

    __slots__ = ("_shape",)

    def __init__(self, shape: ObjectShape) -> None:
        self._shape = shape

    def clip(self, path: ResponsePath) -> ResponsePath:
        """The part of `path` that the client asked for."""
        return path[: follow(self._shape, path)]

    def place_root_error(self, error: JsonObject, fetch: Fetch) -> ResponseError:
        """The client's form of an error of a root fetch."""
        prefix = cut_before_list(fetch.path)
        path = rename_error_path(_read_path(error), fetch.output_rewrites)
        return self._build(error, fetch.subgraph, (*prefix, *path))

    def place_entity_errors(
        self,
        errors: Sequence[JsonObject],
        fetch: Fetch,
        batches: Sequence[RepresentationBatch],
        data: JsonObject,
        typenames: Typenames,
    ) -> list[ResponseError]:
        """The client's form of the errors of an entity fetch: one for each place that an entity stands in."""
        by_key = {
            each.response_key: (each, batch) for each, batch in zip(fetch.entities, batches, strict=True)
        }
        paths_by_selection: dict[str, Mapping[int, list[ResponsePath]]] = {}
        placed: list[ResponseError] = []
        for error in errors:
            path = _read_path(error)
            selection, batch = by_key.get(str(path[0]) if path else "", (None, None))
            index = path[1] if len(path) > 1 else None
            if selection is None or batch is None or not _is_index(index, len(batch.targets)):
                fallback = cut_before_list(fetch.entities[0].paths[0])
                placed.append(self._build(error, fetch.subgraph, fallback))
                continue
            paths = paths_by_selection.get(selection.response_key)
            if paths is None:
                paths = _locate(selection, data, typenames)
                paths_by_selection[selection.response_key] = paths
            rest = rename_error_path(path[2:], selection.output_rewrites)
            assert isinstance(index, int)
            places = [place for target in batch.targets[index] for place in paths.get(id(target), ())]
            placed += [self._build(error, fetch.subgraph, (*place, *rest)) for place in places[:COPIES_MAX]]
        return placed

    def _build(self, error: JsonObject, subgraph: str, path: ResponsePath) -> ResponseError:
        given = error.get("extensions")
        extensions: JsonObject = dict(given) if isinstance(given, dict) else {}
        if extensions.get("code") is None:
            extensions["code"] = ErrorCode.DOWNSTREAM_SERVICE_ERROR
        # Its locations are positions in a document that the client has never seen.
        return ResponseError(
            error["message"], path=self.clip(path) or None, extensions=extensions, subgraph=subgraph
        )


def _locate(
    selection: EntitySelection, data: JsonObject, typenames: Typenames
) -> Mapping[int, list[ResponsePath]]:
    """Where each object of a selection stands, by its `id()`: the tree keeps its objects while a plan runs."""
    places: dict[int, list[ResponsePath]] = {}
    for path in selection.paths:
        for place, target in located_objects_at(data, path, typenames):
            known = places.setdefault(id(target), [])
            if place not in known:
                known.append(place)
    return places


def _read_path(error: JsonObject) -> ResponsePath:
    path = error.get("path")
    if not isinstance(path, list):
        return ()
    return tuple(takewhile(_is_step, path))


def _is_step(value: JsonValue) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_index(value: JsonValue, length: int) -> bool:
    return isinstance(value, int) and 0 <= value < length
