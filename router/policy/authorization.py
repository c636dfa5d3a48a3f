"""Taking out of an operation what its caller may not see, before it is planned.

Fields that go are never fetched. They stay in the response's shape, so they are null there, and each
leaves an error that names its place. Requirements add up: a field needs its own, those of the type it
returns and those of the type it stands on. On an interface, every implementation that could answer
counts, unless the client names the permitted ones by fragment.

Named fragments are opened on the way, since what is permitted depends on where they are spread.

Spec: Federation 2.5 `@authenticated`, `@requiresScopes`, 2.6 `@policy`; Apollo Router's filtering.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedOutputType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from graphql.language import FragmentSpreadNode, NamedTypeNode

from router.errors import ErrorCode, ResponsePath, refuse
from router.operation.fragments import read_fragments
from router.supergraph.access import AccessRule, AccessRules

SELECTIONS_MAX = 50_000
"""Selections with all fragments opened; a bomb of nested fragments stops here."""


class AccessDecision(NamedTuple):
    """What a caller brings, as far as an operation asks for it. Equal decisions give equal plans.

    Attributes:
        scopes: the scopes that the caller has.
        policies: the policies that were decided with yes.
    """

    authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()

    def satisfies(self, rule: AccessRule) -> bool:
        """Whether every requirement of `rule` is met."""
        if rule.authenticated and not self.authenticated:
            return False
        if rule.scopes and not any(needed <= self.scopes for needed in rule.scopes):
            return False
        return not rule.policies or any(needed <= self.policies for needed in rule.policies)


@dataclass(slots=True)
class AccessDemand:
    """Everything that the rules on an operation's fields and types speak of."""

    authenticated: bool = False
    scopes: set[str] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether the operation asks for nothing that is protected."""
        return not (self.authenticated or self.scopes or self.policies)

    def add(self, rule: AccessRule) -> None:
        """Take note of one rule."""
        self.authenticated |= rule.authenticated
        self.scopes.update(*rule.scopes)
        self.policies.update(*rule.policies)

    def decide(
        self, *, authenticated: bool, scopes: frozenset[str], policies: frozenset[str]
    ) -> AccessDecision:
        """The decision for a caller, cut down to what matters here, so that plans can be shared."""
        return AccessDecision(
            authenticated=self.authenticated and authenticated,
            scopes=scopes & self.scopes,
            policies=policies & self.policies,
        )


@dataclass(frozen=True, slots=True)
class Authorization:
    """An operation without what its caller may not see.

    Attributes:
        document: what is left, None if nothing is; the original itself if all of it is.
        unauthorized: the place of each removal: response keys, `@` for list items, `... on T`.
    """

    document: DocumentNode | None
    unauthorized: tuple[ResponsePath, ...] = ()


def collect_demand(
    schema: GraphQLSchema, access: AccessRules, document: DocumentNode, operation: OperationDefinitionNode
) -> AccessDemand:
    """Find what the operation's fields and types require of its caller."""
    walk = _Walk(schema, access, read_fragments(document), None)
    walk.filter_operation(operation)
    return walk.demand


def authorize(
    schema: GraphQLSchema,
    access: AccessRules,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    decision: AccessDecision,
) -> Authorization:
    """Remove from `operation` what `decision` does not allow.

    Raises:
        RefusedError: the operation has more than `SELECTIONS_MAX` selections.
    """
    walk = _Walk(schema, access, read_fragments(document), decision)
    selection_set = walk.filter_operation(operation)
    if not walk.unauthorized:
        return Authorization(document)
    unauthorized = tuple(walk.unauthorized)
    if selection_set is None:
        return Authorization(None, unauthorized)
    filtered = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=selection_set,
    )
    return Authorization(DocumentNode(definitions=(filtered,)), unauthorized)


@dataclass(slots=True)
class _Walk:
    """One pass over an operation; without a decision it permits everything and only takes notes."""

    schema: GraphQLSchema
    access: AccessRules
    fragments: Mapping[str, FragmentDefinitionNode]
    decision: AccessDecision | None
    demand: AccessDemand = field(default_factory=AccessDemand)
    unauthorized: list[ResponsePath] = field(default_factory=list)
    selections: int = 0

    def filter_operation(self, operation: OperationDefinitionNode) -> SelectionSetNode | None:
        root = self.schema.get_root_type(operation.operation)
        assert root is not None, "a validated operation has a root type"
        return self._filter_set(operation.selection_set, root, frozenset({root.name}), ())

    def _filter_set(
        self,
        selection_set: SelectionSetNode,
        parent: GraphQLNamedOutputType,
        runtime: frozenset[str],
        at: ResponsePath,
    ) -> SelectionSetNode | None:
        kept: list[SelectionNode] = []
        for selection in selection_set.selections:
            self.selections += 1
            if self.selections > SELECTIONS_MAX:
                msg = f"The operation has more than {SELECTIONS_MAX} selections."
                raise refuse(msg, ErrorCode.GRAPHQL_VALIDATION_FAILED)
            if isinstance(selection, FieldNode):
                filtered: SelectionNode | None = self._filter_field(selection, parent, runtime, at)
            else:
                filtered = self._filter_fragment(self._open(selection), parent, runtime, at)
            if filtered is not None:
                kept.append(filtered)
        return SelectionSetNode(selections=tuple(kept)) if kept else None

    def _open(self, selection: SelectionNode) -> InlineFragmentNode:
        if isinstance(selection, InlineFragmentNode):
            return selection
        assert isinstance(selection, FragmentSpreadNode)
        fragment = self.fragments[selection.name.value]
        return InlineFragmentNode(
            type_condition=fragment.type_condition,
            directives=selection.directives,
            selection_set=fragment.selection_set,
        )

    def _filter_fragment(
        self,
        fragment: InlineFragmentNode,
        parent: GraphQLNamedOutputType,
        runtime: frozenset[str],
        at: ResponsePath,
    ) -> InlineFragmentNode | None:
        condition: NamedTypeNode | None = fragment.type_condition
        if condition is not None:
            name = condition.name.value
            found = self.schema.get_type(name)
            assert found is not None, "a validated fragment has a known type"
            parent = found  # type: ignore[assignment]
            at = (*at, f"... on {name}")
            runtime &= self._runtime_types(parent)
            if not self._permits(self.access.of_type(name)):
                self.unauthorized.append(at)
                return None
        selection_set = self._filter_set(fragment.selection_set, parent, runtime, at)
        if selection_set is None:
            return None
        return InlineFragmentNode(
            type_condition=condition, directives=fragment.directives, selection_set=selection_set
        )

    def _filter_field(
        self, node: FieldNode, parent: GraphQLNamedOutputType, runtime: frozenset[str], at: ResponsePath
    ) -> FieldNode | None:
        name = node.name.value
        if name.startswith("__"):
            return node
        key = node.alias.value if node.alias else name
        here: ResponsePath = (*at, key)
        field_type: GraphQLOutputType = parent.fields[name].type  # type: ignore[union-attr]
        returned: GraphQLNamedOutputType = get_named_type(field_type)  # type: ignore[assignment]
        # Both are asked, so that a demand is complete.
        is_permitted = self._permits_on_parent(name, parent, runtime)
        is_permitted &= self._permits_returned(returned, node)
        if not is_permitted:
            self.unauthorized.append(here)
            return None
        if node.selection_set is None or not is_composite_type(returned):
            return node
        below = (*here, *("@" for _ in range(_count_lists(field_type))))
        selection_set = self._filter_set(node.selection_set, returned, self._runtime_types(returned), below)
        if selection_set is None:
            return None
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=selection_set,
        )

    def _permits_on_parent(self, name: str, parent: GraphQLNamedOutputType, runtime: frozenset[str]) -> bool:
        is_permitted = self._permits(self.access.of_field(parent.name, name))
        if is_abstract_type(parent):
            for typename in runtime:
                is_permitted &= self._permits(self.access.of_field(typename, name))
                is_permitted &= self._permits(self.access.of_type(typename))
        return is_permitted

    def _permits_returned(self, returned: GraphQLNamedOutputType, node: FieldNode) -> bool:
        is_permitted = self._permits(self.access.of_type(returned.name))
        if isinstance(returned, GraphQLInterfaceType) and _selects_directly(node):
            for typename in self._runtime_types(returned):
                is_permitted &= self._permits(self.access.of_type(typename))
        return is_permitted

    def _permits(self, rule: AccessRule | None) -> bool:
        if rule is None:
            return True
        self.demand.add(rule)
        return self.decision is None or self.decision.satisfies(rule)

    def _runtime_types(self, type_: GraphQLNamedOutputType) -> frozenset[str]:
        if isinstance(type_, GraphQLObjectType):
            return frozenset({type_.name})
        if not is_abstract_type(type_):
            return frozenset()
        return frozenset(possible.name for possible in self.schema.get_possible_types(type_))


def _selects_directly(node: FieldNode) -> bool:
    selections = node.selection_set.selections if node.selection_set else ()
    return any(isinstance(each, FieldNode) and not each.name.value.startswith("__") for each in selections)


def _count_lists(type_: GraphQLOutputType) -> int:
    levels = 0
    while isinstance(type_, GraphQLList | GraphQLNonNull):
        levels += isinstance(type_, GraphQLList)
        type_ = type_.of_type
    return levels
