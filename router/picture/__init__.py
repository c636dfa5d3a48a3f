"""Pictures: a supergraph's entities and who owns them, and a plan's fetches in the order in which they run; as SVG."""

from router.picture.draw import draw_supergraph
from router.picture.plan import draw_plan

__all__ = ["draw_plan", "draw_supergraph"]
