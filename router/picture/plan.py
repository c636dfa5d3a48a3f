"""A plan as a picture: what runs one after the other stands side by side, what runs at the same time in one column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from router.picture.style import write_style
from router.picture.text import cut, escape_text
from router.query_plan.nodes import (
    Condition,
    Defer,
    Deferred,
    Fetch,
    Parallel,
    PlanNode,
    QueryPlan,
    Subscription,
)
from router.query_plan.nodes import Sequence as InSequence
from router.query_plan.text import print_fetch, print_path

_PADDING = 40.0
_TITLE = 64.0
_GAP_X, _GAP_Y = 64.0, 22.0
_HEAD, _LINE, _FOOT = 40.0, 16.0, 12.0
_FRAME, _LABEL = 16.0, 22.0
_CHARACTER = 7.3
_WIDTH_MIN, _COLUMNS_MAX, _LINES_MAX = 200.0, 64, 28


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of the picture: its size, its SVG at (0, 0), where arrows enter it at the left, and from where they leave."""

    width: float
    height: float
    body: str
    entries: tuple[float, ...]
    exits: tuple[tuple[float, float], ...]


def draw_plan(plan: QueryPlan) -> str:
    """The picture of a plan as one self-contained SVG document, for light and dark backgrounds.

    Each fetch is a card in its subgraph's colour, with where it is merged, what it takes and what it selects; arrows
    lead from what has to come first. Conditional parts stand in a frame that names the variable, deferred ones in a frame
    that says so.
    """
    names = sorted(_subgraphs(plan.node))
    colours = {name: i for i, name in enumerate(names)}
    block = _draw(plan.node, colours) if plan.node is not None else _Block(0, 0, "", (), ())
    width = max(block.width, 2 * _WIDTH_MIN) + 2 * _PADDING
    height = block.height + 2 * _PADDING + _TITLE
    size = f'width="{width:.0f}" height="{height:.0f}"'
    told = (
        f"{plan.operation_kind.value}: {_count(plan.node)} over {len(names)} subgraph{'s' * (len(names) > 1)}"
        if names
        else "nothing is fetched"
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
            "<title>Query plan</title>",
            write_style(len(names)),
            f'<rect class="page" {size}/>',
            f'<text class="title" x="{_PADDING:.0f}" y="{_PADDING + 18:.0f}">Query plan</text>',
            f'<text class="muted" x="{_PADDING:.0f}" y="{_PADDING + 40:.0f}">{told}</text>',
            f'<g transform="translate({_PADDING:.0f} {_PADDING + _TITLE:.0f})">{block.body}</g>',
            "</svg>\n",
        )
    )


def _draw(node: PlanNode, colours: Mapping[str, int]) -> _Block:
    match node:
        case Fetch():
            return _draw_fetch(node, colours)
        case InSequence():
            return _in_a_row([_draw(each, colours) for each in node.nodes])
        case Parallel():
            return _in_a_column([_draw(each, colours) for each in node.nodes])
        case Condition():
            branches = [
                _framed(label, _draw(branch, colours))
                for label, branch in (
                    (f"if ${node.variable}", node.if_node),
                    (f"unless ${node.variable}", node.else_node),
                )
                if branch is not None
            ]
            return _in_a_column(branches)
        case Subscription():
            primary = _framed("events", _draw(node.primary, colours))
            rest = [] if node.rest is None else [_framed("on each event", _draw(node.rest, colours))]
            return _in_a_row([primary, *rest])
        case Defer():
            parts = [("first", node.primary.node)]
            parts += [(f"later: {_name_part(each)}", each.node) for each in node.deferred]
            framed = [
                _framed(label, _draw(inner, colours) if inner is not None else _nothing())
                for label, inner in parts
            ]
            return _in_a_row([framed[0], _in_a_column(framed[1:])])
        case _:
            assert_never(node)


def _name_part(part: Deferred) -> str:
    path = "/".join(part.path) or "the root"
    return cut(path if part.label is None else f"{part.label} at {path}", _COLUMNS_MAX)


def _nothing() -> _Block:
    """What stands for a part that other parts' fetches bring."""
    text = f'<text class="small muted" x="0" y="{_LINE:.0f}">nothing more is fetched</text>'
    return _Block(_WIDTH_MIN, _LINE + 4, text, (_LINE / 2,), ((_WIDTH_MIN, _LINE / 2),))


def _draw_fetch(fetch: Fetch, colours: Mapping[str, int]) -> _Block:
    places = [print_path(path) for each in fetch.entities for path in each.paths] or [print_path(fetch.path)]
    where = ", ".join(place for place in places if place) or "at the root"
    lines = print_fetch(fetch).split("\n")
    shown = [cut(line, _COLUMNS_MAX) for line in lines[:_LINES_MAX]]
    if len(lines) > _LINES_MAX:
        shown.append(f"… {len(lines) - _LINES_MAX} more lines")
    longest = max(len(line) for line in (*shown, cut(where, _COLUMNS_MAX)))
    width = max(longest * _CHARACTER + 32, _WIDTH_MIN)
    height = _HEAD + _LINE * (len(shown) + 1) + _FOOT
    i = colours[fetch.subgraph]
    parts = [
        f'<g class="card"><title>{escape_text(f"{fetch.subgraph}: {where}")}</title>',
        f'<rect class="face" width="{width:.1f}" height="{height:.1f}" rx="8"/>',
        f'<rect class="g{i}" width="5" height="{height:.1f}" rx="2.5"/>',
        f'<text class="name f{i}" x="16" y="24">{escape_text(cut(fetch.subgraph, 40))}</text>',
        f'<text class="small muted" x="16" y="42">{escape_text(cut(where, _COLUMNS_MAX))}</text>',
    ]
    for n, line in enumerate(shown):
        indent = len(line) - len(line.lstrip())
        x, y = 16 + indent * _CHARACTER, _HEAD + _LINE * (n + 2) - 6
        parts.append(f'<text class="mono" x="{x:.1f}" y="{y:.1f}">{escape_text(line.lstrip())}</text>')
    parts.append("</g>")
    return _Block(width, height, "".join(parts), (height / 2,), ((width, height / 2),))


def _in_a_row(blocks: Sequence[_Block]) -> _Block:
    height = max(block.height for block in blocks)
    x = 0.0
    parts: list[str] = []
    entries: tuple[float, ...] = ()
    exits: tuple[tuple[float, float], ...] = ()
    for n, block in enumerate(blocks):
        y = (height - block.height) / 2
        starts = tuple(y + start for start in block.entries)
        if n == 0:
            entries = starts
        else:
            parts += (_arrow(end, (x + _GAP_X, start)) for end in exits for start in starts)
            x += _GAP_X
        parts.append(f'<g transform="translate({x:.1f} {y:.1f})">{block.body}</g>')
        exits = tuple((x + end_x, y + end_y) for end_x, end_y in block.exits)
        x += block.width
    return _Block(x, height, "".join(parts), entries, exits)


def _in_a_column(blocks: Sequence[_Block]) -> _Block:
    width = max(block.width for block in blocks)
    y = 0.0
    parts: list[str] = []
    entries: list[float] = []
    exits: list[tuple[float, float]] = []
    for block in blocks:
        parts.append(f'<g transform="translate(0 {y:.1f})">{block.body}</g>')
        entries += (y + start for start in block.entries)
        exits += ((end_x, y + end_y) for end_x, end_y in block.exits)
        y += block.height + _GAP_Y
    return _Block(width, y - _GAP_Y, "".join(parts), tuple(entries), tuple(exits))


def _framed(label: str, block: _Block) -> _Block:
    width, height = block.width + 2 * _FRAME, block.height + 2 * _FRAME + _LABEL
    top = _FRAME + _LABEL
    body = (
        f'<rect class="frame" width="{width:.1f}" height="{height:.1f}" rx="10"/>'
        f'<text class="label muted" x="{_FRAME:.1f}" y="{_LABEL:.1f}">{escape_text(label)}</text>'
        f'<g transform="translate({_FRAME:.1f} {top:.1f})">{block.body}</g>'
    )
    return _Block(width, height, body, (height / 2,), ((width, height / 2),))


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    return (
        f'<path class="line flow" d="M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2 - 7:.1f} {y2:.1f}"/>'
        f'<path class="tip" d="M{x2:.1f} {y2:.1f}l-8 -4.5v9z"/>'
    )


def _fetches(node: PlanNode | None) -> list[Fetch]:
    match node:
        case None:
            return []
        case Fetch():
            return [node]
        case InSequence() | Parallel():
            return [fetch for each in node.nodes for fetch in _fetches(each)]
        case Condition():
            return [*_fetches(node.if_node), *_fetches(node.else_node)]
        case Subscription():
            return [node.primary, *_fetches(node.rest)]
        case Defer():
            inner = [node.primary.node, *(part.node for part in node.deferred)]
            return [fetch for each in inner for fetch in _fetches(each)]
        case _:
            assert_never(node)


def _subgraphs(node: PlanNode | None) -> set[str]:
    return {fetch.subgraph for fetch in _fetches(node)}


def _count(node: PlanNode | None) -> str:
    number = len(_fetches(node))
    return f"{number} fetch{'' if number == 1 else 'es'}"
