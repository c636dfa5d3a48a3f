"""Context arguments: values that a field takes from an object further up, and that reach its subgraph as variables.

A type sets a context by `@context`; a field's argument takes a selection of the nearest object above whose type does
(`@fromContext`). What is selected there is had like a requirement; it may even come from another subgraph. The field is asked
for when the value is there: in a fetch for the field's own objects, or in one for objects further up that leads to them.

Spec: Apollo Federation 2.8, `@context` and `@fromContext`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from router.operation.need import TYPENAME, NeedField, fields_for
from router.planner.sources import Source, ViaCast, ViaEntity, ViaField, source_above
from router.query_graph import FieldEdge, Node
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection, read_field_set
from router.supergraph.model import Supergraph
from router.supergraph.records import ContextArgument


@dataclass(frozen=True, slots=True)
class Taker:
    """An argument of a field of `node` that takes its value from a context."""

    node: Node
    edge: FieldEdge
    argument: ContextArgument

    @property
    def variable(self) -> str:
        """The variable by which the subgraph is told the value."""
        field = f"{self.node.graph}_{self.node.type_name}_{self.edge.name}"
        return f"contextualArgument_{field}_{self.argument.name}"


def list_takers(node: Node, edge: FieldEdge) -> list[Taker]:
    """The arguments of one field that take their values from contexts."""
    return [Taker(node, edge, argument) for argument in edge.context_arguments]


def find_takers(node: Node, item: NeedField, supergraph: Supergraph) -> Iterator[Taker]:
    """Find the arguments below a field, in its own subgraph, whose values come from the objects of `node` or above."""
    edge = node.fields.get(item.name)
    if edge is None or edge.tail is None or item.need is None:
        return
    for below in edge.tail.casts.values() if edge.tail.is_abstract else (edge.tail,):
        for inner in fields_for(item.need, below.type_name, supergraph):
            own = below.fields.get(inner.name)
            if own is not None and not own.requires:
                yield from list_takers(below, own)
            for taker in find_takers(below, inner, supergraph):
                if below.type_name not in supergraph.context_setters(taker.argument.context):
                    yield taker


def is_told(source: Source, edge: FieldEdge, supergraph: Supergraph) -> bool:
    """Whether the fetch that has these objects began with the values for all arguments of a field of theirs."""
    entry = source
    while isinstance(entry.via, ViaField | ViaCast):
        entry = entry.via.parent
    supplies = entry.via.contexts if isinstance(entry.via, ViaEntity) else ()
    told = {(supply.variable, supply.position.id) for supply in supplies}
    return all(
        any(
            (taker.variable, setter.position.id) in told
            for setter in find_setters((source,), taker.argument.context, supergraph)
        )
        for taker in list_takers(source.node, edge)
    )


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


def can_be_null(fields: FieldSet, type_name: str, supergraph: Supergraph) -> bool:
    """Whether a selection of a type can lead to null although nothing fails."""
    for selection in fields:
        if isinstance(selection, FragmentSelection):
            if can_be_null(selection.selections, selection.type_condition, supergraph):
                return True
            continue
        if selection.name == TYPENAME:
            continue
        returned = supergraph.types[type_name].fields[selection.name].type
        if not returned.text.endswith("!") or can_be_null(selection.selections, returned.name, supergraph):
            return True
    return False


def with_context_arguments(item: NeedField, node: Node) -> NeedField:
    """The field as it is asked for: with the arguments that come from contexts, which no client gives."""
    edge = node.fields.get(item.name)
    if edge is None or not edge.context_arguments:
        return item
    own = ((taker.argument.name, f"${taker.variable}") for taker in list_takers(node, edge))
    return replace(item, arguments=tuple(sorted((*item.arguments, *own))))
