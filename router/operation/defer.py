"""What a document says about `@defer`: which fragments may come later, and what that depends on.

Spec: the incremental delivery draft, `@defer(if: Boolean! = true, label: String)`.
"""

from collections.abc import Iterable, Mapping
from itertools import product

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    visit,
)
from graphql.language import Visitor

from router.kit.json import JsonValue

DEFER = "defer"
NOWHERE = -1
"""The place of a directive in a document that was not read from text."""


def find_defer(selection: SelectionNode) -> DirectiveNode | None:
    """The `@defer` of a fragment, whatever its condition says; None if it has none."""
    if isinstance(selection, InlineFragmentNode | FragmentSpreadNode):
        for directive in selection.directives or ():
            if directive.name.value == DEFER:
                return directive
    return None


def is_active(directive: DirectiveNode, variables: Mapping[str, JsonValue]) -> bool:
    """Whether a `@defer` defers, by the coerced values of the variables."""
    value = _find_argument(directive, "if")
    if isinstance(value, BooleanValueNode):
        return value.value
    if isinstance(value, VariableNode):
        return variables.get(value.name.value) is True
    return True


def read_label(directive: DirectiveNode) -> str | None:
    """The label, which is a literal in a valid document."""
    value = _find_argument(directive, "label")
    return value.value if isinstance(value, StringValueNode) else None


def read_place(directive: DirectiveNode) -> int:
    """Where the directive stands in its document: what tells deferred fragments apart that have no labels."""
    return directive.loc.start if directive.loc is not None else NOWHERE


def find_defer_variables(document: DocumentNode) -> tuple[str, ...] | None:
    """The variables that conditions of `@defer` read anywhere in the document, sorted; None if nothing is ever deferred."""
    collector = _Collector()
    visit(document, collector)
    return tuple(sorted(collector.variables)) if collector.is_found else None


def list_values(variables: Iterable[str]) -> list[dict[str, bool]]:
    """All values that some Boolean variables can have together, all true first."""
    names = tuple(variables)
    return [dict(zip(names, values, strict=True)) for values in product((True, False), repeat=len(names))]


class _Collector(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.is_found = False
        self.variables: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value != DEFER:
            return
        value = _find_argument(node, "if")
        if isinstance(value, BooleanValueNode) and not value.value:
            return
        self.is_found = True
        if isinstance(value, VariableNode):
            self.variables.add(value.name.value)


def _find_argument(directive: DirectiveNode, name: str) -> ValueNode | None:
    for argument in directive.arguments or ():
        if argument.name.value == name:
            return argument.value
    return None
