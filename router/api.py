"""The public functions on schemas and plans: compose, check, contract, plan."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from graphql import DocumentNode, parse, validate

from router.checks import Candidate, Check, CheckError, Graph, check_candidate, read_client_operations
from router.composition.compose import Composition
from router.composition.compose import compose as compose_subgraphs
from router.composition.contract import Contract, build_contract
from router.composition.report import CompositionError, CompositionHint
from router.composition.subgraph import SubgraphSource
from router.config.supergraph_yaml import SupergraphConfig, read_supergraph_config
from router.planner.planner import Planner
from router.query_plan.nodes import QueryPlan
from router.supergraph.api_schema import allow_defer
from router.supergraph.contracts import TagFilter
from router.supergraph.model import Supergraph


def compose_file(path: Path) -> Composition:
    """Compose the subgraphs that a `supergraph.yaml` names.

    Raises:
        ConfigurationError: the file is not understood, or a schema cannot be had.
        OSError: the file cannot be read.
    """
    return compose(read_supergraph_config(path))


def describe_finding(finding: CompositionError | CompositionHint) -> str:
    """One line for people: code, message and where in which subgraph."""
    places = [f"{each.file}:{each.line}:{each.column}" for each in finding.locations]
    return f"{finding.code}: {finding.message}" + (f" ({', '.join(places)})" if places else "")


def compose(subgraphs: Mapping[str, str] | SupergraphConfig | Iterable[SubgraphSource]) -> Composition:
    """Compose subgraphs: their SDL by name, those of a `supergraph.yaml`, or with URLs as `SubgraphSource`s.

    The result holds the supergraph and hints, or every error found; nothing is raised for what is in the SDLs.

    Raises:
        TypeError: a subgraph or its SDL is something else.
        ValueError: two subgraphs have the same name.
    """
    return compose_subgraphs(_read_sources(subgraphs))


def _read_sources(
    subgraphs: Mapping[str, str] | SupergraphConfig | Iterable[SubgraphSource],
) -> list[SubgraphSource]:
    if isinstance(subgraphs, Mapping):
        sources = [SubgraphSource(name, "", sdl) for name, sdl in subgraphs.items()]
    elif isinstance(subgraphs, SupergraphConfig):
        sources = list(subgraphs.subgraphs)
    else:
        sources = list(subgraphs)
    for source in sources:
        if not isinstance(source, SubgraphSource):
            raise TypeError(
                f"A subgraph is a SubgraphSource, or its SDL by name, not {type(source).__name__}."
            )
        for what, text in (("name", source.name), ("URL", source.url), ("SDL", source.sdl)):
            if not isinstance(text, str):
                raise TypeError(
                    f"The {what} of a subgraph is a string, not {type(text).__name__}: {source.name!r}."
                )
    return sources


GraphSource: TypeAlias = (
    Supergraph | Composition | str | Mapping[str, str] | SupergraphConfig | Iterable[SubgraphSource]
)
"""A supergraph: read already, as it was composed, or as SDL text; or the subgraphs, in any form that `compose` takes."""


def check(
    graph: GraphSource,
    *,
    against: GraphSource,
    operations: Mapping[str, str] | None = None,
    exported: Mapping[str, str] | None = None,
) -> Check:
    """Tell what a new graph changes for the clients of a published one.

    Args:
        graph: what is to be published. With subgraphs, findings have their places in the subgraphs' files.
        against: what is published.
        operations: GraphQL texts with the clients' operations, by their names for messages; they may share fragments.
            None if nobody knows them: then every element counts as used. `read_operations` reads them from files.
        exported: the SDL that the code of subgraphs exports, by their names, to be compared with what is in `graph`.

    Raises:
        CheckError: the operations cannot be read, or what is published does not compose.
        SupergraphError: a text is no supergraph.
        TypeError: as for `compose`.
        ValueError: as for `compose`.
    """
    known = read_client_operations(operations) if operations is not None else None
    published = _read_candidate(against)
    if published.graph is None:
        told = [
            f"what it is compared with does not compose: {describe_finding(each)}"
            for each in published.errors
        ]
        raise CheckError(told)
    return check_candidate(published.graph, _read_candidate(graph), operations=known, exported=exported)


def _read_candidate(given: GraphSource) -> Candidate:
    if isinstance(given, str):
        given = Supergraph.read(given)
    if isinstance(given, Supergraph):
        return Candidate(Graph(given))
    sources: tuple[SubgraphSource, ...] = ()
    if not isinstance(given, Composition):
        sources = tuple(_read_sources(given))
        given = compose_subgraphs(sources)
    if given.supergraph_sdl is None:
        return Candidate(None, sources, given.errors)
    return Candidate(Graph(Supergraph.read(given.supergraph_sdl), sources), sources, hints=given.hints)


def contract(
    supergraph: Supergraph | Composition | str,
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    hide_unreachable_types: bool = False,
) -> Contract:
    """The part of a supergraph that some of its clients get, by the `@tag`s of its elements.

    What is hidden becomes `@inaccessible` and stays known to the router, so a contract is served like any other
    supergraph. The result holds it, or every error found; that of a failed composition has the composition's errors.

    Args:
        supergraph: a composed schema: read already, as it was composed, or as SDL text.
        include: show only elements that have one of these tags, themselves or by their type; none for all.
        exclude: hide elements that have one of these tags, whatever others they have.
        hide_unreachable_types: hide types that no operation can reach any more.

    Raises:
        SupergraphError: the text is no supergraph.
        TypeError: tags are given as one string.
    """
    if isinstance(include, str) or isinstance(exclude, str):
        raise TypeError('Tags are given as a list: include=["public"].')
    if isinstance(supergraph, Composition):
        if supergraph.supergraph_sdl is None:
            return Contract(None, None, supergraph.errors, supergraph.hints)
        supergraph = supergraph.supergraph_sdl
    if isinstance(supergraph, str):
        supergraph = Supergraph.read(supergraph)
    tags = TagFilter(frozenset(include), frozenset(exclude))
    return build_contract(supergraph, tags, hide_unreachable_types=hide_unreachable_types)


def plan(
    supergraph: Supergraph, operation: str | DocumentNode, operation_name: str | None = None
) -> QueryPlan:
    """The plan of an operation, which is valid against the supergraph's API schema.

    Raises:
        GraphQLError: the operation is not valid; the first reason.
        PlanningError: there is no way to answer all of it.
    """
    document = parse(operation) if isinstance(operation, str) else operation
    errors = validate(allow_defer(supergraph.api_schema), document)
    if errors:
        raise errors[0]
    return Planner(supergraph).plan(document, operation_name)
