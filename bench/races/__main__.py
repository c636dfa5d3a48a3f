"""`python -m bench.races [--count 500] [--at-once 10] [--copies 2] [--death-every 3]`: orders cancelled and paid at the same moment.

Orders and payments are processes with a Postgres of their own; the provider loses, doubles and reverses its messages. With `--death-every`,
one of them, Postgres or one of its processes dies by SIGKILL every so many seconds.
Afterwards everything that waits is let go on, and the books are audited: the money that is kept is what the paid orders
cost, the ledger adds up to zero, the provider's own book says the same, every order is where its events lead.
"""

import argparse
import asyncio
import random
import shutil
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from stack.provider.messages import Manners
from tests.support.customer import Customer, audit, settle
from tests.support.shop import Shop, open_shop

_FIRST_S = 0.2
"""How long verifying may take, before one has been measured."""


async def race(shop: Shop, places: asyncio.Semaphore, draw: random.Random, verified: list[float]) -> float:
    """One order, cancelled while it is being paid; gives how long cancelling took, and adds to `verified`, in seconds."""
    async with places:
        customer = Customer(shop)
        order_id = await customer.order(1)
        payment = (await customer.pay(order_id))["payment"]
        # Somewhere in the middle of what verifying takes here, so that either side may win.
        wait_s = draw.uniform(0, 1.2 * (statistics.median(verified[-50:]) if verified else _FIRST_S))

        async def after(wait_s: float, work: object) -> float:
            await asyncio.sleep(wait_s)
            begun = time.perf_counter()
            await work  # type: ignore[misc]
            return time.perf_counter() - begun

        cancelled, paid = await asyncio.gather(
            after(wait_s, customer.cancel(order_id)), after(0, customer.verify(payment["reference"]))
        )
        verified.append(paid)
        return cancelled


async def let_die(shop: Shop, draw: random.Random, every_s: float, deaths: Counter[str]) -> None:
    """Kill somebody now and then, for ever; whoever misses the dead revives them."""
    while True:
        await asyncio.sleep(every_s * draw.uniform(0.5, 1.5))
        # Nobody dies while another one is being revived.
        async with shop.reviving:
            whom = draw.choice([*shop.ports, "Postgres", "a process of Postgres"])
            if whom in shop.ports:
                shop.strike(whom)
            else:
                shop.kill_postgres(None if whom == "Postgres" else draw.choice(shop.backends))
            deaths[whom] += 1


async def main(count: int, at_once: int, copies: int, death_every_s: float) -> None:
    """Run the races and print who won."""
    folder = _open_folder()
    manners = Manners(lose_every=5, double_every=3, is_reversed=True)
    draw = random.Random(count)  # noqa: S311  nothing secret
    places = asyncio.Semaphore(at_once)
    deaths = Counter[str]()
    try:
        async with open_shop(folder, manners=manners, copies=copies, is_wired=copies > 1) as shop:
            begun = time.perf_counter()
            verified: list[float] = []
            killer = asyncio.ensure_future(let_die(shop, draw, death_every_s or float("inf"), deaths))
            cancelled = await asyncio.gather(*(race(shop, places, draw, verified) for _ in range(count)))
            raced_s = time.perf_counter() - begun
            killer.cancel()
            await asyncio.wait([killer])
            await settle(shop)
            await audit(shop)
            won = dict(await shop.rows("orders", "SELECT status, count(*) FROM orders GROUP BY 1"))
            back = await shop.rows("payments", "SELECT count(*) FROM refunds")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} races, {at_once} at once, in {raced_s:.1f} s")
    print(f"deaths: {', '.join(f'{number} of {name}' for name, number in deaths.items()) or 'none'}")
    print(f"paid {won.get('COMPLETED', 0)}, cancelled {won.get('CANCELLED', 0)}, paid back {back[0][0]}")
    for name, times in (("cancel", cancelled), ("verify", verified)):
        took = sorted(times)
        print(
            f"{name}: p50 {statistics.median(took) * 1000:.0f} ms, p99 {took[int(len(took) * 0.99)] * 1000:.0f} ms"
        )
    print("the books agree: orders, payments, ledger, licences, provider")


def _open_folder() -> Path:
    """A folder that Postgres' own account may enter."""
    folder = Path(tempfile.mkdtemp(prefix="marketplace-races-"))
    folder.chmod(0o711)
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.races", description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=10)
    parser.add_argument("--copies", type=int, default=1, choices=(1, 2), help="processes of each service")
    parser.add_argument("--death-every", type=float, default=0.0, help="seconds; 0: nobody dies")
    given = parser.parse_args()
    asyncio.run(main(given.count, given.at_once, given.copies, given.death_every))
