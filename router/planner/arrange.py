"""When each request of a plan runs: requests that wait for one another, brought into sequences and parallel parts.

What waits for what may be any graph, and a plan is a tree: some request then waits for more than it needs. Two rules
keep that small. A branch goes on by itself until something needs two branches. And no arrangement is longer than the
longest chain of requests that do wait for one another: where a branch that goes on by itself would hold up what needs
two, all branches meet first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from router.planner.optimize.batch import Batch


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts that run one after the other."""

    parts: tuple["Arrangement", ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that run at the same time."""

    parts: tuple["Arrangement", ...]


Arrangement: TypeAlias = Batch | Chain | Group


def arrange(batches: Iterable[Batch]) -> Arrangement:
    """Arrange at least one batch; those that are waited for and not among them have run."""
    known = {batch.id: batch for batch in batches}
    components = _split(known)
    if len(components) > 1:
        return Group(tuple(_arrange_connected(component) for component in components))
    return _arrange_connected(known)


def _arrange_connected(batches: Mapping[int, Batch]) -> Arrangement:
    ready = [batch for batch in batches.values() if batch.parents.isdisjoint(batches)]
    assert ready, "requests wait for one another in a circle"
    if len(ready) == 1:
        return _chain(ready[0], [batch for batch in batches.values() if batch is not ready[0]])
    branches = [_grow_branch(batch, batches) for batch in ready]
    grown = {each for branch in branches for each in branch}
    rest = [batch for each, batch in batches.items() if each not in grown]
    freely = _chain(Group(tuple(arrange(branch.values()) for branch in branches)), rest)
    levels = _levels(batches)
    if _length(freely) <= 1 + max(levels.values()):
        return freely
    meeting = min(levels[batch.id] for batch in rest)
    before = [batch for each, batch in batches.items() if levels[each] < meeting]
    return _chain(arrange(before), [batch for each, batch in batches.items() if levels[each] >= meeting])


def _chain(first: Arrangement, rest: list[Batch]) -> Arrangement:
    if not rest:
        return first
    after = arrange(rest)
    return Chain((first, *(after.parts if isinstance(after, Chain) else (after,))))


def _split(batches: Mapping[int, Batch]) -> list[dict[int, Batch]]:
    """The parts of which none waits for another, in order."""
    neighbours: dict[int, set[int]] = {each: set() for each in batches}
    for each, batch in batches.items():
        for parent in batch.parents & batches.keys():
            neighbours[each].add(parent)
            neighbours[parent].add(each)
    found: list[dict[int, Batch]] = []
    left = set(batches)
    for start in batches:
        if start not in left:
            continue
        reached: set[int] = set()
        waiting = [start]
        while waiting:
            each = waiting.pop()
            if each not in reached:
                reached.add(each)
                waiting.extend(neighbours[each])
        left -= reached
        found.append({each: batch for each, batch in batches.items() if each in reached})
    return found


def _grow_branch(batch: Batch, batches: Mapping[int, Batch]) -> dict[int, Batch]:
    """A batch with all that waits for nothing else."""
    branch = {batch.id: batch}
    grew = True
    while grew:
        more = {
            each: other
            for each, other in batches.items()
            if each not in branch and (inner := other.parents & batches.keys()) and inner <= branch.keys()
        }
        branch |= more
        grew = bool(more)
    return branch


def _levels(batches: Mapping[int, Batch]) -> dict[int, int]:
    """How many batches run before each, one after the other, at least."""
    levels: dict[int, int] = {}

    def level(each: int) -> int:
        if each not in levels:
            parents = batches[each].parents & batches.keys()
            levels[each] = max((level(parent) + 1 for parent in parents), default=0)
        return levels[each]

    for each in batches:
        level(each)
    return levels


def _length(arrangement: Arrangement) -> int:
    if isinstance(arrangement, Batch):
        return 1
    lengths = [_length(part) for part in arrangement.parts]
    return sum(lengths) if isinstance(arrangement, Chain) else max(lengths)
