"""`python -m bench.marketplace`: what the marketplace's own work costs, on very many orders.

The whole stack runs as `make up` runs it, on a Postgres of its own with the bulk data, and is asked through the router by
somebody who has bought before: a search, the order history, one order with everything, a purchase from the order to the
verified payment. Told are the latency, and the CPU time that each process took for one request.

Run it twice with `--data` the same: the first run loads the data, which takes minutes.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import httpx

from bench.marketplace.processes import Running, started
from bench.marketplace.workload import Shop, history, order, purchase, search
from stack.bulk import load_bulk
from stack.settings import read_settings

Work = Callable[[Shop, int], Awaitable[None]]
WORK: Mapping[str, Work] = {
    "search": search,
    "order history": history,
    "order with everything": order,
    "purchase": purchase,
}
WARM_UP = 20


def main() -> None:
    """Load, start, measure, print."""
    options = _parse()
    data = options.data or Path(tempfile.mkdtemp(prefix="marketplace-bench-"))
    data.mkdir(exist_ok=True)
    # Postgres may run as another account, which has to find its directory.
    data.chmod(0o711)
    environment = dict(os.environ) | {"MARKETPLACE_PROFILE": "development"}
    if options.orders:
        load_bulk(read_settings(environment, data / "data"), environment, options.orders)
    with started(data / "data", environment) as running:
        rows = asyncio.run(_measure(running, options))
    heads = ("work", "p50 ms", "p99 ms", *(f"{name} ms CPU" for name in running.names))
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(row) + " |")


async def _measure(running: Running, options: argparse.Namespace) -> list[list[str]]:
    async with httpx.AsyncClient(base_url=running.url, timeout=60) as client:
        shop = Shop(client, f"bulk{options.orders or 100_000}")
        await shop.open()
        rows = []
        for name, work in WORK.items():
            for i in range(WARM_UP):
                await work(shop, i)
            before = running.cpu_s()
            times = await _run(work, shop, options.requests, options.at_once)
            spent = {who: after - before[who] for who, after in running.cpu_s().items()}
            times.sort()
            rows.append(
                [
                    name,
                    f"{statistics.median(times) * 1000:.1f}",
                    f"{times[int(len(times) * 0.99)] * 1000:.1f}",
                    *(f"{spent[who] / options.requests * 1000:.2f}" for who in running.names),
                ]
            )
            print(f"  {name}: p50 {rows[-1][1]} ms", file=sys.stderr, flush=True)
        return rows


async def _run(work: Work, shop: Shop, requests: int, at_once: int) -> list[float]:
    times: list[float] = []
    numbers = iter(range(WARM_UP, WARM_UP + requests))

    async def one_client() -> None:
        for number in numbers:
            began = time.perf_counter()
            await work(shop, number)
            times.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_client())
    return times


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.marketplace", description=__doc__)
    parser.add_argument(
        "--orders", type=int, default=100_000, help="bulk orders (default: %(default)s; 0: none are loaded)"
    )
    parser.add_argument(
        "--data", type=Path, help="where the data are kept for the next run (default: nowhere)"
    )
    parser.add_argument("--requests", type=int, default=300, help="of each kind (default: %(default)s)")
    parser.add_argument("--at-once", type=int, default=1, help="clients (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
