"""Which plans are compiled, and when: those that come again, a bounded number, while it pays."""

import logging
from dataclasses import dataclass

from router.executor.compiled.compile import compile_plan
from router.executor.compiled.places import UncompilableError
from router.executor.compiled.program import Program
from router.executor.interpret.typenames import Typenames
from router.kit.lru import LruCache
from router.operation.shape import ObjectShape
from router.query_plan.nodes import QueryPlan

PROGRAMS_MAX = 256
"""Programs of one generation; one holds 10 to 250 KB."""

COUNTED_MAX = 4096
"""Plans whose runs are counted before they are compiled."""

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

    def note_unusual(self) -> None:
        """The program gave up."""
        self.doubt = min(self.doubt + FAILURE_COST, DOUBT_MAX + DOUBT_ADDED_MAX)


class Programs:
    """The programs of one generation."""

    def __init__(self, typenames: Typenames, compile_after: int | None) -> None:
        self._typenames = typenames
        self._compile_after = compile_after
        self._runs: LruCache[tuple[int, int], int] = LruCache(COUNTED_MAX)
        self._programs: LruCache[tuple[int, int], CachedProgram] = LruCache(PROGRAMS_MAX)

    def find(self, plan: QueryPlan, shape: ObjectShape) -> CachedProgram | None:
        """What to run instead of interpreting `plan` for `shape`; None if that is to be interpreted now."""
        if self._compile_after is None:
            return None
        key = id(plan), id(shape)
        cached = self._programs.find(key)
        if cached is None:
            runs = self._runs.find(key) or 0
            if runs < self._compile_after:
                # The id may be another plan's tomorrow: then that one is compiled sooner, which is no harm.
                self._runs.put(key, runs + 1)
                return None
            cached = CachedProgram(plan, shape, self._compile(plan, shape))
            self._programs.put(key, cached)
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
