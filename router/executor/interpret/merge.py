"""Merging what a fetch brought into the response.

Several fetches may contribute to one object or to the items of one list (value types shared by
subgraphs), in any order, so merging is deep and only ever adds: null never overwrites a value, and
values that contradict each other leave the first one standing.
"""

from router.executor.interpret.typenames import Typenames
from router.kit.json import JsonObject, JsonValue
from router.operation.shape import TYPENAME


def merge_object(target: JsonObject, source: JsonObject, typenames: Typenames) -> None:
    """Merge `source` into `target`, in place. Containers of `source` may become part of `target`."""
    for key, value in source.items():
        if key not in target:
            target[key] = value
        elif key == TYPENAME:
            _merge_typename(target, value, typenames)
        else:
            target[key] = _merge_values(target[key], value, typenames)


def copy_json(value: JsonValue) -> JsonValue:
    """The same value in containers of its own.

    An entity that stands in several places needs one copy for each: later fetches may ask different
    things below them under the same key.
    """
    if isinstance(value, dict):
        return {key: copy_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [copy_json(inner) for inner in value]
    return value


def _merge_values(before: JsonValue, after: JsonValue, typenames: Typenames) -> JsonValue:
    if after is None:
        return before
    if before is None:
        return after
    if isinstance(before, dict):
        if isinstance(after, dict):
            merge_object(before, after, typenames)
        return before
    if isinstance(before, list):
        if isinstance(after, list):
            _merge_lists(before, after, typenames)
        return before
    return before if isinstance(after, dict | list) else after


def _merge_lists(before: list[JsonValue], after: list[JsonValue], typenames: Typenames) -> None:
    """Item by item; what only one list has, is kept."""
    shared = min(len(before), len(after))
    for i in range(shared):
        before[i] = _merge_values(before[i], after[i], typenames)
    before.extend(after[shared:])


def _merge_typename(target: JsonObject, typename: JsonValue, typenames: Typenames) -> None:
    """An object's own type stands against the name of the interface through which a subgraph knows it."""
    if not isinstance(typename, str):
        return
    before = target[TYPENAME]
    is_exact = isinstance(before, str) and before not in typenames.abstract
    if not (is_exact and typename in typenames.abstract):
        target[TYPENAME] = typename
