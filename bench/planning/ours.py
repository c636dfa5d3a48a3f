"""Plans the operations on standard input with our planner; prints the CPU seconds of each."""

import json
import sys
import time
from functools import lru_cache

from graphql import parse

from router.planner import Planner
from router.planner.errors import PlanningError
from router.supergraph import Supergraph

_REPEATS = 5


@lru_cache(maxsize=1)
def build(sdl: str) -> Planner:
    """The planner of a supergraph."""
    return Planner(Supergraph.read(sdl))


for line in sys.stdin:
    case = json.loads(line)
    planner, document = build(case["supergraph"]), parse(case["operation"])
    times = []
    try:
        for _ in range(_REPEATS):
            before = time.process_time()
            planner.plan(document)
            times.append(time.process_time() - before)
    except PlanningError:
        times = []
    print(json.dumps(min(times, default=None)))
