"""Entities under objects that set a context: whom one request may be about, and with which values.

A request has one value for each variable, so objects under different values are asked for in different requests.

Spec: Apollo Federation 2.8, `@fromContext`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from router.executor.interpret.representations import RepresentationBatch, find_typename, represent_all
from router.executor.interpret.typenames import Typenames
from router.executor.interpret.walk import objects_at
from router.kit.json import JsonObject, JsonValue, write_json
from router.operation.shape import TYPENAME
from router.query_plan.nodes import ContextInput, EntitySelection, RequiredFragment, RequiredSelection


@dataclass(frozen=True, slots=True)
class ContextBatch:
    """What is asked under one set of values, given by variable."""

    values: JsonObject
    batch: RepresentationBatch


def collect_by_context(
    data: JsonObject, selection: EntitySelection, typenames: Typenames
) -> list[ContextBatch]:
    """Gather the entities at the path of `selection`, apart by the values of its contexts, in first-seen order.

    An object whose value was never fetched, or is null where the subgraph takes no null, is left out: whoever failed
    to fetch it has reported it.
    """
    (path,) = selection.paths
    values: dict[int, JsonObject] = {}
    for given in selection.contexts:
        for above in objects_at(data, path[: given.depth], typenames):
            value = _find_value(above, given.selections, typenames)
            for target in objects_at(above, path[given.depth :], typenames):
                values.setdefault(id(target), {})[given.variable] = value
    groups: dict[bytes, tuple[JsonObject, list[JsonObject]]] = {}
    for target in objects_at(data, path, typenames):
        known = values.get(id(target), {})
        if all(_is_usable(known.get(given.variable, _ABSENT), given) for given in selection.contexts):
            groups.setdefault(write_json(known), (known, []))[1].append(target)
    return [
        ContextBatch(known, represent_all(targets, selection, typenames))
        for known, targets in groups.values()
    ]


_ABSENT = object()


def _is_usable(value: JsonValue, given: ContextInput) -> bool:
    return value is not _ABSENT and (value is not None or not given.type.endswith("!"))


def _find_value(
    above: JsonValue, selections: Sequence[RequiredSelection], typenames: Typenames
) -> JsonValue:
    """The value that selections lead to; lists on the way stay lists, and null ends the way."""
    if isinstance(above, list):
        found = [_find_value(item, selections, typenames) for item in above]
        return _ABSENT if any(value is _ABSENT for value in found) else found
    if not isinstance(above, dict):
        return None
    for selection in selections:
        if isinstance(selection, RequiredFragment):
            if typenames.is_a(find_typename(above, selections) or "", selection.type_condition):
                return _find_value(above, selection.selections, typenames)
        elif selection.name != TYPENAME:
            value = above.get(selection.response_key, _ABSENT)
            if value is _ABSENT or not selection.selections:
                return value
            return _find_value(value, selection.selections, typenames)
    return None
