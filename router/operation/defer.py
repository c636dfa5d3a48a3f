"""What a document says about `@defer`: which fragments may come later, and what that depends on.

Spec: the incremental delivery draft, `@defer(if: Boolean! = true, label: String)`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from router.kit.json import JsonValue
from router.operation.fragments import read_fragments

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


def is_active(directive: DirectiveNode, is_true: Callable[[str], bool]) -> bool:
    """Whether a `@defer` defers; `is_true` tells of a variable whether it is."""
    value = _find_argument(directive, "if")
    if isinstance(value, BooleanValueNode):
        return value.value
    if isinstance(value, VariableNode):
        return is_true(value.name.value)
    return True


def read_label(directive: DirectiveNode) -> str | None:
    """The label, which is a literal in a valid document."""
    value = _find_argument(directive, "label")
    return value.value if isinstance(value, StringValueNode) else None


def read_place(directive: DirectiveNode) -> int:
    """Where the directive stands in its document: what tells deferred fragments apart that have no labels."""
    return directive.loc.start if directive.loc is not None else NOWHERE


@dataclass(frozen=True, slots=True)
class DeferUse:
    """What an operation may defer.

    Attributes:
        is_always: whether something is deferred whatever the variables are.
        variables: those on which it depends, sorted.
    """

    is_always: bool
    variables: tuple[str, ...]

    def is_active(self, variables: Mapping[str, JsonValue]) -> bool:
        """Whether anything is deferred for these values."""
        return self.is_always or any(variables.get(name) is True for name in self.variables)

    def select(self, variables: Mapping[str, JsonValue]) -> frozenset[str]:
        """Those of its variables that are true, on which plans depend."""
        return frozenset(name for name in self.variables if variables.get(name) is True)


def read_defers(document: DocumentNode, operation: OperationDefinitionNode) -> DeferUse | None:
    """Find what an operation defers, also in the fragments that it spreads; None if that is nothing."""
    fragments = read_fragments(document)
    is_always = False
    variables: set[str] = set()
    todo = [operation.selection_set]
    while todo:
        for selection in walk_selections(todo.pop()):
            if isinstance(selection, FragmentSpreadNode):
                fragment = fragments.pop(selection.name.value, None)
                if fragment is not None:
                    todo.append(fragment.selection_set)
            directive = find_defer(selection)
            value = _find_argument(directive, "if") if directive is not None else None
            if isinstance(value, VariableNode):
                variables.add(value.name.value)
            elif directive is not None:
                is_always |= not isinstance(value, BooleanValueNode) or value.value
    return DeferUse(is_always, tuple(sorted(variables))) if is_always or variables else None


def walk_selections(selections: SelectionSetNode) -> Iterator[SelectionNode]:
    """All selections at any depth, those in spread fragments left out, in no particular order."""
    todo = [selections]
    while todo:
        for selection in todo.pop().selections:
            yield selection
            inner = selection.selection_set if isinstance(selection, FieldNode | InlineFragmentNode) else None
            if inner is not None:
                todo.append(inner)


def list_choices(variables: Iterable[str]) -> list[frozenset[str]]:
    """Which of some Boolean variables can be true together: all of them first, the last one changing fastest."""
    names = tuple(variables)
    return [
        frozenset(name for name, value in zip(names, values, strict=True) if value)
        for values in product((True, False), repeat=len(names))
    ]


def _find_argument(directive: DirectiveNode, name: str) -> ValueNode | None:
    for argument in directive.arguments or ():
        if argument.name.value == name:
            return argument.value
    return None
