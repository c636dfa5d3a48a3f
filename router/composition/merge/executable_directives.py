"""Definitions of directives that clients apply: what all subgraphs understand, since any of them may get one."""

from collections.abc import Sequence

from graphql import DirectiveDefinitionNode, specified_directives

from router.composition.context import Merge
from router.composition.merge.arguments import FIELD_ARGUMENTS, merge_inputs
from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import write_input
from router.composition.report import Site, list_subgraphs
from router.composition.subgraph import Subgraph
from router.supergraph.api_schema import EXECUTABLE_LOCATIONS, INCREMENTAL_DIRECTIVES
from router.supergraph.links import Features
from router.supergraph.write import write_directive_definition

_Source = tuple[Subgraph, DirectiveDefinitionNode]
_BUILT_IN = frozenset(directive.name for directive in specified_directives) | INCREMENTAL_DIRECTIVES


def merge_executable_directives(merge: Merge) -> list[tuple[str, str]]:
    """The name and definition of each executable directive that all subgraphs define."""
    names = dict.fromkeys(
        name
        for subgraph in merge.subgraphs
        for name, node in subgraph.directives.items()
        if _is_mergeable(merge, subgraph, name) and _executable(node)
    )
    merged = ((name, _merge(merge, name)) for name in names)
    return [(name, sdl) for name, sdl in merged if sdl is not None]


def _is_mergeable(merge: Merge, subgraph: Subgraph, name: str) -> bool:
    return not (
        name in _BUILT_IN
        or name in subgraph.linked.canonical
        or f"@{name}" in merge.custom
        or Features().owns_directive(name)
    )


def _executable(node: DirectiveDefinitionNode) -> list[str]:
    return [location.value for location in node.locations if location.value in EXECUTABLE_LOCATIONS]


def _merge(merge: Merge, name: str) -> str | None:
    """The merged definition; None if it is not everywhere or has no location in common."""
    sources = [(s, node) for s in merge.subgraphs if (node := s.directives.get(name)) is not None]
    missing = [s.name for s in merge.subgraphs if name not in s.directives]
    sites: list[Site] = [(s.name, node) for s, node in sources]
    if missing:
        merge.report.hint(
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
            f'Executable directive "@{name}" will not be part of the supergraph, as it does not appear in '
            f"{list_subgraphs(missing)}",
            sites,
        )
        return None
    locations = _merge_locations(merge, name, sources, sites)
    if not locations:
        return None
    is_repeatable = all(node.repeatable for _, node in sources)
    if not is_repeatable and any(node.repeatable for _, node in sources):
        merge.report.hint(
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
            f'Executable directive "@{name}" will not be repeatable in the supergraph, as it is not in '
            f"{list_subgraphs(s.name for s, node in sources if not node.repeatable)}",
            sites,
        )
    arguments = merge_inputs(
        merge, f"@{name}", [(s, s.directive_arguments[name]) for s, _ in sources], FIELD_ARGUMENTS
    )
    told = (
        (s, node.description.value if node.description is not None else None, node) for s, node in sources
    )
    return write_directive_definition(
        name=name,
        description=merge_descriptions(merge, f'Directive "@{name}"', told),
        arguments=[write_input(merge, argument) for argument in arguments],
        is_repeatable=is_repeatable,
        locations=locations,
    )


def _merge_locations(merge: Merge, name: str, sources: Sequence[_Source], sites: Sequence[Site]) -> list[str]:
    declared = {s.name: _executable(node) for s, node in sources}
    locations = [
        location
        for location in next(iter(declared.values()))
        if all(location in others for others in declared.values())
    ]
    told = " and ".join(
        f"{', '.join(found) or 'none'} in {list_subgraphs([s])}" for s, found in declared.items()
    )
    if not locations:
        merge.report.hint(
            "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
            f'Executable directive "@{name}" will not be part of the supergraph, as no location is common to all '
            f"subgraphs: they are {told}",
            sites,
        )
    elif len({frozenset(found) for found in declared.values()}) > 1:
        merge.report.hint(
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
            f'Executable directive "@{name}" has inconsistent locations across subgraphs: {told}. The supergraph will '
            f"use {', '.join(locations)}.",
            sites,
        )
    return locations
