"""Finding the objects at a path of the merged response.

A path names response keys; `@` and lists need not agree in number, since a nested list is opened
wherever it stands. Nulls and missing values end the walk for their branch alone.
"""

from collections.abc import Iterable, Iterator

from router.errors import ResponsePath
from router.executor.interpret.typenames import Typenames
from router.kit.json import JsonObject, JsonValue
from router.operation.shape import TYPENAME
from router.query_plan.nodes import EACH, PlanPath, TypeFilter


def objects_at(data: JsonValue, path: PlanPath, typenames: Typenames) -> list[JsonObject]:
    """The objects at `path`, in the order of the response."""
    found: list[JsonValue] = [data]
    for element in path:
        if isinstance(element, TypeFilter):
            found = [item for item in _open_lists(found) if _passes(item, element, typenames)]
        elif element == EACH:
            found = list(_open_lists(found))
        else:
            found = [item.get(element) for item in _open_lists(found) if isinstance(item, dict)]
    return [item for item in _open_lists(found) if isinstance(item, dict)]


def located_objects_at(data: JsonValue, keys: Iterable[str]) -> list[tuple[ResponsePath, JsonObject]]:
    """The objects of all types below `keys`, in the order of the response, each with its own path."""
    found: list[tuple[ResponsePath, JsonValue]] = [((), data)]
    for key in keys:
        found = [((*at, key), item.get(key)) for at, item in _open_located(found)]
    return list(_open_located(found))


def cut_before_list(path: PlanPath) -> ResponsePath:
    """The longest start of `path` that is one place: where a failure of the whole fetch is reported."""
    place: list[str | int] = []
    for element in path:
        if element == EACH:
            break
        if isinstance(element, str):
            place.append(element)
    return tuple(place)


def _open_lists(items: list[JsonValue]) -> Iterator[JsonValue]:
    for item in items:
        if isinstance(item, list):
            yield from _open_lists(item)
        elif item is not None:
            yield item


def _open_located(
    found: Iterable[tuple[ResponsePath, JsonValue]],
) -> Iterator[tuple[ResponsePath, JsonObject]]:
    for at, item in found:
        if isinstance(item, list):
            yield from _open_located(((*at, i), inner) for i, inner in enumerate(item))
        elif isinstance(item, dict):
            yield at, item


def _passes(item: JsonValue, wanted: TypeFilter, typenames: Typenames) -> bool:
    if not isinstance(item, dict):
        return False
    typename = item.get(TYPENAME)
    # Without a usable typename nothing speaks against the object; the requirements' fragments decide.
    if not isinstance(typename, str) or not _is_known(typename, typenames):
        return True
    return any(typenames.is_a(typename, condition) for condition in wanted.types)


def _is_known(typename: str, typenames: Typenames) -> bool:
    return typename in typenames.conditions
