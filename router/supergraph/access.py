"""Who may see what, as the subgraphs said it with `@authenticated`, `@requiresScopes` and `@policy`.

Only read here; `router.policy` decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    ConstDirectiveNode,
    FieldDefinitionNode,
    ListValueNode,
    StringValueNode,
    TypeDefinitionNode,
)

Alternatives = tuple[frozenset[str], ...]
"""One of the sets has to be had whole: an outer OR of inner ANDs. Empty: no such requirement."""


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a request must bring to see one type or field."""

    authenticated: bool
    scopes: Alternatives
    policies: Alternatives


@dataclass(frozen=True, slots=True)
class AccessRules:
    """The access rules of one supergraph; what has none is open."""

    types: Mapping[str, AccessRule]
    fields: Mapping[tuple[str, str], AccessRule]

    def of_type(self, type_name: str) -> AccessRule | None:
        """Find the rule on a type."""
        return self.types.get(type_name)

    def of_field(self, type_name: str, field_name: str) -> AccessRule | None:
        """Find the rule on a field."""
        return self.fields.get((type_name, field_name))


def read_access_rules(definitions: Iterable[TypeDefinitionNode]) -> AccessRules:
    """Collect the rules on type and field definitions whose directives have their specs' own names."""
    types: dict[str, AccessRule] = {}
    fields: dict[tuple[str, str], AccessRule] = {}
    for definition in definitions:
        rule = _read_rule(definition.directives)
        if rule is not None:
            types[definition.name.value] = rule
        for field in getattr(definition, "fields", None) or ():
            rule = _read_rule(field.directives) if isinstance(field, FieldDefinitionNode) else None
            if rule is not None:
                fields[definition.name.value, field.name.value] = rule
    return AccessRules(types, fields)


def _read_rule(directives: Iterable[ConstDirectiveNode] | None) -> AccessRule | None:
    authenticated = False
    scopes: Alternatives = ()
    policies: Alternatives = ()
    for directive in directives or ():
        name = directive.name.value
        if name == "authenticated":
            authenticated = True
        elif name == "requiresScopes":
            scopes = _read_alternatives(directive)
        elif name == "policy":
            policies = _read_alternatives(directive)
    if not (authenticated or scopes or policies):
        return None
    return AccessRule(authenticated, scopes, policies)


def _read_alternatives(directive: ConstDirectiveNode) -> Alternatives:
    alternatives: list[frozenset[str]] = []
    for argument in directive.arguments or ():
        outer = argument.value
        for inner in outer.values if isinstance(outer, ListValueNode) else (outer,):
            items = inner.values if isinstance(inner, ListValueNode) else (inner,)
            alternatives.append(frozenset(i.value for i in items if isinstance(i, StringValueNode)))
    return tuple(alternatives)
