"""Transitive reduction: a step waits only for those parents that no other parent waits for."""

from router.planner.fetch_graph import Step
from router.planner.optimize.graph import ancestors


def drop_implied_parents(steps: list[Step]) -> None:
    """Remove from each step the parents that other parents imply."""
    before = {step: ancestors(step) for step in steps}
    for step in steps:
        implied = {other for parent in step.parents for other in before[parent]}
        step.parents -= implied
