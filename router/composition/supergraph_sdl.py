"""The merged types with the machinery around them: links, join definitions, the list of subgraphs."""

from collections.abc import Sequence

from router.composition.context import Merge, merge_descriptions
from router.spec.federation import (
    COMPOSED,
    COMPOSED_BY_DIRECTIVE,
    COMPOSED_DEFINITIONS,
    COMPOSED_SCALARS,
    SPECS,
)
from router.spec.join import (
    CONTEXT_ARGUMENT_FIELDS,
    LINK_URL,
    PURPOSES,
    join_directives,
    join_scalars,
    join_version,
)
from router.supergraph.write import WrittenElement, WrittenType, write_supergraph

_ROOTS = (("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription"))


def write_merged(merge: Merge, types: Sequence[WrittenType]) -> str:
    """The supergraph SDL."""
    version = join_version(max((s.linked.version for s in merge.subgraphs), default=(2, 0)))
    specs = list(dict.fromkeys(COMPOSED_BY_DIRECTIVE[name].name for name in merge.composed))
    links = [
        f'@link(url: "{LINK_URL}")',
        f'@link(url: "{SPECS}join/{version}", for: EXECUTION)',
        *(_write_link(merge, name) for name in specs),
    ]
    definitions = [(sdl.split("@", 1)[1].split("(", 1)[0], sdl) for sdl in join_directives(version)]
    for name in specs:
        for directive in COMPOSED[name].directives:
            local = _local_name(merge, directive)
            definitions.append((local, COMPOSED_DEFINITIONS[directive].format(name=local)))
    present = {item.name for item in types}
    return write_supergraph(
        description=merge_descriptions(subgraph.description for subgraph in merge.subgraphs),
        schema_directives=links,
        root_types=[(kind, name) for kind, name in _ROOTS if name in present],
        directive_definitions=definitions,
        types=[*types, *_machinery(merge, version, specs)],
    )


def _local_name(merge: Merge, directive: str) -> str:
    """The name in the supergraph; a spec's directive that nobody applied keeps its default."""
    return merge.composed.get(directive, directive)


def _write_link(merge: Merge, name: str) -> str:
    spec = COMPOSED[name]
    imports = []
    for directive in spec.directives:
        local = _local_name(merge, directive)
        if local != directive:
            imports.append(f'{{name: "@{directive}", as: "@{local}"}}')
        elif directive != name:
            imports.append(f'"@{directive}"')
    parts = [f'url: "{SPECS}{name}/{spec.version}"']
    if spec.purpose is not None:
        parts.append(f"for: {spec.purpose}")
    if imports:
        parts.append(f"import: [{', '.join(imports)}]")
    return f"@link({', '.join(parts)})"


def _machinery(merge: Merge, version: str, specs: Sequence[str]) -> list[WrittenType]:
    scalars = [
        *join_scalars(version),
        *(COMPOSED_SCALARS[name] for name in specs if name in COMPOSED_SCALARS),
    ]
    machinery = [WrittenType("scalar", name) for name in scalars]
    if version == "v0.5":
        fields = tuple(WrittenElement(text) for text in CONTEXT_ARGUMENT_FIELDS)
        machinery.append(WrittenType("input", "join__ContextArgument", elements=fields))
    graphs = tuple(
        WrittenElement(
            merge.graphs[s.name], directives=(f'@join__graph(name: "{s.name}", url: "{s.linked.url}")',)
        )
        for s in merge.subgraphs
    )
    purposes = tuple(WrittenElement(name, description) for name, description in PURPOSES)
    machinery.append(WrittenType("enum", "join__Graph", elements=graphs))
    machinery.append(WrittenType("enum", "link__Purpose", elements=purposes))
    return machinery
