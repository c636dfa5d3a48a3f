"""`python -m bench.scaling`: whether CPU and memory grow in step with what is asked for.

The whole router, called through ASGI in this process, with subgraphs that answer from memory: so what is counted is ours
alone. Three curves: the size of the answer, the number of fetches, the number of entities that another subgraph completes.
A straight line has the same figures for each in all its rows. Memory is what one request holds at its peak, all that Python
allocates. A fourth curve is of whole processes, 1 to 4 workers (`workers.py`).
"""

import argparse
import asyncio
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import orjson
import uvloop

from bench.in_process import ask, send
from bench.in_process import measure as count_cpu
from bench.scaling.workers import draw_workers
from router import SubgraphSource, compose, create_app
from router.executor.transport import SubgraphAnswer, SubgraphRequest
from router.server.asgi import RouterApp

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
FETCHES = (1, 2, 5, 10, 20, 30)
ENTITIES = (10, 100, 1_000, 10_000, 100_000)
ITEM_BYTES = 80


@dataclass(frozen=True, slots=True)
class Case:
    """A federation of canned subgraphs, and an operation for it; `amount` is what the curve is drawn over."""

    amount: int
    schemas: dict[str, str]
    operation: str
    answer: Callable[[SubgraphRequest], bytes]


class Canned:
    """Subgraphs in memory."""

    def __init__(self, answer: Callable[[SubgraphRequest], bytes]) -> None:
        self._answer = answer

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer at once."""
        return SubgraphAnswer(200, self._answer(request))

    async def close(self) -> None:
        """Nothing to close."""


def build_size(amount: int) -> Case:
    """One fetch whose answer has about `amount` bytes."""
    items = [
        {"id": str(n), "name": f"An item with a name of some length {n}", "n": n}
        for n in range(amount // ITEM_BYTES)
    ]
    body = orjson.dumps({"data": {"items": items}})
    schema = LINK + "type Query { items: [Item!]! } type Item { id: ID! name: String! n: Int! }"
    return Case(len(body), {"a": schema}, "{ items { id name n } }", lambda _: body)


def build_fetches(amount: int) -> Case:
    """As many subgraphs, each asked once."""
    schemas = {f"s{n}": LINK + f"type Query {{ field{n}: String }}" for n in range(amount)}
    bodies = {f"s{n}": orjson.dumps({"data": {f"field{n}": "x" * 100}}) for n in range(amount)}
    operation = f"{{ {' '.join(f'field{n}' for n in range(amount))} }}"
    return Case(amount, schemas, operation, lambda request: bodies[request.subgraph])


def build_entities(amount: int) -> Case:
    """A list of as many entities, completed by a second subgraph."""
    first = orjson.dumps({"data": {"items": [{"__typename": "Item", "id": str(n)} for n in range(amount)]}})
    second = orjson.dumps({"data": {"_entities": [{"name": f"Item {n}"} for n in range(amount)]}})
    schemas = {
        "a": LINK + 'type Query { items: [Item!]! } type Item @key(fields: "id") { id: ID! }',
        "b": LINK + 'type Item @key(fields: "id") { id: ID! name: String! }',
    }
    return Case(amount, schemas, "{ items { id name } }", lambda r: first if r.subgraph == "a" else second)


def build_app(case: Case) -> RouterApp:
    """The router for a case."""
    sources = [SubgraphSource(name, f"http://{name}.invalid", sdl) for name, sdl in case.schemas.items()]
    composition = compose(sources)
    assert composition.supergraph_sdl is not None, composition.errors
    return create_app(composition.supergraph_sdl, transport=Canned(case.answer))


async def measure(case: Case, seconds: float) -> tuple[float, float, int]:
    """CPU microseconds of one request, the kilobytes that it holds at its peak, and the bytes of its answer."""
    app = build_app(case)
    body = orjson.dumps({"query": case.operation})
    for _ in range(4):
        size = len(await ask(app, body))
    spent = await count_cpu(lambda: send(app, body, len), seconds, times=1)
    tracemalloc.start()
    await send(app, body, len)
    before_it, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    await send(app, body, len)
    held = tracemalloc.get_traced_memory()[1] - before_it
    tracemalloc.stop()
    await app.close()
    return spent, held / 1e3, size


async def draw(name: str, cases: list[Case], seconds: float) -> None:
    """Measure one curve and print it."""
    columns = ("answer, bytes", "CPU, us", "us for each", "memory, KB", "KB for each")
    print(f"\n{name:>12} {' '.join(f'{each:>13}' for each in columns)}")
    for case in cases:
        spent, held, size = await measure(case, seconds)
        print(
            f"{case.amount:12} {size:13} {spent:13.0f} {spent / case.amount:13.4f} {held:13.0f} {held / case.amount:13.4f}"
        )


async def run(seconds: float, workers_s: float) -> None:
    """All curves."""
    await draw("bytes", [build_size(amount) for amount in SIZES], seconds)
    await draw("fetches", [build_fetches(amount) for amount in FETCHES], seconds)
    await draw("entities", [build_entities(amount) for amount in ENTITIES], seconds)
    await draw_workers(workers_s)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench.scaling", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="of CPU for each row")
    parser.add_argument("--workers-seconds", type=float, default=5.0, help="for each number of workers")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(options.seconds, options.workers_seconds))


if __name__ == "__main__":
    main()
