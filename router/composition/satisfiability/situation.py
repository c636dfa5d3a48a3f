"""What holds for a path, or for a key on the way, wherever the data is: labels, contexts, closed subgraphs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

ContextUse: TypeAlias = tuple[str, str]
"""A context and the selection that an argument takes from it."""

DEPTH_MAX = 2
"""At so many keys within keys no further subgraphs are closed: sets of them could be as many as there are."""


class Closed(NamedTuple):
    """The subgraphs that are not to be entered, and by how many keys within keys they came to be closed."""

    graphs: frozenset[str]
    depth: int

    def add(self, graphs: Iterable[str]) -> "Closed":
        """Close further subgraphs."""
        return Closed(self.graphs.union(graphs), self.depth + 1)


ALL_OPEN = Closed(frozenset(), 0)
# No key closes anything: what could be resolved at best.
NEVER_CLOSED = Closed(frozenset(), DEPTH_MAX)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a path has settled: override labels that are on or off, what its contexts give, which subgraphs are closed."""

    labels: frozenset[tuple[str, bool]] = frozenset()
    contexts: frozenset[ContextUse] = frozenset()
    closed: Closed = ALL_OPEN
