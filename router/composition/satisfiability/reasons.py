"""Why a path fails: for each subgraph that its data may be in, what keeps it from going on."""

from collections.abc import Iterator

from router.composition.context import Merge
from router.composition.report import Site
from router.composition.satisfiability.moves import Moves
from router.composition.satisfiability.places import Place
from router.composition.satisfiability.walk import Failure
from router.query_graph import Node
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection
from router.supergraph.records import FieldIn, Key


class Reasons:
    """Tells why failures fail."""

    def __init__(self, moves: Moves, merge: Merge) -> None:
        self._moves = moves
        self._merge = merge
        self._supergraph = moves.places.supergraph
        self._names = {subgraph.graph: subgraph.name for subgraph in self._supergraph.subgraphs}

    def of(self, failure: Failure) -> Iterator[str]:
        """The reasons, grouped by subgraph, a text of one or more lines for each."""
        groups: dict[str, dict[str, None]] = {}
        for graph, reason in self._reasons(failure):
            groups.setdefault(self._names[graph], {})[reason] = None
        for name, found in groups.items():
            if len(found) == 1:
                yield f'- from subgraph "{name}": {next(iter(found))}'
            else:
                yield "\n".join([f'- from subgraph "{name}":', *(f"  - {reason}" for reason in found)])

    def sites(self, failure: Failure) -> Iterator[Site]:
        """Where the field is declared, and the type in the subgraphs that lack it."""
        type_name, name = failure.state.place.type_name, failure.field.name
        for subgraph, declared in self._merge.sources(type_name):
            field = declared.fields.get(name)
            yield subgraph.name, field.node if field is not None else declared.node

    def _reasons(self, failure: Failure) -> Iterator[tuple[str, str]]:
        state = failure.state
        if failure.object_type is not None:
            for tail in failure.tails:
                why = "no subgraph can be reached to resolve the implementation type of @interfaceObject type"
                yield tail.graph, f'{why} "{tail.type_name}".'
            return
        for bit, node in state.place.members(state.here | state.near):
            is_here = bool(bit & state.here)
            if is_here or self._entry(node, failure.field.name) is not None:
                yield node.graph, self._why_not_here(state.place, bit, node, failure)
            if is_here:
                for reason in self._why_not_moving(failure, node):
                    yield node.graph, reason

    def _entry(self, node: Node, name: str) -> FieldIn | None:
        field = self._supergraph.types[node.type_name].fields.get(name)
        return field.graphs.get(node.graph) if field is not None else None

    def _why_not_here(self, place: Place, bit: int, node: Node, failure: Failure) -> str:
        name = failure.field.name
        where = f'"{node.type_name}.{name}"'
        edge = node.fields.get(name)
        if edge is None:
            return self._why_not_resolved(node, name, where)
        if edge.gate and (edge.gate.label, edge.gate.wanted) not in failure.situation.labels:
            return f"field {where} is not resolvable because it is overridden when the label says so."
        missing = [
            use.context
            for use in edge.context_arguments
            if (use.context, use.selection) not in failure.situation.contexts
        ]
        if missing:
            context = missing[0].partition("__")[2]
            return f'could not find a match for required context "{context}" of field {where}.'
        if edge.requires and not self._moves.is_requirement_met(place, bit, name):
            return f"cannot satisfy @require conditions on field {where}."
        return (
            f"cannot satisfy @require conditions on field {where}: what is required comes from another subgraph, and "
            f'"{node.type_name}" has no usable @key by which to come back with it.'
        )

    def _why_not_resolved(self, node: Node, name: str, where: str) -> str:
        field = self._supergraph.types[node.type_name].fields.get(name)
        for other in field.graphs.values() if field is not None else ():
            if other.override_from == self._names[node.graph]:
                taker = self._names[other.graph]
                return f'field {where} is not resolvable because it is overridden by subgraph "{taker}".'
        entry = self._entry(node, name)
        if entry is None:
            return f"cannot find field {where}."
        return f"field {where} is not resolvable because marked @external."

    def _why_not_moving(self, failure: Failure, node: Node) -> Iterator[str]:
        state, name = failure.state, failure.field.name
        reached = {other.graph for _, other in state.place.members(state.here | state.near)}
        for type_name in (
            state.place.type_name,
            *sorted(self._supergraph.types[state.place.type_name].interfaces),
        ):
            info = self._supergraph.types[type_name]
            for graph, type_in in info.graphs.items():
                if graph in reached or not self._offers(type_name, graph, name):
                    continue
                if type_name != state.place.type_name and not type_in.is_interface_object:
                    continue
                yield from self._why_not_entering(type_name, graph, type_in.keys, node, name)

    def _offers(self, type_name: str, graph: str, name: str) -> bool:
        node = self._moves.places.graph.nodes.get((type_name, graph))
        return node is not None and name in node.fields

    def _why_not_entering(
        self, type_name: str, graph: str, keys: tuple[Key, ...], node: Node, name: str
    ) -> Iterator[str]:
        target = self._names[graph]
        usable = [key for key in keys if key.resolvable]
        if not usable:
            reason = (
                f'none of the @key of "{type_name}" in subgraph "{target}" is resolvable (they are all "resolvable: '
                f'false")'
                if keys
                else f'type "{type_name}" has no @key defined in subgraph "{target}"'
            )
            yield f'cannot move to subgraph "{target}", which has field "{type_name}.{name}", because {reason}.'
        for key in usable:
            yield (
                f'cannot move to subgraph "{target}" using @key(fields: "{write_fields(key.fields)}") of '
                f'"{type_name}", the key field(s) cannot be resolved from subgraph "{self._names[node.graph]}".'
            )


def write_fields(fields: FieldSet) -> str:
    """A field set as its author may have written it."""
    return " ".join(_write(selection) for selection in fields)


def _write(selection: FieldSelection | FragmentSelection) -> str:
    if isinstance(selection, FragmentSelection):
        return f"... on {selection.type_condition} {{ {write_fields(selection.selections)} }}"
    if not selection.selections:
        return selection.name
    return f"{selection.name} {{ {write_fields(selection.selections)} }}"
