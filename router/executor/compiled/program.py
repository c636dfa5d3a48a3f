"""A compiled plan, and one run of it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from msgspec import MsgspecError, Struct
from msgspec.json import Encoder

from router.executor.compiled.unusual import UnusualError
from router.executor.failures import find_content_type_fault
from router.executor.transport import SubgraphAnswer, TransportError
from router.kit.json import JsonObject, write_json
from router.query_plan.nodes import Fetch

OK = 200

_UNUSUAL = (UnusualError, MsgspecError, ValueError, RecursionError)
"""What generated code and decoders raise: text that is no UTF-8 and numbers without end are ValueErrors."""

_encode = Encoder().encode

Targets: TypeAlias = list[Struct | list[Struct]]
"""For each representation the object that it stands for, or all of them."""


class Sender(Protocol):
    """Asks a subgraph, once."""

    async def __call__(self, fetch: Fetch, body: bytes) -> SubgraphAnswer | TransportError:
        """The answer, or why there is none."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class RootStep:
    """A fetch at the root of the response.

    Attributes:
        head: the body up to its variables.
        absorb: takes the run and the answer's body.
    """

    fetch: Fetch
    head: bytes
    absorb: Callable[["Run", bytes], None]


@dataclass(frozen=True, slots=True, eq=False)
class EntityStep:
    """A fetch of entities.

    Attributes:
        collect: for each selection a function of the run, and what stands before its representations.
        absorb: takes the run, the answer's body and the targets of each selection.
    """

    fetch: Fetch
    head: bytes
    collect: tuple[tuple[Callable[["Run"], tuple[list[Struct], Targets]], bytes], ...]
    absorb: Callable[["Run", bytes, list[Targets]], None]


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
        new_root: makes the root object.
        finish: makes the merged objects ready for encoding.
        settle: the same where a fetch left gaps; gives the function, which is made when first needed.
    """

    step: Step
    new_root: Callable[[], Struct]
    finish: Callable[[Struct], None]
    settle: Callable[[], Callable[[Struct], None]]

    async def run(self, variables: JsonObject, send: Sender) -> bytes | None:
        """The response's `data` as JSON; None if something is unusual: then nothing more has been asked for."""
        run = Run(self.new_root(), variables, send)
        await run.run_step(self.step)
        if run.is_unusual:
            return None
        try:
            (self.settle() if run.gaps else self.finish)(run.top)
            return _encode(run.top)
        except _UNUSUAL:
            return None


class Run:
    """One run of a program.

    Attributes:
        top: the response's root object.
        gaps: whether an entity that was asked for is missing.
        targets: what has been collected, by source.
        is_unusual: whether the interpreter has to answer; no fetch is sent any more.
    """

    __slots__ = ("_send", "_variables", "gaps", "is_unusual", "targets", "top")

    def __init__(self, top: Struct, variables: JsonObject, send: Sender) -> None:
        self.top = top
        self.targets: dict[int, Targets] = {}
        self.gaps = False
        self.is_unusual = False
        self._variables = variables
        self._send = send

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
        answer = self._find_body(await self._send(step.fetch, body))
        if answer is not None:
            try:
                step.absorb(self, answer)
            except _UNUSUAL:
                self.is_unusual = True

    async def _run_entities(self, step: EntityStep) -> None:
        if self.is_unusual:
            return
        variables = self._write_variables(step.fetch)
        parts = [step.head, b',"variables":', variables[:-1] + b"," if variables else b"{"]
        groups: list[Targets] = []
        for collect, name in step.collect:
            representations, targets = collect(self)
            groups.append(targets)
            parts += (name, _encode(representations))
        if not any(groups):
            return
        parts.append(b"}}")
        answer = self._find_body(await self._send(step.fetch, b"".join(parts)))
        if answer is not None:
            try:
                step.absorb(self, answer, groups)
            except _UNUSUAL:
                self.is_unusual = True

    def _write_variables(self, fetch: Fetch) -> bytes:
        """The client's variables that `fetch` uses; empty if there are none."""
        if not fetch.variable_usages:
            return b""
        given = self._variables
        chosen = {name: given[name] for name in fetch.variable_usages if name in given}
        return write_json(chosen) if chosen else b""

    def _find_body(self, answer: SubgraphAnswer | TransportError) -> bytes | None:
        """The body of an answer out of which nothing stands; None where it is the interpreter's."""
        if (
            isinstance(answer, TransportError)
            or answer.status != OK
            or find_content_type_fault(answer.headers.get("content-type")) is not None
        ):
            self.is_unusual = True
        if self.is_unusual:
            return None
        assert isinstance(answer, SubgraphAnswer)
        return answer.body
