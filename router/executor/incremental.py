"""Running a plan whose answer comes in parts.

All parts share one merged tree. The fetches of a deferred part begin when those that it depends on have finished,
whatever else still runs, and a part is told when its own fetches have finished and the object that it belongs to has been
told. Which objects those are is only known then: for a list there is a part for each item.

Where a fragment is deferred and the plan has no fetch of its own for it, its part is told right after the one around it.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from graphql import GraphQLSchema

from router.errors import ResponseError, ResponsePath
from router.executor.exchange import Exchange
from router.executor.failures import expose_all
from router.executor.held_errors import HeldErrors, covers
from router.executor.interpret.complete_parts import LaterPart, PartCompletion
from router.executor.interpret.locate import ErrorLocator
from router.executor.interpret.run import InterpretedRun
from router.executor.interpret.typenames import Typenames
from router.executor.introspection import answer_introspection
from router.executor.options import ErrorExposureOptions
from router.executor.parts import Parts, ResultPart
from router.executor.size import ResponseSize, ResponseTooLargeError
from router.kit.json import JsonObject, JsonValue
from router.operation.shape import ObjectShape
from router.query_plan.nodes import Condition, Defer, Deferred, Fetch, Parallel, PlanNode, Sequence

PARTS_MAX = 10_000
"""Parts of one answer: a fragment that is deferred at every item of a long list makes as many."""

FRAGMENT = "... on "


class TooManyPartsError(ResponseTooLargeError):
    """The answer has more than `PARTS_MAX` parts; it ends with those before."""


@dataclass(slots=True, eq=False)
class _Block:
    """What the plan fetches for one deferred fragment, at one place of the response.

    Attributes:
        conditions: the types that all its objects have.
        ids: of its own fetches, as far as others depend on them.
    """

    conditions: tuple[str, ...]
    depends: tuple[str, ...]
    node: PlanNode | None
    ids: frozenset[str]
    is_done: bool = False
    errors: list[ResponseError] = field(default_factory=list)


class IncrementalRun:
    """One run of a plan; gives the primary part by `run_primary`, then all others as it is iterated over."""

    def __init__(
        self,
        typenames: Typenames,
        exchange: Exchange,
        variables: JsonObject,
        shape: ObjectShape,
        exposure: ErrorExposureOptions,
        size: ResponseSize,
    ) -> None:
        """`shape` is that of the whole answer, and `size` of all its parts."""
        self._typenames = typenames
        self._exchange = exchange
        self._variables = variables
        self._whole = shape
        self._shape = shape.in_parts()
        self._locator = ErrorLocator(shape)
        self._exposure = exposure
        self._size = size
        self._data: JsonObject = {}
        self._blocks: list[_Block] = []
        self._blocks_at: dict[tuple[int, tuple[str, ...]], list[_Block]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._fetched: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._pending: list[LaterPart] = []
        self._held = HeldErrors()
        self._told = 0

    @property
    def has_next(self) -> bool:
        """Whether there are more parts."""
        return bool(self._pending)

    async def run_primary(self, node: PlanNode | None, visible: GraphQLSchema | None = None) -> ResultPart:
        """Run what comes first; whatever else has begun goes on beside it.

        Raises:
            ResponseTooLargeError: it is more than may be.
        """
        primary = self._read(node)
        try:
            self._start_blocks(primary)
            run = self._start_run(primary)
            introspection, errors = answer_introspection(self._whole, self._variables, visible)
            self._size.add_own(introspection)
            run.errors += errors
            if primary is not None:
                await run.run_node(primary)
            for name in _list_ids(primary):
                self._fetched[name].set()
            self._data.update(introspection)
            return self._complete_primary(run.errors)
        except BaseException:
            await self.aclose()
            raise

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> Parts:
        """The parts that are there by now, one at least.

        Raises:
            ResponseTooLargeError: with them it is more than may be.
        """
        while self._pending:
            self._changed.clear()
            parts = self._complete_ready()
            if parts:
                if not self._pending:
                    # Their places have become null, and nobody else will tell them.
                    parts[-1].errors.extend(self._expose(self._held.take_all()))
                return Parts(parts, self.has_next)
            for task in self._tasks:
                if task.done():
                    task.result()
            await self._changed.wait()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Stop whatever still runs."""
        self._pending.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _read(self, node: PlanNode | None) -> PlanNode | None:
        """The node of the primary part; what is deferred is noted."""
        while isinstance(node, Condition) and _defers(node):
            node = node.if_node if self._variables.get(node.variable) is True else node.else_node
        if not isinstance(node, Defer):
            return node
        for deferred in node.deferred:
            self._read_deferred(deferred)
        return node.primary.node

    def _read_deferred(self, deferred: Deferred) -> None:
        node = deferred.node.primary.node if isinstance(deferred.node, Defer) else deferred.node
        keys = tuple(element for element in deferred.path if not element.startswith(FRAGMENT))
        after = reversed(deferred.path)
        conditions: list[str] = []
        for element in after:
            if not element.startswith(FRAGMENT):
                break
            conditions.append(element.removeprefix(FRAGMENT))
        ids = frozenset(_list_ids(node))
        block = _Block(tuple(conditions), deferred.depends, node, ids, node is None)
        self._blocks.append(block)
        self._blocks_at.setdefault((deferred.place, keys), []).append(block)
        if isinstance(deferred.node, Defer):
            for inner in deferred.node.deferred:
                self._read_deferred(inner)

    def _start_blocks(self, primary: PlanNode | None) -> None:
        for name in (*_list_ids(primary), *(name for block in self._blocks for name in block.ids)):
            self._fetched[name] = asyncio.Event()
        for block in self._blocks:
            if block.node is not None:
                task = asyncio.create_task(self._run_block(block, block.node))
                task.add_done_callback(self._note_change)
                self._tasks.append(task)

    def _start_run(self, node: PlanNode | None) -> InterpretedRun:
        waited_for = frozenset(_list_ids(node))
        return InterpretedRun(
            self._typenames,
            self._exchange,
            self._variables,
            self._locator,
            self._size,
            self._data,
            on_fetched=self._note_fetched if waited_for else None,
        )

    async def _run_block(self, block: _Block, node: PlanNode) -> None:
        for name in block.depends:
            # A fetch that costs too much may have been left out of the plan.
            if name in self._fetched:
                await self._fetched[name].wait()
        run = self._start_run(node)
        await run.run_node(node)
        block.errors = run.errors
        block.is_done = True
        for name in block.ids:
            self._fetched[name].set()

    def _note_fetched(self, name: str) -> None:
        self._fetched[name].set()

    def _note_change(self, _task: asyncio.Task[None]) -> None:
        self._changed.set()

    def _complete_primary(self, errors: list[ResponseError]) -> ResultPart:
        completion = PartCompletion(self._size)
        data = completion.complete_root(self._data, self._shape)
        self._pending = completion.later if data is not None else []
        shown: list[ResponseError] = []
        held: list[ResponseError] = []
        for error in errors:
            (shown if not self._pending or self._is_told_first(error, data) else held).append(error)
        self._held.add(held)
        return ResultPart(data, (), None, self._expose(shown), _describe_violations(completion))

    def _is_told_first(self, error: ResponseError, data: JsonObject | None) -> bool:
        return error.path is None or covers(self._shape, error.path) or _ends_in_null(data, error.path)

    def _complete_ready(self) -> list[ResultPart]:
        """Complete what can be told now, and what that leads to."""
        parts: list[ResultPart] = []
        waiting: list[LaterPart] = []
        todo = self._pending
        while todo:
            ready: list[LaterPart] = []
            for later in todo:
                blocks = self._find_blocks(later)
                if all(block.is_done for block in blocks):
                    parts.append(self._complete(later, blocks, ready))
                else:
                    waiting.append(later)
            todo = ready
        self._pending = waiting
        return parts

    def _complete(self, later: LaterPart, blocks: list[_Block], found: list[LaterPart]) -> ResultPart:
        self._told += 1
        if self._told > PARTS_MAX:
            msg = f"the response has more than {PARTS_MAX} parts"
            raise TooManyPartsError(msg)
        completion = PartCompletion(self._size)
        at = later.at
        self._size.add_entry(later.deferred.label or "", "".join(map(str, at)))
        data = completion.complete_later(later)
        if data is not None:
            found += completion.later
        for block in blocks:
            self._held.add(block.errors)
            block.errors = []
        shown = self._held.take(at, later.deferred.shape)
        extensions = _describe_violations(completion)
        return ResultPart(data, at, later.deferred.label, self._expose(shown), extensions)

    def _find_blocks(self, later: LaterPart) -> list[_Block]:
        keys = tuple(element for element in later.at if isinstance(element, str))
        name = later.runtime_type.name
        return [
            block
            for block in self._blocks_at.get((later.deferred.place, keys), ())
            if all(self._typenames.is_a(name, condition) for condition in block.conditions)
        ]

    def _expose(self, errors: list[ResponseError]) -> list[ResponseError]:
        self._size.add_errors(errors)
        return expose_all(errors, self._exposure)


def _describe_violations(completion: PartCompletion) -> JsonObject:
    if not completion.violations:
        return {}
    completion.size.add_errors(completion.violations)
    return {"valueCompletion": [violation.write() for violation in completion.violations]}


def _defers(node: PlanNode | None) -> bool:
    if isinstance(node, Condition):
        return _defers(node.if_node) or _defers(node.else_node)
    return isinstance(node, Defer)


def _list_ids(node: PlanNode | None) -> Iterator[str]:
    """The ids of fetches that others depend on."""
    match node:
        case Fetch():
            if node.id is not None:
                yield node.id
        case Sequence() | Parallel():
            for inner in node.nodes:
                yield from _list_ids(inner)
        case Condition():
            yield from _list_ids(node.if_node)
            yield from _list_ids(node.else_node)
        case _:
            return


def _ends_in_null(data: JsonValue, path: ResponsePath) -> bool:
    """Whether the way along `path` ends at a null."""
    for element in path:
        if data is None:
            return True
        try:
            data = data[element]
        except (KeyError, IndexError, TypeError):
            return False
    return data is None
