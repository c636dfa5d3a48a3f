"""Finding where the objects at a path stand, for the errors that speak of them."""

from collections import Counter
from collections.abc import Container, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from router.errors import ResponsePath
from router.executor.compiled.walk import Walk

Way: TypeAlias = tuple[tuple[str, str, int], ...]
"""The keys of a path, each with its attribute and the number of lists around its objects."""


def build_way(walk: Walk) -> Way:
    """The way along `walk`, at whose end something can stand. Equal keys have one attribute, whatever has them.

    Walks that differ in the kinds of their objects have one way, on which each object is met once.
    """
    return tuple((step.keys[0].name, step.keys[0].attribute, step.keys[0].list_depth) for step in walk.steps)


def trace(top: Struct, ways: Sequence[Way], ids: Container[int]) -> list[tuple[ResponsePath, Struct]]:
    """The objects at the ends of `ways` with these `id()`s, each with its own path, in the order of the response."""
    traced: list[tuple[ResponsePath, Struct]] = []
    for way in ways:
        found: list[tuple[ResponsePath, Any]] = [((), top)]
        depth = 0
        for name, attribute, depth_below in way:
            found = [((*at, name), getattr(each, attribute, None)) for at, each in _open(found, depth)]
            depth = depth_below
        for at, value in _open(found, depth - 1):
            # Mostly one of many is looked for: of the others no path is made.
            if value.__class__ is list:
                traced += [((*at, i), item) for i, item in enumerate(value) if id(item) in ids]
            elif id(value) in ids:
                traced.append((at, value))
    return traced


def count_places(
    top: Struct, ways: Sequence[Sequence[Way]], groups: Sequence[Sequence[Struct | list[Struct]]]
) -> list[list[int]]:
    """At how many places each target of each selection stands, all objects of one that is a list together."""
    counted = []
    for each, targets in zip(ways, groups, strict=True):
        ids = [{*map(id, target)} if isinstance(target, list) else {id(target)} for target in targets]
        found = Counter(id(item) for _, item in trace(top, each, set().union(*ids)))
        counted.append([sum(found[number] for number in numbers) for numbers in ids])
    return counted


def _open(found: list[tuple[ResponsePath, Any]], depth: int) -> list[tuple[ResponsePath, Any]]:
    """The items of lists, so many of them in each other; what is no list here is of another type."""
    for _ in range(depth):
        found = [
            ((*at, i), item) for at, value in found if value.__class__ is list for i, item in enumerate(value)
        ]
    return found
