"""What the linked specs define, under the names that a subgraph uses; and whether its own definitions fit that."""

from collections.abc import Collection, Iterator
from functools import lru_cache

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    InputValueDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    parse,
    print_ast,
    specified_scalar_types,
)

from router.composition.subgraph import LinkedSubgraph
from router.spec.federation import DIRECTIVES

LINK_DEFINITIONS = """
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
"""
_SCALARS = ("FieldSet", "Scope", "Policy", "ContextFieldValue")
_TEXTS_KEPT_MAX = 64
_LENIENT = frozenset({"key", "requires", "provides"})
_FIELD_SETS = frozenset({"String", "_FieldSet", "FieldSet"})


def write_spec_definitions(linked: LinkedSubgraph, without: Collection[str] = ()) -> str:
    """The directives and scalars of federation, as SDL; `without` those of these names."""
    scalars = {name: linked.scalars.get(name, f"federation__{name}") for name in _SCALARS}
    parts = [f"scalar {name}" for name in sorted(set(scalars.values()))]
    for spec in DIRECTIVES.values():
        local = linked.local.get(spec.name)
        if local is not None and local not in without:
            form = spec.at(linked.version)
            arguments = f"({form.arguments.format(**scalars)})" if form.arguments else ""
            repeatable = "repeatable " if form.is_repeatable else ""
            parts.append(f"directive @{local}{arguments} {repeatable}on {form.locations}")
    return "\n".join(parts)


def find_own_definitions(linked: LinkedSubgraph) -> frozenset[str]:
    """The directives of specs that the subgraph defines itself, more narrowly perhaps: its word counts then."""
    provided = set(linked.local.values())
    return frozenset(
        node.name.value
        for node in linked.document.definitions
        if isinstance(node, DirectiveDefinitionNode)
        and node.name.value in provided
        and (linked.is_fed2 or not _is_tolerated(linked, node))
    )


def find_directive_faults(linked: LinkedSubgraph) -> Iterator[tuple[DirectiveDefinitionNode, str]]:
    """The directives that the subgraph defines otherwise than their spec, and why."""
    link = LINK_DEFINITIONS if linked.links else ""
    wanted = _directives(f"{write_spec_definitions(linked)}\n{link}")
    for node in linked.document.definitions:
        if not isinstance(node, DirectiveDefinitionNode):
            continue
        spec = wanted.get(node.name.value)
        if spec is None or (not linked.is_fed2 and _is_tolerated(linked, node)):
            continue
        fault = next(_compare(spec, node), None)
        if fault is not None:
            yield node, fault


def find_type_faults(linked: LinkedSubgraph) -> Iterator[tuple[TypeDefinitionNode, str]]:
    """The types that the subgraph defines otherwise than their spec, and why."""
    scalars = {*linked.scalars.values(), "link__Import"}
    for node in linked.document.definitions:
        if not isinstance(node, TypeDefinitionNode):
            continue
        if node.name.value in scalars and not isinstance(node, ScalarTypeDefinitionNode):
            yield node, "it has to be a scalar"
        elif node.name.value == "link__Purpose":
            values = node.values if isinstance(node, EnumTypeDefinitionNode) else ()
            if not {"EXECUTION", "SECURITY"} <= {value.name.value for value in values or ()}:
                yield node, "it has to be an enum of the values EXECUTION and SECURITY"


@lru_cache(maxsize=_TEXTS_KEPT_MAX)
def _directives(sdl: str) -> dict[str, DirectiveDefinitionNode]:
    document: DocumentNode = parse(sdl, no_location=True)
    return {
        node.name.value: node for node in document.definitions if isinstance(node, DirectiveDefinitionNode)
    }


def _is_tolerated(linked: LinkedSubgraph, node: DirectiveDefinitionNode) -> bool:
    """Whether it is one of the wrong definitions that federation 1 schemas are known for."""
    if linked.canonical.get(node.name.value) not in _LENIENT:
        return False
    arguments = node.arguments or ()
    return not arguments or (
        len(arguments) == 1
        and arguments[0].name.value == "fields"
        and print_ast(arguments[0].type) in _FIELD_SETS
    )


def _compare(spec: DirectiveDefinitionNode, node: DirectiveDefinitionNode) -> Iterator[str]:
    if node.repeatable and not spec.repeatable:
        yield "it is not repeatable"
    allowed = {each.value for each in spec.locations}
    if more := [each.value for each in node.locations if each.value not in allowed]:
        yield f"it does not stand on {', '.join(more)}"
    wanted = {each.name.value: each for each in spec.arguments or ()}
    given = {each.name.value: each for each in node.arguments or ()}
    for name in given.keys() - wanted.keys():
        yield f'it has no argument "{name}"'
    for name, argument in wanted.items():
        if name in given:
            yield from _compare_argument(argument, given[name])
        elif isinstance(argument.type, NonNullTypeNode) and argument.default_value is None:
            yield f'its argument "{name}" is missing'


def _compare_argument(spec: InputValueDefinitionNode, node: InputValueDefinitionNode) -> Iterator[str]:
    name = spec.name.value
    is_stricter = isinstance(node.type, NonNullTypeNode) and not isinstance(spec.type, NonNullTypeNode)
    if not _fits(spec.type, node.type):
        yield f'its argument "{name}" is of type "{print_ast(spec.type)}", not "{print_ast(node.type)}"'
    elif not is_stricter and spec.default_value is not None and node.default_value is not None:
        wanted, given = print_ast(spec.default_value), print_ast(node.default_value)
        if wanted != given:
            yield f'the default of its argument "{name}" is {wanted}, not {given}'


def _fits(spec: TypeNode, node: TypeNode) -> bool:
    """Whether a type may stand for the spec's: null may be forbidden, and built-in scalars stand for scalars of specs."""
    if isinstance(spec, NonNullTypeNode):
        return isinstance(node, NonNullTypeNode) and _fits(spec.type, node.type)
    if isinstance(node, NonNullTypeNode):
        return _fits(spec, node.type)
    if isinstance(spec, ListTypeNode):
        return isinstance(node, ListTypeNode) and _fits(spec.type, node.type)
    base: TypeNode = node
    while isinstance(base, ListTypeNode | NonNullTypeNode):
        base = base.type
    wanted = print_ast(spec)
    return wanted == print_ast(node) or (
        wanted not in specified_scalar_types and print_ast(base) in specified_scalar_types
    )
