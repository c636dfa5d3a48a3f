"""How Postgres answers the statements that the repositories really send: captured as they are sent, explained as they ran.

A list query is well answered if it reads along an index: no table of some size is read from its beginning to its end, and
what is sorted is bounded by something that does not grow with the table.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import event, text

from subgraphs.common.database import Database

SORTED_ROWS_MAX = 500
"""Sorting so many takes well below a millisecond."""
SMALL_TABLE_ROWS = 600
"""A table of fewer rows is read whole by right: it is a few pages."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement as it went to the driver, with its parameters."""

    statement: str
    parameters: tuple[Any, ...]


@contextmanager
def captured(database: Database) -> Iterator[list[Sent]]:
    """The statements that are sent in the block."""
    sent: list[Sent] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append(Sent(statement, tuple(parameters)))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def explain_all(database: Database, work: Callable[[], Awaitable[Any]]) -> list[dict[str, Any]]:
    """Do `work`, and give the plan of each statement that it sent, as it runs."""
    with captured(database) as sent:
        await work()
    assert sent, "nothing was asked of the database"
    plans = []
    async with database.read() as session:
        raw = await (await session.connection()).get_raw_connection()
        driver: Any = raw.driver_connection
        for one in sent:
            answer = await driver.fetchval(
                f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {one.statement}", *one.parameters
            )
            told = answer if isinstance(answer, list) else orjson.loads(answer)
            plans.append(told[0]["Plan"])
    return plans


def find_faults(plan: dict[str, Any], *, sorted_max: int) -> list[str]:
    """What is wrong with a plan: tables read whole, and sorts of more than `sorted_max` rows."""
    faults = []
    for node in walk(plan):
        kind, rows = node["Node Type"], _rows(node)
        if kind == "Seq Scan" and rows + node.get("Rows Removed by Filter", 0) > SMALL_TABLE_ROWS:
            faults.append(f"{node['Relation Name']} is read whole")
        if kind == "Sort" and sum(_rows(child) for child in node["Plans"]) > sorted_max:
            faults.append(f"{_rows(node['Plans'][0])} rows are sorted by {node['Sort Key']}")
    return faults


def walk(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes, from the top."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from walk(child)


def _rows(node: dict[str, Any]) -> int:
    """How many rows a node gave each time: what is done once for each owner is bounded for each owner."""
    rows: float = node["Actual Rows"]
    return round(rows)


async def expect_indexed(
    database: Database, work: Callable[[], Awaitable[Any]], what: str, *, sorted_max: int = SORTED_ROWS_MAX
) -> None:
    """Check the plans of everything that `work` sends; `what` names it."""
    for plan in await explain_all(database, work):
        faults = find_faults(plan, sorted_max=sorted_max)
        assert not faults, f"{what}: {faults}"


async def fill(database: Database, *statements: str) -> None:
    """Run statements that make rows, and renew the statistics."""
    async with database.write() as session:
        for statement in (*statements, "ANALYZE"):
            await session.execute(text(statement))
