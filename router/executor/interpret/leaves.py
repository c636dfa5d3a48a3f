"""Checking and coercing leaf values that subgraphs sent, by the API schema."""

import math
from collections.abc import Callable

from graphql import GraphQLEnumType, GraphQLNamedType

from router.kit.json import JsonValue

INT_MIN, INT_MAX = -(2**31), 2**31 - 1

EXACT_MAX = 2**53
"""A larger float may stand for more than one integer, and must not name an entity."""

LeafCoercion = Callable[[JsonValue], JsonValue]
"""Gives the value as the client gets it, None if it is not one of the type."""


def get_leaf_coercion(leaf_type: GraphQLNamedType) -> LeafCoercion:
    """The coercion of a scalar or enum type. Custom scalars pass as they are.

    Spec: GraphQL, September 2025, 3.5 Scalars, "Result Coercion". Apollo Router's choice, and ours: a wrong
    value becomes null and is reported in `extensions.valueCompletion`, the rest of the answer stands.
    """
    if isinstance(leaf_type, GraphQLEnumType):
        values = frozenset(leaf_type.values)
        return lambda value: value if isinstance(value, str) and value in values else None
    return _BUILT_IN.get(leaf_type.name, _pass)


def _pass(value: JsonValue) -> JsonValue:
    return value


def _coerce_int(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and value.is_integer():
        # Many languages know one kind of number, and write 1.0 for 1.
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if INT_MIN <= value <= INT_MAX else None


def _coerce_float(value: JsonValue) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _coerce_string(value: JsonValue) -> JsonValue:
    return value if isinstance(value, str) else None


def _coerce_boolean(value: JsonValue) -> JsonValue:
    return value if isinstance(value, bool) else None


def _coerce_id(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT_MAX:
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


_BUILT_IN: dict[str, LeafCoercion] = {
    "Int": _coerce_int,
    "Float": _coerce_float,
    "String": _coerce_string,
    "Boolean": _coerce_boolean,
    "ID": _coerce_id,
}
