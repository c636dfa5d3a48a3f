"""What the head of the picture says of each subgraph: its colour, what it owns, how one enters it."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.picture.cards import Card
from router.supergraph.model import Supergraph

_PLURALS = {"query": "queries", "mutation": "mutations", "subscription": "subscriptions"}


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One subgraph: the entities that it owns, and its root fields in words (`3 queries, 1 mutation`)."""

    subgraph: str
    owns: tuple[str, ...]
    roots: str


def read_legend(supergraph: Supergraph, cards: Sequence[Card]) -> tuple[LegendEntry, ...]:
    """An entry for each subgraph, in the order of their names."""
    return tuple(
        LegendEntry(
            each.name,
            tuple(
                card.name
                for card in cards
                if any(part.is_owner and part.subgraph == each.name for part in card.sections)
            ),
            _count_roots(supergraph, each.graph),
        )
        for each in sorted(supergraph.subgraphs, key=lambda each: each.name)
    )


def _count_roots(supergraph: Supergraph, graph: str) -> str:
    parts = []
    for kind, plural in _PLURALS.items():
        root = supergraph.types.get(supergraph.root_types.get(kind, ""))
        fields = root.fields.values() if root is not None else ()
        count = sum(1 for item in fields if graph in item.graphs)
        if count:
            parts.append(f"{count} {kind if count == 1 else plural}")
    return ", ".join(parts)
