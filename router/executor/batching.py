"""Requests of one client's batch that ask the same subgraph go out as one JSON array: Apollo's `batching.subgraph`.

A fetch can be sent with others only if none of these waits for its answer. So only those count that nothing in their own plan
stands before: the first wave of each plan, as Apollo Router batches fetches without `requires`. What comes later is sent by itself.

A subgraph's array leaves when every request of the batch has said what its first wave is, and each of its fetches to that
subgraph has come here or never will: hooks and caches answer some, and requests fail before they have a plan. Who gives up waiting
takes its fetch back; the others go on without it.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

import msgspec
from msgspec.structs import replace

from router.executor.content_types import find_content_type_fault
from router.executor.options import SubgraphSwitch
from router.executor.transport import (
    BatchAnswerError,
    Headers,
    MalformedAnswerError,
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTransport,
)
from router.kit.json import JsonObject
from router.query_plan.nodes import (
    Condition,
    Defer,
    Fetch,
    Parallel,
    PlanNode,
    QueryPlan,
    Sequence,
    Subscription,
)

SUCCESS = range(200, 300)

_parts = msgspec.json.Decoder(list[msgspec.Raw])
"""Cuts an array into the texts of its items, which are read by whoever gets them."""


@dataclass(slots=True, eq=False)
class _Parked:
    """A request that waits for the others of its array."""

    request: SubgraphRequest
    transport: SubgraphTransport
    answer: "asyncio.Future[SubgraphAnswer]"


class Batch:
    """The requests of one client's batch, as far as they share what they ask of subgraphs."""

    def __init__(self, size: int, options: SubgraphSwitch) -> None:
        """`size` is how many requests there are; each is to have a `BatchMember`."""
        self.options = options
        self._undecided = size
        self._awaited: dict[str, int] = {}
        self._parked: dict[str, list[_Parked]] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    def note_decided(self, subgraphs: Iterable[str]) -> None:
        """One more request has said what it will ask for first."""
        self._undecided -= 1
        for subgraph in subgraphs:
            self._awaited[subgraph] = self._awaited.get(subgraph, 0) + 1
        self._send_what_is_complete()

    def note_settled(self, subgraph: str) -> None:
        """One fetch that was awaited has come, or never will."""
        self._awaited[subgraph] -= 1
        self._send_what_is_complete()

    async def send(self, request: SubgraphRequest, transport: SubgraphTransport) -> SubgraphAnswer:
        """The answer to one request, which goes out by `transport` with the others.

        Raises:
            TransportError: no usable answer.
        """
        parked = _Parked(request, transport, asyncio.get_running_loop().create_future())
        waiting = self._parked.setdefault(request.subgraph, [])
        waiting.append(parked)
        self.note_settled(request.subgraph)
        try:
            return await parked.answer
        finally:
            # Whoever leaves before the array does leaves it.
            if parked in waiting:
                waiting.remove(parked)

    def _send_what_is_complete(self) -> None:
        if self._undecided:
            return
        for subgraph in [name for name, waiting in self._parked.items() if waiting]:
            if not self._awaited.get(subgraph):
                self._send_together(self._parked.pop(subgraph))

    def _send_together(self, parked: list[_Parked]) -> None:
        # Hooks may have given one request what is not for the others' eyes: an array has one set of headers.
        groups: dict[Headers, list[_Parked]] = {}
        for each in parked:
            groups.setdefault(each.request.headers, []).append(each)
        for group in groups.values():
            task = asyncio.get_running_loop().create_task(_exchange(group))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            still_waiting = _Countdown(len(group), task)
            for each in group:
                each.answer.add_done_callback(still_waiting)


class _Countdown:
    """Ends an exchange when nobody waits for it any more."""

    def __init__(self, count: int, task: "asyncio.Task[None]") -> None:
        self._count = count
        self._task = task

    def __call__(self, _answer: object) -> None:
        self._count -= 1
        if not self._count:
            self._task.cancel()


class Place:
    """One fetch's place in its subgraph's array. It is taken once, or given up."""

    __slots__ = ("_batch", "_subgraph", "is_open")

    def __init__(self, batch: Batch, subgraph: str) -> None:
        self._batch = batch
        self._subgraph = subgraph
        self.is_open = True

    async def send(self, request: SubgraphRequest, transport: SubgraphTransport) -> SubgraphAnswer:
        """Take the place with `request`.

        Raises:
            TransportError: no usable answer.
        """
        self.is_open = False
        return await self._batch.send(request, transport)

    def give_up(self) -> None:
        """Nobody is to wait for the fetch any more."""
        if self.is_open:
            self.is_open = False
            self._batch.note_settled(self._subgraph)


class BatchMember:
    """One request of a batch."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._places: dict[int, Place] | None = None

    def announce(self, plan: QueryPlan, variables: JsonObject) -> None:
        """Say what will be asked for first; only the first plan of a request counts."""
        if self._places is None:
            wave = [fetch for fetch in find_first_wave(plan.node, variables) if self._is_taken(fetch)]
            self._places = {id(fetch): Place(self._batch, fetch.subgraph) for fetch in wave}
            self._batch.note_decided(fetch.subgraph for fetch in wave)

    def find_place(self, fetch: Fetch) -> Place | None:
        """The place of a fetch; None if it is sent by itself."""
        return None if self._places is None else self._places.get(id(fetch))

    def leave(self) -> None:
        """The request has its answer: nobody is to wait for it."""
        if self._places is None:
            self._places = {}
            self._batch.note_decided(())
        for place in self._places.values():
            place.give_up()

    def _is_taken(self, fetch: Fetch) -> bool:
        return self._batch.options.is_for(fetch.subgraph)


class BatchingTransport:
    """Sends by another transport; requests that have a place in an array go with it."""

    def __init__(self, transport: SubgraphTransport) -> None:
        self.transport = transport

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            TransportError: no usable answer.
        """
        place = request.place
        if place is None or not place.is_open:
            return await self.transport.send(request)
        return await place.send(replace(request, place=None), self.transport)

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()


def find_first_wave(node: PlanNode | None, variables: JsonObject) -> list[Fetch]:
    """The fetches of a plan that wait for no other, in the order of the plan."""
    match node:
        case None | Subscription() | Defer():
            # No request of a batch may defer.
            return []
        case Fetch():
            return [] if node.entities else [node]
        case Sequence():
            return find_first_wave(node.nodes[0], variables)
        case Parallel():
            return [fetch for inner in node.nodes for fetch in find_first_wave(inner, variables)]
        case Condition():
            is_true = variables.get(node.variable) is True
            return find_first_wave(node.if_node if is_true else node.else_node, variables)
        case _:
            assert_never(node)


async def _exchange(group: list[_Parked]) -> None:
    """Send an array, and give each its part of the answer, or why there is none."""
    first = group[0]
    together = replace(
        first.request,
        body=b"[" + b",".join(each.request.body for each in group) + b"]",
        is_repeatable=all(each.request.is_repeatable for each in group),
    )
    try:
        answers = split_answer(await first.transport.send(together), len(group))
        for each, answer in zip(group, answers, strict=True):
            if not each.answer.done():
                each.answer.set_result(answer)
    except Exception as error:  # noqa: BLE001 -- it is raised where somebody waits
        for each in group:
            if not each.answer.done():
                each.answer.set_exception(error)
    finally:
        for each in group:
            each.answer.cancel()


def split_answer(answer: SubgraphAnswer, count: int) -> list[SubgraphAnswer]:
    """The answers to `count` requests, in their order. What says that it failed, and is no array, is the answer to each.

    Raises:
        MalformedAnswerError: it says success and is no array.
        BatchAnswerError: the array has another length.
    """
    if find_content_type_fault(answer.headers.get("content-type")) is not None:
        return [answer] * count
    try:
        parts = _parts.decode(answer.body)
    except msgspec.DecodeError as error:
        if answer.status not in SUCCESS:
            return [answer] * count
        raise MalformedAnswerError(f"the response to a batch is no JSON array: {error}") from error
    if len(parts) != count:
        msg = f"number of contexts ({count}) is not equal to number of graphql responses ({len(parts)})"
        raise BatchAnswerError(msg)
    return [replace(answer, body=bytes(part)) for part in parts]
