"""CONTEXT_INVALID_SELECTION: the selection of a `@fromContext` gives one value, on each type that sets the context.

It is one field, down to one leaf; or it has a branch for each object type that sets the context, by type condition.
The value may be null, since the type that sets the context is above, perhaps in another subgraph that fails.
"""

from collections.abc import Iterator, Mapping, Sequence

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)

from router.composition.contexts import ContextUse, find_contextual_arguments, find_setters
from router.composition.field_sets import walk_selections
from router.composition.report import Report
from router.composition.subgraph import Kind, Subgraph, Type
from router.composition.type_ref import TypeRef, named_type
from router.supergraph.field_set import find_variables

_Branches = Mapping[str | None, SelectionSetNode]
"""What is selected on each object type; on all of them for None."""


def check_context_invalid_selection(subgraph: Subgraph, report: Report) -> None:
    """Check each selection against the types that set its context and the argument that takes the value."""
    setters = find_setters(subgraph)
    for found in find_contextual_arguments(subgraph):
        if found.use is None:
            continue
        faults = _find_faults(subgraph, found.use, found.argument.type, setters.get(found.use.context, ()))
        for fault in dict.fromkeys(faults):
            report.error(
                "CONTEXT_INVALID_SELECTION",
                f'[{subgraph.name}] Context "{found.use.context}" is used in "{found.coordinate}" but the selection is '
                f"invalid: {fault}.",
                [(subgraph.name, found.applied.node)],
            )


def _find_faults(
    subgraph: Subgraph, use: ContextUse, wanted: TypeRef, setters: Sequence[Type]
) -> Iterator[str]:
    if not setters:
        return
    try:
        selections = use.parse()
    except GraphQLSyntaxError as error:
        yield error.message.removesuffix(".")
        return
    fault = _find_misplaced(selections) or _find_ambiguity(selections)
    if fault is not None:
        yield fault
        return
    branches = _read_branches(selections)
    used: set[str | None] = set()
    for setter in setters:
        if setter.is_interface_object:
            yield f'"{setter.name}" is an @interfaceObject, which does not know the type of what it holds'
        names = [name for name in branches if name is None or _is_possible(subgraph, name, setter)]
        used.update(names)
        if not names:
            yield f'no type condition matches "{setter.name}": add a "... on" an object type of it'
        for name in names:
            yield from _check_branch(subgraph, name or setter.name, branches[name], wanted)
    for name in (name for name in branches if name not in used):
        yield f'type condition "{name}" is never used: it is no object type that sets the context'


def _find_misplaced(selections: SelectionSetNode) -> str | None:
    """What no selection may have anywhere."""
    for node in _walk(selections):
        if node.directives:
            return "directives are not allowed in it"
        if isinstance(node, FragmentSpreadNode):
            return "fragment spreads are not allowed in it, only inline fragments"
        if isinstance(node, FieldNode) and node.alias is not None:
            return "aliases are not allowed in it"
        if isinstance(node, FieldNode) and any(find_variables(given.value) for given in node.arguments or ()):
            return "variables are not allowed in it"
    return None


def _walk(selections: SelectionSetNode) -> Iterator[SelectionNode]:
    open_sets = [selections]
    while open_sets:
        for node in open_sets.pop().selections:
            yield node
            inner = getattr(node, "selection_set", None)
            if inner is not None:
                open_sets.append(inner)


def _find_ambiguity(selections: SelectionSetNode) -> str | None:
    """Why it is neither one field nor a branch for each type."""
    nodes = selections.selections
    if not nodes:
        return "it selects nothing"
    if not any(isinstance(node, InlineFragmentNode) for node in nodes):
        return "it selects several fields: select one" if len(nodes) > 1 else None
    conditions = [
        node.type_condition.name.value
        for node in nodes
        if isinstance(node, InlineFragmentNode) and node.type_condition is not None
    ]
    if len(conditions) < len(nodes):
        return "it selects on type conditions and without: select either one field or by type conditions only"
    if len(set(conditions)) < len(conditions):
        return "it has a type condition twice"
    return None


def _read_branches(selections: SelectionSetNode) -> _Branches:
    branches: dict[str | None, SelectionSetNode] = {}
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode) and node.type_condition is not None:
            branches[node.type_condition.name.value] = node.selection_set
        else:
            branches[None] = selections
    return branches


def _is_possible(subgraph: Subgraph, condition: str, setter: Type) -> bool:
    """Whether a condition is an object type, the one that sets the context or one that belongs to it."""
    narrow = subgraph.types.get(condition)
    return (
        narrow is not None
        and narrow.kind is Kind.OBJECT
        and (narrow is setter or setter.name in narrow.interfaces or narrow.name in setter.members)
    )


def _check_branch(
    subgraph: Subgraph, type_name: str, selections: SelectionSetNode, wanted: TypeRef
) -> Iterator[str]:
    walk = walk_selections(subgraph, type_name, selections)
    yield from walk.faults
    for name in dict.fromkeys(selected.parent for selected in walk.fields):
        if subgraph.types[name].is_interface_object:
            yield f'"{name}" is an @interfaceObject, which does not know the type of what it holds'
    if walk.faults:
        return
    value = _read_value_type(subgraph, type_name, selections)
    if value is None:
        yield "it gives more than one value: select one field on each level"
    elif str(wanted) != value:
        yield f'its value is of type "{value}", which does not fit the argument\'s type "{wanted}"'


def _read_value_type(subgraph: Subgraph, type_name: str, selections: SelectionSetNode) -> str | None:
    """The type of the one value that valid selections give, nullable throughout; None if they give several."""
    lists = 0
    inner: SelectionSetNode | None = selections
    while inner is not None:
        if len(inner.selections) != 1 or not isinstance(node := inner.selections[0], FieldNode):
            return None
        selected = subgraph.find_field(type_name, node.name.value)
        if selected is None:
            type_name = "String"  # of __typename
        else:
            lists += str(selected.type).count("[")
            type_name = named_type(selected.type)
        inner = node.selection_set
    return f"{'[' * lists}{type_name}{']' * lists}"
