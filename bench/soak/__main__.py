"""`python -m bench.soak`: a router under mixed load while its subgraphs are killed and started again.

Every answer is checked. Prints each worker's memory and open files as it goes; the exit code is 1 if an answer was wrong,
a request got none, or memory grew after the first third.
"""

import argparse
import asyncio
import random
import signal
import statistics
import sys
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import uvloop

from bench.soak.clients import Clients
from bench.soak.subgraphs import SDL, serve
from router import compose
from router.composition import SubgraphSource
from tests.support.ports import free_ports

CONFIG = """
supergraph: {connection_shutdown_timeout: 5s}
batching: {enabled: true, mode: batch_http_link}
"""

GROWTH_MAX = 1.10
REPORT_S = 10.0


class Soak:
    """One run: the processes and what is measured of them."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._rss: list[float] = []
        names = [*SDL]
        self._router_port, *ports = free_ports(1 + len(names))
        self._ports = dict(zip(names, ports, strict=True))
        self._subgraphs: dict[str, BaseProcess] = {}
        self.clients = Clients(self._router_port)

    async def run(self) -> bool:
        """Whether all went well."""
        for name in self._ports:
            self._start(name)
        router = await self._serve()
        clients, options = self.clients, self._options
        jobs = [clients.ask() for _ in range(options.clients)]
        jobs += [clients.idle() for _ in range(options.idle)]
        jobs += [
            job()
            for job in (
                clients.ask_otherwise,
                clients.pipeline,
                clients.leave,
                clients.flood,
                clients.dribble,
            )
            for _ in range(4)
        ]
        tasks = [asyncio.create_task(job) for job in (*jobs, self._kill(), self._reload(router))]
        try:
            await self._watch(router.pid, tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            router.terminate()
            code = await router.wait()
            for process in self._subgraphs.values():
                process.kill()
        return self._judge(code)

    def _start(self, name: str) -> None:
        process = get_context("spawn").Process(target=serve, args=(name, self._ports[name]), daemon=True)
        process.start()
        self._subgraphs[name] = process

    async def _serve(self) -> asyncio.subprocess.Process:
        sources = [
            SubgraphSource(name, f"http://127.0.0.1:{port}/graphql", SDL[name])
            for name, port in self._ports.items()
        ]
        composed = compose(sources).supergraph_sdl
        assert composed is not None, "the subgraphs compose"
        supergraph, config = self._folder / "supergraph.graphql", self._folder / "router.yaml"
        supergraph.write_text(composed)
        config.write_text(CONFIG)
        arguments = ["serve", "-s", str(supergraph), "-c", str(config), "--log", "off"]
        arguments += ["--listen", f"127.0.0.1:{self._router_port}", "--workers", str(self._options.workers)]
        router = await asyncio.create_subprocess_exec(sys.executable, "-m", "router", *arguments)
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self._router_port)
            except ConnectionError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return router

    async def _kill(self) -> None:
        """Subgraphs die for a second, one after the other."""
        while True:
            await asyncio.sleep(random.uniform(2, 6))  # noqa: S311 -- no secret
            name = random.choice([*self._subgraphs])  # noqa: S311 -- no secret
            self._subgraphs[name].kill()
            await asyncio.sleep(1)
            self._start(name)

    async def _reload(self, router: asyncio.subprocess.Process) -> None:
        """The supergraph changes, if only in a comment."""
        supergraph = self._folder / "supergraph.graphql"
        composed = supergraph.read_text()
        while self._options.reload_s:
            await asyncio.sleep(self._options.reload_s)
            supergraph.write_text(f"# {time.monotonic()}\n{composed}")
            router.send_signal(signal.SIGHUP)
            self.clients.told["reloads"] += 1

    async def _watch(self, pid: int, tasks: list[asyncio.Task[None]]) -> None:
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < self._options.minutes * 60:
            await asyncio.sleep(REPORT_S)
            for task in tasks:
                if task.done():
                    # A client that has ended is a nuisance to nobody any more.
                    task.result()
            supervisor = psutil.Process(pid)
            workers = supervisor.children() or [supervisor]
            rss = [worker.memory_info().rss / 1e6 for worker in workers]
            files = [worker.num_fds() for worker in workers]
            self._rss.append(max(rss))
            shown = " ".join(f"{each:.0f}" for each in rss)
            print(
                f"{passed + REPORT_S:6.0f} s  RSS {shown} MB  files {files}  {dict(self.clients.told)}",
                flush=True,
            )

    def _judge(self, code: int) -> bool:
        third = max(len(self._rss) // 3, 1)
        # The first third fills the caches.
        growth = statistics.median(self._rss[-third:]) / statistics.median(
            self._rss[third : 2 * third] or self._rss
        )
        told = self.clients.told
        for each in self.clients.wrong[:5]:
            print(f"wrong: {each}")
        print(
            f"memory grew by {growth - 1:+.1%}; wrong {told['WRONG']}, stuck {told['STUCK']}; exit code {code}"
        )
        return growth <= GROWTH_MAX and not told["WRONG"] and not told["STUCK"] and not code


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser("python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--idle", type=int, default=500, help="connections that are kept without requests")
    parser.add_argument("--reload-s", type=float, default=60, help="seconds between reloads; 0 for none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        is_well = uvloop.run(Soak(options, Path(folder)).run())
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
