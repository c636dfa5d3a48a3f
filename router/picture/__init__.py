"""The supergraph as a picture: an SVG of its entities, who owns them, and which fields lead from subgraph to subgraph."""

from router.picture.draw import draw_supergraph

__all__ = ["draw_supergraph"]
