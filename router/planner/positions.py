"""Positions: the places of the response where objects stand, and the keys that are in use there."""

from dataclasses import dataclass, field

from router.operation.need import NeedField
from router.operation.response_keys import ResponseKeys
from router.query_plan.nodes import EACH, PlanPath, TypeFilter
from router.supergraph.records import TypeRef


@dataclass(slots=True, eq=False)
class Position:
    """One place of the response, shared by everything that is planned for its objects.

    Attributes:
        guard: the object type that the parent must have, where the parent can have several.
        is_abstract: whether objects here can have several types.
    """

    id: int
    parent: "Position | None"
    key: str
    list_depth: int
    guard: str | None
    is_abstract: bool
    keys: ResponseKeys
    children: dict[tuple[str, str | None], "Position"] = field(default_factory=dict)

    @property
    def path(self) -> PlanPath:
        """Where this is in the response: keys, an item for each list level, type filters."""
        if self.parent is None:
            return ()
        here: PlanPath = (self.key, *(EACH,) * self.list_depth)
        if self.guard is not None:
            here = (TypeFilter((self.guard,)), *here)
        return (*self.parent.path, *here)


class Positions:
    """Makes positions, each place once."""

    def __init__(self, keys: ResponseKeys) -> None:
        self._count = 1
        self.root = Position(0, None, "", 0, None, is_abstract=False, keys=keys)

    def child(
        self, parent: Position, item: NeedField, guard: str | None, returned: TypeRef, *, is_abstract: bool
    ) -> Position:
        """Give the place where field `item` puts its value, of parents of any type or only of type `guard`."""
        slot = item.key, guard
        found = parent.children.get(slot)
        if found is None:
            keys = parent.keys.child(item.key)
            found = Position(
                self._count, parent, item.key, returned.list_depth, guard, is_abstract=is_abstract, keys=keys
            )
            self._count += 1
            parent.children[slot] = found
        return found
