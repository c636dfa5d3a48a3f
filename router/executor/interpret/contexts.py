"""Entities under objects that set a context: who is asked for under which values.

A variable has one value in a request, so objects under different values are asked for in `_entities` fields of their
own, each with variables of its own.

Spec: Apollo Federation 2.8, `@fromContext`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from graphql import (
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from router.executor.interpret.representations import RepresentationBatch, find_typename, represent_all
from router.executor.interpret.typenames import Typenames
from router.executor.interpret.walk import objects_at
from router.kit.json import JsonObject, JsonValue, write_json
from router.operation.shape import TYPENAME
from router.query_plan.nodes import (
    ContextInput,
    EntitySelection,
    Fetch,
    RequiredFragment,
    RequiredSelection,
)

FETCHES_KEPT_MAX = 256
"""Multiplied fetches that are kept; one is written in less than a millisecond."""


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


@lru_cache(maxsize=FETCHES_KEPT_MAX)
def multiply_fetch(fetch: Fetch, count: int) -> Fetch:
    """The fetch with its one `_entities` field `count` times, each with variables of its own, numbered from 0."""
    (selection,) = fetch.entities
    own = {selection.representations_variable, *(given.variable for given in selection.contexts)}
    (definition,) = parse(fetch.operation, no_location=True).definitions
    assert isinstance(definition, OperationDefinitionNode)
    (field,) = definition.selection_set.selections
    shared = [each for each in definition.variable_definitions or () if each.variable.name.value not in own]
    numbered = [each for each in definition.variable_definitions or () if each.variable.name.value in own]
    declared: list[VariableDefinitionNode] = []
    fields: list[FieldNode] = []
    for i in range(count):
        number = _Number(own, i)
        declared += (visit(each, number) for each in numbered)
        fields.append(_alias(visit(field, number), f"{selection.response_key}_{i}"))
    operation = OperationDefinitionNode(
        operation=definition.operation,
        name=definition.name,
        directives=(),
        variable_definitions=(*declared, *shared),
        selection_set=SelectionSetNode(selections=tuple(fields)),
    )
    return replace(
        fetch,
        operation=print_ast(operation),
        entities=tuple(
            replace(
                selection,
                response_key=f"{selection.response_key}_{i}",
                representations_variable=f"{selection.representations_variable}_{i}",
                contexts=(),
            )
            for i in range(count)
        ),
    )


class _Number(Visitor):
    """Adds a number to the names of some variables."""

    def __init__(self, names: Collection[str], number: int) -> None:
        super().__init__()
        self._names = names
        self._number = number

    def enter_variable(self, node: VariableNode, *_: object) -> VariableNode | None:
        if node.name.value not in self._names:
            return None
        return VariableNode(name=NameNode(value=f"{node.name.value}_{self._number}"))


def _alias(node: FieldNode, alias: str) -> FieldNode:
    return FieldNode(
        alias=NameNode(value=alias),
        name=node.name,
        arguments=node.arguments,
        directives=node.directives,
        selection_set=node.selection_set,
    )


_ABSENT = object()


def _is_usable(value: JsonValue, given: ContextInput) -> bool:
    return value is not _ABSENT and (value is not None or not given.type.endswith("!"))


def _find_value(above: JsonValue, selections: Sequence[RequiredSelection], typenames: Typenames) -> JsonValue:
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
