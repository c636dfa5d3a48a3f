"""The validation rules: the specification's, with ours where graphql-core's would let a client make work or answers grow.

Spec: GraphQL, September 2025, 5 Validation.
"""

from typing import Any

from graphql import DirectiveNode, SelectionSetNode, specified_rules
from graphql.validation import (
    KnownDirectivesRule,
    MaxIntrospectionDepthRule,
    OverlappingFieldsCanBeMergedRule,
    SDLValidationContext,
    ValidationContext,
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


class MergeableFieldsRule(OverlappingFieldsCanBeMergedRule):
    """Leaves alone what is surely right: comparing fields in pairs takes long, and is given up where there are many."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._is_sure = is_surely_mergeable(context.schema, context.document)

    def enter_selection_set(self, selection_set: SelectionSetNode, *place: Any) -> None:
        """Look at one selection set."""
        if not self._is_sure:
            super().enter_selection_set(selection_set, *place)


_OURS = {KnownDirectivesRule: KnownDirectivesOnceRule, OverlappingFieldsCanBeMergedRule: MergeableFieldsRule}
RULES = tuple(_OURS.get(rule, rule) for rule in specified_rules)
RULES_WITHOUT_DEPTH = tuple(rule for rule in RULES if rule is not MaxIntrospectionDepthRule)
"""The same with introspection as deep as anybody likes."""
