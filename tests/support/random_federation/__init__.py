"""Random federations for the law that a federated answer is the monolith's: drawn, and shrunk where they fail."""

from tests.support.random_federation.draw import draw_federation
from tests.support.random_federation.shrink import shrink

__all__ = ["draw_federation", "shrink"]
