"""What merging makes of elements, and words for what the subgraphs say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from graphql import Node

from router.composition.report import list_subgraphs
from router.composition.subgraph import Argument, Field, Subgraph, Type
from router.composition.type_ref import TypeRef

ArgumentSource: TypeAlias = tuple[Subgraph, Argument]
FieldSource: TypeAlias = tuple[Subgraph, Type, Field]
FieldSources: TypeAlias = Sequence[FieldSource]
Declared: TypeAlias = Sequence[tuple[Subgraph, TypeRef, Node]]
"""The types that subgraphs declare for one element, and where."""


@dataclass(frozen=True, slots=True)
class MergedInput:
    """A merged argument or input field, and where it comes from; `where` is its coordinate.

    `default` is as it is written, `canonical_default` as it is compared; None for no default.
    """

    name: str
    where: str
    type: TypeRef
    default: str | None
    canonical_default: str | None
    description: str | None
    sources: tuple[ArgumentSource, ...]

    @property
    def text(self) -> str:
        """Its SDL without description and directives."""
        default = f" = {self.default}" if self.default is not None else ""
        return f"{self.name}: {self.type}{default}"


@dataclass(frozen=True, slots=True)
class MergedField:
    """A merged field; `join` is empty where every subgraph that has the type resolves it alike."""

    name: str
    type: TypeRef
    arguments: tuple[MergedInput, ...]
    description: str | None
    inaccessible: tuple[str, ...]
    join: tuple[str, ...]
    directives: tuple[str, ...]
    access: tuple[str, ...]


def describe_types(declared: Declared) -> str:
    """`type "A" in subgraph "a" but type "B" in subgraph "b"`."""
    by_type: dict[str, list[str]] = {}
    for subgraph, ref, _ in declared:
        by_type.setdefault(str(ref), []).append(subgraph.name)
    return " but ".join(f'type "{text}" in {list_subgraphs(names)}' for text, names in by_type.items())


def describe_values(given: Mapping[str, list[str]]) -> str:
    """`default value 1 in subgraph "a" but default value 2 in subgraph "b"`."""
    return " but ".join(f"default value {text} in {list_subgraphs(names)}" for text, names in given.items())
