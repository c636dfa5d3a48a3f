"""What clients wait for while a supergraph of 100 subgraphs and some 10,000 fields is loaded again and again."""

import asyncio
import json
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import Response

from bench.composition.federations import Shape, build_federation
from router import SubgraphSource, compose
from tests.support.json_server import serving as serving_json
from tests.support.served_router import serving, until

SHAPE = Shape(subgraphs=100, types=20, shared=2, pool=50)
CLIENTS, PAUSE_S, BEFORE_S = 10, 0.1, 3.0
BODY = {"query": "{ first0 { name } }"}
ANSWER = {"data": {"first0": {"name": "x"}}}


@dataclass
class Seen:
    """Of each request when it was asked and how long that took, in seconds; and what failed."""

    waits: list[tuple[float, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def describe(self, since: float) -> str:
        """The waits from then on."""
        waits = sorted(1000 * took for asked, took in self.waits if asked >= since)
        shares = " ".join(f"p{share} {waits[len(waits) * share // 100]:.0f}" for share in (50, 90, 99))
        return f"{len(waits)} answers, {shares} worst {waits[-1]:.0f} ms"


async def run_large(folder: Path, reloads: int, workers: int) -> int:
    """Serve, load again so often, print what clients waited; 1 if a request failed."""

    async def answer(_: Request) -> Response:
        return Response(json.dumps(ANSWER), media_type="application/json")

    seen, over = Seen(), asyncio.Event()
    supergraph, config = folder / "supergraph.graphql", folder / "router.json"
    async with serving_json(answer) as url:
        sources = [SubgraphSource(name, url, sdl) for name, sdl in build_federation(SHAPE).items()]
        supergraph.write_text(compose(sources).supergraph_sdl or "")
        _number(config, 0)
        arguments = ("-s", str(supergraph), "-c", str(config), "--workers", str(workers))
        async with serving(*arguments) as (process, client), asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(_ask(str(client.base_url), seen, over))
            await asyncio.sleep(BEFORE_S)
            print(f"before: {seen.describe(0)}", flush=True)
            begun = time.perf_counter()
            for number in range(1, reloads + 1):
                _number(config, number)
                process.send_signal(signal.SIGHUP)

                async def is_loaded(number: int = number) -> bool:
                    async with httpx.AsyncClient(base_url=client.base_url) as other:
                        response = await other.post("/", json=BODY)
                        return bool(response.headers.get("x-number") == str(number))

                await until(is_loaded)
            over.set()
    spent_s = time.perf_counter() - begun
    print(f"{reloads} reloads in {spent_s:.0f} s: {seen.describe(begun)}, {len(seen.failures)} failed")
    return 1 if seen.failures else 0


def _number(config: Path, number: int) -> None:
    rule = {"insert": {"name": "x-number", "value": str(number)}}
    config.write_text(json.dumps({"headers": {"all": {"response": [rule]}}}))


async def _ask(url: str, seen: Seen, over: asyncio.Event) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        while not over.is_set():
            asked = time.perf_counter()
            try:
                given = await client.post("/", json=BODY)
                if given.json() != ANSWER:
                    seen.failures.append(given.text[:200])
            except httpx.HTTPError as error:
                seen.failures.append(repr(error))
            seen.waits.append((asked, time.perf_counter() - asked))
            await asyncio.sleep(PAUSE_S)
