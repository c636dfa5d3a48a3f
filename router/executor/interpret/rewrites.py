"""Undoing, in what comes from and goes to subgraphs, the names that the planner had to change."""

from collections.abc import Iterable, Sequence

from router.errors import ResponsePath
from router.executor.interpret.typenames import Typenames
from router.kit.json import JsonObject, JsonValue
from router.operation.shape import TYPENAME
from router.query_plan.nodes import KeyRenamer, ValueSetter

FRAGMENT_PREFIX = "... on "


def rename_keys(value: JsonValue, renamers: Iterable[KeyRenamer], typenames: Typenames) -> None:
    """Give aliased fields their names back, in place; lists on the way are entered."""
    for renamer in renamers:
        for item in _select(value, renamer.path[:-1], typenames):
            if renamer.path[-1] in item:
                item[renamer.name] = item.pop(renamer.path[-1])


def set_values(representation: JsonObject, setters: Iterable[ValueSetter], typenames: Typenames) -> None:
    """Set what the target subgraph wants to read instead, in place."""
    for setter in setters:
        for item in _select(representation, setter.path[:-1], typenames):
            if setter.path[-1] in item:
                item[setter.path[-1]] = setter.value


def rename_error_path(path: ResponsePath, renamers: Sequence[KeyRenamer]) -> ResponsePath:
    """The path with aliased keys named as in the merged response; list indexes stay."""
    if not renamers:
        return path
    renamed = list(path)
    for renamer in renamers:
        keys = [key for key in renamer.path if not key.startswith(FRAGMENT_PREFIX)]
        positions = [i for i, element in enumerate(path) if isinstance(element, str)][: len(keys)]
        if [path[i] for i in positions] == keys:
            renamed[positions[-1]] = renamer.name
    return tuple(renamed)


def _select(value: JsonValue, path: Sequence[str], typenames: Typenames) -> list[JsonObject]:
    found = _objects_in(value)
    for element in path:
        if element.startswith(FRAGMENT_PREFIX):
            condition = element.removeprefix(FRAGMENT_PREFIX)
            found = [item for item in found if _satisfies(item, condition, typenames)]
        else:
            found = [inner for item in found for inner in _objects_in(item.get(element))]
    return found


def _satisfies(item: JsonObject, condition: str, typenames: Typenames) -> bool:
    typename = item.get(TYPENAME)
    return not isinstance(typename, str) or typenames.is_a(typename, condition)


def _objects_in(value: JsonValue) -> list[JsonObject]:
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return [item for inner in value for item in _objects_in(inner)]
    return []
