"""A plan as Apollo's JSON, which other tools read.

A request with several `_entities` fields or places has no form of its own there: it is written as one fetch for each
field and place, in parallel, which gives the same answer. Such fetches have the same number as `batch`, an addition of
ours: they are one request, which those under a condition are part of while it holds. A required field that stands under another key in the response is written with `alias`.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import assert_never

from graphql import FieldNode, OperationDefinitionNode, parse, print_ast

from router.kit.json import JsonObject
from router.query_plan.tree import (
    EACH,
    Condition,
    ContextInput,
    Defer,
    Deferred,
    EntitySelection,
    Fetch,
    KeyRenamer,
    Parallel,
    PlanNode,
    PlanPath,
    Primary,
    RequiredField,
    RequiredSelection,
    Sequence,
    Subscription,
    TypeFilter,
    ValueSetter,
)


def write_node(node: PlanNode | None) -> JsonObject:
    """Give a plan as `{"kind": "QueryPlan", "node": ...}`; without `node` if nothing is fetched."""
    return {"kind": "QueryPlan"} | ({"node": _write(node, count())} if node is not None else {})


def _write(node: PlanNode, batches: Iterator[int]) -> JsonObject:
    match node:
        case Fetch():
            return _write_fetch(node, batches)
        case Sequence():
            return {"kind": "Sequence", "nodes": _write_all(node.nodes, "Sequence", batches)}
        case Parallel():
            return {"kind": "Parallel", "nodes": _write_all(node.nodes, "Parallel", batches)}
        case Condition():
            written: JsonObject = {"kind": "Condition", "condition": node.variable}
            if node.if_node is not None:
                written["ifClause"] = _write(node.if_node, batches)
            if node.else_node is not None:
                written["elseClause"] = _write(node.else_node, batches)
            return written
        case Subscription():
            written = {"kind": "Subscription", "primary": _write(node.primary, batches)}
            return written | ({"rest": _write(node.rest, batches)} if node.rest is not None else {})
        case Defer():
            deferred = [_write_deferred(part, batches) for part in node.deferred]
            return {"kind": "Defer", "primary": _write_part(node.primary, batches), "deferred": deferred}
        case _:
            assert_never(node)


def _write_part(part: Primary | Deferred, batches: Iterator[int]) -> JsonObject:
    written: JsonObject = {}
    if part.subselection is not None:
        written["subselection"] = part.subselection
    return written | ({"node": _write(part.node, batches)} if part.node is not None else {})


def _write_deferred(part: Deferred, batches: Iterator[int]) -> JsonObject:
    written: JsonObject = {"depends": [{"id": each} for each in part.depends]}
    if part.label is not None:
        written["label"] = part.label
    return written | {"queryPath": list(part.path)} | _write_part(part, batches)


def _write_all(nodes: Iterable[PlanNode], kind: str, batches: Iterator[int]) -> list[JsonObject]:
    """Write nodes so that none is of the enclosing kind: an expanded batch joins the parallel around it."""
    written: list[JsonObject] = []
    for node in nodes:
        child = _write(node, batches)
        if child["kind"] == kind:
            written.extend(child["nodes"])
        else:
            written.append(child)
    return written


def _write_fetch(node: Fetch, batches: Iterator[int]) -> JsonObject:
    if not node.entities:
        written = _fetch_object(node, node.operation, node.variable_usages)
        _add_rewrites(written, "outputRewrites", node.output_rewrites)
        return _flatten(node.path, written) if node.path else written
    parts = [(entity, path) for entity in node.entities for path in entity.paths]
    batch = {"batch": next(batches)} if len(parts) > 1 else {}
    nodes = [
        _guard(entity.conditions, _flatten(path, _write_entity(node, entity) | batch))
        for entity, path in parts
    ]
    return {"kind": "Parallel", "nodes": nodes} if len(nodes) > 1 else nodes[0]


def _guard(conditions: tuple[tuple[str, bool], ...], node: JsonObject) -> JsonObject:
    for name, wanted in reversed(conditions):
        node = {"kind": "Condition", "condition": name, "ifClause" if wanted else "elseClause": node}
    return node


def _fetch_object(node: Fetch, operation: str, usages: Iterable[str]) -> JsonObject:
    written: JsonObject = {
        "kind": "Fetch",
        "serviceName": node.subgraph,
        "operationKind": node.operation_kind.value,
        "operation": operation,
        "variableUsages": list(usages),
    }
    if node.operation_name is not None:
        written["operationName"] = node.operation_name
    if node.id is not None:
        written["id"] = node.id
    return written


def _write_entity(node: Fetch, entity: EntitySelection) -> JsonObject:
    operation, usages = (
        (node.operation, node.variable_usages) if len(node.entities) == 1 else _single_out(node, entity)
    )
    written = _fetch_object(node, operation, usages)
    written["requires"] = [_write_required(selection) for selection in entity.requires]
    _add_rewrites(written, "inputRewrites", entity.input_rewrites)
    _add_rewrites(written, "outputRewrites", entity.output_rewrites)
    if entity.contexts:
        written["contextRewrites"] = [
            _write_context(given, entity.paths[0][given.depth :]) for given in entity.contexts
        ]
    return written


def _single_out(node: Fetch, entity: EntitySelection) -> tuple[str, list[str]]:
    """Write the operation of one `_entities` field of a request that has several."""
    definition = parse(node.operation, no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    field = next(
        selection
        for selection in definition.selection_set.selections
        if isinstance(selection, FieldNode)
        and (selection.alias or selection.name).value == entity.response_key
    )
    assert field.selection_set is not None
    body = print_ast(field.selection_set)
    variable = entity.representations_variable
    usages = [name for name in node.variable_usages if f"${name}" in body]
    declared = [f"${variable}: [_Any!]!"] + [
        print_ast(declaration)
        for declaration in definition.variable_definitions or ()
        if declaration.variable.name.value in usages
    ]
    name = f" {node.operation_name}" if node.operation_name else ""
    head = f"query{name}({', '.join(declared)})"
    return f"{head} {{ _entities(representations: ${variable}) {body} }}", usages


def _write_required(selection: RequiredSelection) -> JsonObject:
    if isinstance(selection, RequiredField):
        written: JsonObject = {"kind": "Field", "name": selection.name}
        if selection.name != selection.response_key:
            written = {"kind": "Field", "alias": selection.name, "name": selection.response_key}
    else:
        written = {"kind": "InlineFragment", "typeCondition": selection.type_condition}
    if selection.selections:
        written["selections"] = [_write_required(inner) for inner in selection.selections]
    return written


def _add_rewrites(written: JsonObject, name: str, rewrites: tuple[KeyRenamer | ValueSetter, ...]) -> None:
    if rewrites:
        written[name] = [_write_rewrite(rewrite) for rewrite in rewrites]


def _write_context(given: ContextInput, below: PlanPath) -> JsonObject:
    """Write the way from an entity up to the object that sets the context, and down to the value."""
    path = [".."] * sum(1 for element in below if isinstance(element, str) and element != EACH)
    selections = given.selections
    while selections:
        first = selections[0]
        path.append(
            first.response_key if isinstance(first, RequiredField) else f"... on {first.type_condition}"
        )
        selections = first.selections
    return {"kind": "KeyRenamer", "path": path, "renameKeyTo": given.variable}


def _write_rewrite(rewrite: KeyRenamer | ValueSetter) -> JsonObject:
    if isinstance(rewrite, KeyRenamer):
        return {"kind": "KeyRenamer", "path": list(rewrite.path), "renameKeyTo": rewrite.name}
    return {"kind": "ValueSetter", "path": list(rewrite.path), "setValueTo": rewrite.value}


def _flatten(path: PlanPath, node: JsonObject) -> JsonObject:
    return {"kind": "Flatten", "path": write_path(path), "node": node}


def write_path(path: PlanPath) -> list[str]:
    """Give a path as Apollo writes it: a type filter is glued to the element before it."""
    written: list[str] = []
    for element in path:
        if isinstance(element, TypeFilter):
            text = f"|[{','.join(element.types)}]"
            if written:
                written[-1] += text
            else:
                written.append(text)
        else:
            written.append(element)
    return written
