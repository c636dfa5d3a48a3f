"""The validation rules: the specification's, with ours where graphql-core's would let a client make work or answers grow.

Spec: GraphQL, September 2025, 5 Validation.
"""

from typing import Any

from graphql import DirectiveNode, specified_rules
from graphql.validation import (
    KnownDirectivesRule,
    MaxIntrospectionDepthRule,
    SDLValidationContext,
    ValidationContext,
)


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


RULES = tuple(KnownDirectivesOnceRule if rule is KnownDirectivesRule else rule for rule in specified_rules)
RULES_WITHOUT_DEPTH = tuple(rule for rule in RULES if rule is not MaxIntrospectionDepthRule)
"""The same with introspection as deep as anybody likes."""
