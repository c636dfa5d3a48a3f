"""The validation rules: the specification's, with ours where graphql-core's would let a client make work or answers grow.

Spec: GraphQL, September 2025, 5 Validation.
"""

from contextlib import suppress
from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLError,
    GraphQLInputType,
    SelectionSetNode,
    ValueNode,
    VisitorAction,
    specified_rules,
)
from graphql.utilities import validate_input_literal
from graphql.validation import (
    KnownDirectivesRule,
    MaxIntrospectionDepthRule,
    OverlappingFieldsCanBeMergedRule,
    SDLValidationContext,
    ValidationContext,
    ValuesOfCorrectTypeRule,
)

from router.pipeline.overlap import is_surely_mergeable


class KnownDirectivesOnceRule(KnownDirectivesRule):
    """Reports each unknown directive once, not for each of a thousand uses."""

    def __init__(self, context: ValidationContext | SDLValidationContext) -> None:
        super().__init__(context)
        self._told: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *place: Any) -> None:
        """Look at one use."""
        name = node.name.value
        if name not in self.locations_map:
            if name in self._told:
                return
            self._told.add(name)
        super().enter_directive(node, *place)


SHOWN_CHARACTERS_MAX = 20_000
"""Of values in errors: each error shows the whole value that it is about, which may be what most of the document is."""


class _ShownError(Exception):
    """Enough of a value has been shown."""


class CorrectValuesRule(ValuesOfCorrectTypeRule):
    """Stops telling what is wrong with the values where that would make the answer many times the document."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._left = SHOWN_CHARACTERS_MAX

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """Look at one value with all within it."""
        size = node.loc.end - node.loc.start if node.loc is not None else SHOWN_CHARACTERS_MAX

        def on_error(error: GraphQLError, _path: list[str | int]) -> None:
            self.report_error(error)
            self._left -= size
            if self._left < 0:
                raise _ShownError

        if input_type:
            with suppress(_ShownError):
                validate_input_literal(
                    node, input_type, on_error, hide_suggestions=self.context.hide_suggestions
                )
        return self.SKIP


class MergeableFieldsRule(OverlappingFieldsCanBeMergedRule):
    """Leaves alone what is surely right: comparing fields in pairs takes long, and is given up where there are many."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._is_sure = is_surely_mergeable(context.schema, context.document)

    def enter_selection_set(self, selection_set: SelectionSetNode, *place: Any) -> None:
        """Look at one selection set."""
        if not self._is_sure:
            super().enter_selection_set(selection_set, *place)


_OURS = {
    KnownDirectivesRule: KnownDirectivesOnceRule,
    OverlappingFieldsCanBeMergedRule: MergeableFieldsRule,
    ValuesOfCorrectTypeRule: CorrectValuesRule,
}
RULES = tuple(_OURS.get(rule, rule) for rule in specified_rules)
RULES_WITHOUT_DEPTH = tuple(rule for rule in RULES if rule is not MaxIntrospectionDepthRule)
"""The same with introspection as deep as anybody likes."""
