"""`python -m bench.transport`: CPU time of one fetch, by our pool and by the client library, on the same canned server.

The server is a process of its own and not counted. Both clients send the same request of about 1 KB, 50 at a time, and
read the same answer of about 1 KB; they alternate, and the least of all rounds is printed.
"""

import argparse
import asyncio
import sys
import time
from multiprocessing import get_context
from multiprocessing.queues import Queue

import uvloop

from bench.transport.canned import serve
from router.executor.http import HttpTransport
from router.executor.http_pool import HttpPoolTransport
from router.executor.transport import SubgraphRequest, SubgraphTransport

CONCURRENCY = 50
WARM_UP, MEASURED = 20, 200
_REQUEST = SubgraphRequest("a", b'{"query":"{x}"}' * 60, (("authorization", "Bearer x"),), 5)


async def measure(transport: SubgraphTransport) -> float:
    """CPU microseconds of one fetch."""

    async def work(count: int) -> None:
        for _ in range(count):
            await transport.send(_REQUEST)

    async def work_all(count: int) -> None:
        await asyncio.gather(*(work(count) for _ in range(CONCURRENCY)))

    await work_all(WARM_UP)
    before = time.process_time()
    await work_all(MEASURED)
    spent = time.process_time() - before
    await transport.close()
    return spent / (CONCURRENCY * MEASURED) * 1e6


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench.transport", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each client")
    rounds: int = parser.parse_args().rounds
    ports: Queue[int] = get_context("spawn").Queue()
    server = get_context("spawn").Process(target=serve, args=(ports,), daemon=True)
    server.start()
    urls = {"a": f"http://127.0.0.1:{ports.get()}/graphql"}
    library, pool = [], []
    for _ in range(rounds):
        library.append(uvloop.run(measure(HttpTransport(urls))))
        pool.append(uvloop.run(measure(HttpPoolTransport(urls))))
    server.kill()
    print(
        f"CPU of one fetch: library {min(library):.1f} us, pool {min(pool):.1f} us, ratio {min(pool) / min(library):.2f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
