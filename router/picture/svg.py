"""The picture's text: legend on top, arrows, cards above them. All text that comes from schemas is escaped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from router.picture.cards import Card, Row, Section
from router.picture.layout import (
    CHARACTER,
    FOOT,
    HEAD,
    KEY_LINE,
    LABEL,
    ROW,
    Layout,
    Place,
    section_height,
)
from router.picture.legend import LegendEntry
from router.picture.style import write_style
from router.picture.text import cut, escape_text

PADDING = 40.0
_TITLE = 64.0
_CELL_WIDTH, _CELL_HEIGHT = 264.0, 62.0
_AREA_WIDTH_MIN = 2 * _CELL_WIDTH
_RADIUS = 10.0
_ENDS_SPREAD = 7.0
"""Between the ends of two arrows on one card, so that they can be told apart."""


@dataclass(frozen=True, slots=True)
class _Arrow:
    """One field that leads to an entity: from the row's y on its card to the target's head."""

    source: Place
    target: Place
    row: Row
    section: Section
    y: float


def write_svg(legend: Sequence[LegendEntry], layout: Layout) -> str:
    """One SVG document: self-contained, with tooltips, for light and dark backgrounds."""
    width = max(layout.width, _AREA_WIDTH_MIN)
    per_line = max(int(width // _CELL_WIDTH), 1)
    lines = -(-len(legend) // per_line)
    top = PADDING + _TITLE + lines * _CELL_HEIGHT + PADDING / 2
    colours = {entry.subgraph: i for i, entry in enumerate(legend)}
    full_width, full_height = width + 2 * PADDING, top + layout.height + PADDING
    size = f'width="{full_width:.0f}" height="{full_height:.0f}"'
    arrows = list(_find_arrows(layout))
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {full_width:.0f} {full_height:.0f}" role="img">',
            "<title>Supergraph</title>",
            write_style(len(legend)),
            f'<rect class="page" {size}/>',
            *_write_head(legend, layout, per_line),
            f'<g transform="translate({PADDING:.0f} {top:.0f})">',
            *_write_arrows(arrows, colours),
            *(line for place in layout.places for line in _write_card(place, colours)),
            "</g>",
            "</svg>\n",
        )
    )


def _write_head(legend: Sequence[LegendEntry], layout: Layout, per_line: int) -> Iterator[str]:
    entities = sum(1 for place in layout.places if place.card.kind != "type")
    yield f'<text class="title" x="{PADDING:.0f}" y="{PADDING + 18:.0f}">Supergraph</text>'
    told = f"{_count(len(legend), 'subgraph')}, {_count(entities, 'entity', 'entities')}. An arrow leads from a field to the entity that it returns."
    yield f'<text class="muted" x="{PADDING:.0f}" y="{PADDING + 42:.0f}">{told}</text>'
    for i, entry in enumerate(legend):
        x = PADDING + (i % per_line) * _CELL_WIDTH
        y = PADDING + _TITLE + (i // per_line) * _CELL_HEIGHT
        owns = f"owns {', '.join(entry.owns)}" if entry.owns else "owns no entity"
        yield f"<g><title>{escape_text(f'{entry.subgraph} {owns}')}</title>"
        yield f'<rect class="g{i} chip" x="{x:.0f}" y="{y + 4:.0f}" width="6" height="48" rx="3"/>'
        yield f'<text class="name" x="{x + 16:.0f}" y="{y + 18:.0f}">{escape_text(cut(entry.subgraph, 28))}</text>'
        yield f'<text class="small muted" x="{x + 16:.0f}" y="{y + 34:.0f}">{escape_text(cut(owns, 38))}</text>'
        yield f'<text class="small muted" x="{x + 16:.0f}" y="{y + 50:.0f}">{escape_text(cut(entry.roots, 38))}</text></g>'


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _find_arrows(layout: Layout) -> Iterator[_Arrow]:
    places = {place.card.name: place for place in layout.places}
    for place in layout.places:
        for section, row, y in _rows(place.card):
            target = places.get(row.target or "")
            if target is not None and target is not place:
                yield _Arrow(place, target, row, section, place.y + y)


def _rows(card: Card) -> Iterator[tuple[Section, Row, float]]:
    """Every field of a card with the middle of its line, from the card's top."""
    y = HEAD + KEY_LINE * len(card.keys)
    for section in card.sections:
        y += LABEL
        for row in section.rows:
            yield section, row, y + ROW / 2
            y += ROW * (2 if row.requires else 1)
        y += (ROW if section.more else 0) + FOOT


def _write_arrows(arrows: Sequence[_Arrow], colours: Mapping[str, int]) -> Iterator[str]:
    ends: dict[tuple[str, bool], int] = {}
    for arrow in arrows:
        source, target = arrow.source, arrow.target
        from_right = target.column >= source.column
        to_left = target.column > source.column
        x1 = source.x + (source.width if from_right else 0)
        x2 = target.x + (0 if to_left else target.width)
        place = ends.setdefault((target.card.name, to_left), 0)
        ends[target.card.name, to_left] += 1
        y2 = target.y + 14 + min(place * _ENDS_SPREAD, target.height - 24)
        bend = max(abs(x2 - x1) * 0.45, 46.0)
        c1, c2 = x1 + (bend if from_right else -bend), x2 + (-bend if to_left else bend)
        tip = x2 + (-7 if to_left else 7)
        i = colours[arrow.section.subgraph]
        told = f"{source.card.name}.{arrow.row.name}: {arrow.row.type} (from {arrow.section.subgraph})"
        yield f'<g class="arrow"><title>{escape_text(told)}</title>'
        yield f'<path class="line s{i}" d="M{x1:.1f} {arrow.y:.1f}C{c1:.1f} {arrow.y:.1f} {c2:.1f} {y2:.1f} {tip:.1f} {y2:.1f}"/>'
        back = -8 if to_left else 8
        yield f'<path class="g{i}" d="M{x2:.1f} {y2:.1f}l{back} -4.5v9z"/>'
        yield f'<circle class="g{i}" cx="{x1:.1f}" cy="{arrow.y:.1f}" r="3"/></g>'


def _write_card(place: Place, colours: Mapping[str, int]) -> Iterator[str]:
    card = place.card
    owner = next((part.subgraph for part in card.sections if part.is_owner), card.sections[0].subgraph)
    yield f'<g class="card {card.kind}" transform="translate({place.x:.1f} {place.y:.1f})">'
    yield f'<rect class="face" width="{place.width:.1f}" height="{place.height:.1f}" rx="{_RADIUS:.0f}"/>'
    yield f'<path class="g{colours[owner]}" d="{_top(place.width)}"/>'
    yield f'<text class="type" x="16" y="31">{escape_text(cut(card.name, 30))}</text>'
    yield f'<text class="small muted end" x="{place.width - 14:.1f}" y="31">{card.kind}</text>'
    y = HEAD
    for key in card.keys:
        yield f'<text class="small muted" x="16" y="{y + 6:.1f}">key <tspan class="mono">{escape_text(cut(key, 40))}</tspan></text>'
        y += KEY_LINE
    columns = int((place.width - 44) / CHARACTER)
    for section in card.sections:
        yield from _write_section(section, y, columns, colours[section.subgraph])
        y += section_height(section)
    if card.mentions:
        told = f"also known to {', '.join(card.mentions)}"
        yield f'<text class="small muted" x="16" y="{y + 12:.1f}">{escape_text(cut(told, 48))}</text>'
    yield "</g>"


def _top(width: float) -> str:
    """The coloured band along a card's upper edge, with the card's corners."""
    r = _RADIUS
    return f"M0 {r}a{r} {r} 0 0 1 {r} -{r}h{width - 2 * r:.1f}a{r} {r} 0 0 1 {r} {r}z"


def _write_section(section: Section, y: float, columns: int, i: int) -> Iterator[str]:
    bar = section_height(section) - FOOT - 4
    yield f'<rect class="g{i}" x="16" y="{y + 4:.1f}" width="3" height="{bar:.1f}" rx="1.5"/>'
    role = " · owner" if section.is_owner else ""
    yield f'<text class="label f{i}" x="28" y="{y + 17:.1f}">{escape_text(cut(section.subgraph, 28))}{role}</text>'
    y += LABEL
    for row in section.rows:
        name = cut(row.name, columns)
        kind = cut(f": {row.type}", max(columns - len(name), 2))
        yield (
            f'<text class="mono" x="28" y="{y + 13:.1f}"><title>{escape_text(f"{row.name}: {row.type}")}</title>{escape_text(name)}'
            f'<tspan class="{f"f{i}" if row.target else "muted"}">{escape_text(kind)}</tspan></text>'
        )
        y += ROW
        if row.requires:
            told = cut(f"requires {row.requires}", columns)
            yield f'<text class="small muted" x="44" y="{y + 11:.1f}">{escape_text(told)}</text>'
            y += ROW
    if section.more:
        yield f'<text class="small muted" x="28" y="{y + 12:.1f}">and {section.more} more</text>'
