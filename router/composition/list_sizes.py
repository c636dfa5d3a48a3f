"""`@listSize` where it is applied: what it says of the lists that a field returns."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import ListValueNode, StringValueNode

from router.composition.subgraph import Applied, Field, Subgraph, Type


@dataclass(frozen=True, slots=True)
class ListSize:
    """One `@listSize`, and the field that it is on."""

    owner: Type
    field: Field
    applied: Applied

    @property
    def coordinate(self) -> str:
        """`Type.field`."""
        return f"{self.owner.name}.{self.field.name}"

    @property
    def sized_fields(self) -> list[str]:
        """The lists in what the field returns."""
        return read_names(self.applied, "sizedFields")

    @property
    def slicing_arguments(self) -> list[str]:
        """The arguments that give the size."""
        return read_names(self.applied, "slicingArguments")


def find_list_sizes(subgraph: Subgraph) -> Iterator[ListSize]:
    """Every `@listSize` of a subgraph."""
    for owner, field in subgraph.fields():
        applied = field.find("listSize")
        if applied is not None:
            yield ListSize(owner, field, applied)


def read_names(applied: Applied, argument: str) -> list[str]:
    """The names that an argument of a `@listSize` lists."""
    # One item may stand for a list of it.
    node = applied.arguments.get(argument)
    nodes = node.values if isinstance(node, ListValueNode) else [node]
    return [item.value for item in nodes if isinstance(item, StringValueNode)]
