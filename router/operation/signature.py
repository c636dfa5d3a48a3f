"""Apollo Studio's name for an operation: what selectors call `studio_operation_id`.

It is the digest of the operation as usage reports have it: without literals and aliases, sorted, and in as few characters as
it can be written with.

Spec: Apollo's usage reporting, `usageReportingSignature` and the key of its statistics.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NameNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    separate_operations,
    visit,
)

KEPT_MAX = 1_024
TEXT_MAX = 100_000
"""Characters of a document; a longer one has no such name here, so that naming cannot be made to cost much."""

_SPACE = re.compile(r"\s+")
_SPACE_AFTER, _SPACE_BEFORE = re.compile(r"([^_a-zA-Z0-9]) "), re.compile(r" ([^_a-zA-Z0-9])")


@lru_cache(KEPT_MAX)
def find_studio_id(text: str, name: str | None) -> str | None:
    """The digest in hexadecimal digits, of the operation `name` in a valid document; None where it is too long."""
    if len(text) > TEXT_MAX:
        return None
    key = f"# {name or '-'}\n{write_signature(text, name)}"
    return hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()


def write_signature(text: str, name: str | None) -> str:
    """The operation as usage reports have it."""
    operations = separate_operations(parse(text, no_location=True))
    document = operations.get(name or "") or next(iter(operations.values()))
    printed = _SPACE.sub(" ", print_ast(visit(document, _Signing()))).strip()
    return _SPACE_BEFORE.sub(r"\1", _SPACE_AFTER.sub(r"\1", printed))


class _Signing(Visitor):
    """Takes out what is one client's alone. graphql-core copies what is changed."""

    def leave_document(self, node: DocumentNode, *_: Any) -> DocumentNode:
        return DocumentNode(definitions=_sort(node.definitions))

    def leave_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> Node:
        declared = tuple(sorted(node.variable_definitions or (), key=lambda each: each.variable.name.value))
        return _change(node, variable_definitions=declared)

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        return SelectionSetNode(selections=_sort(node.selections))

    def leave_field(self, node: FieldNode, *_: Any) -> Node:
        return _change(node, alias=None, arguments=_sort(node.arguments or ()))

    def leave_fragment_spread(self, node: Any, *_: Any) -> Node:
        return _change(node, directives=_sort(node.directives or ()))

    leave_inline_fragment = leave_fragment_definition = leave_fragment_spread

    def leave_directive(self, node: DirectiveNode, *_: Any) -> Node:
        return _change(node, arguments=_sort(node.arguments or ()))

    def enter_int_value(self, _node: IntValueNode, *_: Any) -> Node:
        return IntValueNode(value="0")

    def enter_float_value(self, _node: FloatValueNode, *_: Any) -> Node:
        return FloatValueNode(value="0")

    def enter_string_value(self, _node: StringValueNode, *_: Any) -> Node:
        return StringValueNode(value="", block=False)

    def enter_list_value(self, _node: ListValueNode, *_: Any) -> Node:
        return ListValueNode(values=())

    def enter_object_value(self, _node: ObjectValueNode, *_: Any) -> Node:
        return ObjectValueNode(fields=())


def _sort(nodes: Iterable[Any]) -> tuple[Any, ...]:
    """By kind and name; those without a name stay in their order, after the others."""
    return tuple(sorted(nodes, key=_order))


def _order(node: Node) -> tuple[str, bool, str]:
    name: NameNode | None = getattr(node, "name", None)
    return type(node).__name__, name is None, name.value if name is not None else ""


def _change(node: Node, **changes: Any) -> Node:
    given = {key: getattr(node, key) for key in node.keys if key != "loc"}
    return type(node)(**{**given, **changes})
