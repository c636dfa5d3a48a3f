"""Composition: subgraph SDLs in, one supergraph out, or every error found.

A stage runs to its end and reports all of its errors; a stage with errors is the last one. Nothing depends on the
order in which subgraphs or definitions are given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLSyntaxError, Source, parse

from router.composition.api import check_api
from router.composition.build import build_subgraph
from router.composition.context import Merge, build_merge
from router.composition.custom import name_custom_directives
from router.composition.link import link_subgraph
from router.composition.merge.executable_directives import merge_executable_directives
from router.composition.merge.types import merge_types
from router.composition.names import name_composed_directives
from router.composition.report import CompositionError, CompositionHint, Report, StageFailedError
from router.composition.resolvability import resolve_subgraph
from router.composition.rules import check_subgraph
from router.composition.rules.directive_composition_error import check_directive_composition_error
from router.composition.rules.directive_definition_invalid import check_directive_definition_invalid
from router.composition.rules.interface_field_no_implem import check_interface_field_no_implem
from router.composition.rules.interface_key_missing_implementation_type import (
    check_interface_key_missing_implementation_type,
)
from router.composition.rules.interface_object_usage_error import check_interface_object_beside_implementation
from router.composition.rules.invalid_fields import check_requires_arguments
from router.composition.rules.invalid_graphql import report_unreadable
from router.composition.rules.link_import_name_mismatch import check_link_import_name_mismatch
from router.composition.rules.missing_transitive_auth_requirements import (
    check_missing_transitive_auth_requirements,
)
from router.composition.rules.type_definition_invalid import check_type_definition_invalid
from router.composition.satisfiability import check_satisfiability
from router.composition.subgraph import Subgraph, SubgraphSource
from router.composition.supergraph_sdl import write_merged
from router.composition.upgrade import upgrade_subgraphs
from router.composition.validity import check_validity
from router.kit.garbage import collection_paused
from router.supergraph import Supergraph

SDL_TOKENS_MAX = 500_000
"""Of one subgraph's SDL; the largest public schemas have some 150,000. Time and memory grow with it."""


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
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'Each subgraph needs a name of its own: "{twice}" is given twice.')
    report = Report()
    try:
        with collection_paused():
            supergraph = _compose(sorted(sources, key=lambda source: source.name), report)
    except StageFailedError:
        return Composition(None, None, tuple(report.errors), ())
    return Composition(supergraph.sdl, supergraph.api_sdl, (), tuple(report.hints))


def _compose(sources: Sequence[SubgraphSource], report: Report) -> Supergraph:
    documents = _parse(sources, report)
    report.end_stage()

    subgraphs = _take_in(sources, documents, report)
    report.end_stage()

    subgraphs = upgrade_subgraphs(subgraphs, report)
    report.end_stage()

    merge: Merge = build_merge(subgraphs, report)
    check_link_import_name_mismatch(merge)
    check_directive_composition_error(merge)
    report.end_stage()

    name_composed_directives(merge)
    name_custom_directives(merge)
    directives = merge_executable_directives(merge)
    types = merge_types(merge)
    check_interface_key_missing_implementation_type(merge)
    check_interface_object_beside_implementation(merge)
    report.end_stage()

    check_interface_field_no_implem(merge)
    report.end_stage()

    supergraph = Supergraph.read(write_merged(merge, types, directives))
    check_requires_arguments(merge)
    check_missing_transitive_auth_requirements(merge, supergraph.access)
    report.end_stage()

    check_validity(merge, supergraph.document)
    report.end_stage()

    check_api(merge, supergraph.document)
    report.end_stage()

    check_satisfiability(merge, supergraph)
    report.end_stage()
    return supergraph


def _parse(sources: Iterable[SubgraphSource], report: Report) -> list[DocumentNode]:
    documents = []
    for source in sources:
        try:
            documents.append(parse(Source(source.sdl, source.file or source.name), max_tokens=SDL_TOKENS_MAX))
        except (GraphQLSyntaxError, RecursionError) as error:
            report_unreadable(report, source, error)
    return documents


def _take_in(
    sources: Iterable[SubgraphSource], documents: Iterable[DocumentNode], report: Report
) -> list[Subgraph]:
    """The subgraphs; those of federation 2 are checked by themselves, the others have to be upgraded first."""
    subgraphs = []
    for source, document in zip(sources, documents, strict=True):
        linked = link_subgraph(source, document, report)
        if linked is not None:
            check_directive_definition_invalid(linked, report)
            check_type_definition_invalid(linked, report)
        subgraph = None
        if linked is not None and not report.has_failed(linked.name):
            subgraph = build_subgraph(linked, report)
        if subgraph is None:
            continue
        if subgraph.linked.is_fed2:
            subgraph = resolve_subgraph(subgraph)
            check_subgraph(subgraph, report)
        subgraphs.append(subgraph)
    return subgraphs
