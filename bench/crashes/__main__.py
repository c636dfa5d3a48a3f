"""`python -m bench.crashes [--only create] [--faults LOSE,...] [--effects] [--copies 1] [--nats]`: the law of crashes, whole.

Every operation is done once in peace, which counts its boundaries: the requests and answers between its processes, and
with Postgres. Then it is done again for each of them and each fault that can happen there. The same must come of it, and
the books must agree. `--effects` leaves out the boundaries within transactions and those of reading: between two commits all are alike to the
world. `--every 7` takes each seventh of the others; `--copies 2` runs two processes of each service.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.boundaries import DRIVEN, SILENT, Fault, Story, Striker, applies, suffer
from tests.support.erasing import MORE, SERVICES, suffer_erasure
from tests.support.nats_server import NatsServer
from tests.support.operations import OPERATIONS
from tests.support.ports import free_ports
from tests.support.shop import Shop, open_shop
from tests.support.wire import Boundary

ERASE = "erase in auth, products and users"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the law is tried."""

    only: str
    faults: tuple[Fault, ...]
    every: int
    effects: bool
    copies: int
    over_nats: bool


Suffer = Callable[[Striker], Awaitable[Story]]


async def try_all(shop: Shop, extent: Extent, operations: Mapping[str, Suffer]) -> int:
    """Do every operation with every fault at every boundary; print what happened, return how often it was not as it must be."""
    wrong = 0
    for name, operation in operations.items():
        peace = Striker(shop, {})
        expected = await operation(peace)
        done, begun = Counter[Fault](), time.monotonic()
        tried = [one for one in peace.seen if one.has_effect or not extent.effects][:: extent.every]
        for boundary in tried:
            for fault in extent.faults:
                if not applies(fault, boundary, shop):
                    continue
                striker = Striker(shop, {boundary.number: fault})
                try:
                    story = await operation(striker)
                    assert story == expected, f"{story} is not {expected}"
                except Exception as error:  # noqa: BLE001  what is wrong is told, and the next one tried
                    wrong += 1
                    shop.wires.judge = None
                    print(f"{name}: {fault} at {tell(boundary)}: {error!r}", flush=True)
                done += striker.done
        counts = ", ".join(f"{done[fault]} x {fault}" for fault in extent.faults)
        print(
            f"{name}: {len(peace.seen)} boundaries ({tell_kinds(peace)}), {len(tried)} tried: {counts}",
            end=" ",
        )
        print(f"in {time.monotonic() - begun:.0f} s", flush=True)
    return wrong


def tell(boundary: Boundary) -> str:
    """Where it is."""
    way = "answer to" if boundary.is_answer else "request of"
    text = boundary.text.partition(b"\r\n")[0][:60]
    return f"boundary {boundary.number}, an {way} {boundary.near} (with {boundary.far}): {text!r}"


def tell_kinds(peace: Striker) -> str:
    """Of what kinds the boundaries are."""
    kinds = Counter(f"{one.near} to {one.far}" for one in peace.seen)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))


async def main(extent: Extent) -> int:
    """Open a shop, and try."""
    folder = _open_folder()
    more = dict(DRIVEN)
    operations: dict[str, Suffer] = {
        name: partial(suffer, operation) for name, operation in OPERATIONS.items() if extent.only in name
    }
    wrong = 0
    try:
        if extent.only in ERASE:
            async with open_shop(folder / "erasing", services=SERVICES, is_wired=True, more=MORE) as shop:
                wrong += await try_all(shop, extent, {ERASE: suffer_erasure})
        if not operations:
            return wrong
        async with AsyncExitStack() as stack:
            if extent.over_nats:
                server = NatsServer(folder / "nats", free_ports(1)[0])
                server.start()
                stack.callback(server.kill)
                more["EVENTS_URL"] = server.url
            shop = await stack.enter_async_context(
                open_shop(folder, manners=SILENT, copies=extent.copies, is_wired=True, more=more)
            )
            return wrong + await try_all(shop, extent, operations)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open_folder() -> Path:
    """A folder that Postgres' own account may enter."""
    folder = Path(tempfile.mkdtemp(prefix="marketplace-crashes-"))
    folder.chmod(0o711)
    (folder / "erasing").mkdir(0o711)
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.crashes", description=__doc__)
    parser.add_argument("--only", default="", help="the operations with this in their names")
    parser.add_argument(
        "--faults", default="KILL_NEAR,KILL_FAR,LOSE,DOUBLE", help=", ".join(Fault.__members__)
    )
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--effects", action="store_true", help="only where something becomes true")
    parser.add_argument("--copies", type=int, default=1, choices=(1, 2))
    parser.add_argument("--nats", action="store_true", help="news goes over NATS")
    given = parser.parse_args()
    faults = tuple(Fault[name] for name in given.faults.split(","))
    raise SystemExit(
        1
        if asyncio.run(main(Extent(given.only, faults, given.every, given.effects, given.copies, given.nats)))
        else 0
    )
