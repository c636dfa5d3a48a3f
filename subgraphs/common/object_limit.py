"""How many objects an operation may ask for: pages within pages multiply, and the depth limit alone does not stop them.

The number is the most that an answer can hold, by the page sizes that the client asked for: `users(first: 100)` with
`orders(first: 20)` below is 100 + 100 * 20. Each fragment is counted once, so the work is linear in the document.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension

from subgraphs.common.errors import CostLimitError
from subgraphs.common.pagination import PAGE_SIZE

OBJECTS_MAX = 20_000
_SIZES = ("first", "last")
_ROWS = frozenset({"edges", "nodes"})


class ObjectLimit(SchemaExtension):
    """Refuses an operation that asks for more than `OBJECTS_MAX` objects."""

    def on_execute(self) -> Iterator[None]:
        """Count before anything runs."""
        context = self.execution_context
        if context.graphql_document is not None:
            count = count_objects(context.graphql_document, context.operation_name, context.variables or {})
            if count > OBJECTS_MAX:
                raise CostLimitError(
                    f"The operation asks for up to {count} objects, and {OBJECTS_MAX} is the most: "
                    "ask for smaller pages within pages."
                )
        yield


def count_objects(document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]) -> int:
    """The most objects in pages that the answer of a valid document's operation can hold."""
    counter = _Counter(document, variables)
    return max(
        (
            counter.count(node.selection_set)
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
            and (operation_name is None or (node.name is not None and node.name.value == operation_name))
        ),
        default=0,
    )


class _Counter:
    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._counted: dict[str, int] = {}
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def count(self, selections: SelectionSetNode | None) -> int:
        return sum(self._count_one(node) for node in selections.selections) if selections is not None else 0

    def _count_one(self, node: SelectionNode) -> int:
        if isinstance(node, FragmentSpreadNode):
            return self._count_fragment(node.name.value)
        below = self.count(getattr(node, "selection_set", None))
        if isinstance(node, FieldNode) and self._is_page(node):
            return self._size(node) * (1 + below)
        return below

    def _count_fragment(self, name: str) -> int:
        if name not in self._counted:
            # A fragment within itself is refused by GraphQL's own rules; here it only must not go on for ever.
            self._counted[name] = 0
            fragment = self._fragments.get(name)
            self._counted[name] = self.count(fragment.selection_set) if fragment is not None else 0
        return self._counted[name]

    def _is_page(self, node: FieldNode) -> bool:
        if any(argument.name.value in _SIZES for argument in node.arguments or ()):
            return True
        children = node.selection_set.selections if node.selection_set is not None else ()
        return any(isinstance(child, FieldNode) and child.name.value in _ROWS for child in children)

    def _size(self, node: FieldNode) -> int:
        given = [argument.value for argument in node.arguments or () if argument.name.value in _SIZES]
        sizes = [self._read_size(value) for value in given]
        return max((size for size in sizes if size is not None), default=PAGE_SIZE)

    def _read_size(self, value: Any) -> int | None:
        if isinstance(value, VariableNode):
            size = self._variables.get(value.name.value)
            return size if isinstance(size, int) else None
        return int(value.value) if isinstance(value, IntValueNode) else None
