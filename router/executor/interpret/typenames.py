"""Which runtime types satisfy which type condition, hidden types included."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
)


@dataclass(frozen=True, slots=True)
class Typenames:
    """The supergraph's types as execution needs them.

    Attributes:
        conditions: for each object and interface type, every type condition that its objects satisfy,
            itself included.
        abstract: the names of interfaces and unions.
    """

    conditions: Mapping[str, frozenset[str]]
    abstract: frozenset[str]

    def is_a(self, typename: str, condition: str) -> bool:
        """Whether an object of type `typename` satisfies `condition`.

        An interface object's typename is the interface's own name, and satisfies that alone.
        """
        return typename == condition or condition in self.conditions.get(typename, ())


def read_typenames(supergraph: DocumentNode) -> Typenames:
    """Collect implementations and union members from the supergraph's definitions."""
    conditions: dict[str, set[str]] = {}
    abstract: set[str] = set()
    for node in supergraph.definitions:
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            name = node.name.value
            conditions.setdefault(name, {name}).update(i.name.value for i in node.interfaces or ())
            if isinstance(node, InterfaceTypeDefinitionNode):
                abstract.add(name)
        elif isinstance(node, UnionTypeDefinitionNode):
            abstract.add(node.name.value)
            for member in node.types or ():
                conditions.setdefault(member.name.value, {member.name.value}).add(node.name.value)
    return Typenames({name: frozenset(names) for name, names in conditions.items()}, frozenset(abstract))
