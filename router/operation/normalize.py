"""A client's operation to normal form.

One recursive walk: named fragments are taken in place, `@skip` and `@include` become conditions of fields
(constant ones and those that hold above already vanish, contradictory ones take the field with them), fragments that always or never apply
dissolve, equal fields merge. Fields of a fragment with `@defer` are marked with it. Root introspection is left out: it
is answered without any subgraph.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    print_ast,
)

from router.operation.defer import find_defer, is_active, read_label, read_place
from router.operation.errors import OperationError
from router.operation.fragments import read_fragments
from router.operation.need import ALWAYS, TYPENAME, Arm, Conditions, Deferral, Need, NeedField
from router.supergraph.field_set import find_variables, freeze_arguments, write_type
from router.supergraph.model import Supergraph

DEFERRALS_MAX = 100
"""Deferred fragments of one operation, each place of a named one counted: each is a part of the plan and of the answer."""

# A chain of fragments that each spread the next twice grows without limit; real operations have hundreds.
SELECTIONS_MAX = 50_000


@dataclass(frozen=True, slots=True)
class VariableDeclaration:
    """A variable of the operation: its type and, with the equals sign, its default, as text."""

    name: str
    type: str
    default: str


@dataclass(frozen=True, slots=True)
class NormalizedOperation:
    """An operation in normal form.

    Attributes:
        size: how many selections it was made of, those of fragments wherever they are spread.
        variables: those that are read, in the order of declaration.
    """

    kind: OperationType
    name: str | None
    need: Need
    size: int
    variables: Mapping[str, VariableDeclaration]
    deferrals: tuple[Deferral, ...] = ()


def normalize_operation(
    document: DocumentNode,
    operation_name: str | None,
    supergraph: Supergraph,
    deferring: frozenset[str] | None = None,
) -> NormalizedOperation:
    """Bring the chosen operation into normal form. The document is valid against the API schema.

    `deferring` are those variables that are true of which `@defer` reads any; None if nothing is to be deferred.

    Raises:
        OperationError: no such operation, or more than `SELECTIONS_MAX` selections or `DEFERRALS_MAX` deferred
            fragments after expansion.
    """
    operation = find_operation(document, operation_name)
    kind = operation.operation
    root = supergraph.root_types.get(kind.value)
    if root is None:
        raise OperationError(f"The schema has no {kind.value} type")
    walk = _Walk(document, supergraph, deferring)
    need = walk.build_need(root, [(operation.selection_set, _Around())])
    fields = tuple(field for field in need.fields if not field.name.startswith("__"))
    name = operation.name.value if operation.name is not None else None
    variables = {
        node.variable.name.value: VariableDeclaration(
            node.variable.name.value,
            write_type(node.type),
            f" = {print_ast(node.default_value)}" if node.default_value is not None else "",
        )
        for node in operation.variable_definitions or ()
        if node.variable.name.value in walk.read
    }
    size = SELECTIONS_MAX - walk.budget
    deferrals = tuple(walk.deferrals.values())
    return NormalizedOperation(kind, name, Need(root, fields), size, variables, deferrals)


def find_operation(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """Pick the operation to run.

    Raises:
        OperationError: the name is unknown, or missing where there are several.
    """
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if operation_name is None and len(operations) == 1:
        return operations[0]
    for node in operations:
        if node.name is not None and node.name.value == operation_name:
            return node
    if operation_name is None:
        raise OperationError("Must provide operation name if query contains multiple operations.")
    raise OperationError(f"Unknown operation named '{operation_name}'.")


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds for the selections of one selection set.

    Attributes:
        path: the response keys and type conditions that lead to it.
        outer: the deferred fragment in which the object's own field stands.
        begun: the deferred fragment that has begun at this object, None if none has.
    """

    conditions: Conditions = ALWAYS
    path: tuple[str, ...] = ()
    outer: Deferral | None = None
    begun: Deferral | None = None


class _Selected:
    """What was found so far at one place: nodes by slot, in order of first appearance."""

    def __init__(self, above: Conditions) -> None:
        self.above = above
        self.fields: dict[tuple[str, Conditions, Deferral | None], list[FieldNode]] = {}
        self.arms: dict[str, list[tuple[SelectionSetNode, _Around]]] = {}


class _Walk:
    def __init__(
        self, document: DocumentNode, supergraph: Supergraph, deferring: frozenset[str] | None
    ) -> None:
        self.supergraph = supergraph
        self.budget = SELECTIONS_MAX
        self.deferring = deferring
        self.deferrals: dict[tuple[tuple[str, ...], int, Deferral | None], Deferral] = {}
        self.read: set[str] = set()
        self.fragments = read_fragments(document)

    def build_need(
        self, type_name: str, sets: list[tuple[SelectionSetNode, _Around]], above: Conditions = ALWAYS
    ) -> Need:
        """The need of some selection sets, which are only looked at where the conditions `above` hold."""
        selected = _Selected(above)
        for selection_set, around in sets:
            self._collect(selected, type_name, selection_set.selections, around)
        # All that is selected at one place has one path, but for type conditions, and stands in one part.
        at = sets[0][1] if sets[0][1].conditions == above else replace(sets[0][1], conditions=above)
        fields = tuple(
            self._build_field(type_name, slot, nodes, at) for slot, nodes in selected.fields.items()
        )
        arms = tuple(Arm(name, self.build_need(name, inner, above)) for name, inner in selected.arms.items())
        return Need(type_name, fields, tuple(arm for arm in arms if arm.need.fields or arm.need.arms))

    def _collect(
        self, selected: _Selected, type_name: str, nodes: Iterable[SelectionNode], around: _Around
    ) -> None:
        for node in nodes:
            self.budget -= 1
            if self.budget < 0:
                raise OperationError(f"The operation has more than {SELECTIONS_MAX} selections")
            conditions = self._combine(around.conditions, node.directives, selected.above)
            if conditions is None:
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias is not None else node.name.value
                selected.fields.setdefault((key, conditions, around.begun), []).append(node)
                continue
            condition, selection_set = self._open_fragment(node, type_name)
            is_always = self.supergraph.is_subtype(type_name, condition)
            if not is_always and not self._overlap(type_name, condition):
                continue
            inner = around if conditions == around.conditions else replace(around, conditions=conditions)
            if self.deferring is not None:
                inner = self._defer(node, inner, None if is_always else condition)
            if is_always:
                self._collect(selected, type_name, selection_set.selections, inner)
            else:
                selected.arms.setdefault(condition, []).append((selection_set, inner))

    def _defer(self, node: SelectionNode, around: _Around, condition: str | None) -> _Around:
        """What holds in a fragment of an operation that defers; `condition` is its own, if that matters."""
        directive = find_defer(node)
        assert self.deferring is not None, "the operation defers"
        begun = around.begun
        if directive is not None and is_active(directive, self.deferring.__contains__):
            outer = around.begun or around.outer
            slot = around.path, read_place(directive) if directive.loc is not None else id(directive), outer
            begun = self.deferrals.get(slot)
            if begun is None:
                begun = Deferral(
                    len(self.deferrals), read_label(directive), outer, around.path, read_place(directive)
                )
                self.deferrals[slot] = begun
                if len(self.deferrals) > DEFERRALS_MAX:
                    raise OperationError(f"The operation defers more than {DEFERRALS_MAX} fragments")
        path = around.path if condition is None else (*around.path, f"... on {condition}")
        return replace(around, begun=begun, path=path)

    def _open_fragment(self, node: SelectionNode, type_name: str) -> tuple[str, SelectionSetNode]:
        if isinstance(node, FragmentSpreadNode):
            fragment = self.fragments[node.name.value]
            return fragment.type_condition.name.value, fragment.selection_set
        assert isinstance(node, InlineFragmentNode)
        condition = node.type_condition.name.value if node.type_condition is not None else type_name
        return condition, node.selection_set

    def _overlap(self, one: str, other: str) -> bool:
        return not set(self.supergraph.possible_types(one)).isdisjoint(self.supergraph.possible_types(other))

    def _build_field(
        self,
        type_name: str,
        slot: tuple[str, Conditions, Deferral | None],
        nodes: list[FieldNode],
        around: _Around,
    ) -> NeedField:
        key, conditions, begun = slot
        node = nodes[0]
        name = node.name.value
        arguments = node.arguments or ()
        variables = tuple(dict.fromkeys(v for argument in arguments for v in find_variables(argument.value)))
        need = None
        field = self.supergraph.types[type_name].fields.get(name)
        type_info = self.supergraph.types.get(field.type.name) if field is not None else None
        if field is not None and type_info is not None and type_info.is_composite:
            # The conditions of this field hold for all below: they are not repeated there.
            path = (*around.path, key) if self.deferring is not None else ()
            below = _Around(ALWAYS, path, begun or around.outer)
            sets = [(n.selection_set, below) for n in nodes if n.selection_set is not None]
            need = self.build_need(field.type.name, sets, around.conditions | conditions)
        self.read.update(variables)
        self.read.update(variable for variable, _ in conditions)
        frozen = freeze_arguments(arguments)
        return NeedField(key, name, frozen, variables, conditions, need, deferral=begun)

    def _combine(
        self, outer: Conditions, directives: Iterable[DirectiveNode] | None, above: Conditions
    ) -> Conditions | None:
        """Add the conditions of one selection to those around it; None if it can never be selected."""
        conditions = set(outer)
        for directive in directives or ():
            if directive.name.value not in {"skip", "include"}:
                continue
            wanted = directive.name.value == "include"
            value = next(argument.value for argument in directive.arguments or ())
            if isinstance(value, BooleanValueNode):
                if value.value is not wanted:
                    return None
            elif isinstance(value, VariableNode):
                test = value.name.value, wanted
                if (value.name.value, not wanted) in conditions | above:
                    return None
                if test not in above:
                    conditions.add(test)
        return frozenset(conditions)


__all__ = ["TYPENAME", "NormalizedOperation", "find_operation", "normalize_operation"]
