"""What every pass asks of the steps: ancestors and depth."""

from collections.abc import Iterable

from router.planner.fetch_graph import Step


def ancestors(step: Step) -> set[Step]:
    """Find all steps that must finish before `step` starts."""
    found: set[Step] = set()
    todo = list(step.parents)
    while todo:
        parent = todo.pop()
        if parent not in found:
            found.add(parent)
            todo.extend(parent.parents)
    return found


def depths(steps: Iterable[Step]) -> dict[Step, int]:
    """Tell for each step how many others come before it, one after the other."""
    found: dict[Step, int] = {}

    def depth(step: Step) -> int:
        if step not in found:
            found[step] = max((depth(parent) + 1 for parent in step.parents), default=0)
        return found[step]

    for step in steps:
        depth(step)
    return found


def children(steps: Iterable[Step]) -> dict[Step, list[Step]]:
    """List for each step those that wait for it directly."""
    steps = list(steps)
    found: dict[Step, list[Step]] = {step: [] for step in steps}
    for step in steps:
        for parent in step.parents:
            found[parent].append(step)
    return found
