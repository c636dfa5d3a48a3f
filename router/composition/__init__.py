"""Composition: subgraph SDLs to a supergraph, or every error found. `compose.compose` is the recipe."""

from router.composition.compose import Composition, compose
from router.composition.report import CompositionError, CompositionHint, Location
from router.composition.subgraph import SubgraphSource

__all__ = ["Composition", "CompositionError", "CompositionHint", "Location", "SubgraphSource", "compose"]
