"""Composition: subgraph SDLs in, one supergraph out, or every error found.

A stage runs to its end and reports all of its errors; a stage with errors is the last one. Nothing depends on the
order in which subgraphs or definitions are given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphql import GraphQLSyntaxError, Source, parse

from router.composition.api import check_api
from router.composition.build import build_subgraph
from router.composition.context import Merge, build_merge
from router.composition.link import link_subgraph
from router.composition.merge.types import merge_types
from router.composition.names import name_composed_directives
from router.composition.report import CompositionError, CompositionHint, Location, Report
from router.composition.resolvability import resolve_subgraph
from router.composition.rules import check_subgraph
from router.composition.rules.across import check_across
from router.composition.rules.transitive_access import check_transitive_access
from router.composition.subgraph import Subgraph, SubgraphSource
from router.composition.supergraph_sdl import write_merged
from router.composition.upgrade import upgrade_subgraphs
from router.kit.garbage import collection_paused


@dataclass(frozen=True, slots=True)
class Composition:
    """What composing gave: either a supergraph and hints, or errors.

    Attributes:
        supergraph_sdl: the supergraph in Apollo's form; None if there are errors.
        api_sdl: the schema that clients see; None if there are errors.
    """

    supergraph_sdl: str | None
    api_sdl: str | None
    errors: tuple[CompositionError, ...]
    hints: tuple[CompositionHint, ...]


def compose(sources: Sequence[SubgraphSource]) -> Composition:
    """Compose subgraphs.

    Raises:
        ValueError: two subgraphs have the same name.

    Spec: Apollo Federation 2, composition rules; join v0.3 to v0.5.
    """
    names = [source.name for source in sources]
    if len(set(names)) < len(names):
        raise ValueError("Each subgraph needs a name of its own.")
    report = Report()
    with collection_paused():
        supergraph = _compose(sorted(sources, key=lambda source: source.name), report)
    if supergraph is None or report.errors:
        return Composition(None, None, tuple(report.errors), ())
    sdl, api_sdl = supergraph
    return Composition(sdl, api_sdl, (), tuple(report.hints))


def _compose(sources: Sequence[SubgraphSource], report: Report) -> tuple[str, str] | None:
    subgraphs = _take_in(sources, report)
    if report.errors:
        return None
    subgraphs = [resolve_subgraph(subgraph) for subgraph in upgrade_subgraphs(subgraphs, report)]
    if report.errors:
        return None
    for subgraph in subgraphs:
        check_subgraph(subgraph, report)
    if report.errors:
        return None
    merge: Merge = build_merge(subgraphs, report)
    name_composed_directives(merge)
    if report.errors:
        return None
    types = merge_types(merge)
    check_across(merge)
    if report.errors:
        return None
    sdl = write_merged(merge, types)
    check_transitive_access(merge, sdl)
    api_sdl = None if report.errors else check_api(merge, sdl)
    return None if api_sdl is None else (sdl, api_sdl)


def _take_in(sources: Iterable[SubgraphSource], report: Report) -> list[Subgraph]:
    subgraphs = []
    for source in sources:
        try:
            document = parse(Source(source.sdl, source.file or source.name))
        except (GraphQLSyntaxError, RecursionError) as error:
            _report_syntax(source, error, report)
            continue
        linked = link_subgraph(source, document, report)
        subgraph = build_subgraph(linked, report) if linked is not None else None
        if subgraph is not None:
            subgraphs.append(subgraph)
    return subgraphs


def _report_syntax(source: SubgraphSource, error: Exception, report: Report) -> None:
    name = source.name
    if isinstance(error, GraphQLSyntaxError):
        places = tuple(
            Location(name, source.file or name, place.line, place.column) for place in error.locations or ()
        )
        report.errors.append(
            CompositionError("INVALID_GRAPHQL", f"[{name}] {error.message}", (name,), places)
        )
    else:
        report.error("INVALID_GRAPHQL", f"[{name}] The SDL nests too deeply to be read.", [(name, None)])
