"""Where the elements of subgraphs stand in their files."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import parse

from router.composition.report import Location
from router.composition.subgraph import SubgraphSource

Places = Mapping[str, Location]
"""The places of one subgraph's elements, by coordinate; the empty one is the beginning of the file."""


def find_places(source: SubgraphSource) -> Places:
    """Read where each element of a valid subgraph stands: the first place where there are several."""
    file = source.file or source.name
    places = {"": Location(source.name, file, 1, 1)}
    for definition in parse(source.sdl).definitions:
        for coordinate, node in _elements(definition):
            if coordinate not in places and node.loc is not None:
                token = node.name.loc.start_token if node.name.loc is not None else node.loc.start_token
                places[coordinate] = Location(source.name, file, token.line, token.column)
    return places


def find_place(places: Places, coordinate: str) -> Location:
    """The place of an element, or of the nearest one around it that is there."""
    element = coordinate.partition(" ")[0]
    around = (element, element.partition("(")[0], element.partition("(")[0].partition(".")[0], "")
    return next(places[each] for each in around if each in places)


def _elements(definition: Any) -> Iterator[tuple[str, Any]]:
    name = getattr(definition, "name", None)
    if name is None:
        return
    is_directive = definition.kind == "directive_definition"
    owner = f"@{name.value}" if is_directive else name.value
    yield owner, definition
    if is_directive:
        yield from ((f"{owner}({each.name.value}:)", each) for each in definition.arguments or ())
        return
    for key in ("fields", "values"):
        for item in getattr(definition, key, None) or ():
            coordinate = f"{owner}.{item.name.value}"
            yield coordinate, item
            for argument in getattr(item, "arguments", None) or ():
                yield f"{coordinate}({argument.name.value}:)", argument
