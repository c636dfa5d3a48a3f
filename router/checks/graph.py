"""The two sides of a comparison."""

from dataclasses import dataclass

from router.composition.report import CompositionError, CompositionHint
from router.composition.subgraph import SubgraphSource
from router.supergraph import Supergraph


@dataclass(frozen=True, slots=True)
class Graph:
    """A supergraph; `sources` are the subgraphs that it was composed of, empty if only it is known."""

    supergraph: Supergraph
    sources: tuple[SubgraphSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """What somebody wants to publish: a graph, or subgraphs with the reasons why they make none."""

    graph: Graph | None
    sources: tuple[SubgraphSource, ...] = ()
    errors: tuple[CompositionError, ...] = ()
    hints: tuple[CompositionHint, ...] = ()
