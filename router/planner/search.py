"""What one search shares: the graph it walks and all that it has made so far."""

from dataclasses import dataclass, field

from router.planner.positions import Positions
from router.planner.sources import Sources
from router.planner.tokens import Tokens
from router.query_graph import FieldEdge, QueryGraph
from router.supergraph.model import Supergraph


@dataclass(frozen=True, slots=True)
class Search:
    """The state of one search.

    Attributes:
        labels: the override labels that are on.
        consulted: those that have been looked at, on or off: the search would be the same with others changed.
        has_deferrals: whether anything is deferred.
    """

    graph: QueryGraph
    positions: Positions
    labels: frozenset[str]
    consulted: set[str]
    has_deferrals: bool = False
    tokens: Tokens = field(default_factory=Tokens)
    sources: Sources = field(default_factory=Sources)

    @property
    def supergraph(self) -> Supergraph:
        """The schema that is planned against."""
        return self.graph.supergraph

    def is_open(self, edge: FieldEdge) -> bool:
        """Whether the override labels of the request allow an edge."""
        if edge.gate is None:
            return True
        self.consulted.add(edge.gate.label)
        return edge.is_open(self.labels)
