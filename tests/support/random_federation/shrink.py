"""A failing federation and operation made as small as they can be while they still fail."""

from collections.abc import Callable, Iterator
from typing import Any

from graphql import Node, parse, print_ast

Fails = Callable[[dict[str, str], str], bool]


def shrink(subgraphs: dict[str, str], operation: str, fails: Fails) -> tuple[dict[str, str], str]:
    """Leave out of subgraphs and operation whatever the failure does not need.

    `fails` tells whether a smaller case fails in the same way; it answers False for what is not valid any more.
    """
    cases = {**subgraphs, "": operation}
    changed = True
    while changed:
        changed = False
        for name in sorted(cases, key=lambda key: (key != "", key)):
            while name in cases and (smaller := _shrink_one(cases, name, fails)) is not None:
                cases = smaller
                changed = True
    operation = cases.pop("")
    return cases, operation


def _shrink_one(cases: dict[str, str], name: str, fails: Fails) -> dict[str, str] | None:
    candidates: Iterator[dict[str, str]] = ({**cases, name: text} for text in _smaller(cases[name]))
    if name:
        without = {key: text for key, text in cases.items() if key != name}
        candidates = iter((without, *candidates))
    for candidate in candidates:
        if fails({key: text for key, text in candidate.items() if key}, candidate[""]):
            return candidate
    return None


def _smaller(text: str) -> Iterator[str]:
    """The text without one of its parts, larger parts first."""
    document = parse(text, no_location=True)
    paths = sorted(_removable(document, ()), key=len)
    for path in paths:
        yield print_ast(_without(document, path))


def _removable(node: Node, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, tuple | list):
            for index, item in enumerate(value):
                if isinstance(item, Node):
                    if len(value) > 1 or key in {
                        "directives",
                        "arguments",
                        "interfaces",
                        "variable_definitions",
                    }:
                        yield (*path, (key, index))
                    yield from _removable(item, (*path, (key, index)))
        elif isinstance(value, Node):
            yield from _removable(value, (*path, (key, None)))


def _without(node: Any, path: tuple[Any, ...]) -> Any:
    (key, index), *rest = path
    value = getattr(node, key)
    if index is None:
        return _replace(node, key, _without(value, tuple(rest)))
    items = list(value)
    if rest:
        items[index] = _without(items[index], tuple(rest))
    else:
        del items[index]
    return _replace(node, key, tuple(items))


def _replace(node: Any, key: str, value: Any) -> Any:
    return type(node)(**{name: value if name == key else getattr(node, name, None) for name in node.keys})
