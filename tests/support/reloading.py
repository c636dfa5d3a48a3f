"""Reloads of a router in a process of its own, while clients ask it: new files, signals, and files that are broken."""

import asyncio
import json
import signal
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import Response

from router.executor.transport import SubgraphRequest
from tests.support.json_server import serving as serving_json
from tests.support.served_router import serving, until
from tests.support.small_graph import SUPERGRAPH, SmallGraph

CLIENTS = 8
REQUESTS_BETWEEN = 40
"""Answers that are waited for after a broken file, which nobody can see otherwise."""

BODY = {"query": "{ products(first: 1) { name seller { name } } }"}
EXPECTED = {"data": {"products": [{"name": "One", "seller": {"name": "Ann"}}]}}
GENERATION = {"query": '{ products(first: 1) { name } __type(name: "User") { description } }'}


@dataclass
class ReloadReport:
    """What came of it: `failures` are requests that were not answered as they should be."""

    reloads: int = 0
    answers: int = 0
    failures: list[str] = field(default_factory=list)


async def run_reloads(folder: Path, reloads: int) -> ReloadReport:
    """Serve from files in `folder`, reload so often in all ways in turn, and tell how the clients fared."""
    report = ReloadReport()
    async with serving_json(_build_subgraphs(SmallGraph())) as url:
        files = _Files(folder, url)
        arguments = ("-s", str(files.supergraph), "-c", str(files.config), "--hot-reload")
        async with serving(*arguments) as (process, client):
            over = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                for _ in range(CLIENTS):
                    group.create_task(_ask(str(client.base_url), report, over))
                try:
                    driver = _Driver(files, process, client, report)
                    for step in islice(cycle(driver.steps), reloads):
                        await step()
                        report.reloads += 1
                finally:
                    over.set()
    return report


class _Files:
    """The two files; each text of theirs tells its number."""

    def __init__(self, folder: Path, url: str) -> None:
        self.supergraph, self.config = folder / "supergraph.graphql", folder / "router.json"
        self._urls = {name: f"{url}/{name}" for name in ("products", "users")}
        self.write_config(0)
        self.write_supergraph(0)

    def write_config(self, number: int) -> None:
        config = {
            "supergraph": {"introspection": True},
            "override_subgraph_url": self._urls,
            "headers": {"all": {"response": [{"insert": {"name": "x-generation", "value": str(number)}}]}},
        }
        self.config.write_text(json.dumps(config))

    def write_supergraph(self, number: int) -> None:
        described = SUPERGRAPH.replace("type User ", f'"generation {number}"\ntype User ', 1)
        self.supergraph.write_text(described)


class _Driver:
    def __init__(
        self, files: _Files, process: Process, client: httpx.AsyncClient, report: ReloadReport
    ) -> None:
        self._files, self._process, self._client, self._report = files, process, client, report
        self._config = self._supergraph = 0
        self.steps: tuple[Callable[[], Awaitable[None]], ...] = (
            self._change_config,
            self._change_supergraph,
            self._break_config,
            self._signal,
            self._break_supergraph,
            self._change_both,
        )

    async def _change_config(self) -> None:
        self._config += 1
        self._files.write_config(self._config)
        await until(self._is_current)

    async def _change_supergraph(self) -> None:
        self._supergraph += 1
        self._files.write_supergraph(self._supergraph)
        await until(self._is_current)

    async def _change_both(self) -> None:
        self._config += 1
        self._supergraph += 1
        self._files.write_config(self._config)
        self._files.write_supergraph(self._supergraph)
        await until(self._is_current)

    async def _signal(self) -> None:
        self._config += 1
        self._files.write_config(self._config)
        self._process.send_signal(signal.SIGHUP)
        await until(self._is_current)

    async def _break_config(self) -> None:
        good = self._files.config.read_text()
        self._files.config.write_text('{"supergraf": {')
        await self._see_nothing_happen()
        self._files.config.write_text(good)

    async def _break_supergraph(self) -> None:
        good = self._files.supergraph.read_text()
        self._files.supergraph.write_text(good[: len(good) // 2])
        await self._see_nothing_happen()
        self._files.supergraph.write_text(good)

    async def _see_nothing_happen(self) -> None:
        self._process.send_signal(signal.SIGHUP)
        enough = self._report.answers + REQUESTS_BETWEEN

        async def is_enough() -> bool:
            return self._report.answers >= enough

        await until(is_enough)
        assert await self._is_current(), "what was there before serves on"

    async def _is_current(self) -> bool:
        answer = await self._client.post("/", json=GENERATION)
        assert "data" in answer.json(), answer.text
        numbers = (answer.headers.get("x-generation"), answer.json()["data"]["__type"]["description"])
        return numbers == (str(self._config), f"generation {self._supergraph}")


async def _ask(url: str, report: ReloadReport, over: asyncio.Event) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        while not over.is_set():
            try:
                answer = await client.post("/", json=BODY)
            except httpx.HTTPError as error:
                report.failures.append(repr(error))
                continue
            report.answers += 1
            if answer.status_code != httpx.codes.OK or answer.json() != EXPECTED:
                report.failures.append(f"{answer.status_code} {answer.text[:200]}")


def _build_subgraphs(graph: SmallGraph) -> Callable[[Request], Awaitable[Response]]:
    subgraphs = {"products": graph.products, "users": graph.users}

    async def answer(request: Request) -> Response:
        name = request.url.path.strip("/")
        given = await subgraphs[name](SubgraphRequest(name, await request.body()))
        return Response(given.body, media_type="application/json")

    return answer
