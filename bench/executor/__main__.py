"""`python -m bench.executor`: what running one plan costs, interpreted and compiled, and how that grows.

The transport answers from memory, so this is the CPU time of the executor and of writing the response, and
of nothing else. The two ways alternate, and the least of all rounds is printed: noise only adds.
"""

import argparse
import resource
import sys
import time
from dataclasses import dataclass

import uvloop
from graphql import parse

from bench.executor.shop import LINK, SUBGRAPHS, Shop
from router.composition import SubgraphSource, compose
from router.executor.compiled.compile import compile_plan
from router.executor.execute import ExecutionContext, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.options import ExecutorOptions
from router.kit.json import write_json
from router.operation.normalize import find_operation
from router.operation.shape import build_shape
from router.planner import Planner
from router.supergraph import Supergraph

REVIEWED = "{ id body author { id username name reviews { id body product { ...P } } } }"
REFERENCE = f"""
{{ users {{ id username name reviews {{ id body product {{ ...P reviews {REVIEWED} }} }} }}
  topProducts {{ ...P reviews {REVIEWED} }} }}
fragment P on Product {{ inStock name price shippingEstimate upc weight }}
"""
SMALL = "{ topProducts { upc name price } }"
UNION = "{ feed(first: 100) { ... on Product { name price inStock } ... on Article { title likes } } }"
LIST = "{ topProducts(first: %d) { upc name price inStock shippingEstimate } }"
LIST_MAX = 100_000


@dataclass(frozen=True)
class Workload:
    """An operation, and how many operations there are for each that meets an error of a subgraph."""

    name: str
    query: str
    fault_every: int = 0


WORKLOADS = (
    Workload("reference", REFERENCE),
    Workload("reference, 5 % with errors", REFERENCE, fault_every=20),
    Workload("reference, errors only", REFERENCE, fault_every=1),
    Workload("small", SMALL),
    Workload("union", UNION),
    Workload("list of 10", LIST % 10),
    Workload("list of 1,000", LIST % 1000),
    Workload("list of 10,000", LIST % 10_000),
    Workload("list of 100,000", LIST % LIST_MAX),
)


class Bench:
    """One workload, run both ways."""

    def __init__(self, supergraph: Supergraph, planner: Planner, workload: Workload) -> None:
        document = parse(workload.query)
        self.typenames = read_typenames(supergraph.document)
        self.plan = planner.plan(document)
        self.shape = build_shape(supergraph.api_schema, document, find_operation(document, None), {})
        self.shop = Shop(workload.fault_every)
        self.executors = [
            Executor(self.typenames, self.shop, ExecutorOptions(compile_after=after)) for after in (None, 0)
        ]

    async def run(self, way: int) -> bytes:
        """The response."""
        result = await self.executors[way].execute(self.plan, self.shape, ExecutionContext({}))
        body = {"data": result.data} | ({"errors": 1} if result.errors else {})
        return write_json(body)

    async def measure(self, way: int, seconds: float) -> float:
        """CPU microseconds of one run."""
        before = time.process_time()
        await self.run(way)
        count = max(1, int(seconds / (time.process_time() - before)))
        before = time.process_time()
        for _ in range(count):
            await self.run(way)
        return (time.process_time() - before) / count * 1e6

    def measure_compiling(self) -> float:
        """CPU microseconds of compiling the plan."""
        times = []
        for _ in range(5):
            before = time.process_time()
            compile_plan(self.plan, self.shape, self.typenames)
            times.append(time.process_time() - before)
        return min(times) * 1e6


async def compare(bench: Bench, rounds: int, seconds: float) -> tuple[float, float, int, int]:
    """CPU microseconds of one run interpreted and compiled, the requests, the response's bytes."""
    interpreted = await bench.run(0)
    requests = bench.shop.requests
    compiled = await bench.run(1)
    if not bench.shop.fault_every:
        assert interpreted == compiled, "the two ways differ"
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for way in (0, 1):
            times[way].append(await bench.measure(way, seconds))
    return min(times[0]), min(times[1]), requests, len(interpreted)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench.executor", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each way for each workload")
    parser.add_argument("--seconds", type=float, default=0.2, help="CPU time of one round")
    parser.add_argument("--only", default="", help="workloads whose names start so")
    options = parser.parse_args()
    sources = [SubgraphSource(name, f"http://{name}", LINK + sdl) for name, sdl in SUBGRAPHS.items()]
    composition = compose(sources)
    assert composition.supergraph_sdl is not None, composition.errors
    supergraph = Supergraph.read(composition.supergraph_sdl)
    planner = Planner(supergraph)
    print("CPU microseconds of running one plan and writing the response")
    print(
        f"{'workload':26} {'requests':>8} {'bytes':>9} | {'interpreted':>11} {'compiled':>9} {'ratio':>5} | compiling"
    )
    for workload in WORKLOADS:
        if not workload.name.startswith(options.only):
            continue
        bench = Bench(supergraph, planner, workload)
        interpreted, compiled, requests, size = uvloop.run(compare(bench, options.rounds, options.seconds))
        print(
            f"{workload.name:26} {requests:8} {size:9} | {interpreted:11.0f} {compiled:9.0f}"
            f" {compiled / interpreted:5.2f} | {bench.measure_compiling():9.0f}",
            flush=True,
        )
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
