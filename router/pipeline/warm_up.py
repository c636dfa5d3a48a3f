"""What a generation has before it is asked: plans of what was asked last and of operations that manifests name, and keys of tokens."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress

from router.errors import RefusedError
from router.pipeline.authorize import apply_decision, find_demand
from router.pipeline.caches import PlanKey
from router.pipeline.document import get_document
from router.pipeline.generation import Generation
from router.pipeline.plan import find_plan
from router.pipeline.request import Request
from router.pipeline.validate import OperationKey, select_operation
from router.policy.authorization import AccessDecision
from router.policy.persisted_operations import PersistedOperations

logger = logging.getLogger(__name__)

WARM_UP_S = 10.0
"""What all plans together may take: traffic waits for the new generation meanwhile."""

AT_A_TIME = 4
"""Plans under way. They are made one by one, but each waits for an event loop that is busy with requests."""

SHARE = 3
"""Without a number, one of so many plans that the cache can hold is made again."""


async def warm_up(new: Generation, old: Generation | None = None) -> int:
    """Plan in `new` what was planned in `old`, what was used last first, then what manifests have; gives how many plans were made.

    What the new schema refuses is left to the request that asks for it.
    """
    if old is not None and old.keys is not None and new.keys is not None:
        # An issuer that is away may have been there before.
        new.keys.learn_from(old.keys)
    keys = _list_used(new, old) if old is not None else []
    persisted = new.options.persisted
    is_listed = persisted.is_planned_at_start if old is None else persisted.is_planned_at_reload
    if new.persisted is not None and is_listed:
        keys += _list_known(new.persisted)[: max(0, new.options.plan_cache_size - len(keys))]
    made: list[PlanKey] = []
    left = iter(keys)
    try:
        async with asyncio.timeout(WARM_UP_S):
            await asyncio.gather(*(_plan_all(left, new, made) for _ in range(AT_A_TIME)))
    except TimeoutError:
        logger.warning("warm-up: %d of %d plans were made in %g s", len(made), len(keys), WARM_UP_S)
    return len(made)


async def _plan_all(keys: Iterator[PlanKey], generation: Generation, made: list[PlanKey]) -> None:
    for key in keys:
        with suppress(RefusedError):
            await _plan(key, generation)
            made.append(key)


def _list_used(new: Generation, old: Generation) -> list[PlanKey]:
    given = new.options.warmed_up_queries
    return old.caches.plans.list_recent(new.options.plan_cache_size // SHARE if given is None else given)


def _list_known(operations: PersistedOperations) -> list[PlanKey]:
    """As anonymous callers ask for them, who do not take part in what is tried out."""
    keys = (OperationKey(each.body, each.name, len(each.body)) for each in operations.operations)
    return [((key, AccessDecision()), frozenset(), None) for key in keys]


async def _plan(key: PlanKey, generation: Generation) -> None:
    (known, decision), labels, deferring = key
    request = Request(query=known.text, operation_name=known.name)
    operation = select_operation(await get_document(request, generation), request)
    if find_demand(operation, generation).is_empty:
        decision = AccessDecision()
    authorized = apply_decision(operation, decision, generation)
    if authorized.document is not None:
        labels &= frozenset(generation.planner.override_labels)
        await find_plan(authorized, labels, generation, deferring)
