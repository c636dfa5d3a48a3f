"""A plan as indented text, in the form that Apollo's tools print: what tests quote and people read.

Where a request carries several `_entities` fields, each is printed with its alias, its own places and the conditions
under which it is asked.
"""

from functools import singledispatch

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse, print_ast

from router.query_plan.tree import (
    Condition,
    Defer,
    Deferred,
    EntitySelection,
    Fetch,
    Parallel,
    PlanNode,
    PlanPath,
    Primary,
    RequiredField,
    RequiredSelection,
    Sequence,
    Subscription,
    TypeFilter,
)


def print_node(node: PlanNode | None) -> str:
    """Print a whole plan; None stands for one that fetches nothing."""
    if node is None:
        return "QueryPlan {}"
    return f"QueryPlan {{\n{_indent(_print(node))}\n}}"


def print_path(path: PlanPath) -> str:
    """Print a place in the response: `orders.@.lines.@`, with type filters as `|[A,B]`."""
    text = ""
    for element in path:
        if isinstance(element, TypeFilter):
            text += f"|[{','.join(element.types)}]"
        else:
            text += f".{element}" if text else element
    return text


@singledispatch
def _print(node: PlanNode) -> str:
    raise TypeError(f"{node!r} is no plan node")


@_print.register
def _(node: Fetch) -> str:
    body = print_fetch(node)
    told = f'service: "{node.subgraph}"' + (f", id: {node.id}" if node.id is not None else "")
    text = f"Fetch({told}) {{\n{_indent(body)}\n}}"
    if node.path:
        return _flatten(print_path(node.path), text)
    if len(node.entities) == 1:
        return _flatten(", ".join(print_path(path) for path in node.entities[0].paths), text)
    return text if not node.entities else f"Batch{text}"


@_print.register
def _(node: Sequence) -> str:
    return _block("Sequence", [_print(child) for child in node.nodes])


@_print.register
def _(node: Parallel) -> str:
    return _block("Parallel", [_print(child) for child in node.nodes])


@_print.register
def _(node: Condition) -> str:
    if node.else_node is None and node.if_node is not None:
        return _block(f"Include(if: ${node.variable})", [_print(node.if_node)])
    if node.if_node is None and node.else_node is not None:
        return _block(f"Skip(if: ${node.variable})", [_print(node.else_node)])
    branches = [
        _block(name, [_print(child)])
        for name, child in (("Then", node.if_node), ("Else", node.else_node))
        if child is not None
    ]
    return _block(f"Condition(if: ${node.variable})", branches)


@_print.register
def _(node: Subscription) -> str:
    parts = [_block("Primary:", [_print(node.primary)])]
    if node.rest is not None:
        parts.append(_block("Rest:", [_print(node.rest)]))
    return _block("Subscription", parts)


@_print.register
def _(node: Defer) -> str:
    deferred = "\n".join(f"{_indent(_print_deferred(part))}," for part in node.deferred)
    body = f"Primary {{\n{_indent(_print_part(node.primary))}\n}}, [\n{deferred}\n]"
    return f"Defer {{\n{_indent(body)}\n}}"


def _print_deferred(part: Deferred) -> str:
    told = [f"depends: [{', '.join(part.depends)}]", f'path: "{"/".join(part.path)}"']
    if part.label is not None:
        told.append(f'label: "{part.label}"')
    return f"Deferred({', '.join(told)}) {{\n{_indent(_print_part(part))}\n}}"


def _print_part(part: Primary | Deferred) -> str:
    if isinstance(part, Deferred) and isinstance(part.node, Defer):
        return _print(part.node)
    text = ""
    if part.subselection is not None:
        operation = parse(part.subselection, no_location=True).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        text = print_ast(operation.selection_set)
    text += ":"
    return text if part.node is None else f"{text}\n{_print(part.node)}"


def print_fetch(node: Fetch) -> str:
    """Print what a fetch takes of each entity, and what it selects."""
    operation = parse(node.operation, no_location=True).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    if not node.entities:
        return print_ast(operation.selection_set)
    fields = {
        (field.alias or field.name).value: field
        for field in operation.selection_set.selections
        if isinstance(field, FieldNode)
    }
    return "\n".join(
        _entity_body(entity, fields[entity.response_key].selection_set, shows_place=len(node.entities) > 1)
        for entity in node.entities
    )


def _entity_body(entity: EntitySelection, selections: SelectionSetNode | None, *, shows_place: bool) -> str:
    assert selections is not None
    requires = "\n".join(_print_required(selection) for selection in entity.requires)
    text = f"{{\n{_indent(requires)}\n}} =>\n{print_ast(selections)}"
    if shows_place:
        paths = ", ".join(print_path(path) for path in entity.paths)
        conditions = "".join(
            f" @{'include' if wanted else 'skip'}(if: ${name})" for name, wanted in entity.conditions
        )
        return f'{entity.response_key}(path: "{paths}"){conditions}\n{text}'
    return text


def _print_required(selection: RequiredSelection) -> str:
    if isinstance(selection, RequiredField):
        renamed = selection.name != selection.response_key
        head = f"{selection.name}: {selection.response_key}" if renamed else selection.name
    else:
        head = f"... on {selection.type_condition}"
    if not selection.selections:
        return head
    return f"{head} {{\n{_indent(chr(10).join(_print_required(inner) for inner in selection.selections))}\n}}"


def _flatten(path: str, text: str) -> str:
    return f'Flatten(path: "{path}") {{\n{_indent(text)}\n}}'


def _block(head: str, parts: list[str]) -> str:
    body = "\n".join(f"{_indent(part)}," for part in parts)
    return f"{head} {{\n{body}\n}}"


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))
