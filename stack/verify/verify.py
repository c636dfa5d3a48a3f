"""`python -m stack verify`: check everything, and tell it sentence by sentence."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg  # type: ignore[import-untyped]  # it ships no type information

from stack import progress
from stack.errors import StackError
from stack.verify.across import Connections, Findings, compare
from stack.verify.within import CHECKS

_CONNECT_TIMEOUT_S = 10.0
_QUERY_TIMEOUT_S = 600.0
_TOLD_MAX = 5


def verify(urls: Mapping[str, str]) -> bool:
    """Check the databases, by subgraph, and print what holds and what does not; True when all holds.

    Nothing is written. Stop the marketplace first, or look again at what was found: the five are not read at one moment.

    Raises:
        StackError: a database does not answer, or has not the tables that it should.
    """
    try:
        findings = asyncio.run(_check(urls))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StackError(
            f"The databases could not be checked: {error or type(error).__name__}.",
            "Check that they run, and that the tables are up to date: `make up` brings them there.",
        ) from error
    for sentence, wrong in findings.wrong.items():
        progress.say(f"  {'no ' if wrong else 'yes'} {sentence}{_tell(wrong)}")
    if findings.in_flight:
        progress.say(f"  {findings.in_flight} orders are waiting for another service, and were left out.")
    faults = sum(map(len, findings.wrong.values()))
    progress.say("Everything holds." if faults == 0 else f"{faults} things are wrong.")
    return faults == 0


@asynccontextmanager
async def connected(urls: Mapping[str, str]) -> AsyncIterator[Connections]:
    """A connection to each database."""
    async with AsyncExitStack() as stack:
        connections: dict[str, asyncpg.Connection] = {}
        for name, url in urls.items():
            connections[name] = await asyncpg.connect(
                url, timeout=_CONNECT_TIMEOUT_S, command_timeout=_QUERY_TIMEOUT_S
            )
            stack.push_async_callback(connections[name].close)
        yield connections


async def check(connections: Connections) -> Findings:
    """What was found, between the databases that are given and within them."""
    findings = await compare(connections)
    for one in CHECKS:
        if one.database in connections:
            rows = await connections[one.database].fetch(one.query)
            findings.wrong[f"{one.database}: {one.sentence}"] = [row[0] for row in rows]
    return findings


async def _check(urls: Mapping[str, str]) -> Findings:
    async with connected(urls) as connections:
        return await check(connections)


def _tell(wrong: Sequence[str]) -> str:
    if not wrong:
        return ""
    more = f" and {len(wrong) - _TOLD_MAX} more" if len(wrong) > _TOLD_MAX else ""
    return f": not {', '.join(wrong[:_TOLD_MAX])}{more}"
