"""Which subgraph can take which step: the static graph that planning walks."""

from router.query_graph.build import build_query_graph
from router.query_graph.graph import FieldEdge, KeyEdge, Node, QueryGraph

__all__ = ["FieldEdge", "KeyEdge", "Node", "QueryGraph", "build_query_graph"]
