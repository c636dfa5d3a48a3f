"""The recipe: a supergraph becomes cards, the cards find their places, the places become SVG."""

from collections.abc import Collection, Sequence

from router.kit.did_you_mean import suggest
from router.picture.cards import Card, read_cards
from router.picture.layout import lay_out
from router.picture.legend import read_legend
from router.picture.svg import write_svg
from router.supergraph.model import Supergraph


def draw_supergraph(supergraph: Supergraph, around: Collection[str] = ()) -> str:
    """The picture of a supergraph as one self-contained SVG document.

    Each entity is a card with its keys and, subgraph by subgraph in that subgraph's colour, the fields that it
    contributes; an arrow leads from every field to the entity that it returns. Types without a key are there only if
    one of their fields leads to an entity of another subgraph. `around` names the types to show with their
    neighbours; none for all. The same supergraph always gives the same text.

    Raises:
        ValueError: `around` names a type that has no card.
    """
    cards = read_cards(supergraph)
    return write_svg(read_legend(supergraph, cards), lay_out(_near(cards, around)))


def _near(cards: Sequence[Card], names: Collection[str]) -> Sequence[Card]:
    if not names:
        return cards
    leads_to = {card.name: {row.target for part in card.sections for row in part.rows} for card in cards}
    for name in names:
        if name not in leads_to:
            msg = f'"{name}" is not in the picture.{suggest(name, sorted(leads_to))}'
            raise ValueError(msg)
    wanted = {*names, *(target for name in names for target in leads_to[name])}
    return [card for card in cards if card.name in wanted or not leads_to[card.name].isdisjoint(names)]
