"""Running a plan over plain data: every rule of the semantics, whatever subgraphs answer.

One `InterpretedRun` holds one request's merged response and errors. Fetches that run in parallel write
into the same tree; merging never waits, so they need no locks. A fetch that fails leaves its places empty,
the fetches that would have needed them find nothing to ask, and the rest of the answer stands.
"""

import asyncio
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from router.errors import ResponseError, ResponsePath, RouterError
from router.executor.exchange import Exchange
from router.executor.failures import describe_malformed
from router.executor.fetch import FetchOutcome, read_outcome, write_body
from router.executor.interpret.contexts import ContextBatch, collect_by_context, multiply_fetch
from router.executor.interpret.locate import ErrorLocator
from router.executor.interpret.merge import copy_json, merge_object
from router.executor.interpret.representations import RepresentationBatch, collect_representations
from router.executor.interpret.rewrites import rename_keys
from router.executor.interpret.typenames import Typenames
from router.executor.interpret.walk import located_objects_at, objects_at
from router.executor.size import CountPlaces, ResponseSize
from router.executor.transport import SubgraphAnswer
from router.kit.json import JsonObject, JsonValue
from router.query_plan.nodes import (
    EACH,
    Condition,
    Defer,
    EntitySelection,
    Fetch,
    Parallel,
    PlanNode,
    Sequence,
    Subscription,
)

CONTEXTS_PER_REQUEST_MAX = 50
"""Different values of contexts that one request asks under; for more there are several requests at a time."""


class UnsupportedPlanError(RouterError):
    """The plan holds a node that this way of running plans cannot run."""


@dataclass(slots=True)
class InterpretedRun:
    """One run of a plan.

    Attributes:
        variables: the client's.
        size: of all that comes; once it is exceeded the run has come to its end.
        data: the merged response, with all that fetches brought.
        on_fetched: told the ids of fetches that have finished; None if nobody waits for them.
    """

    typenames: Typenames
    exchange: Exchange
    variables: JsonObject
    locator: ErrorLocator
    size: ResponseSize
    data: JsonObject = field(default_factory=dict)
    errors: list[ResponseError] = field(default_factory=list)
    on_fetched: Callable[[str], None] | None = None

    async def run_node(self, node: PlanNode) -> None:
        """Run one node with all below it.

        Raises:
            UnsupportedPlanError: it is a subscription.
        """
        match node:
            case Fetch():
                await self._run_fetch(node)
            case Sequence():
                for inner in node.nodes:
                    await self.run_node(inner)
            case Parallel():
                first, *others = node.nodes
                async with asyncio.TaskGroup() as group:
                    for inner in others:
                        group.create_task(self.run_node(inner))
                    # One task less: what is left runs here.
                    await self.run_node(first)
            case Condition():
                is_true = self.variables.get(node.variable) is True
                chosen = node.if_node if is_true else node.else_node
                if chosen is not None:
                    await self.run_node(chosen)
            case Subscription():
                msg = "a subscription's plan is followed event by event, not run once"
                raise UnsupportedPlanError(msg)
            case Defer():
                msg = "a plan that defers is run part by part"
                raise UnsupportedPlanError(msg)
            case _:
                assert_never(node)

    async def _run_fetch(self, fetch: Fetch) -> None:
        if self.size.is_exceeded:
            return
        if fetch.entities:
            await self._run_entity_fetch(fetch)
        else:
            await self._run_root_fetch(fetch)
        if self.on_fetched is not None and fetch.id is not None:
            self.on_fetched(fetch.id)

    async def _run_root_fetch(self, fetch: Fetch) -> None:
        targets = objects_at(self.data, fetch.path, self.typenames)
        if not targets:
            return
        outcome = await self._send(fetch, self._select_variables(fetch), None, len(targets) - 1)
        if outcome.data is not None:
            rename_keys(outcome.data, fetch.output_rewrites, self.typenames)
        for error in outcome.errors:
            self.errors.append(self.locator.place_root_error(error, fetch))
        if outcome.data is not None:
            self._merge(outcome.data, targets)

    async def _run_entity_fetch(self, fetch: Fetch) -> None:
        first = fetch.entities[0]
        if not first.contexts:
            batches = [
                collect_representations(self.data, each, self.typenames)
                if each.is_wanted(self.variables)
                else RepresentationBatch()
                for each in fetch.entities
            ]
            await self._ask_for_entities(fetch, batches, self._select_variables(fetch))
            return
        found = collect_by_context(self.data, first, self.typenames)
        async with asyncio.TaskGroup() as group:
            for i in range(0, len(found), CONTEXTS_PER_REQUEST_MAX):
                group.create_task(self._ask_under_contexts(fetch, found[i : i + CONTEXTS_PER_REQUEST_MAX]))

    async def _ask_under_contexts(self, fetch: Fetch, found: list[ContextBatch]) -> None:
        variables = self._select_variables(fetch)
        for i, each in enumerate(found):
            variables |= {f"{name}_{i}": value for name, value in each.values.items()}
        await self._ask_for_entities(
            multiply_fetch(fetch, len(found)), [each.batch for each in found], variables
        )

    async def _ask_for_entities(
        self, fetch: Fetch, batches: list[RepresentationBatch], variables: JsonObject
    ) -> None:
        if not any(batch.representations for batch in batches):
            return
        for selection, batch in zip(fetch.entities, batches, strict=True):
            variables[selection.representations_variable] = batch.representations
        targets = [batch.targets for batch in batches]
        places = [[len(each) for each in group] for group in targets]
        more = sum(number - 1 for group in places for number in group)
        outcome = await self._send(fetch, variables, lambda: places, more)
        if outcome.errors:
            self.errors += self.locator.place_entity_errors(
                outcome.errors, fetch, targets, lambda i, ids: self._visit(fetch.entities[i], ids)
            )
        if outcome.data is not None:
            for selection, batch in zip(fetch.entities, batches, strict=True):
                self._merge_entities(fetch, selection, batch, outcome)

    async def _send(
        self, fetch: Fetch, variables: JsonObject, count_places: CountPlaces | None, more: int
    ) -> FetchOutcome:
        answer = await self.exchange.send(fetch, write_body(fetch, variables))
        if isinstance(answer, SubgraphAnswer):
            self.size.bound += len(answer.body)
            if not self.size.has_room(answer.body, fetch, count_places, more):
                return FetchOutcome()
        outcome = read_outcome(fetch.subgraph, answer)
        for failure in outcome.failures:
            self._fail(fetch, failure)
        return outcome

    def _select_variables(self, fetch: Fetch) -> JsonObject:
        given = self.variables
        return {name: given[name] for name in fetch.variable_usages if name in given}

    def _merge_entities(
        self, fetch: Fetch, selection: EntitySelection, batch: RepresentationBatch, outcome: FetchOutcome
    ) -> None:
        assert outcome.data is not None
        entities: JsonValue = outcome.data.get(selection.response_key)
        if entities is None and (outcome.errors or not batch.representations):
            return
        fault = _find_entities_fault(entities, len(batch.representations))
        if fault is not None:
            # Which entity is which cannot be told any more, so none of them is believed.
            self._fail(fetch, describe_malformed(fetch.subgraph, fault))
            return
        for entity, targets in zip(entities, batch.targets, strict=True):
            if entity is not None:
                rename_keys(entity, selection.output_rewrites, self.typenames)
                self._merge(entity, targets)

    def _merge(self, source: JsonObject, targets: list[JsonObject]) -> None:
        last = len(targets) - 1
        for i, target in enumerate(targets):
            merge_object(target, source if i == last else copy_json(source), self.typenames)

    def _visit(
        self, selection: EntitySelection, ids: Container[int]
    ) -> Iterator[tuple[ResponsePath, JsonObject]]:
        """Objects of a selection, by their `id()`: a second walk, made only when an error has to be placed.

        Paths that differ in the types of their objects are one: what is not asked for has another `id()`.
        """
        for keys in dict.fromkeys(
            tuple(step for step in path if isinstance(step, str) and step != EACH) for path in selection.paths
        ):
            for place, target in located_objects_at(self.data, keys):
                if id(target) in ids:
                    yield place, target

    def _fail(self, fetch: Fetch, failure: ResponseError) -> None:
        self.errors.append(self.locator.place_failure(failure, fetch))


def _find_entities_fault(entities: JsonValue, count: int) -> str | None:
    if not isinstance(entities, list):
        return "`_entities` must be a list"
    if len(entities) != count:
        return f"`_entities` has {len(entities)} items for {count} representations"
    if not all(entity is None or isinstance(entity, dict) for entity in entities):
        return "each of `_entities` must be an object or null"
    return None
