"""References to types (`[ID!]!`) as values: equal by structure, comparable as subtypes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode


@dataclass(frozen=True, slots=True)
class Named:
    """A named type."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    item: "TypeRef"

    def __str__(self) -> str:
        return f"[{self.item}]"


@dataclass(frozen=True, slots=True)
class NonNull:
    """A type without null."""

    inner: "Named | ListOf"

    def __str__(self) -> str:
        return f"{self.inner}!"


TypeRef: TypeAlias = Named | ListOf | NonNull
IsSubtype = Callable[[str, str], bool]
"""Whether the first named type is the second, implements it, or is a member of it."""


def read_type(node: TypeNode, rename: dict[str, str]) -> TypeRef:
    """The value of a syntax node; `rename` maps root types to their default names."""
    if isinstance(node, NonNullTypeNode):
        inner = read_type(node.type, rename)
        assert not isinstance(inner, NonNull)
        return NonNull(inner)
    if isinstance(node, ListTypeNode):
        return ListOf(read_type(node.type, rename))
    assert isinstance(node, NamedTypeNode)
    return Named(rename.get(node.name.value, node.name.value))


def named_type(ref: TypeRef) -> str:
    """The innermost name."""
    while not isinstance(ref, Named):
        ref = ref.inner if isinstance(ref, NonNull) else ref.item
    return ref.name


def is_subtype(narrow: TypeRef, wide: TypeRef, is_named_subtype: IsSubtype) -> bool:
    """Whether every value of `narrow` is one of `wide`: non-null and lists are covariant."""
    if isinstance(narrow, NonNull):
        return is_subtype(narrow.inner, wide.inner if isinstance(wide, NonNull) else wide, is_named_subtype)
    if isinstance(wide, NonNull):
        return False
    if isinstance(narrow, ListOf) or isinstance(wide, ListOf):
        return (
            isinstance(narrow, ListOf)
            and isinstance(wide, ListOf)
            and is_subtype(narrow.item, wide.item, is_named_subtype)
        )
    return is_named_subtype(narrow.name, wide.name)


def is_list(ref: TypeRef) -> bool:
    """Whether the type is a list, null or not."""
    return isinstance(ref.inner if isinstance(ref, NonNull) else ref, ListOf)
