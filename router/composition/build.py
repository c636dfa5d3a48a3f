"""A linked subgraph's document as a schema, checked by GraphQL's own rules, and as records.

A subgraph may extend what it does not define, leave out `Query`, and use federation's directives without defining
them; the document is completed first, so that the ordinary rules can be applied to it.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from graphql import (
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    ExecutableDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    Undefined,
    UnionTypeDefinitionNode,
    build_ast_schema,
    coerce_input_literal,
    specified_directives,
)

from router.composition.complete import DEFINITION_OF, FEDERATION_FIELDS, complete_document
from router.composition.report import Report
from router.composition.rules.invalid_graphql import report_invalid_graphql
from router.composition.rules.root_used import report_root_used
from router.composition.schema_faults import find_schema_faults, find_sdl_faults
from router.composition.subgraph import (
    Applied,
    Argument,
    EnumValue,
    Field,
    Kind,
    LinkedSubgraph,
    Subgraph,
    Type,
)
from router.composition.type_ref import named_type, read_type
from router.spec.federation import DIRECTIVES, SCALARS_SINCE

_KINDS: dict[type[TypeDefinitionNode], Kind] = {
    ObjectTypeDefinitionNode: Kind.OBJECT,
    InterfaceTypeDefinitionNode: Kind.INTERFACE,
    UnionTypeDefinitionNode: Kind.UNION,
    EnumTypeDefinitionNode: Kind.ENUM,
    InputObjectTypeDefinitionNode: Kind.INPUT,
    ScalarTypeDefinitionNode: Kind.SCALAR,
}
ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
_NodeT = TypeVar("_NodeT", bound=Node)
_SELECTIONS = {"key": "fields", "requires": "fields", "provides": "fields", "fromContext": "field"}
"""The directives that have a selection in an argument, and that argument."""


def build_subgraph(linked: LinkedSubgraph, report: Report) -> Subgraph | None:
    """Build the schema and records of a subgraph; None if it is no valid GraphQL, and then `report` says why."""
    errors = [
        GraphQLError("The SDL of a subgraph has only type system definitions", node)
        for node in linked.document.definitions
        if isinstance(node, ExecutableDefinitionNode)
    ]
    document = complete_document(linked)
    errors = errors or find_sdl_faults(document)
    errors = errors or [*_check_built_in_values(document), *_check_defaults(document)]
    schema = None
    if not errors:
        schema = build_ast_schema(document, assume_valid_sdl=True)
        errors = find_schema_faults(schema)
    if not errors and schema is not None:
        errors = _check_directive_values(document, schema, linked)
    for error in errors:
        report_invalid_graphql(
            report,
            f"[{linked.name}] {error.message}{_advise(error, linked)}",
            [(linked.name, node) for node in error.nodes or (None,)],
        )
    if errors or schema is None:
        return None
    return _Reader(linked, document, schema, report).read()


def _advise(error: GraphQLError, linked: LinkedSubgraph) -> str:
    node = error.nodes[0] if error.nodes else None
    if not isinstance(node, DirectiveNode) or not error.message.startswith("Unknown directive"):
        return ""
    name = node.name.value
    if name not in DIRECTIVES:
        return ""
    if not linked.is_fed2:
        return (
            " If you meant the federation 2 directive of this name: this schema is a federation 1 schema, since it has "
            "no @link to the federation specification."
        )
    local = linked.local.get(name)
    if local is None:
        major, minor = DIRECTIVES[name].since
        return f" It exists since federation v{major}.{minor}: link that version or a newer one."
    return f' If you meant the "@{name}" federation directive: use "@{local}", or import "@{name}".'


def _check_built_in_values(document: DocumentNode) -> list[GraphQLError]:
    """Wrong arguments of GraphQL's own directives: no schema can be built with them."""
    built_in = {directive.name: directive for directive in specified_directives}
    return [
        GraphQLError(f'Invalid value for "@{node.name.value}({argument.name.value}:)"', [argument])
        for node in _nodes(document, DirectiveNode)
        if node.name.value in built_in
        for argument in node.arguments or ()
        if (known := built_in[node.name.value].args.get(argument.name.value)) is not None
        and coerce_input_literal(argument.value, known.type) is Undefined
    ]


def _check_defaults(document: DocumentNode) -> list[GraphQLError]:
    """Defaults of what is no input type: GraphQL's validation of schemas would try to coerce them."""
    outputs = {
        node.name.value
        for node in document.definitions
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode)
    }
    return [
        GraphQLError(f'"{node.name.value}" must be of an input type, "{name}" is none', node)
        for node in _nodes(document, InputValueDefinitionNode)
        if node.default_value is not None and (name := named_type(read_type(node.type, {}))) in outputs
    ]


def _check_directive_values(
    document: DocumentNode, schema: GraphQLSchema, linked: LinkedSubgraph
) -> list[GraphQLError]:
    """Arguments that their types refuse; selections have rules of their own."""
    errors: list[GraphQLError] = []
    for directive in _nodes(document, DirectiveNode):
        selection = _SELECTIONS.get(linked.canonical.get(directive.name.value, ""))
        definition = schema.get_directive(directive.name.value)
        if definition is None:
            continue
        for argument in directive.arguments or ():
            known = definition.args.get(argument.name.value)
            if argument.name.value == selection or known is None:
                continue
            if coerce_input_literal(argument.value, known.type) is Undefined:
                errors.append(
                    GraphQLError(
                        f'Invalid value for "@{directive.name.value}({argument.name.value}:)" of type "{known.type}"',
                        [argument],
                    )
                )
    return errors


def _nodes(node: Any, kind: type[_NodeT]) -> Iterator[_NodeT]:
    """All nodes of a kind in the definitions below a node, in document order."""
    for key in getattr(node, "keys", ()):
        value = getattr(node, key, None)
        for item in value if isinstance(value, tuple | list) else ():
            if isinstance(item, kind):
                yield item
            yield from _nodes(item, kind)


class _Reader:
    """Reads the records of one subgraph from its completed document."""

    def __init__(
        self, linked: LinkedSubgraph, document: DocumentNode, schema: GraphQLSchema, report: Report
    ) -> None:
        self._linked = linked
        self._document = document
        self._schema = schema
        self._report = report
        self._rename: dict[str, str] = {}
        self._spec_types = linked.spec_types | {f"federation__{name}" for name in SCALARS_SINCE}

    def read(self) -> Subgraph | None:
        """The records; None if a root type's name is taken by another type."""
        if not self._find_roots():
            return None
        parts: dict[str, list[TypeDefinitionNode | TypeExtensionNode]] = {}
        extended: set[str] = set()
        for node in self._linked.document.definitions:
            if isinstance(node, TypeExtensionNode):
                extended.add(node.name.value)
        originals = {
            n.name.value for n in self._linked.document.definitions if isinstance(n, TypeDefinitionNode)
        }
        for node in self._document.definitions:
            if (
                isinstance(node, TypeDefinitionNode | TypeExtensionNode)
                and node.name.value not in self._spec_types
            ):
                parts.setdefault(node.name.value, []).append(node)
        types = {}
        for name, nodes in parts.items():
            read = self._read_type(self._rename.get(name, name), nodes, is_defined=name in originals)
            types[read.name] = read
        directives = {
            node.name.value: node
            for node in self._document.definitions
            if isinstance(node, DirectiveDefinitionNode) and node.loc is not None
        }
        schema_nodes = [
            n for n in self._document.definitions if isinstance(n, SchemaDefinitionNode | SchemaExtensionNode)
        ]
        return Subgraph(
            linked=self._linked,
            types=types,
            directives=directives,
            directive_arguments={
                name: {a.name.value: self._read_argument(a) for a in node.arguments or ()}
                for name, node in directives.items()
            },
            schema=self._schema,
            description=next((_text(n) for n in schema_nodes if isinstance(n, SchemaDefinitionNode)), None),
            schema_directives=tuple(
                a for n in schema_nodes for a in self._read_directives(n, on_extension=False)
            ),
        )

    def _find_roots(self) -> bool:
        is_clean = True
        roots = {
            "query": self._schema.query_type,
            "mutation": self._schema.mutation_type,
            "subscription": self._schema.subscription_type,
        }
        for kind, root in roots.items():
            default = ROOTS[kind]
            if root is None or root.name == default:
                continue
            self._rename[root.name] = default
            if self._schema.get_type(default) is not None:
                is_clean = False
                report_root_used(self._report, self._linked.name, default, root.name, root.ast_node)
        return is_clean

    def _read_type(
        self, name: str, nodes: list[TypeDefinitionNode | TypeExtensionNode], *, is_defined: bool
    ) -> Type:
        first = nodes[0]
        directives: list[Applied] = []
        interfaces: dict[str, None] = {}
        members: dict[str, None] = {}
        fields: dict[str, Field] = {}
        inputs: dict[str, Argument] = {}
        values: dict[str, EnumValue] = {}
        for node in nodes:
            on_extension = isinstance(node, TypeExtensionNode) or not is_defined
            directives += self._read_directives(node, on_extension=on_extension)
            interfaces.update(dict.fromkeys(n.name.value for n in getattr(node, "interfaces", None) or ()))
            members.update(dict.fromkeys(n.name.value for n in getattr(node, "types", None) or ()))
            shared = [a for a in directives if a.name == "shareable" and a.node in (node.directives or ())]
            for child in getattr(node, "fields", None) or ():
                if child.name.value in FEDERATION_FIELDS:
                    continue
                if isinstance(child, FieldDefinitionNode):
                    fields[child.name.value] = self._read_field(child, is_shareable=bool(shared))
                else:
                    inputs[child.name.value] = self._read_argument(child)
            for value in getattr(node, "values", None) or ():
                values[value.name.value] = EnumValue(
                    value.name.value, _text(value), self._read_directives(value, on_extension=False), value
                )
        kind = (
            _KINDS[type(first)]
            if isinstance(first, TypeDefinitionNode)
            else _KINDS[DEFINITION_OF[type(first)]]
        )
        return Type(
            name=name,
            kind=kind,
            node=first,
            description=next((text for node in nodes if (text := _text(node)) is not None), None),
            directives=tuple(directives),
            interfaces=tuple(interfaces),
            fields=fields,
            inputs=inputs,
            members=tuple(self._rename.get(member, member) for member in members),
            values=values,
            has_definition=is_defined,
        )

    def _read_field(self, node: FieldDefinitionNode, *, is_shareable: bool) -> Field:
        directives = self._read_directives(node, on_extension=False)
        return Field(
            name=node.name.value,
            type=read_type(node.type, self._rename),
            arguments={a.name.value: self._read_argument(a) for a in node.arguments or ()},
            description=_text(node),
            directives=directives,
            node=node,
            is_shareable=is_shareable or any(a.name == "shareable" for a in directives),
        )

    def _read_argument(self, node: InputValueDefinitionNode) -> Argument:
        return Argument(
            name=node.name.value,
            type=read_type(node.type, self._rename),
            default=node.default_value,
            description=_text(node),
            directives=self._read_directives(node, on_extension=False),
            node=node,
        )

    def _read_directives(self, node: Any, *, on_extension: bool) -> tuple[Applied, ...]:
        return tuple(
            Applied(
                self._linked.canonical.get(d.name.value, f"@{d.name.value}")
                if d.name.value not in {"deprecated", "specifiedBy", "oneOf"}
                else d.name.value,
                {a.name.value: a.value for a in d.arguments or ()},
                d,
                on_extension,
            )
            for d in node.directives or ()
        )


def _text(node: Any) -> str | None:
    description = getattr(node, "description", None)
    return description.value if description is not None else None
