"""What one search shares: the graph it walks and all that it has made so far."""

from dataclasses import dataclass, field

from router.operation.need import NeedField
from router.planner.contexts import is_told
from router.planner.positions import Positions
from router.planner.sources import Source, Sources
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

    def find_edge(self, source: Source, item: NeedField) -> FieldEdge | None:
        """Find the edge by which `source` gives a field with nothing else fetched before."""
        edge = source.node.fields.get(item.name)
        if edge is None or edge.requires or not self.is_open(edge):
            return None
        if edge.context_arguments and not is_told(source, edge, self.supergraph):
            return None
        return edge

    def is_given_by_types(self, source: Source, item: NeedField) -> bool:
        """Whether each type that the objects of a source can have gives a field, and their interface does not."""
        if self.find_edge(source, item) is not None:
            return False
        casts = [self.sources.cast(source, node) for node in source.node.casts.values()]
        return bool(casts) and all(self.find_edge(cast, item) for cast in casts)
