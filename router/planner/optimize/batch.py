"""Entity fetches from one subgraph at one stage, that is with as many requests before them, are one request.

Those that nothing waits for join a later request to their subgraph: the response is not complete before that anyway.

Each keeps an `_entities` field of its own under an alias; those of equal shape share one, which then takes
the objects of several positions. Where they stand under different conditions, each field is asked for under its own.
"""

from dataclasses import dataclass
from itertools import pairwise

from router.operation.need import Conditions, Deferral
from router.planner.fetch_graph import Step
from router.planner.optimize.graph import children, depths
from router.planner.print_operation import print_selection


@dataclass(slots=True)
class Bundle:
    """Steps of equal shape: one `_entities` field, wanted under `conditions`."""

    steps: list[Step]
    conditions: Conditions


@dataclass(slots=True)
class Batch:
    """Steps that are one request; `parents` are the batches that it waits for, by id."""

    id: int
    bundles: list[Bundle]
    parents: set[int]

    @property
    def steps(self) -> list[Step]:
        """All steps of the request."""
        return [step for bundle in self.bundles for step in bundle.steps]

    @property
    def conditions(self) -> Conditions:
        """The conditions that the whole request stands under."""
        return frozenset.intersection(*(bundle.conditions for bundle in self.bundles))

    @property
    def deferral(self) -> Deferral | None:
        """The deferred fragment that it is a request of; None for the primary part."""
        return self.bundles[0].steps[0].deferral


def batch_steps(steps: list[Step], first: int = 0) -> list[Batch]:
    """Put steps together that go to one subgraph in one part of the plan, none at a later stage than there is anyway.

    Batches are numbered from `first` on.
    """
    groups: dict[tuple[object, ...], list[Step]] = {}
    stages = depths(steps)
    shared: dict[tuple[str, Deferral | None], set[int]] = {}
    for step in steps:
        # Values of contexts differ from place to place, and a request has one value for each variable.
        may_share = step.inputs and not step.contexts
        slot = (step.graph, stages[step], step.deferral) if may_share else (step.id,)
        groups.setdefault(slot, []).append(step)
        if may_share:
            shared.setdefault((step.graph, step.deferral), set()).add(stages[step])
    waiting = children(steps)
    for (graph, deferral), at in shared.items():
        for stage, later in pairwise(sorted(at)):
            own, next_ = (graph, stage, deferral), (graph, later, deferral)
            if not any(waiting[step] for step in groups[own]):
                groups[next_] = [*groups.pop(own), *groups[next_]]
    batches = [Batch(index, _bundle(group), set()) for index, group in enumerate(groups.values(), first)]
    home = {step: batch.id for batch in batches for step in batch.steps}
    for batch in batches:
        batch.parents = {home[parent] for step in batch.steps for parent in step.parents}
    return batches


def _bundle(steps: list[Step]) -> list[Bundle]:
    if len(steps) == 1:
        return [Bundle(steps, steps[0].conditions)]
    bundles: dict[object, Bundle] = {}
    for step in steps:
        inputs = tuple((slot, tuple(given.selections.values())) for slot, given in step.inputs.items())
        shape = inputs, step.conditions, print_selection(step.selection, step.conditions, set())
        bundles.setdefault(shape, Bundle([], step.conditions)).steps.append(step)
    return list(bundles.values())
