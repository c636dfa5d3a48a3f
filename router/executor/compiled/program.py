"""A compiled plan, and one run of it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from msgspec import MsgspecError, Struct
from msgspec.json import Encoder

from router.errors import ResponseError, ResponsePath
from router.executor.compiled.trace import Way, count_places, trace
from router.executor.compiled.unusual import UnusualError
from router.executor.content_types import JSON_TYPES, find_content_type_fault
from router.executor.fetch import read_body, read_outcome
from router.executor.interpret.complete import VIOLATIONS_MAX, NullBubble
from router.executor.interpret.locate import ErrorLocator
from router.executor.size import ResponseSize
from router.executor.transport import SubgraphAnswer, TransportError
from router.kit.json import JsonObject, write_json
from router.query_plan.nodes import Fetch

OK = 200

_UNUSUAL = (UnusualError, MsgspecError, ValueError, RecursionError)
"""What generated code and decoders raise: text that is no UTF-8 and numbers without end are ValueErrors."""

_encode, _encode_into = Encoder().encode, Encoder().encode_into

Targets: TypeAlias = list[Struct | list[Struct]]
"""For each representation the object that it stands for, or all of them."""


class Sender(Protocol):
    """Asks a subgraph, once."""

    async def __call__(self, fetch: Fetch, body: bytes) -> SubgraphAnswer | TransportError:
        """The answer, or why there is none."""
        ...


class Told(Protocol):
    """A subgraph's answer, decoded.

    Attributes:
        data: None if it has nothing to say.
        errors: JSON text from the decoder; then its entries, None if there are none.
    """

    data: Any
    errors: Any


@dataclass(frozen=True, slots=True, eq=False)
class RootStep:
    """A fetch at the root of the response.

    Attributes:
        head: the body up to its variables.
        decode: reads an answer's body.
        absorb: takes the run and the answer.
    """

    fetch: Fetch
    head: bytes
    decode: Callable[[bytes], Told]
    absorb: Callable[["Run", Told], None]


@dataclass(frozen=True, slots=True, eq=False)
class EntityStep:
    """A fetch of entities.

    Attributes:
        collect: for each selection a function of the run, and what stands before its representations.
        ways: for each selection, where its objects stand.
        absorb: takes the run, the answer and the targets of each selection.
    """

    fetch: Fetch
    head: bytes
    collect: tuple[tuple[Callable[["Run"], tuple[list[Struct], Targets, int]], bytes], ...]
    ways: tuple[tuple[Way, ...], ...]
    decode: Callable[[bytes], Told]
    absorb: Callable[["Run", Told, list[Targets]], None]


@dataclass(frozen=True, slots=True, eq=False)
class Serial:
    """Steps one after the other."""

    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Simultaneous:
    """Steps at the same time, two at least."""

    steps: tuple["Step", ...]


Step: TypeAlias = RootStep | EntityStep | Serial | Simultaneous


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A compiled plan. Holds nothing of any request.

    Attributes:
        locator: places errors in the response.
        new_root: makes the root object.
        finish: makes the merged objects ready for encoding.
        settle: the same where a fetch left gaps; gives the function, which is made when first needed. It takes an object,
            its path and the run.
        keys_bytes: what one object may have at most of keys whose values nobody has brought.
        is_adding: whether there are such where no fetch left gaps.
        has_twins: whether two fetches of entities may come to one request.
        bytes_held: about what the program takes of memory.
    """

    step: Step
    locator: ErrorLocator
    new_root: Callable[[], Struct]
    finish: Callable[[Struct], None]
    settle: Callable[[], Callable[[Struct, ResponsePath, "Run"], None]]
    keys_bytes: int
    is_adding: bool
    has_twins: bool
    bytes_held: int

    async def run(self, variables: JsonObject, send: Sender, size: ResponseSize) -> "Run":
        """The run, with the response in it; where that is unusual, nothing more has been asked for.

        Raises:
            ResponseTooLargeError: it would be larger than `size` allows.
        """
        run = Run(self, variables, send, size)
        await run.run_step(self.step)
        if run.is_unusual:
            size.check()
            return run
        try:
            if run.gaps:
                size.count_before_settling()
                self.settle()(run.top, (), run)
            else:
                self.finish(run.top)
            if (run.gaps or self.is_adding) and size.bound * (1 + self.keys_bytes) > size.bytes_max:
                run.data = size.write(_encode_into, run.top)
            else:
                run.data = _encode(run.top)
        except NullBubble:
            # It has risen to the root.
            return run
        except _UNUSUAL:
            run.is_unusual = True
            return run
        if len(run.data) > size.bytes_max:
            raise size.refuse()
        return run


class Run:
    """One run of a program.

    Attributes:
        top: the response's root object.
        data: the response's data as JSON, when all is done; None if a null rose that far.
        errors: of subgraphs, and of exchanges with them.
        violations: see `interpret.complete`.
        gaps: whether something that was asked for is missing.
        targets: what has been collected, by source.
        more: by source, at how many more places its objects stand than there are of them, at most.
        is_unusual: whether the interpreter has to answer, if anybody has; no fetch is sent any more.
    """

    __slots__ = (
        "_program",
        "_send",
        "_shared",
        "_variables",
        "data",
        "errors",
        "gaps",
        "is_unusual",
        "more",
        "size",
        "targets",
        "top",
        "violations",
    )

    def __init__(self, program: Program, variables: JsonObject, send: Sender, size: ResponseSize) -> None:
        self.top = program.new_root()
        self.data: bytes | None = None
        self.errors: Sequence[ResponseError] = ()
        self.violations: list[ResponseError] = []
        self.targets: dict[int, Targets] = {}
        self.more: dict[int, int] = {}
        self.gaps = False
        self.is_unusual = False
        self.size = size
        self._program = program
        self._variables = variables
        self._send = send

    def note_violation(self, message: str, at: ResponsePath, sources: tuple[int, ...]) -> None:
        """Take down a null where none may be; `sources` have brought the object that it is in.

        Raises:
            UnusualError: one has brought an object to several places, which is settled once and would be told of once.
        """
        if not self.violations:
            self._shared = {source for source, more in self.more.items() if more}
        if not self._shared.isdisjoint(sources):
            raise UnusualError
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(ResponseError(message, path=at))

    def skip_entities(self, told: Told, targets: Targets) -> Targets:
        """The targets of a list of entities that is null: none.

        Raises:
            UnusualError: there are some, and nothing is said to have failed.
        """
        if targets and told.errors is None:
            raise UnusualError
        self.gaps = True
        return []

    def run_step(self, step: Step) -> Coroutine[Any, Any, None]:
        """What runs one step with all below it; a coroutine around coroutines would cost at every turn."""
        if isinstance(step, EntityStep):
            return self._run_entities(step)
        if isinstance(step, RootStep):
            return self._run_root(step)
        if isinstance(step, Serial):
            return self._run_in_turn(step.steps)
        return self._run_at_once(step.steps)

    async def _run_in_turn(self, steps: tuple["Step", ...]) -> None:
        for each in steps:
            await self.run_step(each)

    async def _run_at_once(self, steps: tuple["Step", ...]) -> None:
        # What `asyncio.TaskGroup` does, at a third of the cost: steps raise only when they are cancelled.
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(self.run_step(each)) for each in steps[1:]]
        try:
            # One task less: what is left runs here.
            await self.run_step(steps[0])
            for task in tasks:
                await task
        finally:
            for task in tasks:
                task.cancel()

    async def _run_root(self, step: RootStep) -> None:
        if self.is_unusual:
            return
        variables = self._write_variables(step.fetch)
        body = step.head + b',"variables":' + variables + b"}" if variables else step.head + b"}"
        answer = await self._send(step.fetch, body)
        try:
            told = self._read(step, answer, (), 0)
            if told is not None:
                step.absorb(self, told)
        except _UNUSUAL:
            self.is_unusual = True

    async def _run_entities(self, step: EntityStep) -> None:
        if self.is_unusual:
            return
        variables = self._write_variables(step.fetch)
        parts = [step.head, b',"variables":', variables[:-1] + b"," if variables else b"{"]
        groups: list[Targets] = []
        more = 0
        for collect, name in step.collect:
            representations, targets, others = collect(self)
            groups.append(targets)
            more += others
            parts += (name, _encode(representations))
        if not any(groups):
            return
        parts.append(b"}}")
        answer = await self._send(step.fetch, b"".join(parts))
        try:
            told = self._read(step, answer, groups, more)
            if told is not None:
                step.absorb(self, told, groups)
        except _UNUSUAL:
            self.is_unusual = True

    def _write_variables(self, fetch: Fetch) -> bytes:
        """The client's variables that `fetch` uses; empty if there are none."""
        if not fetch.variable_usages:
            return b""
        given = self._variables
        chosen = {name: given[name] for name in fetch.variable_usages if name in given}
        return write_json(chosen) if chosen else b""

    def _read(
        self,
        step: RootStep | EntityStep,
        answer: SubgraphAnswer | TransportError,
        groups: Sequence[Targets],
        more: int,
    ) -> Told | None:
        """What an answer tells, its errors being taken down; None if there is no data, or the interpreter has to answer."""
        if self.is_unusual:
            return None
        if isinstance(answer, TransportError):
            self._take_failure(step, answer, groups)
            return None
        size = self.size
        size.bound += len(answer.body)
        if more or size.bound > size.bytes_max:
            count = (
                partial(count_places, self.top, step.ways, groups) if isinstance(step, EntityStep) else None
            )
            if not size.has_room(answer.body, step.fetch, count, more):
                self.is_unusual = True
                return None
        if answer.status != OK or (
            (kind := answer.headers.get("content-type")) not in JSON_TYPES
            and find_content_type_fault(kind) is not None
        ):
            self._take_failure(step, answer, groups)
            return None
        told = step.decode(answer.body)
        if told.errors is not None:
            # The other JSON library has its own view of numbers and of depth.
            outcome = read_body(step.fetch.subgraph, b'{"data":{},"errors":%b}' % bytes(told.errors))
            if outcome.failures:
                raise UnusualError
            told.errors = outcome.errors or None
            self._place(step, outcome.errors, groups)
        if told.data is not None:
            return told
        if told.errors is None:
            raise UnusualError
        self.gaps = True
        return None

    def _take_failure(
        self, step: RootStep | EntityStep, answer: SubgraphAnswer | TransportError, groups: Sequence[Targets]
    ) -> None:
        outcome = read_outcome(step.fetch.subgraph, answer)
        if outcome.data is not None:
            raise UnusualError
        locator = self._program.locator
        self.errors = [*self.errors, *(locator.place_failure(each, step.fetch) for each in outcome.failures)]
        self._place(step, outcome.errors, groups)
        self.gaps = True

    def _place(
        self, step: RootStep | EntityStep, errors: Sequence[JsonObject], groups: Sequence[Targets]
    ) -> None:
        locator = self._program.locator
        if isinstance(step, RootStep):
            placed = [locator.place_root_error(error, step.fetch) for error in errors]
        else:
            ways = step.ways
            placed = locator.place_entity_errors(
                errors, step.fetch, groups, lambda i, ids: trace(self.top, ways[i], ids)
            )
        self.errors = [*self.errors, *placed]
