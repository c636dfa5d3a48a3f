"""How deep an operation may nest and how many aliases it may have, measured in linear time.

Fragments make both numbers grow exponentially with the length of a document (each of fifty fragments spreading the
next one twice), and whoever counts by following the spreads takes as long. So each fragment is measured once, and a
spread takes the result. A fragment that contains itself counts as nothing here: GraphQL's own rules refuse it.
"""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

DEPTH_MAX = 20
"""Levels of fields with fields below them; introspection does not count."""
ALIASES_MAX = 200
_NOTHING = (0, 0)

Measure = tuple[int, int]
"""Depth and number of aliases."""


class OperationLimits(ValidationRule):
    """Refuses operations past `DEPTH_MAX` or `ALIASES_MAX`."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        self._measured: dict[str, Measure] = {}

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        """Measure each operation of the document."""
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                self._fragments[definition.name.value] = definition
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._check(definition)

    def _check(self, operation: OperationDefinitionNode) -> None:
        depth, aliases = self._measure_set(operation.selection_set)
        if depth > DEPTH_MAX:
            self.report_error(GraphQLError(f"An operation is at most {DEPTH_MAX} levels deep.", operation))
        if aliases > ALIASES_MAX:
            self.report_error(GraphQLError(f"An operation has at most {ALIASES_MAX} aliases.", operation))

    def _measure_set(self, selection_set: SelectionSetNode) -> Measure:
        measures = [self._measure(selection) for selection in selection_set.selections]
        # The parser accepts `{}`; other rules say what is wrong with it.
        return max((depth for depth, _ in measures), default=0), sum(aliases for _, aliases in measures)

    def _measure(self, selection: SelectionNode) -> Measure:
        if isinstance(selection, FragmentSpreadNode):
            return self._measure_fragment(selection.name.value)
        selection_set: SelectionSetNode | None = getattr(selection, "selection_set", None)
        depth, aliases = _NOTHING if selection_set is None else self._measure_set(selection_set)
        if not isinstance(selection, FieldNode):
            return depth, aliases
        if selection.name.value.startswith("__"):
            depth = 0
        elif selection_set is not None:
            depth += 1
        return depth, aliases + (selection.alias is not None)

    def _measure_fragment(self, name: str) -> Measure:
        fragment = self._fragments.get(name)
        if fragment is None:
            return _NOTHING
        if name not in self._measured:
            self._measured[name] = _NOTHING
            self._measured[name] = self._measure_set(fragment.selection_set)
        return self._measured[name]
