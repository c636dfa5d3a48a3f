"""Solutions: how everything that is needed at one position is had."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.operation.need import NeedField
from router.planner.tokens import Mask

if TYPE_CHECKING:
    from router.planner.sources import Source


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """One way to have a need.

    Attributes:
        mask: all fetches that it takes, from the root on.
        suppliers: the fetches that select any of its leaves.
        size: how many fields are selected.
        leaves: fields without selections, each with the source that gives it.
        children: the solutions for the fields that have selections.
    """

    mask: Mask
    suppliers: Mask
    size: int
    leaves: tuple[tuple["Source", NeedField], ...] = ()
    children: tuple["Solution", ...] = ()


def merge_solutions(parts: list[Solution]) -> Solution:
    """Put the solutions for the fields of one position together."""
    mask = suppliers = size = 0
    for part in parts:
        mask |= part.mask
        suppliers |= part.suppliers
        size += part.size
    leaves = tuple(leaf for part in parts for leaf in part.leaves)
    children = tuple(child for part in parts for child in part.children)
    return Solution(mask, suppliers, size, leaves, children)
