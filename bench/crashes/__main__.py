"""`python -m bench.crashes [--only create,refund] [--faults LOSE,...] [--effects] [--copies 2] [--nats] [--output FILE]`: the law, whole.

Every operation is done once in peace, which counts its boundaries: the requests and answers between its processes, and
with Postgres. Then it is done again for each of them and each fault that can happen there. The same must come of it, and
the books must agree; the exit code is 1 where they did not. `--effects` leaves out the boundaries within transactions and those of reading:
between two commits all are alike to the world. `--every 7` takes each seventh of the others; `--copies 2` runs two processes of each service.
`--rounds 50` draws so many times three faults at once instead, from all that would be tried.
A table of what was done is printed at the end, and kept in FILE from the first operation on.

Postgres has fsync off here: who dies are processes, and what they have written the system keeps. It starts again ten times as fast.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.support import crashing
from tests.support.boundaries import DRIVEN, SILENT, Fault, Story, Striker, applies, suffer
from tests.support.erasing import MORE, SERVICES, suffer_erasure
from tests.support.nats_server import NatsServer
from tests.support.operations import OPERATIONS
from tests.support.ports import free_ports
from tests.support.shop import SERVICES as SHOP_SERVICES
from tests.support.shop import Shop, open_shop
from tests.support.wire import Boundary

ERASE = "erase in auth, products and users"
TELL_EVERY_S = 15.0
SETTINGS = {"fsync": "off", "shared_buffers": "16MB"}

FAULTS_AT_ONCE = 3

Suffer = Callable[[Striker], Awaitable[Story]]
Case = Mapping[Boundary, Fault]
"""What happens where."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the law is tried."""

    only: tuple[str, ...]
    faults: tuple[Fault, ...]
    every: int
    effects: bool
    copies: int
    over_nats: bool
    rounds: int

    def list_operations(self) -> dict[str, Suffer]:
        """The operations by name."""
        everything: dict[str, Suffer] = {ERASE: suffer_erasure}
        everything |= {name: partial(suffer, operation) for name, operation in OPERATIONS.items()}
        return {name: one for name, one in everything.items() if any(part in name for part in self.only)}


@dataclass
class Tally:
    """What was done with one operation."""

    name: str
    boundaries: int = 0
    tried: int = 0
    done: Counter[Fault] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0.0


async def try_operation(name: str, operation: Suffer, extent: Extent, tally: Tally) -> None:
    """Do an operation with every fault at every boundary; after a wrong end go on in a new shop."""
    cases: list[Case] | None = None
    told_at = time.monotonic()
    while cases is None or cases:
        async with open_ground(name, extent) as shop:
            # Once before, as some things are done the first time only.
            await operation(Striker(shop, {}))
            peace = Striker(shop, {})
            expected = await operation(peace)
            if cases is None:
                tally.boundaries = len(peace.seen)
                cases = [*reversed([*list_cases(peace.seen, extent, shop)])]
                tally.tried = len({boundary for case in cases for boundary in case})
            is_right = True
            while cases and is_right:
                case = cases.pop()
                striker = Striker(shop, {boundary.number: fault for boundary, fault in case.items()})
                try:
                    story = await operation(striker)
                    assert story == expected, f"{story} is not {expected}"
                except Exception as error:  # noqa: BLE001  what is wrong is told, and the next one tried
                    is_right = False
                    places = " and ".join(f"{fault} at {tell_place(at)}" for at, fault in case.items())
                    tally.wrong.append(f"{name}: {places}: {error!r}")
                    print(tally.wrong[-1], flush=True)
                tally.done += striker.done
                tally.seconds = time.monotonic() - tally.begun
                if time.monotonic() - told_at > TELL_EVERY_S:
                    told_at = time.monotonic()
                    print(f"{name}: {len(cases)} left, {len(tally.wrong)} wrong", file=sys.stderr, flush=True)


def list_cases(boundaries: Sequence[Boundary], extent: Extent, shop: Shop) -> Iterator[Case]:
    """What is tried, in its order."""
    tried = [one for one in boundaries if one.has_effect or not extent.effects][:: extent.every]
    alone = [(one, fault) for one in tried for fault in extent.faults if applies(fault, one, shop)]
    if not extent.rounds:
        yield from ({boundary: fault} for boundary, fault in alone)
        return
    draw = random.Random(len(alone))  # noqa: S311  nothing secret
    for _ in range(extent.rounds):
        yield dict(draw.sample(alone, min(FAULTS_AT_ONCE, len(alone))))


@asynccontextmanager
async def open_ground(name: str, extent: Extent) -> AsyncIterator[Shop]:
    """A new shop for one operation."""
    folder = _open_folder()
    try:
        async with AsyncExitStack() as stack:
            more = MORE if name == ERASE else dict(DRIVEN)
            if extent.over_nats:
                server = NatsServer(folder / "nats", free_ports(1)[0])
                server.start()
                stack.callback(server.kill)
                more = more | {"EVENTS_URL": server.url}
            shop = open_shop(
                folder,
                copies=extent.copies,
                is_wired=True,
                more=more,
                postgres_settings=SETTINGS,
                services=SERVICES if name == ERASE else SHOP_SERVICES,
                manners=None if name == ERASE else SILENT,
            )
            yield await stack.enter_async_context(shop)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open_folder() -> Path:
    """A folder that Postgres' own account may enter."""
    folder = Path(tempfile.mkdtemp(prefix="marketplace-crashes-"))
    folder.chmod(0o711)
    return folder


def tell_place(boundary: Boundary) -> str:
    """Where it is."""
    way = "answer to" if boundary.is_answer else "request of"
    text = boundary.text.partition(b"\r\n")[0][:60]
    return f"boundary {boundary.number}, an {way} {boundary.near} (with {boundary.far}): {text!r}"


def write_table(tallies: Sequence[Tally], faults: Sequence[Fault]) -> str:
    """What was done, as a table of Markdown, and what was wrong."""
    head = ["operation", "boundaries", "tried", *faults, "wrong", "seconds"]
    counts: list[tuple[int, ...]] = [
        (
            one.boundaries,
            one.tried,
            *(one.done[fault] for fault in faults),
            len(one.wrong),
            round(one.seconds),
        )
        for one in tallies
    ]
    rows: list[Sequence[object]] = [head, ["---"] * len(head)]
    rows += [[one.name, *row] for one, row in zip(tallies, counts, strict=True)]
    rows.append(["all", *map(sum, zip(*counts, strict=True))])
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join([*lines, *(f"\n- {wrong}" for one in tallies for wrong in one.wrong), ""])


def main(extent: Extent, output: Path | None) -> int:
    """Try; return how often it was not as it must be."""
    # Or each process that is started anew would import this for itself.
    crashing.PRELOADED.append("bench.crashes.__main__")
    tallies: list[Tally] = []
    for name, operation in extent.list_operations().items():
        tallies.append(Tally(name))
        try:
            asyncio.run(try_operation(name, operation, extent, tallies[-1]))
        finally:
            if output is not None:
                output.write_text(write_table(tallies, extent.faults))
    print(write_table(tallies, extent.faults))
    return sum(len(one.wrong) for one in tallies)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.crashes", description=__doc__)
    parser.add_argument("--only", default="", help="the operations with one of these in their names")
    parser.add_argument("--faults", default=",".join(Fault.__members__), help="some of the default")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--effects", action="store_true", help="only where something becomes true")
    parser.add_argument("--copies", type=int, default=1, choices=(1, 2))
    parser.add_argument("--nats", action="store_true", help="news goes over NATS")
    parser.add_argument(
        "--rounds", type=int, default=0, help="of three faults at once; 0: one at a time, everywhere"
    )
    parser.add_argument("--output", type=Path, help="a file for the table")
    given = parser.parse_args()
    tried = Extent(
        only=tuple(given.only.split(",")),
        faults=tuple(Fault[name] for name in given.faults.split(",")),
        every=given.every,
        effects=given.effects,
        copies=given.copies,
        over_nats=given.nats,
        rounds=given.rounds,
    )
    raise SystemExit(1 if main(tried, given.output) else 0)
