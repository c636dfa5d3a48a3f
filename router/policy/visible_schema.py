"""The part of the API schema that a caller may see: introspection shows no more than operations give.

What the access rules close to the caller goes, then what cannot be said without it: fields that return a hidden type,
arguments that take one, types of which nothing is left, types that nothing leads to any more. The query type stays.
"""

from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputValueDefinitionNode,
    NonNullTypeNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    parse,
    print_schema,
)

from router.policy.authorization import AccessDecision, AccessDemand
from router.supergraph.access import AccessRule, AccessRules
from router.supergraph.contracts import reach
from router.supergraph.rewrite import replace_in


def collect_whole_demand(access: AccessRules) -> AccessDemand:
    """Everything that any rule of the schema asks for."""
    demand = AccessDemand()
    for rule in (*access.types.values(), *access.fields.values()):
        demand.add(rule)
    return demand


def build_visible_schema(
    schema: GraphQLSchema, access: AccessRules, decision: AccessDecision
) -> GraphQLSchema:
    """The API schema as a caller with this decision on the whole demand may see it."""
    document = parse(print_schema(schema), no_location=True)
    query = schema.query_type.name if schema.query_type is not None else None

    def is_open(rule: AccessRule | None) -> bool:
        return rule is None or decision.satisfies(rule)

    types: dict[str, Any] = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, TypeDefinitionNode)
        and (node.name.value == query or is_open(access.of_type(node.name.value)))
    }
    shown = {
        name: replace_in(
            node,
            fields=tuple(
                each for each in node.fields or () if is_open(access.of_field(name, each.name.value))
            ),
        )
        if "fields" in node.keys
        else node
        for name, node in types.items()
    }
    builtin = {name for name in schema.type_map if name not in types and name in _BUILTIN}
    while True:
        known = shown.keys() | builtin
        smaller = {name: _rewrite(node, known) for name, node in shown.items()}
        smaller = {name: node for name, node in smaller.items() if name == query or not _is_empty(node)}
        if smaller == shown:
            break
        shown = smaller
    others = [node for node in document.definitions if not isinstance(node, TypeDefinitionNode)]
    reached = reach(_build([*others, *shown.values()]))
    return _build([*others, *(node for name, node in shown.items() if name in reached)])


_BUILTIN = frozenset({"Int", "Float", "String", "Boolean", "ID"})


def _build(definitions: list[DefinitionNode]) -> GraphQLSchema:
    """A schema that is only looked at: it need not keep every promise of its interfaces."""
    known = {node.name.value for node in definitions if isinstance(node, TypeDefinitionNode)}
    kept = [
        replace_in(
            node,
            operation_types=tuple(each for each in node.operation_types if each.type.name.value in known),
        )
        if isinstance(node, SchemaDefinitionNode)
        else node
        for node in definitions
    ]
    return build_ast_schema(DocumentNode(definitions=tuple(kept)), assume_valid=True)


def _rewrite(node: Any, known: set[str]) -> Any:
    """The definition without what speaks of types that are not known."""
    changes: dict[str, Any] = {}
    if isinstance(node, UnionTypeDefinitionNode):
        changes["types"] = tuple(each for each in node.types or () if each.name.value in known)
    if "interfaces" in node.keys:
        changes["interfaces"] = tuple(each for each in node.interfaces or () if each.name.value in known)
    if "fields" in node.keys:
        fields = (_rewrite_field(each, known) for each in node.fields or ())
        changes["fields"] = tuple(each for each in fields if each is not None)
    return replace_in(node, **changes) if changes else node


def _rewrite_field(
    field: FieldDefinitionNode | InputValueDefinitionNode, known: set[str]
) -> FieldDefinitionNode | InputValueDefinitionNode | None:
    if _find_name(field.type) not in known:
        return None
    if isinstance(field, InputValueDefinitionNode):
        return field
    gone = [each for each in field.arguments or () if _find_name(each.type) not in known]
    if any(isinstance(each.type, NonNullTypeNode) and each.default_value is None for each in gone):
        # It cannot be asked for without saying what is hidden.
        return None
    kept = tuple(each for each in field.arguments or () if each not in gone)
    return replace_in(field, arguments=kept) if gone else field


def _find_name(node: TypeNode) -> str:
    inner: Any = node
    while hasattr(inner, "type"):
        inner = inner.type
    return str(inner.name.value)


def _is_empty(node: TypeDefinitionNode) -> bool:
    return any(key in node.keys and not getattr(node, key) for key in ("fields", "types"))
