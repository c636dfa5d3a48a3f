"""One pass over one operation that adds up what its fields cost, by `@cost` and `@listSize`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
    value_from_ast_untyped,
)

from router.errors import ErrorCode, RouterError
from router.kit.json import JsonObject, JsonValue
from router.operation.fragments import read_fragments
from router.supergraph.cost import ENTITIES, ENTITY, CostRules, FieldCost, InputCost, ListSize

MUTATION_COST = 10.0
DOCUMENTS_MAX = 1_024

_Entry: TypeAlias = tuple[str, FieldCost, float, SelectionSetNode]
"""Response key, what the field costs, what its arguments do, what is asked of its objects."""


class CostError(RouterError):
    """An operation whose cost cannot be told, with the reason's code."""

    code = ErrorCode.COST_QUERY_PARSE_FAILURE


@lru_cache(DOCUMENTS_MAX)
def parse_fetch(text: str) -> DocumentNode:
    """The document of a fetch: of plans, so there are few and they come again."""
    return parse(text, no_location=True)


@dataclass(slots=True)
class Reckoning:
    """One pass over one operation."""

    rules: CostRules
    document: DocumentNode
    variables: JsonObject
    list_size: int
    variables_read: set[str] = field(default_factory=set)
    entries: dict[tuple[int, str], tuple[SelectionSetNode, list[_Entry]]] = field(default_factory=dict)

    def estimate(self, root_types: Mapping[str, str]) -> float:
        """What the operation will cost.

        Raises:
            CostError: a field needs one slicing argument and has none, or several.
        """
        operation, fragments = _read_document(self.document)
        root = root_types[operation.operation.value]
        return _base_cost(operation) + self._estimate_set(operation.selection_set, root, None, fragments)

    def measure(self, root_types: Mapping[str, str], data: JsonObject) -> float:
        """What the operation has cost that brought `data`."""
        operation, fragments = _read_document(self.document)
        root = root_types[operation.operation.value]
        return _base_cost(operation) + self._measure_object(operation.selection_set, root, data, fragments)

    def _estimate_set(
        self,
        selections: SelectionSetNode | None,
        parent: str,
        sizes: tuple[frozenset[str], int] | None,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> float:
        def estimate(node: FieldNode, owner: str) -> float:
            rule = self._find_rule(owner, node)
            if rule is None:
                return 0.0
            size = self._find_size(rule.list_size, node, rule) if rule.list_size is not None else None
            sized = rule.list_size.sized_fields if rule.list_size is not None else frozenset()
            count = 1
            if rule.is_list:
                upstream = sizes[1] if sizes is not None and node.name.value in sizes[0] else None
                known = upstream if upstream is not None else size
                count = known if known is not None else self.list_size
            below = (sized, size) if size is not None else None
            each = rule.weight + self._estimate_set(node.selection_set, rule.type_name, below, fragments)
            return max(count, 0) * each + self._cost_of_arguments(node, rule)

        return sum(_walk(selections, parent, fragments, estimate))

    def _measure_object(
        self,
        selections: SelectionSetNode,
        parent: str,
        value: JsonObject,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> float:
        total = 0.0
        for key, rule, cost_of_arguments, below in self._list_entries(selections, parent, fragments):
            if key in value:
                total += cost_of_arguments + self._measure_value(below, rule, value[key], fragments)
        return total

    def _list_entries(
        self,
        selections: SelectionSetNode,
        parent: str,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> list[_Entry]:
        """What is asked of an object, worked out once for all objects at one place."""
        known = self.entries.get((id(selections), parent))
        if known is not None:
            return known[1]
        nodes: dict[str, list[tuple[FieldNode, str]]] = {}

        def note(node: FieldNode, owner: str) -> float:
            key = node.alias.value if node.alias else node.name.value
            nodes.setdefault(key, []).append((node, owner))
            return 0.0

        _walk(selections, parent, fragments, note, set())
        entries: list[_Entry] = []
        for key, found in nodes.items():
            rule = next((rule for node, owner in found if (rule := self._find_rule(owner, node))), None)
            if rule is not None:
                sets = [node.selection_set for node, _ in found if node.selection_set]
                below = SelectionSetNode(selections=tuple(each for one in sets for each in one.selections))
                entries.append((key, rule, self._cost_of_arguments(found[0][0], rule), below))
        # The selections are held, so that their identity is not another's later.
        self.entries[id(selections), parent] = selections, entries
        return entries

    def _measure_value(
        self,
        selections: SelectionSetNode,
        rule: FieldCost,
        value: JsonValue,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> float:
        if isinstance(value, list):
            return sum(self._measure_value(selections, rule, item, fragments) for item in value)
        if isinstance(value, dict) and selections.selections:
            return rule.weight + self._measure_object(selections, rule.type_name, value, fragments)
        return 0.0 if value is None else rule.weight

    def _find_rule(self, owner: str, node: FieldNode) -> FieldCost | None:
        """What a field costs; None for `__typename` and introspection, which cost nothing."""
        name = node.name.value
        if name == ENTITIES:
            return FieldCost(ENTITY, 1.0, is_list=True)
        return self.rules.fields.get((owner, name))

    def _find_size(self, list_size: ListSize, node: FieldNode, rule: FieldCost) -> int | None:
        slicing = {path[0] for path in list_size.slicing_arguments}
        given = {
            each.name.value: self._read(each.value)
            for each in node.arguments or ()
            if each.name.value in slicing
        }
        sizes = []
        for path in list_size.slicing_arguments:
            argument = rule.arguments.get(path[0])
            value = given.get(path[0], argument.default if argument is not None else None)
            for step in path[1:]:
                value = value.get(step) if isinstance(value, dict) else None
            # Of a variable 100.0 is an Int too.
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if isinstance(value, int) and not isinstance(value, bool):
                sizes.append(value)
        if list_size.slicing_arguments and list_size.is_one_required and len(sizes) != 1:
            msg = f"Exactly one slicing argument is required, but found {len(sizes)}"
            raise CostError(msg)
        return max(sizes) if sizes else list_size.assumed_size

    def _cost_of_arguments(self, node: FieldNode, rule: FieldCost) -> float:
        total = 0.0
        for argument in node.arguments or ():
            cost = rule.arguments.get(argument.name.value)
            # What costs nothing is not read, so that the estimate does not depend on its variable.
            if cost is not None and (cost.weight or cost.type_name in self.rules.inputs):
                total += self._cost_of_input(self._read(argument.value), cost)
        return total

    def _cost_of_input(self, value: JsonValue, cost: InputCost) -> float:
        if value is None:
            return 0.0
        if isinstance(value, list):
            return sum(self._cost_of_input(item, cost) for item in value)
        inner = self.rules.inputs.get(cost.type_name)
        if inner is None or not isinstance(value, dict):
            return cost.weight
        return cost.weight + sum(
            self._cost_of_input(each, inner[name]) for name, each in value.items() if name in inner
        )

    def _read(self, node: ValueNode) -> JsonValue:
        self.variables_read |= _find_variables(node)
        return value_from_ast_untyped(node, self.variables)


def _base_cost(operation: OperationDefinitionNode) -> float:
    return MUTATION_COST if operation.operation is OperationType.MUTATION else 0.0


def _read_document(
    document: DocumentNode,
) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode]]:
    operation = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    fragments = read_fragments(document)
    return operation, fragments


def _walk(
    selections: SelectionSetNode | None,
    parent: str,
    fragments: Mapping[str, FragmentDefinitionNode],
    visit: Callable[[FieldNode, str], float],
    opened: set[str] | None = None,
) -> list[float]:
    """What `visit` gives for each field, with the type that it is asked of.

    Fragments are opened wherever they are spread; with `opened` each only once.
    """
    found: list[float] = []
    for node in selections.selections if selections is not None else ():
        if _is_skipped(node):
            continue
        if isinstance(node, FieldNode):
            found.append(visit(node, parent))
            continue
        fragment: FragmentDefinitionNode | SelectionNode = node
        if isinstance(node, FragmentSpreadNode):
            if opened is not None:
                if node.name.value in opened:
                    continue
                opened.add(node.name.value)
            fragment = fragments[node.name.value]
        assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
        owner = fragment.type_condition.name.value if fragment.type_condition else parent
        found += _walk(fragment.selection_set, owner, fragments, visit, opened)
    return found


def _is_skipped(node: SelectionNode) -> bool:
    """Whether `@skip` or `@include` says so with a literal; what a variable says is not known to a kept estimate."""
    return any(
        _read_literal(directive) is (directive.name.value == "skip")
        for directive in node.directives or ()
        if directive.name.value in {"skip", "include"}
    )


def _read_literal(directive: DirectiveNode) -> bool | None:
    values = [each.value for each in directive.arguments or () if each.name.value == "if"]
    return values[0].value if values and isinstance(values[0], BooleanValueNode) else None


def _find_variables(node: ValueNode) -> set[str]:
    if isinstance(node, VariableNode):
        return {node.name.value}
    inner = [*getattr(node, "values", ()), *(each.value for each in getattr(node, "fields", ()))]
    return {name for each in inner for name in _find_variables(each)}
