"""The merged types with the machinery around them: links, definitions of directives, the list of subgraphs."""

from collections.abc import Iterable, Iterator, Sequence

from router.composition.context import ComposedDirective, Merge
from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import merge_directives
from router.composition.supergraph_links import composed_specs, local_names, write_links
from router.spec.federation import COMPOSED_DEFINITIONS, COMPOSED_SCALARS
from router.spec.join import (
    CONTEXT_ARGUMENT_FIELDS,
    PURPOSES,
    join_directives,
    join_scalars,
    join_version,
)
from router.supergraph.write import (
    WrittenElement,
    WrittenType,
    write_application,
    write_directive_definition,
    write_string,
    write_supergraph,
    write_value,
)

_ROOTS = (("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription"))


def write_merged(
    merge: Merge, types: Sequence[WrittenType], executable_directives: Iterable[tuple[str, str]]
) -> str:
    """The supergraph SDL; directives that clients apply are given as names and definitions."""
    version = join_version(max((s.linked.version for s in merge.subgraphs), default=(2, 0)))
    first, rest = merge_directives(merge, "schema", ((s, s.schema_directives) for s in merge.subgraphs))
    objects = {item.name for item in types if item.keyword == "type"}
    return write_supergraph(
        description=merge_descriptions(
            merge, "The schema definition", ((each, each.description, None) for each in merge.subgraphs)
        ),
        schema_directives=(*write_links(merge, version), *first, *rest),
        root_types=[(kind, name) for kind, name in _ROOTS if name in objects],
        directive_definitions=[*_define_directives(merge, version), *executable_directives],
        types=[*types, *_machinery(merge, version)],
    )


def _define_directives(merge: Merge, version: str) -> Iterator[tuple[str, str]]:
    for sdl in join_directives(version):
        yield sdl.split("@", 1)[1].split("(", 1)[0], sdl
    for spec in composed_specs(merge):
        for own, name in local_names(merge, spec).items():
            yield name, COMPOSED_DEFINITIONS[own].format(name=name)
    for directive in merge.custom.values():
        yield directive.name, _define_custom(merge, directive)


def _define_custom(merge: Merge, directive: ComposedDirective) -> str:
    """The definition of a composed directive as its newest subgraph gives it."""
    definition, arguments = directive.definition, []
    for argument in directive.source.directive_arguments[definition.name.value].values():
        where = f"@{directive.name}({argument.name}:)"
        first, rest = merge_directives(merge, where, [(directive.source, argument.directives)])
        default = f" = {write_value(argument.default)}" if argument.default is not None else ""
        text = f"{argument.name}: {argument.type}{default}"
        arguments.append(WrittenElement(text, argument.description, (*first, *rest)))
    return write_directive_definition(
        name=directive.name,
        description=definition.description.value if definition.description is not None else None,
        arguments=arguments,
        is_repeatable=definition.repeatable,
        locations=[location.value for location in definition.locations],
    )


def _machinery(merge: Merge, version: str) -> Iterator[WrittenType]:
    for name in join_scalars(version):
        yield WrittenType("scalar", name)
    for spec in composed_specs(merge):
        if spec.name in COMPOSED_SCALARS:
            yield WrittenType("scalar", COMPOSED_SCALARS[spec.name])
    if version == "v0.5":
        fields = tuple(WrittenElement(text) for text in CONTEXT_ARGUMENT_FIELDS)
        yield WrittenType("input", "join__ContextArgument", elements=fields)
    graphs = []
    for subgraph in merge.subgraphs:
        arguments = {"name": write_string(subgraph.name), "url": write_string(subgraph.linked.url)}
        join = write_application("join__graph", arguments)
        graphs.append(WrittenElement(merge.graphs[subgraph.name], directives=(join,)))
    yield WrittenType("enum", "join__Graph", elements=tuple(graphs))
    purposes = tuple(WrittenElement(name, description) for name, description in PURPOSES)
    yield WrittenType("enum", "link__Purpose", elements=purposes)
