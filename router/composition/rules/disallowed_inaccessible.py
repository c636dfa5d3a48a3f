"""DISALLOWED_INACCESSIBLE: the elements of a spec are never in the API schema; hiding them means nothing."""

from collections.abc import Iterator
from typing import Any

from router.composition.coordinates import Coordinate
from router.composition.visibility import Visibility, children, is_hidden


def check_disallowed_inaccessible(view: Visibility) -> None:
    """Check that nothing is hidden in the types and directives of linked specs, composed ones too."""
    for name, node in view.types.items():
        if view.features.owns_type(name) and any(is_hidden(part) for part in _parts(node)):
            _report(view, Coordinate(name))
    for directive in view.directives:
        name = directive.name.value
        if view.features.owns_directive(name) and any(is_hidden(a) for a in directive.arguments or ()):
            _report(view, Coordinate(f"@{name}"))


def _parts(node: Any) -> Iterator[Any]:
    yield node
    for child in children(node):
        if hasattr(child, "directives"):
            yield child
            yield from getattr(child, "arguments", None) or ()


def _report(view: Visibility, coordinate: Coordinate) -> None:
    view.error(
        "DISALLOWED_INACCESSIBLE",
        f'"{coordinate}" belongs to a linked specification and cannot use @inaccessible: remove it there',
        coordinate,
    )
