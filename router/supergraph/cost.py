"""What the fields of a supergraph cost, as its subgraphs said it with `@cost` and `@listSize`.

Only read here; `router.policy.demand_control` reckons. Without a directive an object costs 1, a leaf nothing.

Spec: Federation 2.9, `@cost` and `@listSize`; IBM's cost specification, from which they come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    value_from_ast_untyped,
)

from router.kit.json import JsonObject, JsonValue

ENTITIES, ENTITY = "_entities", "_Entity"


@dataclass(frozen=True, slots=True)
class InputCost:
    """An argument or a field of an input object: its type's name, its weight, the value it has if none is given."""

    type_name: str
    weight: float
    default: JsonValue = None


@dataclass(frozen=True, slots=True)
class ListSize:
    """One `@listSize`; `slicing_arguments` may lead into input objects: `("page", "first")`."""

    assumed_size: int | None = None
    slicing_arguments: tuple[tuple[str, ...], ...] = ()
    sized_fields: frozenset[str] = frozenset()
    is_one_required: bool = True


@dataclass(frozen=True, slots=True)
class FieldCost:
    """A field: its type's name, its weight for each object or leaf that it returns."""

    type_name: str
    weight: float
    is_list: bool
    arguments: Mapping[str, InputCost] = field(default_factory=dict)
    list_size: ListSize | None = None


@dataclass(frozen=True, slots=True)
class CostRules:
    """The costs of one supergraph, by names; `inputs` has the fields of input objects."""

    fields: Mapping[tuple[str, str], FieldCost]
    inputs: Mapping[str, Mapping[str, InputCost]]


def read_cost_rules(document: DocumentNode) -> CostRules:
    """Read the costs from a supergraph whose directives have their specs' own names."""
    types = {node.name.value: node for node in document.definitions if isinstance(node, TypeDefinitionNode)}
    weights = {name: _find_type_weight(node) for name, node in types.items()}
    fields = {
        (name, each.name.value): _read_field(each, weights)
        for name, node in types.items()
        for each in getattr(node, "fields", None) or ()
        if isinstance(each, FieldDefinitionNode)
    }
    inputs = {
        name: {each.name.value: _read_input(each, weights) for each in node.fields or ()}
        for name, node in types.items()
        if isinstance(node, InputObjectTypeDefinitionNode)
    }
    return CostRules(fields, inputs)


def _find_type_weight(node: TypeDefinitionNode) -> float:
    is_leaf = isinstance(node, EnumTypeDefinitionNode | ScalarTypeDefinitionNode)
    return _find_weight(node.directives, 0.0 if is_leaf else 1.0)


def _find_weight(directives: Iterable[ConstDirectiveNode] | None, default: float) -> float:
    weight = _read_arguments(directives, "cost").get("weight", default)
    return float(weight) if isinstance(weight, int | float) else default


def _read_field(node: FieldDefinitionNode, weights: Mapping[str, float]) -> FieldCost:
    type_name, is_list = _read_type(node.type)
    return FieldCost(
        type_name,
        _find_weight(node.directives, weights.get(type_name, 0.0)),
        is_list,
        {each.name.value: _read_input(each, weights) for each in node.arguments or ()},
        _read_list_size(node.directives),
    )


def _read_input(node: InputValueDefinitionNode, weights: Mapping[str, float]) -> InputCost:
    type_name, _ = _read_type(node.type)
    default = value_from_ast_untyped(node.default_value) if node.default_value is not None else None
    return InputCost(type_name, _find_weight(node.directives, weights.get(type_name, 0.0)), default)


def _read_list_size(directives: Iterable[ConstDirectiveNode] | None) -> ListSize | None:
    arguments = _read_arguments(directives, "listSize")
    if not arguments:
        return None
    size = arguments.get("assumedSize")
    return ListSize(
        size if isinstance(size, int) else None,
        tuple(tuple(name.split(".")) for name in _read_names(arguments.get("slicingArguments"))),
        frozenset(_read_names(arguments.get("sizedFields"))),
        is_one_required=arguments.get("requireOneSlicingArgument") is not False,
    )


def _read_names(value: JsonValue) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _read_arguments(directives: Iterable[ConstDirectiveNode] | None, name: str) -> JsonObject:
    for directive in directives or ():
        if directive.name.value == name:
            return {each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments or ()}
    return {}


def _read_type(node: TypeNode) -> tuple[str, bool]:
    is_list = False
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        is_list |= isinstance(node, ListTypeNode)
        node = node.type
    assert isinstance(node, NamedTypeNode), "what is no list and no non-null has a name"
    return node.name.value, is_list
