"""How many objects an operation may ask for: lists within lists multiply, and the depth limit alone does not stop them.

The number is the most that an answer can hold, as far as the schema tells: `users(first: 100)` with `orders(first: 20)` below
is 100 + 100 * 20. A list without a size has the one that its definition assumes, and `_entities` as many as are asked for.
Clients name their keys, which stand in every object and in the path of every error below: none has more than `KEY_LENGTH_MAX`
characters, and an object counts once more for each `KEYS_LENGTH` of all its keys. Each fragment is counted once, so the work is linear in the document.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLList,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)
from strawberry.extensions import SchemaExtension
from strawberry.federation.schema_directives import Cost, ListSize
from strawberry.schema.schema_converter import GraphQLCoreConverter

from subgraphs.common.errors import CostLimitError
from subgraphs.common.pagination import PAGE_SIZE

OBJECTS_MAX = 20_000
COST_OBJECTS = 80
"""As many objects is one of a mutation's `@cost`: five times a password may be hashed in one operation, or twelve orders placed."""

KEY_LENGTH_MAX = 200
KEYS_LENGTH = 1_000
"""More than the keys of an object have, those of objects in it included, unless somebody means harm."""

_SIZES = ("first", "last")
_REPRESENTATIONS = "representations"
_ROWS = frozenset({"edges", "nodes"})


class ObjectLimit(SchemaExtension):
    """Refuses an operation that asks for more than `OBJECTS_MAX` objects."""

    def on_execute(self) -> Iterator[None]:
        """Count before anything runs."""
        context = self.execution_context
        if context.graphql_document is not None:
            count = count_objects(
                context.schema._schema,  # noqa: SLF001 -- Strawberry has no other name for it
                context.graphql_document,
                context.operation_name,
                context.variables or {},
            )
            if count > OBJECTS_MAX:
                raise CostLimitError(
                    f"The operation asks for up to {count} objects, and {OBJECTS_MAX} is the most: "
                    "ask for smaller lists within lists."
                )
        yield


def count_objects(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
) -> int:
    """The most objects in lists that the answer of a valid document's operation can hold.

    Raises:
        CostLimitError: a key is too long.
    """
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    return max(
        (
            _Counter(schema, fragments, _list_values(node, variables)).count_operation(node)
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
            and (operation_name is None or (node.name is not None and node.name.value == operation_name))
        ),
        default=0,
    )


def _list_values(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of an operation's variables: as sent, else the literals of their definitions."""
    defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions or ()}
    return {**defaults, **variables}


class _Count(NamedTuple):
    """Objects of a selection set: those that are there once for each row of the page that it is made on, and others.

    Beside them the characters of its keys, and of those of objects in it that are in no list.
    """

    per_row: int = 0
    fixed: int = 0
    keys_length: int = 0

    def total(self, size: int) -> int:
        return self.per_row * size + self.fixed


class _Counter:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        values: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._values = values
        self._counted: dict[str, _Count] = {}

    def count_operation(self, operation: OperationDefinitionNode) -> int:
        root = self._schema.get_root_type(operation.operation)
        return 0 if root is None else self._count(operation.selection_set, root).total(PAGE_SIZE)

    def _count(self, selections: SelectionSetNode, parent: GraphQLCompositeType) -> _Count:
        per_row = fixed = keys_length = 0
        for node in selections.selections:
            one = self._count_one(node, parent)
            per_row += one.per_row
            fixed += one.fixed
            keys_length += one.keys_length
        return _Count(per_row, fixed, keys_length)

    def _count_one(self, node: SelectionNode, parent: GraphQLCompositeType) -> _Count:
        if isinstance(node, FieldNode):
            length = len((node.alias or node.name).value)
            if length > KEY_LENGTH_MAX:
                raise CostLimitError(f"A key has {length} characters, and {KEY_LENGTH_MAX} is the most.")
            if node.selection_set is None:
                return _Count(keys_length=length)
            count = self._count_field(node, parent)
            return count._replace(keys_length=count.keys_length + length)
        if isinstance(node, FragmentSpreadNode):
            return self._count_fragment(node.name.value)
        assert isinstance(node, InlineFragmentNode), "there is no other selection"
        condition = node.type_condition
        return self._count(
            node.selection_set, parent if condition is None else self._get_type(condition.name.value)
        )

    def _count_fragment(self, name: str) -> _Count:
        if name not in self._counted:
            # A fragment within itself is refused by GraphQL's own rules; here it only must not go on for ever.
            self._counted[name] = _Count()
            fragment = self._fragments[name]
            condition = self._get_type(fragment.type_condition.name.value)
            self._counted[name] = self._count(fragment.selection_set, condition)
        return self._counted[name]

    def _count_field(self, node: FieldNode, parent: GraphQLCompositeType) -> _Count:
        definition = self._schema.get_field(parent, node.name.value)
        assert definition is not None, "a valid operation has known fields"
        returned = get_named_type(definition.type)
        assert is_composite_type(returned), "only such have selections"
        assert node.selection_set is not None, "the caller has looked"
        below, size = self._count(node.selection_set, returned), self._size(node, definition)
        if not isinstance(get_nullable_type(definition.type), GraphQLList):
            # A page has its size, and the lists of its rows have none.
            objects = below.total(PAGE_SIZE if size is None else size)
            if parent is self._schema.mutation_type:
                objects += _read_cost(definition) * COST_OBJECTS
            return _Count(0, objects, below.keys_length)
        objects = 1 + below.keys_length // KEYS_LENGTH + below.total(PAGE_SIZE)
        if size is None and node.name.value in _ROWS:
            return _Count(objects, 0)
        return _Count(0, objects * (_read_assumed_size(definition) if size is None else size))

    def _size(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """How many are asked for; None where the field does not let its client say it."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if _REPRESENTATIONS in given:
            return self._read_length(given[_REPRESENTATIONS])
        names = [name for name in _SIZES if name in definition.args]
        if not names:
            return None
        sizes = [self._read_int(given[name]) for name in names if name in given]
        asked = [size for size in sizes if size is not None]
        if not asked:
            asked = [
                default for name in names if isinstance(default := definition.args[name].default_value, int)
            ]
        # One that is too small is refused where it stands, and must not make room for others.
        return max(0, *asked) if asked else PAGE_SIZE

    def _read_int(self, value: ValueNode) -> int | None:
        found = self._values.get(value.name.value) if isinstance(value, VariableNode) else value
        if isinstance(found, IntValueNode):
            return int(found.value)
        # Of a variable 100.0 is an Int too.
        if isinstance(found, float) and found.is_integer():
            return int(found)
        return found if isinstance(found, int) else None

    def _read_length(self, value: ValueNode) -> int:
        found = self._values.get(value.name.value) if isinstance(value, VariableNode) else value
        items = found.values if isinstance(found, ListValueNode) else found
        return len(items) if isinstance(items, list | tuple) else 1

    def _get_type(self, name: str) -> GraphQLCompositeType:
        found = self._schema.get_type(name)
        assert is_composite_type(found), "a valid document has known type conditions"
        return found


def _read_assumed_size(definition: GraphQLField) -> int:
    sizes = [each.assumed_size for each in _list_directives(definition) if isinstance(each, ListSize)]
    return next((size for size in sizes if isinstance(size, int)), PAGE_SIZE)


def _read_cost(definition: GraphQLField) -> int:
    return next((each.weight for each in _list_directives(definition) if isinstance(each, Cost)), 0)


def _list_directives(definition: GraphQLField) -> Iterable[object]:
    return getattr(definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF), "directives", ())
