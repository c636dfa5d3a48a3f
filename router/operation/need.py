"""What an operation needs, in normal form: the planner's view of selections.

A `Need` is what is wanted of the objects at one place of the response. Named fragments are gone, equal
fields are merged, conditions have moved from fragments to fields; what is left of fragments are `arms`,
which count only for objects of one type. Field sets (`@key`, `@requires`) take the same form, so the planner
solves both alike.
"""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from router.supergraph.field_set import Arguments
from router.supergraph.model import Supergraph

Conditions: TypeAlias = frozenset[tuple[str, bool]]
"""Boolean variables and the values that they must have; empty: always."""

ALWAYS: Conditions = frozenset()
TYPENAME = "__typename"


@dataclass(frozen=True, slots=True, eq=False)
class Deferral:
    """A fragment with `@defer` at one place: what is needed of it may come later than the rest.

    Attributes:
        number: tells it from the others of its operation, in order of first appearance.
        outer: the deferred fragment around it; None if what is around it is the primary part.
        path: the response keys that lead to its objects, and the type conditions around it that matter.
        place: where its `@defer` stands in the document.
    """

    number: int
    label: str | None
    outer: "Deferral | None"
    path: tuple[str, ...]
    place: int


@dataclass(frozen=True, slots=True, eq=False)
class NeedField:
    """One field that is needed under response key `key`; `need` is None for a leaf.

    `hidden` fields are the planner's own (keys, required fields, type names). `deferral` is the deferred fragment that
    begins with this field: all below belongs to it too. Without one it belongs to what is around it.
    """

    key: str
    name: str
    arguments: Arguments = ()
    variables: tuple[str, ...] = ()
    conditions: Conditions = ALWAYS
    need: "Need | None" = None
    hidden: bool = False
    deferral: Deferral | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """What is needed only of objects of type `type_name` (an object type or an abstract one)."""

    type_name: str
    need: "Need"


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What is needed of objects of type `type_name`, in order of first appearance.

    `has_arms` tells whether any type condition is left in it, at any depth.
    """

    type_name: str
    fields: tuple[NeedField, ...] = ()
    arms: tuple[Arm, ...] = ()
    has_arms: bool = field(init=False)

    def __post_init__(self) -> None:
        has_arms = bool(self.arms) or any(f.need is not None and f.need.has_arms for f in self.fields)
        object.__setattr__(self, "has_arms", has_arms)

    def is_all_deferred(self) -> bool:
        """Whether nothing in it is needed at once: what is left to know then is whether there is an object."""
        return all(f.deferral is not None for f in self.fields) and all(
            arm.need.is_all_deferred() for arm in self.arms
        )


def fields_for(need: Need, type_name: str, supergraph: Supergraph) -> tuple[NeedField, ...]:
    """Give everything that is needed of objects of one object type: own fields and those of fitting arms."""
    found: list[NeedField] = list(need.fields)
    for arm in need.arms:
        if supergraph.is_subtype(type_name, arm.type_name):
            found.extend(fields_for(arm.need, type_name, supergraph))
    return merge_fields(found)


def merge_fields(fields: list[NeedField]) -> tuple[NeedField, ...]:
    """Merge fields of one key, equal conditions and one part of the response, with their sub-selections (validation made them equal)."""
    merged: dict[tuple[str, Conditions, Deferral | None], NeedField] = {}
    for item in fields:
        slot = item.key, item.conditions, item.deferral
        other = merged.get(slot)
        if other is None:
            merged[slot] = item
        elif item.need is not None and other.need is not None:
            merged[slot] = replace(other, need=merge_needs(other.need, item.need))
    return tuple(merged.values())


def merge_needs(one: Need, other: Need) -> Need:
    """Give the union of two needs at one place."""
    if one is other:
        return one
    arms: dict[str, Need] = {}
    for arm in (*one.arms, *other.arms):
        known = arms.get(arm.type_name)
        arms[arm.type_name] = arm.need if known is None else merge_needs(known, arm.need)
    fields = merge_fields([*one.fields, *other.fields])
    if one.type_name != other.type_name:
        # Two returned types meet only under arms that differ; what is needed of `other` stays its own arm.
        known = arms.get(other.type_name)
        own = Need(other.type_name, other.fields)
        arms[other.type_name] = own if known is None else merge_needs(known, own)
        fields = one.fields
    return Need(one.type_name, fields, tuple(Arm(name, need) for name, need in arms.items()))
