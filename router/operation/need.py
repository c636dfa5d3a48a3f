"""What an operation needs, in normal form: the planner's view of selections.

A `Need` is what is wanted of the objects at one place of the response. Named fragments are gone, equal
fields are merged, conditions have moved from fragments to fields; what is left of fragments are `arms`,
which count only for objects of one type. Field sets (`@key`, `@requires`) take the same form, so the planner
solves both alike.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from router.supergraph.field_set import Arguments
from router.supergraph.model import Supergraph

Conditions: TypeAlias = frozenset[tuple[str, bool]]
"""Boolean variables and the values that they must have; empty: always."""

ALWAYS: Conditions = frozenset()
TYPENAME = "__typename"

_ids = count()


@dataclass(frozen=True, slots=True, eq=False)
class NeedField:
    """One field that is needed under response key `key`; `need` is None for a leaf.

    `hidden` fields are the planner's own (keys, required fields, type names).
    """

    key: str
    name: str
    arguments: Arguments = ()
    variables: tuple[str, ...] = ()
    conditions: Conditions = ALWAYS
    need: "Need | None" = None
    hidden: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """What is needed only of objects of type `type_name` (an object type or an abstract one)."""

    type_name: str
    need: "Need"


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What is needed of objects of type `type_name`, in order of first appearance."""

    type_name: str
    fields: tuple[NeedField, ...] = ()
    arms: tuple[Arm, ...] = ()
    id: int = field(default_factory=lambda: next(_ids))

    def has_arms(self) -> bool:
        """Whether any type condition is left in it, at any depth."""
        return bool(self.arms) or any(f.need is not None and f.need.has_arms() for f in self.fields)


def fields_for(need: Need, type_name: str, supergraph: Supergraph) -> tuple[NeedField, ...]:
    """Give everything that is needed of objects of one object type: own fields and those of fitting arms."""
    found: list[NeedField] = list(need.fields)
    for arm in need.arms:
        if supergraph.is_subtype(type_name, arm.type_name):
            found.extend(fields_for(arm.need, type_name, supergraph))
    return merge_fields(found)


def merge_fields(fields: list[NeedField]) -> tuple[NeedField, ...]:
    """Merge fields of one key and equal conditions, with their sub-selections (validation made them equal)."""
    merged: dict[tuple[str, Conditions], NeedField] = {}
    for item in fields:
        slot = item.key, item.conditions
        other = merged.get(slot)
        if other is None:
            merged[slot] = item
        elif item.need is not None and other.need is not None:
            merged[slot] = NeedField(
                other.key,
                other.name,
                other.arguments,
                other.variables,
                other.conditions,
                merge_needs(other.need, item.need),
                other.hidden,
            )
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
