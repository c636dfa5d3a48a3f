"""Schema coordinates of a supergraph's elements, and where the subgraphs declare them."""

from collections.abc import Iterator
from typing import NamedTuple

from graphql import Node

from router.composition.context import Merge
from router.composition.report import Site
from router.composition.subgraph import Subgraph


class Coordinate(NamedTuple):
    """A type or directive (`@name`), one of its members, and an argument of that member.

    The argument of a directive has no member. The text is as in messages: `T`, `T.f`, `T.f(a:)`, `@d(a:)`.
    """

    parent: str
    member: str | None = None
    argument: str | None = None

    def __str__(self) -> str:
        member = f".{self.member}" if self.member is not None else ""
        argument = f"({self.argument}:)" if self.argument is not None else ""
        return self.parent + member + argument


def find_sites(merge: Merge, coordinate: Coordinate) -> list[Site]:
    """The declarations of an element; of its nearest ancestor where no subgraph declares it itself."""
    sites: list[Site] = [(s.name, node) for s in merge.subgraphs for node in _find_nodes(s, coordinate)]
    if sites or (coordinate.member is None and coordinate.argument is None):
        return sites
    if coordinate.argument is not None:
        return find_sites(merge, coordinate._replace(argument=None))
    return find_sites(merge, Coordinate(coordinate.parent))


def _find_nodes(subgraph: Subgraph, coordinate: Coordinate) -> Iterator[Node]:
    parent, member, argument = coordinate
    if parent.startswith("@"):
        definition = subgraph.directives.get(parent[1:])
        if definition is not None:
            found = [a for a in definition.arguments or () if a.name.value == argument]
            yield from found if argument is not None else [definition]
        return
    declared = subgraph.types.get(parent)
    if declared is None:
        return
    if member is None:
        yield declared.node
        return
    item = declared.fields.get(member)
    if item is not None and argument is not None:
        given = item.arguments.get(argument)
        if given is not None:
            yield given.node
        return
    element = item or declared.inputs.get(member) or declared.values.get(member)
    if element is not None:
        yield element.node
