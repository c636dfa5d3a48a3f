"""What subscriptions ask of the database when many come at once."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID

import pytest

from subgraphs.common.changes import Change, Watch
from subgraphs.common.live import READING_MAX, LiveFeed, Resume

COUNT = 50


class Log:
    """Nothing has happened; counts how many ask at once, and how many have asked for the newest position."""

    def __init__(self) -> None:
        self.asking = self.most = self.heads = 0

    async def _answer(self) -> None:
        self.asking += 1
        self.most = max(self.most, self.asking)
        for _ in range(3):
            await asyncio.sleep(0)
        self.asking -= 1

    async def place(self) -> int:
        await self._answer()
        return 0

    async def get_head(self) -> int:
        await self._answer()
        self.heads += 1
        return 7

    async def find_position(self, _change_id: UUID) -> int:
        await self._answer()
        return 3

    async def list_after(self, *_given: Any, **_more: Any) -> list[Change]:
        await self._answer()
        return []


class NoDatabase:
    def on_commit(self, tell: Callable[[], None]) -> None: ...


@pytest.mark.parametrize("resume", [Resume(), Resume(UUID(int=1))], ids=["from now on", "from an event on"])
async def test_many_that_begin_at_once_take_turns(resume: Resume) -> None:
    log = Log()
    feed = LiveFeed(NoDatabase(), log)  # type: ignore[arg-type]
    watch = Watch(subjects=frozenset([UUID(int=2)]))

    async def follow() -> None:
        async with aclosing(feed.follow(watch, resume)) as changes:
            await anext(changes)

    tasks = [asyncio.ensure_future(follow()) for _ in range(COUNT)]
    for _ in range(10_000):
        if len(feed._subscribers.get(UUID(int=2), ())) == COUNT and not log.asking:
            break
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    assert all(
        isinstance(fault, asyncio.CancelledError)
        for fault in await asyncio.gather(*tasks, return_exceptions=True)
    )
    assert log.most == READING_MAX
    assert not feed._subscribers
