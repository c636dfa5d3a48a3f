"""Supergraph SDL to model: one walk over the syntax tree.

The directives of the join spec (v0.2 to v0.5; a supergraph in Apollo's form says which) carry everything
that the model records; what those of v0.1 leave out is added by `federation_1`. No `GraphQLSchema` is built here: planning needs what the subgraphs declare, and
that order and detail would be lost.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSyntaxError,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    ValueNode,
    parse,
    value_from_ast_untyped,
)

from router.supergraph.access import AccessRules, read_access_rules
from router.supergraph.errors import SupergraphError
from router.supergraph.federation_1 import settle_federation_1
from router.supergraph.field_set import read_field_set, write_type
from router.supergraph.links import find_version, read_features, write_plain_names
from router.supergraph.records import (
    ContextArgument,
    FieldIn,
    FieldInfo,
    Key,
    SubgraphInfo,
    TypeIn,
    TypeInfo,
    TypeKind,
    TypeRef,
)

JsonValue: TypeAlias = object
_KINDS: dict[type, TypeKind] = {
    ObjectTypeDefinitionNode: TypeKind.OBJECT,
    InterfaceTypeDefinitionNode: TypeKind.INTERFACE,
    UnionTypeDefinitionNode: TypeKind.UNION,
    ScalarTypeDefinitionNode: TypeKind.SCALAR,
    EnumTypeDefinitionNode: TypeKind.ENUM,
    InputObjectTypeDefinitionNode: TypeKind.INPUT,
}
# A security feature that is not understood would be a hole: such a supergraph is refused.
_KNOWN_SECURITY_FEATURES = frozenset({"inaccessible", "authenticated", "requiresScopes", "policy", "context"})


@dataclass(frozen=True, slots=True)
class SupergraphRecords:
    """What supergraph SDL says; `model.Supergraph` tells what each is."""

    document: DocumentNode
    subgraphs: tuple[SubgraphInfo, ...]
    types: Mapping[str, TypeInfo]
    root_types: Mapping[str, str]
    access: AccessRules


def read_supergraph(sdl: str) -> SupergraphRecords:
    """Read supergraph SDL into records.

    Raises:
        SupergraphError: no supergraph in the join spec's form, or it needs a security feature unknown here.

    Spec: Apollo join v0.1 to v0.5; link v1.0, core v0.1 and v0.2.
    """
    document = parse_supergraph(sdl)
    definitions = [node for node in document.definitions if isinstance(node, TypeDefinitionNode)]
    subgraphs = _read_subgraphs(definitions)
    root_types = _read_schema(document)
    graphs = tuple(subgraph.graph for subgraph in subgraphs)
    features = read_features(document)
    product = [node for node in definitions if not features.owns_type(node.name.value)]
    types = {node.name.value: _read_type(node, graphs) for node in product}
    roots = {kind: name for kind, name in root_types.items() if name in types}
    if find_version(document, "join") == "v0.1":
        types = settle_federation_1(types, _read_owners(product), roots.values(), graphs)
    return SupergraphRecords(document, subgraphs, types, roots, read_access_rules(product))


def parse_supergraph(sdl: str) -> DocumentNode:
    """The syntax of supergraph SDL, names of specs as they are without a namespace.

    Raises:
        SupergraphError: it is not GraphQL.
    """
    try:
        return write_plain_names(parse(sdl, no_location=True))
    except GraphQLSyntaxError as error:
        raise SupergraphError(f"The supergraph is not GraphQL: {error.message}") from error


def _read_subgraphs(definitions: Iterable[TypeDefinitionNode]) -> tuple[SubgraphInfo, ...]:
    for node in definitions:
        if isinstance(node, EnumTypeDefinitionNode) and node.name.value == "join__Graph":
            return tuple(
                SubgraphInfo(str(arguments["name"]), value.name.value, str(arguments.get("url") or ""))
                for value in node.values or ()
                for arguments in _applications(value.directives, "join__graph")
            )
    raise SupergraphError("The schema has no enum join__Graph: it is not a composed supergraph")


def _read_owners(definitions: Iterable[TypeDefinitionNode]) -> dict[str, str]:
    return {
        node.name.value: str(arguments["graph"])
        for node in definitions
        for arguments in _applications(node.directives, "join__owner")
    }


def _read_schema(document: DocumentNode) -> dict[str, str]:
    root_types = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            _check_features(node)
            root_types = {
                operation.operation.value: operation.type.name.value for operation in node.operation_types
            }
    return root_types


def _check_features(node: SchemaDefinitionNode) -> None:
    for arguments in (
        *_applications(node.directives, "link"),
        *_applications(node.directives, "core"),
    ):
        url = str(arguments.get("url") or arguments.get("feature"))
        parts = url.rstrip("/").split("/")
        name = parts[-2] if parts[-1].startswith("v") else parts[-1]
        if arguments.get("for") == "SECURITY" and name not in _KNOWN_SECURITY_FEATURES:
            raise SupergraphError(f"The supergraph needs the security feature {url}, unknown here")


def _read_type(node: TypeDefinitionNode, all_graphs: tuple[str, ...]) -> TypeInfo:
    kind = _KINDS[type(node)]
    keys: dict[str, list[Key]] = {}
    interface_objects: set[str] = set()
    for arguments in _applications(node.directives, "join__type"):
        graph = str(arguments["graph"])
        found = keys.setdefault(graph, [])
        if arguments.get("key"):
            fields = read_field_set(str(arguments["key"]))
            found.append(Key(fields, arguments.get("resolvable") is not False))
        if arguments.get("isInterfaceObject"):
            interface_objects.add(graph)
    if not keys and isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        keys = {graph: [] for graph in all_graphs}
    interfaces = _pairs(node, "join__implements", "interface")
    members = _pairs(node, "join__unionMember", "member")
    all_members = tuple(named.name.value for named in getattr(node, "types", None) or ())
    graphs = {
        graph: TypeIn(
            graph,
            tuple(keys[graph]),
            graph in interface_objects,
            frozenset(interfaces.get(graph, ())),
            tuple(members.get(graph, ())) if members else all_members,
        )
        for graph in keys
    }
    return TypeInfo(
        node.name.value,
        kind,
        {field.name.value: _read_field(field, tuple(graphs)) for field in _output_fields(node)},
        frozenset(named.name.value for named in getattr(node, "interfaces", None) or ()),
        all_members,
        graphs,
        frozenset(str(arguments["name"]) for arguments in _applications(node.directives, "context")),
    )


def _output_fields(node: TypeDefinitionNode) -> tuple[FieldDefinitionNode, ...]:
    if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        return tuple(node.fields or ())
    return ()


def _pairs(node: TypeDefinitionNode, directive: str, argument: str) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for arguments in _applications(node.directives, directive):
        pairs.setdefault(str(arguments["graph"]), []).append(str(arguments[argument]))
    return pairs


def _read_field(node: FieldDefinitionNode, type_graphs: tuple[str, ...]) -> FieldInfo:
    reference = _read_type_ref(node.type)
    applications = list(_applications(node.directives, "join__field"))
    if not applications:
        # Without join__field a field is everywhere where its type is.
        return FieldInfo(node.name.value, reference, {g: FieldIn(g, reference) for g in type_graphs})
    entries = [_read_field_in(arguments, reference) for arguments in applications if arguments.get("graph")]
    return FieldInfo(node.name.value, reference, {entry.graph: entry for entry in entries})


def _read_field_in(arguments: dict[str, JsonValue], reference: TypeRef) -> FieldIn:
    text = arguments.get("type")
    contexts = arguments.get("contextArguments")
    return FieldIn(
        graph=str(arguments["graph"]),
        type=TypeRef(str(text).strip("[]!"), str(text)) if text else reference,
        external=arguments.get("external") is True,
        requires=read_field_set(str(arguments["requires"])) if arguments.get("requires") else (),
        provides=read_field_set(str(arguments["provides"])) if arguments.get("provides") else (),
        override_from=_text(arguments.get("override")),
        override_label=_text(arguments.get("overrideLabel")),
        used_overridden=arguments.get("usedOverridden") is True,
        context_arguments=tuple(
            ContextArgument(item["name"], item["type"], item["context"], item["selection"])
            for item in (contexts if isinstance(contexts, list) else ())
        ),
    )


def _read_type_ref(node: TypeNode) -> TypeRef:
    text = write_type(node)
    return TypeRef(text.strip("[]!"), text)


def _text(value: JsonValue) -> str | None:
    return str(value) if value else None


def _applications(
    directives: Iterable[ConstDirectiveNode] | None, name: str
) -> Iterator[dict[str, JsonValue]]:
    for directive in directives or ():
        if directive.name.value == name:
            yield {a.name.value: _value(a.value) for a in directive.arguments or ()}


def _value(node: ValueNode) -> JsonValue:
    value: JsonValue = value_from_ast_untyped(node)
    return value
