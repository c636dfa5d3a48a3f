"""Telling changes to whoever subscribes: first what was missed, then what comes, each once and in its order.

One task a process places the changes, reads each of them once, and puts it into the queues of those who watch it. It is
woken by a commit of this process, and by Postgres when another process has placed something; behind both stands a look
every second, so a wake-up that gets lost costs time and nothing else.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack, aclosing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from subgraphs.common.auth import Principal
from subgraphs.common.changes import CHANNEL, KEPT, Change, ChangeLog, Watch
from subgraphs.common.database import Database
from subgraphs.common.errors import (
    SlowConsumerError,
    TooManyStreamsError,
    UnavailableError,
    UnknownEventError,
)

POLL_S = 1.0
BUNDLE_S = 0.02
"""How long the task waits after a wake-up, so that commits that come together are placed together."""
PURGE_S = 3_600.0
BATCH = 500
QUEUE_MAX = 256
"""How many changes may wait for one subscriber."""
STREAMS_MAX = 10_000
"""How many subscriptions a process serves."""
STREAMS_PER_USER_MAX = 100
READING_MAX = 4
"""How many subscriptions ask the database at once, when a thousand come back together or are told of one change: the
other connections of the pool are for requests.
"""

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a subscription begins: behind a change, after a time, or (neither) now; and for whom, if they say."""

    last_event_id: UUID | None = None
    since: datetime | None = None
    principal: Principal | None = None


class _Subscriber:
    """The queue of one subscription."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.is_slow = False
        self._queue: deque[Change] = deque()
        self._filled = asyncio.Event()

    def put(self, change: Change) -> None:
        if len(self._queue) >= QUEUE_MAX:
            # What waits is let go: it is told again to whoever comes back with the last event that arrived.
            self.is_slow = True
            self._queue.clear()
        if not self.is_slow:
            self._queue.append(change)
        self._filled.set()

    async def take(self, timeout_s: float | None) -> Change:
        """The next change.

        Raises:
            SlowConsumerError: too many were waiting.
            TimeoutError: none came in time.
        """
        while not self._queue:
            if self.is_slow:
                raise SlowConsumerError
            self._filled.clear()
            await asyncio.wait_for(self._filled.wait(), timeout_s)
        return self._queue.popleft()


class LiveFeed:
    """The changes in one database, for everybody who subscribes in this process."""

    def __init__(self, database: Database, log: ChangeLog | None = None) -> None:
        self.log = log or ChangeLog(database)
        self._database = database
        self._position: int | None = None
        """Up to where changes were put into queues; None while there are none."""
        self._subscribers: dict[UUID | None, set[_Subscriber]] = {}
        self._streams: Counter[UUID | None] = Counter()
        self._woken = asyncio.Event()
        self._is_watched = asyncio.Event()
        self._advancing = asyncio.Lock()
        self.reading = asyncio.Semaphore(READING_MAX)
        """Held while a subscription asks the database."""
        database.on_commit(self._woken.set)

    async def run(self) -> None:
        """Place and tell changes for ever."""
        await asyncio.gather(self._tell(), self._listen(), self._tidy())

    async def follow(self, watch: Watch, resume: Resume) -> AsyncGenerator[Change, None]:
        """What `watch` names, from where `resume` says.

        Raises:
            UnknownEventError: the place to resume from is not known, or not any more.
            TooManyStreamsError: the user, or everybody, has too many subscriptions.
            SlowConsumerError: whoever takes the changes is too slow for them.
            UnauthenticatedError: the caller's token has expired, or was called back.
        """
        with self._admit(None if resume.principal is None else resume.principal.user_id):
            _check_token(resume)
            async with aclosing(self._follow(watch, resume)) as changes:
                async for change in changes:
                    _check_token(resume)
                    yield change

    async def advance(self) -> None:
        """Place what can be placed, and put what is new into the queues of those who watch it."""
        await self.log.place()
        async with self._advancing:
            while (position := self._position) is not None:
                changes = await self.log.list_after(position, BATCH)
                if self._position is None:
                    # The last subscriber went meanwhile.
                    break
                for change in changes:
                    self._position = change.position
                    for key in {None, change.subject, change.owner}:
                        for subscriber in self._subscribers.get(key, ()):
                            subscriber.put(change)
                if len(changes) < BATCH:
                    break

    async def _advance_wholly(self) -> None:
        await _finish(self.advance())

    async def _purge_wholly(self) -> None:
        await _finish(self.log.purge())

    async def _follow(self, watch: Watch, resume: Resume) -> AsyncGenerator[Change, None]:
        # What was missed is read page by page, as fast as it is taken; only the end of it while changes are queued.
        position: int | None = None
        if resume.last_event_id is not None or resume.since is not None:
            position = await self._ask(partial(self._find_start, resume))
            async with aclosing(self._replay(watch, position, resume.since, None)) as missed:
                async for change in missed:
                    position = change.position
                    yield change
        with ExitStack() as stack:
            async with self.reading:
                # Only now: while others have their turn, nothing has to be kept for this one.
                subscriber = stack.enter_context(self._join(watch))
                head = await _finish(self._begin_now() if position is None else self._begin())
            if position is not None:
                async with aclosing(self._replay(watch, position, resume.since, head)) as missed:
                    async for change in missed:
                        yield change
            while True:
                try:
                    change = await subscriber.take(_get_rest_s(resume))
                except TimeoutError:
                    _check_token(resume)
                    continue
                if change.position > head and (resume.since is None or change.at > resume.since):
                    yield change

    async def _find_start(self, resume: Resume) -> int:
        await self.log.place()
        if resume.last_event_id is not None:
            position = await self.log.find_position(resume.last_event_id)
            if position is None:
                raise UnknownEventError
            return position
        if resume.since is not None and resume.since < datetime.now(UTC) - KEPT:
            raise UnknownEventError
        return 0

    async def _replay(
        self, watch: Watch, position: int, since: datetime | None, until: int | None
    ) -> AsyncGenerator[Change, None]:
        while True:
            changes = await self._ask(
                partial(self.log.list_after, position, BATCH, watch, until=until, since=since)
            )
            for change in changes:
                position = change.position
                yield change
            if len(changes) < BATCH:
                return

    async def _ask(self, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        async with self.reading:
            return await _finish(work())

    async def _begin(self) -> int:
        """Where the queues begin: what is past it comes into them, what is not has to be read."""
        async with self._advancing:
            if self._position is None:
                self._position = await self.log.get_head()
            return self._position

    async def _begin_now(self) -> int:
        """As `_begin`, where nothing was missed: past all that is committed by now."""
        await self._begin()
        await self.log.place()
        return await self.log.get_head()

    @contextmanager
    def _join(self, watch: Watch) -> Iterator[_Subscriber]:
        subscriber = _Subscriber(watch)
        for key in watch.keys:
            self._subscribers.setdefault(key, set()).add(subscriber)
        self._is_watched.set()
        try:
            yield subscriber
        finally:
            for key in watch.keys:
                self._subscribers[key].discard(subscriber)
                if not self._subscribers[key]:
                    del self._subscribers[key]
            if not self._subscribers:
                self._position = None

    @contextmanager
    def _admit(self, user_id: UUID | None) -> Iterator[None]:
        is_full = self._streams.total() >= STREAMS_MAX
        if is_full or (user_id is not None and self._streams[user_id] >= STREAMS_PER_USER_MAX):
            raise TooManyStreamsError
        self._streams[user_id] += 1
        try:
            yield
        finally:
            self._streams[user_id] -= 1
            if not self._streams[user_id]:
                del self._streams[user_id]

    async def _tell(self) -> None:
        while True:
            # Cleared first: a commit during the work below makes for another round.
            self._woken.clear()
            await _attempt(self._advance_wholly)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL_S)
            await asyncio.sleep(BUNDLE_S)

    async def _listen(self) -> None:
        while True:
            await self._is_watched.wait()
            ended = asyncio.Event()
            await _finish(_attempt(partial(self._hear, ended)), ended.set)
            await asyncio.sleep(POLL_S)

    async def _hear(self, ended: asyncio.Event) -> None:
        """Be woken by Postgres until the connection ends, or until somebody says that it has."""

        def end(_connection: Any) -> None:
            ended.set()

        def wake(*_notice: Any) -> None:
            self._woken.set()

        async with self._database.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.add_termination_listener(end)
            await driver.add_listener(CHANNEL, wake)
            try:
                await ended.wait()
            finally:
                driver.remove_termination_listener(end)
                if not driver.is_closed():
                    await driver.remove_listener(CHANNEL, wake)

    async def _tidy(self) -> None:
        while True:
            await _attempt(self._purge_wholly)
            await asyncio.sleep(PURGE_S)


async def _attempt(work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except UnavailableError as error:
        _log.warning("telling changes has to wait: %s", error)
    except Exception:  # noqa: BLE001  a boundary: nobody else would start it again
        _log.warning("telling changes has to wait", exc_info=True)


async def _finish(work: Coroutine[Any, Any, Answer], hurry: Callable[[], None] | None = None) -> Answer:
    """Talk with the database to the end, also when whoever wanted it goes meanwhile; `hurry` is called then.

    A question that is cut off costs its connection, and another one that tells Postgres.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if hurry is not None:
            hurry()
        await asyncio.wait([task])
        raise


def _get_rest_s(resume: Resume) -> float | None:
    return None if resume.principal is None else max(0.0, resume.principal.expires_at_s - time.time())


def _check_token(resume: Resume) -> None:
    if resume.principal is not None:
        resume.principal.check()
