"""Which plans are compiled, and when: those that come again, a bounded number, while it pays."""

import logging
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from router.executor.compiled.compile import compile_plan
from router.executor.compiled.places import UncompilableError
from router.executor.compiled.program import Program
from router.executor.interpret.typenames import Typenames
from router.kit.garbage import HeavyGarbage
from router.kit.lru import LruCache
from router.operation.shape import ObjectShape
from router.query_plan.nodes import QueryPlan

PROGRAMS_MAX = 512
BYTES_MAX = 48_000_000
"""Of the programs of one generation together; one holds 10 to 270 KB."""

UNCOMPILED_BYTES = 1_000
"""For a plan that is known to need the interpreter."""

PUSHING_ONE_IN = 50
"""Where there is room for fewer than come again, one of so many plans that would be compiled pushes out another. Compiling costs
what some ten runs save, and were it done for each, all of them would be pushed out before they come again."""

FAILURE_COST = 10
DOUBT_MAX = 50
"""A plan of which more than one answer in ten is unusual is mostly left to the interpreter: the compiled
attempt before it would be wasted. It is tried again once in `FAILURE_COST` runs."""

DOUBT_ADDED_MAX = 1_000
"""What doubt may grow to beyond that. Runs that are under way together fail together, and each has to be made up for."""

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class CachedProgram:
    """What became of one plan.

    Attributes:
        plan, shape: kept, so that nothing else gets their `id()`.
        program: None if the plan needs the interpreter.
        doubt: grows with every unusual answer, shrinks with every run.
    """

    plan: QueryPlan
    shape: ObjectShape
    program: Program | None
    doubt: int = 0

    @property
    def weight(self) -> int:
        """Bytes, about."""
        return self.program.bytes_held if self.program is not None else UNCOMPILED_BYTES

    def note_unusual(self) -> None:
        """The program gave up."""
        self.doubt = min(self.doubt + FAILURE_COST, DOUBT_MAX + DOUBT_ADDED_MAX)


class Programs:
    """The programs of one generation."""

    def __init__(self, typenames: Typenames, compile_after: int | None, bytes_max: int = BYTES_MAX) -> None:
        self._typenames = typenames
        self._compile_after = compile_after
        self._runs: WeakKeyDictionary[ObjectShape, int] = WeakKeyDictionary()
        self._programs: LruCache[tuple[int, int], CachedProgram] = LruCache(
            PROGRAMS_MAX, bytes_max, lambda _, cached: cached.weight
        )
        self._turned_away_next = 0
        self._garbage = HeavyGarbage()

    def find(self, plan: QueryPlan, shape: ObjectShape) -> CachedProgram | None:
        """What to run instead of interpreting `plan` for `shape`; None if that is to be interpreted now."""
        if self._compile_after is None:
            return None
        key = id(plan), id(shape)
        cached = self._programs.find(key)
        if cached is None:
            runs = self._runs.get(shape, 0)
            if runs < self._compile_after:
                self._runs[shape] = runs + 1
                return None
            if self._turned_away_next:
                self._turned_away_next -= 1
                return None
            cached = CachedProgram(plan, shape, self._compile(plan, shape))
            pushed_out = self._programs.put(key, cached)
            if pushed_out:
                self._turned_away_next = PUSHING_ONE_IN - 1
                # Types know themselves.
                self._garbage.add(pushed_out)
        if cached.program is None:
            return None
        if cached.doubt > 0:
            cached.doubt -= 1
        return cached if cached.doubt < DOUBT_MAX else None

    def _compile(self, plan: QueryPlan, shape: ObjectShape) -> Program | None:
        try:
            return compile_plan(plan, shape, self._typenames)
        except (UncompilableError, RecursionError) as reason:
            logger.debug("a plan is interpreted: %s", reason)
        except Exception:
            # A fault of the compiler costs speed, not the answer.
            logger.exception("a plan could not be compiled")
        return None
