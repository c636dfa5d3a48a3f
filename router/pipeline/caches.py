"""What is worth keeping between requests: documents, demands, authorised operations, shapes, plans, tokens.

But for the tokens all of it follows from the text of an operation, the schema and what a caller may see, never from
values. Every cache is bounded in entries and in what they weigh, and long documents are not kept at all, so memory is too.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, TypeAlias, TypeVar

from graphql import GraphQLSchema

from router.kit.lru import LruCache
from router.operation.shape import ObjectShape
from router.pipeline.authorized import AccessKey, AuthorizedOperation
from router.pipeline.shared_plans import KEPT_WEIGHT_MAX, WEIGHT_PER_ENTRY, SharedPlans
from router.pipeline.tokens import TokenCache
from router.pipeline.validate import OperationKey, ValidDocument
from router.policy.authorization import AccessDecision, AccessDemand, Authorization
from router.policy.limits import Excess
from router.query_plan.nodes import QueryPlan

VISIBLE_SCHEMAS_MAX = 16
"""Schemas as different callers see them; each may be large."""

PlanKey: TypeAlias = tuple[AccessKey, frozenset[str], frozenset[str] | None]
"""An operation as its caller may run it, the override labels that are on, and the variables that defer; None of those if
nothing is ever deferred."""

ShapeKey: TypeAlias = tuple[OperationKey, AccessDecision | None, tuple[bool, ...]]


Key = TypeVar("Key", bound=tuple[Any, ...])
Made = TypeVar("Made")


def _build_cache(size_max: int) -> LruCache[Key, Made]:
    """A cache of what is made of operations; its keys are `OperationKey`, or begin with one."""
    return LruCache(size_max, size_max * WEIGHT_PER_ENTRY, _weigh)


def _weigh(key: Any, _made: object) -> int:
    while not isinstance(key, OperationKey):
        key = key[0]
    return key.weight


class PlanCache:
    """Plans by `PlanKey`; requests that want the same new plan wait for one planning.

    Planning runs in a thread of its own, one at a time: the event loop keeps serving while a hard
    operation is planned, and the planner need not be safe for threads.

    Attributes:
        shared: the same plans by what they answer, for texts that come for the first time; for the planning thread alone.
        on_lookup: told of each look whether the plan was there, and the seconds that it took; None for nobody.
    """

    def __init__(self, size_max: int) -> None:
        self._plans: LruCache[PlanKey, QueryPlan] = _build_cache(size_max)
        self.shared = SharedPlans(size_max)
        self._pending: dict[PlanKey, asyncio.Future[QueryPlan]] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="planner")
        self.on_lookup: Callable[[bool, float], None] | None = None

    async def get(self, key: PlanKey, make: Callable[[], QueryPlan]) -> QueryPlan:
        """The plan of `key`, made by `make` if it is not there; raises what `make` raises."""
        if self.on_lookup is None:
            return await self._get(key, make)
        is_hit, began_s = key in self._plans, perf_counter()
        try:
            return await self._get(key, make)
        finally:
            self.on_lookup(is_hit, perf_counter() - began_s)

    def __len__(self) -> int:
        return len(self._plans)

    async def _get(self, key: PlanKey, make: Callable[[], QueryPlan]) -> QueryPlan:
        plan = self._plans.find(key)
        if plan is not None:
            return plan
        pending = self._pending.get(key)
        if pending is None:
            pending = asyncio.get_running_loop().run_in_executor(self._thread, make)
            self._pending[key] = pending
            pending.add_done_callback(partial(self._finish, key))
        # A client that leaves must not take the plan from those who still wait for it.
        return await asyncio.shield(pending)

    def list_recent(self, count: int) -> list[PlanKey]:
        """The keys used last, the latest first."""
        return self._plans.list_recent(count)

    def close(self) -> None:
        """End the planning thread; plans under way are finished for those who wait."""
        self._thread.shutdown(wait=False)

    def _finish(self, key: PlanKey, pending: asyncio.Future[QueryPlan]) -> None:
        del self._pending[key]
        if not pending.cancelled() and pending.exception() is None and is_kept(key[0][0]):
            self._plans.put(key, pending.result())


@dataclass(slots=True, eq=False)
class Ready:
    """An operation that is the same for everybody who may run all of it, with its plan.

    Attributes:
        demand: what it asks of its caller; None if that is nothing.
        uses: counts the requests for it.
    """

    authorized: AuthorizedOperation
    plan: QueryPlan | None
    demand: AccessDemand | None = None
    uses: int = 0


class OperationCaches:
    """The caches of one generation; what is known of a document whose plan is forgotten would not save much."""

    def __init__(self, size_max: int) -> None:
        text_max = size_max * WEIGHT_PER_ENTRY
        self.documents: LruCache[str, ValidDocument] = LruCache(size_max, text_max, lambda text, _: len(text))
        self.demands: LruCache[OperationKey, AccessDemand] = _build_cache(size_max)
        # Those of which everybody may run everything.
        self.free: LruCache[OperationKey, AuthorizedOperation] = _build_cache(size_max)
        self.authorizations: LruCache[AccessKey, Authorization] = _build_cache(size_max)
        self.shapes: LruCache[ShapeKey, ObjectShape] = _build_cache(size_max)
        self.visible_schemas: LruCache[AccessDecision, GraphQLSchema] = LruCache(VISIBLE_SCHEMAS_MAX)
        self.safelisted: LruCache[str, bool] = LruCache(size_max, text_max, lambda text, _: len(text))
        self.excesses: LruCache[OperationKey, tuple[Excess, ...]] = _build_cache(size_max)
        self.plans = PlanCache(size_max)
        self.tokens = TokenCache()
        # By the request's own words, so that nothing else is to be looked up.
        self.ready: LruCache[tuple[str, str | None], Ready] = LruCache(
            size_max, text_max, lambda _, ready: ready.authorized.operation.key.weight
        )


def is_kept(key: OperationKey) -> bool:
    """Whether what follows from this operation may be kept."""
    return key.weight <= KEPT_WEIGHT_MAX
