"""Where the cards stand: in columns, so that most arrows lead to the right.

Finding the order with the fewest arrows to the left is NP-hard; the greedy order of Eades, Lin and Smyth (take sinks
from the end, sources from the front, else the card with the most arrows out over in) is linear in cards and arrows and
close enough for a picture. The order is then cut into columns of about equal height.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from router.picture.cards import Card, Section

HEAD, LABEL, ROW, FOOT = 46.0, 24.0, 18.0, 10.0
"""Heights in pixels: a card's head, a subgraph's label on it, a field, the end of a subgraph's part."""
KEY_LINE = 17.0
CHARACTER = 7.3
"""The width of one character of a field, at the size that svg.py writes them."""
# Of a bold name in the widest of the fonts that the style sheet may find.
_HEAD_CHARACTER = 11.2
WIDTH_MIN, WIDTH_MAX = 230.0, 420.0
COLUMN_GAP, CARD_GAP = 120.0, 36.0
ASPECT = 1.6
"""Width by height that a picture should have: a screen's."""
_MARGIN = 44.0


@dataclass(frozen=True, slots=True)
class Place:
    """A card's rectangle, in pixels from the top left of the cards' area."""

    card: Card
    column: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """All cards in their places, and the size of the area that they take."""

    places: tuple[Place, ...]
    width: float
    height: float


def lay_out(cards: Sequence[Card]) -> Layout:
    """Give every card its place; cards never overlap."""
    if not cards:
        return Layout((), 0.0, 0.0)
    columns = _cut(_order(cards))
    places: list[Place] = []
    x = height = 0.0
    for i, column in enumerate(columns):
        width = max(card_width(card) for card in column)
        y = 0.0
        for card in column:
            places.append(Place(card, i, x, y, width, card_height(card)))
            y += card_height(card) + CARD_GAP
        height = max(height, y - CARD_GAP)
        x += width + COLUMN_GAP
    return Layout(tuple(places), x - COLUMN_GAP, height)


def card_width(card: Card) -> float:
    """Wide enough for its longest field, within bounds: what is longer is cut when written."""
    longest = max((len(f"{row.name}: {row.type}") for part in card.sections for row in part.rows), default=0)
    head = len(card.name) * _HEAD_CHARACTER + len(card.kind) * CHARACTER
    return min(max(max(longest * CHARACTER, head) + _MARGIN, WIDTH_MIN), WIDTH_MAX)


def card_height(card: Card) -> float:
    """Its head, keys, and the part of each subgraph."""
    mentions = LABEL if card.mentions else 0.0
    return HEAD + KEY_LINE * len(card.keys) + sum(section_height(part) for part in card.sections) + mentions


def section_height(section: Section) -> float:
    """A label, a line for each field, one for those left out, and those for what fields require."""
    lines = len(section.rows) + (1 if section.more else 0) + sum(1 for row in section.rows if row.requires)
    return LABEL + lines * ROW + FOOT


def _order(cards: Sequence[Card]) -> list[Card]:
    by_name = {card.name: card for card in cards}
    targets = {card.name: _targets(card, by_name) for card in cards}
    sources: dict[str, set[str]] = {name: set() for name in by_name}
    for name, found in targets.items():
        for target in found:
            sources[target].add(name)
    front: list[str] = []
    back: list[str] = []
    left = dict.fromkeys(sorted(by_name))
    while left:
        taken = next((name for name in left if not targets[name]), None)
        if taken is not None:
            back.append(taken)
        else:
            taken = next((name for name in left if not sources[name]), None)
            taken = taken or max(left, key=lambda name: len(targets[name]) - len(sources[name]))
            front.append(taken)
        del left[taken]
        for target in targets[taken]:
            sources[target].discard(taken)
        for source in sources[taken]:
            targets[source].discard(taken)
    return [by_name[name] for name in (*front, *reversed(back))]


def _targets(card: Card, cards: Mapping[str, Card]) -> set[str]:
    found = {row.target for part in card.sections for row in part.rows if row.target in cards}
    return {name for name in found if name is not None and name != card.name}


def _cut(cards: Sequence[Card]) -> list[list[Card]]:
    area = sum((card_height(card) + CARD_GAP) * (card_width(card) + COLUMN_GAP) for card in cards)
    wanted = max((area / ASPECT) ** 0.5, *(card_height(card) for card in cards))
    columns: list[list[Card]] = [[]]
    height = 0.0
    for card in cards:
        if columns[-1] and height + card_height(card) > wanted:
            columns.append([])
            height = 0.0
        columns[-1].append(card)
        height += card_height(card) + CARD_GAP
    return columns
