"""Combinations of conditions, and the places from which a page of a list is read."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

from subgraphs.common.pagination import CursorValues, PageRequest


def pages(cursor: CursorValues) -> list[PageRequest]:
    """The first page and the last, and both from a place in the middle."""
    return [
        PageRequest(20, None, None, backward=False),
        PageRequest(20, cursor, None, backward=False),
        PageRequest(20, None, cursor, backward=True),
        PageRequest(20, None, None, backward=True),
    ]


def combine(conditions: Mapping[str, Sequence[Any]], count_max: int) -> list[dict[str, Any]]:
    """Each condition with each of its values, up to `count_max` of them together."""
    return [
        dict(zip(names, values, strict=True))
        for count in range(count_max + 1)
        for names in combinations(conditions, count)
        for values in product(*(conditions[name] for name in names))
    ]
