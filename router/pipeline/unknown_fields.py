"""Fields of input objects that the API does not have, taken out of the values of variables."""

from collections.abc import Sequence

from graphql import (
    GraphQLSchema,
    GraphQLType,
    VariableDefinitionNode,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    type_from_ast,
)

from router.kit.json import JsonObject, JsonValue
from router.kit.recursion import NESTING_MAX


def drop_unknown_fields(
    schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode], variables: JsonObject
) -> JsonObject:
    """The variables without what no input object of the API has; whatever else may be wrong with them stays."""
    known = dict(variables)
    for definition in definitions:
        name, type_ = definition.variable.name.value, type_from_ast(schema, definition.type)
        if name in known and type_ is not None:
            known[name] = _drop(known[name], type_)
    return known


def _drop(value: JsonValue, type_: GraphQLType, level: int = 0) -> JsonValue:
    if level > NESTING_MAX:
        return value
    if is_non_null_type(type_):
        return _drop(value, type_.of_type, level)
    if is_list_type(type_):
        # One value stands for a list of it. Spec: GraphQL, September 2025, 3.11.
        if isinstance(value, list):
            return [_drop(item, type_.of_type, level + 1) for item in value]
        return _drop(value, type_.of_type, level)
    if is_input_object_type(type_) and isinstance(value, dict):
        fields = type_.fields.items()
        return {name: _drop(value[name], field.type, level + 1) for name, field in fields if name in value}
    return value
