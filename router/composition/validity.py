"""Whether a merged supergraph is valid GraphQL.

The subgraphs are valid each by itself, so most rules hold of what is merged from them. Only those are checked here
that merging can break: types that are gone or clash with the machinery's, interfaces and their implementations,
cycles, defaults, and applications of composed directives, whose definition is that of another subgraph.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NamedTypeNode,
    Node,
    TypeDefinitionNode,
    Undefined,
    build_ast_schema,
    coerce_input_literal,
    specified_scalar_types,
)
from graphql.validation import KnownDirectivesRule
from graphql.validation.rules.known_argument_names import KnownArgumentNamesOnDirectivesRule
from graphql.validation.rules.provided_required_arguments import ProvidedRequiredArgumentsOnDirectivesRule
from graphql.validation.validate import validate_sdl

from router.composition.context import Merge
from router.composition.coordinates import Coordinate, find_sites
from router.composition.report import Site
from router.composition.rules.invalid_graphql import report_invalid_graphql
from router.composition.schema_faults import find_schema_faults
from router.composition.visibility import named

_RULES_OF_APPLICATIONS = (
    KnownDirectivesRule,
    KnownArgumentNamesOnDirectivesRule,
    ProvidedRequiredArgumentsOnDirectivesRule,
)


def check_validity(merge: Merge, document: DocumentNode) -> None:
    """Report everything that is wrong with a supergraph as GraphQL."""
    errors = list(_check_names(document)) or _check_schema(merge, document)
    coordinates = _index(document) if errors else {}
    for error in errors:
        sites: dict[Site, None] = {}
        for node in error.nodes or ():
            coordinate = coordinates.get(id(node))
            if coordinate is not None:
                sites.update(dict.fromkeys(find_sites(merge, coordinate)))
        report_invalid_graphql(
            merge.report,
            f"What the subgraphs declare does not fit together in one schema: {error.message}",
            sites,
        )


def _check_schema(merge: Merge, document: DocumentNode) -> list[GraphQLError]:
    schema = build_ast_schema(document, assume_valid_sdl=True)
    errors = find_schema_faults(schema)
    if merge.custom:
        errors = [
            *errors,
            *validate_sdl(document, None, _RULES_OF_APPLICATIONS),
            *_check_values(schema, document),
        ]
    return errors


def _check_values(schema: GraphQLSchema, document: DocumentNode) -> Iterator[GraphQLError]:
    """Arguments of directives that their types refuse: a value of an enum may not be there any more."""
    for _, node in _elements(document):
        for directive in getattr(node, "directives", None) or ():
            definition = schema.get_directive(directive.name.value)
            for argument in directive.arguments or ():
                known = definition.args.get(argument.name.value) if definition is not None else None
                if known is not None and coerce_input_literal(argument.value, known.type) is Undefined:
                    text = f"@{directive.name.value}({argument.name.value}:)"
                    yield GraphQLError(f'Invalid value for "{text}" of type "{known.type}"', [directive])


def _check_names(document: DocumentNode) -> Iterator[GraphQLError]:
    """Types that are defined twice or not at all: no schema can be built with them."""
    definitions = [node for node in document.definitions if isinstance(node, TypeDefinitionNode)]
    counts = Counter(node.name.value for node in definitions)
    for name, count in counts.items():
        if count > 1:
            nodes = [node for node in definitions if node.name.value == name]
            yield GraphQLError(f'The name "{name}" is taken by a specification: rename the type', nodes)
    known = counts.keys() | specified_scalar_types.keys()
    for node in document.definitions:
        for user, reference in _references(node):
            if named(reference) not in known:
                yield GraphQLError(f'Unknown type "{named(reference)}"', user)


def _references(node: Any) -> Iterator[tuple[Node, Any]]:
    """Every use of a type below a definition, with the element that uses it."""
    for key in ("interfaces", "types"):
        for reference in getattr(node, key, None) or ():
            if isinstance(reference, NamedTypeNode):
                yield node, reference
    for key in ("fields", "arguments"):
        for child in getattr(node, key, None) or ():
            yield child, child.type
            yield from _references(child)


def _index(document: DocumentNode) -> dict[int, Coordinate]:
    """The coordinate of each node that an error may name, by the node's id."""
    return {
        id(part): coordinate
        for coordinate, node in _elements(document)
        for part in (
            node,
            *_parts(node),
            *(p for d in getattr(node, "directives", None) or () for p in _parts(d)),
        )
    }


def _elements(document: DocumentNode) -> Iterator[tuple[Coordinate, Any]]:
    """Everything in a schema that has a coordinate; the schema itself stands under its keyword."""
    for node in document.definitions:
        name = getattr(getattr(node, "name", None), "value", "schema")
        parent = f"@{name}" if isinstance(node, DirectiveDefinitionNode) else name
        yield Coordinate(parent), node
        for argument in getattr(node, "arguments", None) or ():
            yield Coordinate(parent, None, argument.name.value), argument
        for child in (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())):
            coordinate = Coordinate(parent, child.name.value)
            yield coordinate, child
            for argument in getattr(child, "arguments", None) or ():
                yield coordinate._replace(argument=argument.name.value), argument


def _parts(node: Any) -> Iterator[Any]:
    for key in ("name", "type", "default_value", "interfaces", "types", "directives", "arguments"):
        value = getattr(node, key, None)
        yield from value if isinstance(value, tuple | list) else (value,)
