"""Whether all fields of a document that meet under one response name can be merged, in time linear in the document.

graphql-core compares fields in pairs, which is slow where thousands meet, and gives up then. Here the fields that meet are
collected once for each place of the answer, all fragments spread, and compared as a group. That is a little too strict:
what lies below fields of different objects is compared as if it were of one. So a yes is sure, and for everything else the
library's rule decides, and tells what is wrong.

Spec: GraphQL, 5.3.2 Field Selection Merging.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    print_ast,
)

from router.operation.fragments import read_fragments

COLLECTED_MAX = 200_000
"""Fields and spreads looked at, each once for each place where it is; beyond that the library decides, within its own bound."""

Part: TypeAlias = tuple[GraphQLCompositeType, SelectionSetNode]
"""A selection set with the type that it is made on."""


class _UnsureError(Exception):
    """The library has to look at it."""


class _Met(NamedTuple):
    parent: GraphQLCompositeType
    node: FieldNode
    type: GraphQLOutputType


def is_surely_mergeable(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Whether no two fields of the document can conflict; False if that is not sure."""
    check = _Check(schema, document)
    try:
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                check.run(_composite(schema.get_root_type(node.operation)), node.selection_set)
        for name, fragment in check.fragments.items():
            # What has been looked at where it is spread is right by itself, too.
            if name not in check.spread:
                check.run(
                    _composite(schema.get_type(fragment.type_condition.name.value)), fragment.selection_set
                )
    except _UnsureError:
        return False
    return True


class _Check:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self.fragments: Mapping[str, FragmentDefinitionNode] = read_fragments(document)
        self._left = COLLECTED_MAX
        self._seen: set[frozenset[int]] = set()
        self._arguments: dict[int, str] = {}
        self.spread: set[str] = set()

    def run(self, parent: GraphQLCompositeType, selections: SelectionSetNode) -> None:
        todo: list[list[Part]] = [[(parent, selections)]]
        while todo:
            for met in self._collect(todo.pop()).values():
                self._compare(met)
                below = [
                    (_composite(get_named_type(one.type)), one.node.selection_set)
                    for one in met
                    if one.node.selection_set is not None
                ]
                if below:
                    todo.append(below)

    def _collect(self, parts: list[Part]) -> dict[str, list[_Met]]:
        """The fields of selection sets that are one in the answer, by response name; none if they have been looked at."""
        found: dict[str, list[_Met]] = {}
        nodes: set[int] = set()
        spread: set[str] = set()
        while parts:
            parent, selections = parts.pop()
            for node in selections.selections:
                if isinstance(node, FieldNode):
                    nodes.add(id(node))
                    name = node.alias.value if node.alias is not None else node.name.value
                    found.setdefault(name, []).append(_Met(parent, node, self._type_of(parent, node)))
                elif isinstance(node, InlineFragmentNode):
                    parts.append((self._narrow(parent, node.type_condition), node.selection_set))
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    fragment = self.fragments.get(node.name.value)
                    if fragment is None:
                        raise _UnsureError
                    parts.append((self._narrow(parent, fragment.type_condition), fragment.selection_set))
        self.spread |= spread
        self._left -= len(nodes) + len(spread)
        if self._left < 0:
            raise _UnsureError
        key = frozenset(nodes)
        if key in self._seen:
            return {}
        self._seen.add(key)
        return found

    def _compare(self, met: list[_Met]) -> None:
        if len(met) == 1:
            return
        first, *others = met
        shape = _shape(first.type)
        if any(_shape(other.type) != shape for other in others):
            raise _UnsureError
        asked = {self._asked(one.node) for one in met}
        if len(asked) == 1:
            return
        # Fields of different objects never meet.
        by_object: dict[str, str] = {}
        for one in met:
            text = self._asked(one.node)
            is_object = isinstance(one.parent, GraphQLObjectType)
            if not is_object or by_object.setdefault(one.parent.name, text) != text:
                raise _UnsureError

    def _asked(self, node: FieldNode) -> str:
        """A field's own name with its arguments, in any order."""
        if not node.arguments:
            return node.name.value
        text = self._arguments.get(id(node))
        if text is None:
            given = sorted(print_ast(argument) for argument in node.arguments)
            text = self._arguments[id(node)] = f"{node.name.value}({', '.join(given)})"
        return text

    def _type_of(self, parent: GraphQLCompositeType, node: FieldNode) -> GraphQLOutputType:
        definition = self._schema.get_field(parent, node.name.value)
        if definition is None or (node.selection_set is None) is is_composite_type(
            get_named_type(definition.type)
        ):
            raise _UnsureError
        return definition.type

    def _narrow(self, parent: GraphQLCompositeType, condition: NamedTypeNode | None) -> GraphQLCompositeType:
        return parent if condition is None else _composite(self._schema.get_type(condition.name.value))


def _composite(given: object) -> GraphQLCompositeType:
    if not is_composite_type(given):
        raise _UnsureError
    return given


def _shape(given: GraphQLOutputType) -> str:
    """What a type looks like in an answer: objects all alike, leaves by their names."""
    named = get_named_type(given)
    text = str(given)
    return text.replace(named.name, "{}") if is_composite_type(named) else text
