"""Context arguments: values that a field takes from an object further up, and that reach its subgraph as variables.

A type sets a context by `@context`; a field's argument takes a selection of the nearest object above whose type does
(`@fromContext`). What is selected there is had like a requirement; it may even come from another subgraph.

Spec: Apollo Federation 2.8, `@context` and `@fromContext`.
"""

from collections.abc import Iterator
from dataclasses import replace

from router.operation.need import NeedField
from router.planner.sources import Source, ViaEntity, source_above
from router.query_graph import FieldEdge, Node
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection, read_field_set
from router.supergraph.model import Supergraph
from router.supergraph.records import ContextArgument


def find_setters(sources: tuple[Source, ...], context: str, supergraph: Supergraph) -> tuple[Source, ...]:
    """Find the nearest objects above that set a context, as each of `sources` was come by; those that are at one place."""
    found = dict.fromkeys(
        each
        for source in sources
        if (setter := _find_setter(source, context, supergraph))
        for each in _with_origins(setter)
    )
    nearest = max((setter.position.id for setter in found), default=None)
    return tuple(setter for setter in found if setter.position.id == nearest)


def _with_origins(setter: Source) -> Iterator[Source]:
    """The objects, and the same objects as other fetches had them before: these may have the value already."""
    each = setter
    yield each
    while isinstance(each.via, ViaEntity):
        each = each.via.origin
        if each.node.type_name == setter.node.type_name:
            yield each


def _find_setter(source: Source, context: str, supergraph: Supergraph) -> Source | None:
    above = source_above(source)
    while above is not None:
        if above.position is not source.position and above.node.type_name in supergraph.context_setters(
            context
        ):
            return above
        above = source_above(above)
    return None


def read_selection(argument: ContextArgument, type_name: str, supergraph: Supergraph) -> FieldSet:
    """The fields of a type that lead to an argument's value; what is meant for other types is left out."""
    return _narrow(read_field_set(argument.selection), type_name, supergraph)


def _narrow(fields: FieldSet, type_name: str, supergraph: Supergraph) -> FieldSet:
    kept: list[FieldSelection | FragmentSelection] = []
    for selection in fields:
        if isinstance(selection, FieldSelection):
            kept.append(selection)
        elif supergraph.is_subtype(type_name, selection.type_condition):
            kept += _narrow(selection.selections, type_name, supergraph)
        elif supergraph.types[type_name].is_abstract:
            kept.append(selection)
    return tuple(kept)


def context_variable(target: Node, edge: FieldEdge, argument: ContextArgument) -> str:
    """The variable by which a subgraph is told the value."""
    return f"contextualArgument_{target.graph}_{target.type_name}_{edge.name}_{argument.name}"


def with_context_arguments(item: NeedField, node: Node) -> NeedField:
    """The field as it is asked for: with the arguments that come from contexts, which no client gives."""
    edge = node.fields.get(item.name)
    if edge is None or not edge.context_arguments:
        return item
    own = ((each.name, f"${context_variable(node, edge, each)}") for each in edge.context_arguments)
    return replace(item, arguments=tuple(sorted((*item.arguments, *own))))
