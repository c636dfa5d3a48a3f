"""`python -m bench.races [--count 500] [--at-once 10]`: orders that are cancelled and paid at the same moment.

Orders and payments are processes with a Postgres of their own; the provider loses, doubles and reverses its messages.
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


async def main(count: int, at_once: int) -> None:
    """Run the races and print who won."""
    folder = _open_folder()
    manners = Manners(lose_every=5, double_every=3, is_reversed=True)
    draw = random.Random(count)  # noqa: S311  nothing secret
    places = asyncio.Semaphore(at_once)
    try:
        async with open_shop(folder, manners=manners) as shop:
            begun = time.perf_counter()
            verified: list[float] = []
            cancelled = await asyncio.gather(*(race(shop, places, draw, verified) for _ in range(count)))
            raced_s = time.perf_counter() - begun
            await settle(shop)
            await audit(shop)
            won = dict(await shop.rows("orders", "SELECT status, count(*) FROM orders GROUP BY 1"))
            back = await shop.rows("payments", "SELECT count(*) FROM refunds")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} races, {at_once} at once, in {raced_s:.1f} s")
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
    arguments = parser.parse_args()
    asyncio.run(main(arguments.count, arguments.at_once))
