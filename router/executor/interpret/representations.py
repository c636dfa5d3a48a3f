"""From objects of the response to the `representations` of an entity fetch.

Equal representations are sent once however many objects they stand for: a list of a thousand reviews
by ten authors asks for ten authors. The answer at index i belongs to all objects of representation i.

Spec: Apollo Federation subgraph specification, `Query._entities`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from router.executor.interpret.merge import merge_object
from router.executor.interpret.rewrites import set_values
from router.executor.interpret.typenames import Typenames
from router.executor.interpret.walk import objects_at
from router.kit.json import JsonObject, JsonValue, write_json
from router.operation.shape import TYPENAME
from router.query_plan.nodes import EntitySelection, RequiredField, RequiredFragment, RequiredSelection


@dataclass(frozen=True, slots=True)
class RepresentationBatch:
    """What one `_entities` field is asked, and for whom.

    Attributes:
        representations: distinct, in the order in which they were first seen.
        targets: for each representation the objects that it stands for, at least one.
    """

    representations: list[JsonObject] = field(default_factory=list)
    targets: list[list[JsonObject]] = field(default_factory=list)


class _AbsentError(Exception):
    """A field of the representation was never fetched: whoever failed to has reported it."""


def collect_representations(
    data: JsonObject, selection: EntitySelection, typenames: Typenames
) -> RepresentationBatch:
    """Gather the entities at all paths of `selection`, each distinct one once, in first-seen order.

    `N` objects give `M <= N` representations. An object that cannot be represented is left out, and
    what it was to be given stays null.
    """
    targets = (target for path in selection.paths for target in objects_at(data, path, typenames))
    return represent_all(targets, selection, typenames)


def represent_all(
    targets: Iterable[JsonObject], selection: EntitySelection, typenames: Typenames
) -> RepresentationBatch:
    """The representations of some objects, each distinct one once, in first-seen order."""
    batch = RepresentationBatch()
    index_by_text: dict[bytes, int] = {}
    for target in targets:
        representation = represent(target, selection.requires, typenames)
        if representation is None:
            continue
        set_values(representation, selection.input_rewrites, typenames)
        # JSON text tells 1, 1.0 and true apart, which are one key for a dictionary.
        index = index_by_text.setdefault(write_json(representation), len(batch.representations))
        if index == len(batch.representations):
            batch.representations.append(representation)
            batch.targets.append([])
        batch.targets[index].append(target)
    return batch


def represent(
    target: JsonObject, requires: Sequence[RequiredFragment], typenames: Typenames
) -> JsonObject | None:
    """The representation of one object, None if a part of it is missing or none of it says which entity.

    A field that is present and null is sent, as `@requires` may rest on it, unless all are null: a
    key of nothing but nulls names no entity.
    """
    representation: JsonObject = {}
    try:
        for fragment in requires:
            typename = find_typename(target, fragment.selections)
            if typename is None:
                typename = _believe_typename(target, requires, typenames)
            if typename is not None and typenames.is_a(typename, fragment.type_condition):
                _fill(representation, target, fragment.selections, typename, typenames)
    except _AbsentError:
        return None
    if not representation:
        return None
    identifying = [value for key, value in representation.items() if key != TYPENAME]
    if identifying:
        return representation if any(value is not None for value in identifying) else None
    return representation if asks_typename_only(requires) else None


def _believe_typename(
    target: JsonObject, requires: Sequence[RequiredFragment], typenames: Typenames
) -> str | None:
    """The one typename that an object can have whose subgraph has left it out."""
    condition = requires[0].type_condition
    is_only = len(requires) == 1 and condition not in typenames.abstract
    is_left_out = _find_typename_key(requires[0].selections) not in target
    return condition if is_only and is_left_out else None


def find_typename(source: JsonObject, selections: Sequence[RequiredSelection]) -> str | None:
    """The object's typename, wherever the planner had it fetched: a client may use the key `__typename`."""
    typename = source.get(_find_typename_key(selections))
    return typename if isinstance(typename, str) else None


def _find_typename_key(selections: Sequence[RequiredSelection]) -> str:
    for selection in selections:
        if isinstance(selection, RequiredField) and selection.name == TYPENAME:
            return selection.response_key
    return TYPENAME


def _fill(
    representation: JsonObject,
    source: JsonObject,
    selections: Sequence[RequiredSelection],
    typename: str | None,
    typenames: Typenames,
) -> None:
    for selection in selections:
        if isinstance(selection, RequiredFragment):
            if typename is None or typenames.is_a(typename, selection.type_condition):
                _fill(representation, source, selection.selections, typename, typenames)
        elif selection.response_key not in source:
            if selection.name != TYPENAME or typename is None:
                raise _AbsentError
            representation[TYPENAME] = typename
        elif not selection.selections:
            representation[selection.name] = source[selection.response_key]
        else:
            # One nested object may be required from several sides.
            value = _project(source[selection.response_key], selection.selections, typenames)
            merge_object(representation, {selection.name: value}, typenames)


def _project(value: JsonValue, selections: Sequence[RequiredSelection], typenames: Typenames) -> JsonValue:
    if isinstance(value, list):
        return [_project(item, selections, typenames) for item in value]
    if isinstance(value, dict):
        projected: JsonObject = {}
        _fill(projected, value, selections, find_typename(value, selections), typenames)
        return projected
    return None


def asks_typename_only(requires: Iterable[RequiredFragment]) -> bool:
    """Whether nothing but the type of an entity is sent."""
    return all(
        isinstance(selection, RequiredField) and selection.name == TYPENAME
        for fragment in requires
        for selection in fragment.selections
    )
