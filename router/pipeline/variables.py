"""The values of variables whose types are plain, read without the general rules of coercion.

Most variables that people send are strings, numbers and truth values. What each of those must look like is known when the
operation is; whatever looks otherwise, wrong or only unusual, is left to the general rules, which also say what is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from graphql import NamedTypeNode, NonNullTypeNode, VariableDefinitionNode

from router.kit.json import JsonObject, JsonValue

_INT_MAX = 2**31


def _is_string(value: JsonValue) -> bool:
    return type(value) is str


def _is_boolean(value: JsonValue) -> bool:
    return type(value) is bool


def _is_int(value: JsonValue) -> bool:
    return type(value) is int and -_INT_MAX <= value < _INT_MAX


# Types that no schema can define otherwise. Spec: GraphQL, September 2025, 3.5.
_CHECKS: Mapping[str, Callable[[JsonValue], bool]] = {
    "String": _is_string,
    "ID": _is_string,
    "Boolean": _is_boolean,
    "Int": _is_int,
}


class _Plain(NamedTuple):
    """A variable of a plain type."""

    name: str
    is_fine: Callable[[JsonValue], bool]
    is_nullable: bool
    has_default: bool


class VariableReader:
    """The variables that one operation declares."""

    __slots__ = ("_plain", "definitions", "names")

    def __init__(self, definitions: Sequence[VariableDefinitionNode]) -> None:
        self.definitions = definitions
        self.names = tuple(definition.variable.name.value for definition in definitions)
        plain = [found for definition in definitions if (found := _find_plain(definition)) is not None]
        self._plain = tuple(plain) if len(plain) == len(definitions) else None

    def read_plain(self, sent: JsonObject) -> JsonObject | None:
        """The declared ones among those that were sent; None if that is for the general rules to say."""
        if self._plain is None:
            return None
        values: JsonObject = {}
        for name, is_fine, is_nullable, has_default in self._plain:
            if name in sent:
                value = values[name] = sent[name]
                if not is_fine(value) and not (value is None and is_nullable):
                    return None
            elif has_default or not is_nullable:
                return None
        return values


def _find_plain(definition: VariableDefinitionNode) -> _Plain | None:
    is_nullable = not isinstance(definition.type, NonNullTypeNode)
    declared = definition.type.type if isinstance(definition.type, NonNullTypeNode) else definition.type
    check = _CHECKS.get(declared.name.value) if isinstance(declared, NamedTypeNode) else None
    if check is None:
        return None
    return _Plain(definition.variable.name.value, check, is_nullable, definition.default_value is not None)
