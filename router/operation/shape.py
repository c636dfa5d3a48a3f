"""The shape of a response: what the client asked for, at each position, in the client's order.

A shape is made from the client's own operation and the API schema, before authorisation and planning
change anything. Completion follows it: it names the entries of every object, their order, types and
nullability. `@skip`, `@include` and `@defer` are settled when the shape is made, so a shape is good for one
combination of their variables (`find_conditions` tells which these are).

A shape may be made for an answer in parts. Then what is deferred at an object is no entry of it but a shape of its own.

Entries are collected the first time an object of a type turns up: an interface with a hundred
implementations costs only the ones that occur.

Spec: GraphQL, September 2025, 6.3.2 Field Collection, 6.4.3 Merging selection sets.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLNamedOutputType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from graphql.language import BooleanValueNode, FragmentSpreadNode

from router.kit.json import JsonValue
from router.operation.defer import DEFER, find_defer, is_active, read_label, read_place, walk_selections
from router.operation.fragments import read_fragments

TYPENAME = "__typename"
INTROSPECTION_FIELDS = ("__schema", "__type")


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One entry of an object in the response.

    Attributes:
        key: the response key, the client's alias if there is one.
        name: the field's name in the schema; `__typename`, `__schema` and `__type` too.
        type: the field's type in the API schema with its lists and non-nulls; None for the three above.
        child: the shape below, None for leaves.
        nodes: the client's selections of this entry, more than one if fragments repeat it.
        is_withheld: whether the caller may not see the value. It is null whatever has been fetched: the
            same field may have been needed for a key.
    """

    key: str
    name: str
    type: GraphQLOutputType | None
    child: "ObjectShape | None"
    nodes: tuple[FieldNode, ...]
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class DeferredShape:
    """What comes later of the objects of one type, at one position.

    Attributes:
        place: where its `@defer` stands in the document.
        shape: of the very same objects.
    """

    label: str | None
    place: int
    shape: "ObjectShape"


class ObjectShape:
    """The entries of the objects at one position, by the object's runtime type."""

    __slots__ = (
        "__weakref__",
        "_by_key",
        "_by_type",
        "_deferred",
        "_in_parts",
        "_is_typename_key_taken",
        "_permitted",
        "_selection_sets",
        "_whole",
        "operation",
        "static_type",
    )

    def __init__(
        self,
        operation: "OperationView",
        static_type: GraphQLNamedOutputType,
        selection_sets: tuple[SelectionSetNode, ...],
        permitted: "ObjectShape | None" = None,
        whole: "ObjectShape | None" = None,
    ) -> None:
        """`whole` is everything that the client asks for here, where this is a part of it; None if it is not."""
        self._whole = whole
        self._in_parts: ObjectShape | None = None
        self.operation = operation
        self.static_type = static_type
        self._selection_sets = selection_sets
        self._permitted = permitted
        self._by_type: dict[str, tuple[FieldShape, ...] | None] = {}
        self._by_key: dict[str, list[FieldShape]] | None = None
        self._deferred: dict[str, tuple[DeferredShape, ...]] = {}
        self._is_typename_key_taken: bool | None = None

    def find_entries(self, typename: str) -> tuple[FieldShape, ...] | None:
        """The entries of an object of type `typename`, in the client's order.

        An interface's name gives the entries that hold for all its implementations: the real type of
        what an interface object answers need not be known if the client did not ask for it. None if
        the API schema has no such type at this position, so that hidden types stay hidden.
        """
        try:
            return self._by_type[typename]
        except KeyError:
            pass
        runtime_type = self.find_type(typename)
        if runtime_type is None:
            # Not kept: a subgraph may send any number of names.
            return None
        entries = self._by_type[typename] = self._collect(runtime_type)
        return entries

    def find_deferred(self, typename: str) -> tuple[DeferredShape, ...]:
        """What comes later of an object of type `typename`, whose entries have been found."""
        return self._deferred.get(typename, ())

    def in_parts(self) -> "ObjectShape":
        """The first part of this, where what is deferred is left to parts of their own."""
        if self._in_parts is None:
            view = replace(self.operation, is_in_parts=True)
            given = self.static_type, self._selection_sets, self._permitted
            # A whole of its own: if it knew who keeps it, only the collector would find the two.
            self._in_parts = ObjectShape(view, *given, ObjectShape(self.operation, *given))
        return self._in_parts

    @property
    def whole(self) -> "ObjectShape":
        """Everything that the client asks for here."""
        return self._whole or self

    def find_type(self, typename: str) -> GraphQLNamedOutputType | None:
        """The API type of an object that says it is a `typename`; None if it cannot stand here."""
        return self.operation.find_type_at(self.static_type, typename)

    @property
    def is_typename_key_taken(self) -> bool:
        """Whether the client has given the response key `__typename` to another field."""
        if self._is_typename_key_taken is None:
            entries = self.whole.find_any_entries(TYPENAME)
            self._is_typename_key_taken = any(entry.name != TYPENAME for entry in entries)
        return self._is_typename_key_taken

    def find_any_entries(self, key: str) -> list[FieldShape]:
        """The entries with this response key on all types."""
        if self._by_key is None:
            schema = self.operation.schema
            types: list[GraphQLNamedOutputType] = [self.static_type]
            if is_abstract_type(self.static_type):
                types += schema.get_possible_types(self.static_type)
            self._by_key = {}
            for type_ in types:
                for entry in self.find_entries(type_.name) or ():
                    self._by_key.setdefault(entry.key, []).append(entry)
        return self._by_key.get(key, [])

    def _collect(self, runtime_type: GraphQLNamedOutputType) -> tuple[FieldShape, ...]:
        nodes_by_key: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        deferred: list[_Deferred] | None = [] if self.operation.is_in_parts else None
        for selection_set in self._selection_sets:
            for node in self.operation.walk_fields(selection_set, runtime_type, visited, deferred):
                key = node.alias.value if node.alias else node.name.value
                nodes_by_key.setdefault(key, []).append(node)
        if deferred:
            self._deferred[runtime_type.name] = tuple(
                self._build_deferred(each, runtime_type) for each in deferred
            )
        permitted = _index(self._permitted, runtime_type)
        whole = _index(self._whole, runtime_type)
        entries = [
            self._build_field(nodes, runtime_type, permitted.get(key), whole.get(key))
            for key, nodes in nodes_by_key.items()
        ]
        if self._permitted is None:
            return tuple(entries)
        return tuple(
            entry if entry.key in permitted else replace(entry, is_withheld=True) for entry in entries
        )

    def _build_deferred(self, deferred: "_Deferred", runtime_type: GraphQLNamedOutputType) -> DeferredShape:
        # Its fields need not be those of other types at this position: the fragments around it may say which it is for.
        directive, selection_set = deferred
        shape = ObjectShape(self.operation, runtime_type, (selection_set,), self._permitted, self.whole)
        return DeferredShape(read_label(directive), read_place(directive), shape)

    def _build_field(
        self,
        nodes: list[FieldNode],
        parent: GraphQLNamedOutputType,
        permitted: FieldShape | None,
        whole: FieldShape | None,
    ) -> FieldShape:
        name = nodes[0].name.value
        key = nodes[0].alias.value if nodes[0].alias else name
        if name == TYPENAME or name in INTROSPECTION_FIELDS:
            return FieldShape(key, name, None, None, tuple(nodes))
        field_type: GraphQLOutputType = parent.fields[name].type  # type: ignore[union-attr]
        named_type = get_named_type(field_type)
        child = None
        if is_composite_type(named_type):
            sets = tuple(node.selection_set for node in nodes if node.selection_set)
            child = ObjectShape(
                self.operation,
                named_type,
                sets,
                permitted.child if permitted is not None else None,
                whole.child if whole is not None else None,
            )
        return FieldShape(key, name, field_type, child, tuple(nodes))


def _index(shape: ObjectShape | None, type_: GraphQLNamedOutputType) -> dict[str, FieldShape]:
    entries = shape.find_entries(type_.name) if shape is not None else None
    return {entry.key: entry for entry in entries or ()}


@dataclass(frozen=True, slots=True)
class OperationView:
    """What all positions of one operation share.

    Attributes:
        variables: coerced, defaults applied; those of `@skip`, `@include` and `@defer` at least.
        is_in_parts: whether what is deferred is left to parts of their own.
    """

    schema: GraphQLSchema
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, JsonValue]
    is_in_parts: bool = False

    def find_type_at(
        self, static_type: GraphQLNamedOutputType, typename: str
    ) -> GraphQLNamedOutputType | None:
        """The API type `typename` if an object of it, or an interface's stand-in, may stand at `static_type`."""
        if typename == static_type.name:
            return static_type
        found = self.schema.get_type(typename)
        if not isinstance(found, GraphQLObjectType | GraphQLInterfaceType) or not is_abstract_type(
            static_type
        ):
            return None
        return found if self.schema.is_sub_type(static_type, found) else None

    def walk_fields(
        self,
        selection_set: SelectionSetNode,
        runtime_type: GraphQLNamedOutputType,
        visited: set[str],
        deferred: "list[_Deferred] | None" = None,
    ) -> Iterator[FieldNode]:
        """The fields that apply to `runtime_type`, fragments opened, in document order.

        Fragments that are deferred are added to `deferred` instead, or opened with the others if it is None.
        """
        for selection in selection_set.selections:
            if not self.is_included(selection):
                continue
            if isinstance(selection, FieldNode):
                yield selection
                continue
            directive = self._find_active_defer(selection) if deferred is not None else None
            fragment: FragmentDefinitionNode | InlineFragmentNode
            if isinstance(selection, FragmentSpreadNode):
                if directive is None and selection.name.value in visited:
                    continue
                if directive is None:
                    visited.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
            else:
                assert isinstance(selection, InlineFragmentNode)
                fragment = selection
            condition = fragment.type_condition
            if condition is not None and not self.is_applicable(condition.name.value, runtime_type):
                continue
            if directive is None:
                yield from self.walk_fields(fragment.selection_set, runtime_type, visited, deferred)
            elif deferred is not None and all(directive is not known for known, _ in deferred):
                opened = InlineFragmentNode(
                    type_condition=condition, directives=(), selection_set=fragment.selection_set
                )
                deferred.append((directive, SelectionSetNode(selections=(opened,))))

    def _find_active_defer(self, selection: SelectionNode) -> DirectiveNode | None:
        directive = find_defer(selection)
        return directive if directive is not None and is_active(directive, self._is_true) else None

    def _is_true(self, variable: str) -> bool:
        return self.variables.get(variable) is True

    def is_applicable(self, condition: str, runtime_type: GraphQLNamedOutputType) -> bool:
        """Whether every object of `runtime_type` is one of `condition`."""
        if condition == runtime_type.name:
            return True
        wanted = self.schema.get_type(condition)
        return (
            is_abstract_type(wanted)
            and hasattr(runtime_type, "interfaces")
            and self.schema.is_sub_type(wanted, runtime_type)
        )

    def is_included(self, selection: SelectionNode) -> bool:
        """Whether `@skip` and `@include` let the selection stand."""
        for directive in selection.directives or ():
            name = directive.name.value
            if name in {"skip", "include"} and self._read_condition(directive) is (name == "skip"):
                return False
        return True

    def _read_condition(self, directive: DirectiveNode) -> bool:
        for argument in directive.arguments or ():
            value = argument.value
            if argument.name.value == "if" and isinstance(value, BooleanValueNode):
                return value.value
            if argument.name.value == "if" and isinstance(value, VariableNode):
                return bool(self.variables.get(value.name.value))
        return False


def build_shape(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, JsonValue],
    permitted: ObjectShape | None = None,
) -> ObjectShape:
    """The shape of the root object of `operation`, a valid operation of `document`.

    `variables` are the coerced values, defaults applied; only those of `@skip`, `@include` and `@defer` matter.
    `permitted` is the shape of what authorisation has left of the operation, None if that is all of it.
    """
    root_type = schema.get_root_type(operation.operation)
    assert root_type is not None, "a validated operation has a root type"
    fragments = read_fragments(document)
    view = OperationView(schema, operation, fragments, variables)
    return ObjectShape(view, root_type, (operation.selection_set,), permitted)


class ConditionsFound(NamedTuple):
    """What the answer to a document depends on.

    Attributes:
        variables: those that `@skip`, `@include` and `@defer` read anywhere, sorted.
        has_defer: whether there is any `@defer`.
    """

    variables: tuple[str, ...]
    has_defer: bool


def find_conditions(document: DocumentNode) -> ConditionsFound:
    """Find the conditions of a document."""
    names: set[str] = set()
    has_defer = False
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            for selection in walk_selections(definition.selection_set):
                for directive in selection.directives or ():
                    has_defer |= directive.name.value == DEFER
                    if directive.name.value in {"skip", "include", DEFER}:
                        names.update(_variable_names(directive.arguments or ()))
    return ConditionsFound(tuple(sorted(names)), has_defer)


_Deferred: TypeAlias = tuple[DirectiveNode, SelectionSetNode]


def _variable_names(arguments: Iterable[object]) -> Iterator[str]:
    for argument in arguments:
        value = getattr(argument, "value", None)
        if isinstance(value, VariableNode):
            yield value.name.value
