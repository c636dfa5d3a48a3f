"""1 to 4 processes that serve: a request must not cost more for them, nor a process more memory than the first.

Clients, subgraphs and workers share the CPUs, so with two of these more workers cannot answer more.
"""

import asyncio
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import psutil

from bench.gateways.processes import read_cpu_s, spawn, stop
from bench.soak.clients import Clients
from bench.soak.subgraphs import SDL, serve
from router import SubgraphSource, compose
from tests.support.ports import free_ports

WORKERS = (1, 2, 3, 4)
CLIENTS = 24


async def draw_workers(seconds: float) -> None:
    """Measure and print the curve."""
    print(f"\n{'workers':>12} {'requests/s':>14} {'CPU, us':>10} {'memory, MB':>12} {'MB for each':>14}")
    with tempfile.TemporaryDirectory() as folder, _serve_subgraphs(Path(folder)) as supergraph:
        for count in WORKERS:
            (port,) = free_ports(1)
            arguments = f"serve -s {supergraph} --log off --listen 127.0.0.1:{port} --workers {count}"
            command = [sys.executable, "-m", "router", *shlex.split(arguments)]
            router = spawn(command, os.sched_getaffinity(0), stdout=subprocess.DEVNULL)
            try:
                clients = Clients(port)
                tasks = [asyncio.create_task(clients.ask()) for _ in range(CLIENTS)]
                # Until all workers are there and have compiled what is asked.
                await asyncio.sleep(seconds)
                before, answered = read_cpu_s(router.pid), _count(clients)
                await asyncio.sleep(seconds)
                spent, answered = read_cpu_s(router.pid) - before, _count(clients) - answered
                memory = [each.memory_full_info().pss / 1e6 for each in _find_serving(router.pid)]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            finally:
                stop(router)
            assert answered, "somebody answers"
            assert not clients.wrong, clients.wrong[:3]
            us, whole = spent / answered * 1e6, sum(memory)
            print(f"{count:12} {answered / seconds:14.0f} {us:10.0f} {whole:12.0f} {whole / count:14.1f}")


@contextmanager
def _serve_subgraphs(folder: Path) -> Iterator[Path]:
    """The supergraph of the soak's two subgraphs, which end with this."""
    ports = dict(zip(SDL, free_ports(len(SDL)), strict=True))
    composed = compose(
        [SubgraphSource(name, f"http://127.0.0.1:{ports[name]}/graphql", SDL[name]) for name in SDL]
    )
    assert composed.supergraph_sdl is not None, composed.errors
    file = folder / "supergraph.graphql"
    file.write_text(composed.supergraph_sdl)
    context = get_context("spawn")
    processes = [context.Process(target=serve, args=each, daemon=True) for each in ports.items()]
    try:
        for process in processes:
            process.start()
        yield file
    finally:
        for process in processes:
            process.kill()


def _find_serving(pid: int) -> list[psutil.Process]:
    """The workers of a supervisor; or the one process that serves."""
    supervisor = psutil.Process(pid)
    return supervisor.children() or [supervisor]


def _count(clients: Clients) -> int:
    return clients.told["whole"] + clients.told["part"]
