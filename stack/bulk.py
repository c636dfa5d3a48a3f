"""`python -m stack bulk`: very many orders with all that belongs to them, for measuring.

Each subgraph loads its own part, the five side by side, by the rules that every order has. An interrupted load goes on
where it stopped; the same load a second time changes nothing.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence

import asyncpg  # type: ignore[import-untyped]  # it ships no type information

from stack import progress
from stack.cluster import reached_databases
from stack.environment import Environments
from stack.prepare import Preparation
from stack.processes import Child, finish_all, stop_all, tail, wait_until
from stack.settings import SUBGRAPHS, StackSettings

_TIMEOUT_S = 4 * 3_600.0
_TELL_EVERY_S = 5.0
_POLL_S = 1.0
_ANALYZE_TIMEOUT_S = 600.0


def load_bulk(settings: StackSettings, environment: Mapping[str, str], orders: int) -> None:
    """Load `orders` orders into the databases, made ready if they are not; print how far it is.

    Raises:
        StackError: the databases cannot be reached, or a load failed.
    """
    with reached_databases(settings, environment) as (environments, server):
        preparation = Preparation(settings, environments, server.home if server is not None else None)
        if preparation.pending:
            for doing, command in (("Tables", "migrate"), ("Demo data", "seed")):
                with progress.step(doing):
                    preparation.run(command)
            preparation.remember()
        began = time.monotonic()
        children = [_start(settings, environments, name, orders) for name in SUBGRAPHS]
        _watch(children, began)
        with progress.step("Statistics for the query planner"):
            asyncio.run(_analyze(environments.database_urls))
        progress.say(f"{orders:,} orders are there after {time.monotonic() - began:.0f} s.")


def _start(settings: StackSettings, environments: Environments, name: str, orders: int) -> Child:
    command = [environments.python, "-m", f"subgraphs.{name}", "bulk", "--orders", str(orders)]
    return Child(f"{name}-bulk", command, environment=environments.of_subgraph(name), logs=settings.logs)


def _watch(children: Sequence[Child], began: float) -> None:
    """Wait until all have loaded, and tell each one's last words from time to time."""
    told_at = began

    def is_over() -> bool:
        nonlocal told_at
        if time.monotonic() - told_at > _TELL_EVERY_S:
            told_at = time.monotonic()
            for child in children:
                if child.poll() is None:
                    said = tail(child.log).splitlines()[-1].rpartition(" INFO ")[2]
                    progress.say(f"  {told_at - began:5.0f} s  {child.name}: {said}")
        codes = [child.poll() for child in children]
        return None not in codes or any(codes)

    try:
        wait_until(is_over, children, timeout_s=_TIMEOUT_S)
    except BaseException:
        stop_all(children)
        raise
    # One that ended badly tells why, and the others are stopped.
    finish_all(children, timeout_s=_POLL_S)


async def _analyze(urls: Mapping[str, str]) -> None:
    for url in urls.values():
        connection = await asyncpg.connect(url, command_timeout=_ANALYZE_TIMEOUT_S)
        try:
            # Not ANALYZE alone: an inverted index that has not taken in its new rows is not used.
            await connection.execute("VACUUM (ANALYZE)")
        finally:
            await connection.close()
