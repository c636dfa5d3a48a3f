"""Plans by what is asked: texts that differ in white space, names of fragments or of the operation have one plan.

Finding that out takes the normal form of an operation, so it is done once for each text, where the text's own plan is not
known yet (`caches.PlanCache`).
"""

from dataclasses import dataclass, field

from graphql import DocumentNode

from router.kit.lru import LruCache
from router.operation.identity import identify_operation
from router.planner.planner import LabelledPlan, Planner
from router.query_plan.naming import name_fetches
from router.query_plan.nodes import QueryPlan

KEPT_WEIGHT_MAX = 50_000
"""Characters of an operation that is still kept, with its fragments opened; nobody sends longer ones twice but to do harm."""

WEIGHT_PER_ENTRY = 5_000
"""Characters that a cache holds for each of its entries on average. What is made of an operation takes up to 130 bytes for
each of them."""

_VARIANTS_MAX = 16
"""Plans of one operation: one for each combination of the override labels that make a difference to it."""

_NAMES_MAX = 8
"""Names under which one plan is kept: requests of equal text share what is compiled for a plan."""


@dataclass(slots=True)
class _Variant:
    """One plan of an operation, for requests that have `on` of the labels that matter."""

    made: LabelledPlan
    on: frozenset[str]
    weight: int
    named: dict[str | None, QueryPlan] = field(default_factory=dict)

    def fits(self, labels: frozenset[str]) -> bool:
        return labels & self.made.labels == self.on

    def name(self, name: str | None) -> QueryPlan:
        plan = self.named.get(name)
        if plan is None:
            plan = name_fetches(self.made.plan, name)
            if len(self.named) < _NAMES_MAX:
                self.named[name] = plan
        return plan


class SharedPlans:
    """Plans by normal form and override labels. Only one thread may use it."""

    def __init__(self, size_max: int) -> None:
        self._variants: LruCache[bytes, list[_Variant]] = LruCache(
            size_max, size_max * WEIGHT_PER_ENTRY, _weigh
        )

    def __len__(self) -> int:
        return len(self._variants)

    def find_or_make(
        self,
        planner: Planner,
        document: DocumentNode,
        name: str | None,
        labels: frozenset[str],
        *,
        deferring: frozenset[str] | None = None,
        weight: int = 0,
    ) -> QueryPlan:
        """The plan of an operation of `document`, which authorisation has gone over; made if there is none yet.

        `deferring` is as for `Planner.normalize`, `weight` that of its key.

        Raises:
            PlanningError: as `Planner.plan`.
        """
        operation = planner.normalize(document, name, deferring)
        key = identify_operation(operation)
        variants = self._variants.find(key) or []
        variant = next((each for each in variants if each.fits(labels)), None)
        if variant is None:
            made = planner.plan_normalized(operation, labels)
            variant = _Variant(made, labels & made.labels, weight)
            if weight <= KEPT_WEIGHT_MAX:
                self._variants.put(key, [*variants[-_VARIANTS_MAX + 1 :], variant])
        return variant.name(operation.name)


def _weigh(_key: bytes, variants: list[_Variant]) -> int:
    return sum(variant.weight for variant in variants)
