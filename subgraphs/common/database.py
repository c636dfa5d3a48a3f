"""Sessions on one Postgres database, and the only place in the subgraphs that commits.

Reading and writing sessions are different types, so a service method says in its signature which it needs. A writing
session is one transaction: it is committed when its block ends well and rolled back when it raises.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

STATEMENT_TIMEOUT_MS = 15_000
"""Past this a statement is ended by Postgres: nothing a subgraph asks should take a tenth of it."""
POOL_SIZE = 5
POOL_OVERFLOW_MAX = 10
POOL_TIMEOUT_S = 10


class ReadSession(AsyncSession):
    """A session for statements that change nothing; each sees what is committed when it runs."""


class WriteSession(AsyncSession):
    """A session whose changes are committed together by `Database.write`."""


def build_async_url(url: str) -> URL:
    """The URL of SQLAlchemy's asyncpg driver for an operator's `postgresql://` URL.

    `?host=/dir&port=N` (a Unix socket) stays in the query, where asyncpg looks for it.
    """
    parts = urlsplit(url)
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
    plain = urlunsplit(("postgresql", parts.netloc, parts.path, query, ""))
    return make_url(plain).set(drivername="postgresql+asyncpg")


def _refuse_if_lost(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool replace a connection that died, with a restarted Postgres say, rather than hand it out.

    Its end has been seen by the event loop, so nothing need be asked for that: SQLAlchemy's ping is three journeys.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


class Database:
    """One database with its pool of connections; made once a process."""

    def __init__(self, url: str, parameters: Mapping[str, str] | None = None) -> None:
        """Make the pool; `parameters` are Postgres run-time settings of every connection."""
        self.engine = create_async_engine(
            build_async_url(url),
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW_MAX,
            pool_timeout=POOL_TIMEOUT_S,
            connect_args={
                "server_settings": {
                    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                    "timezone": "UTC",
                    **(parameters or {}),
                }
            },
        )
        self._commit_listeners: list[Callable[[], None]] = []
        event.listen(self.engine.sync_engine, "checkout", _refuse_if_lost)
        # Statements of their own: no transaction to begin and to end, which would be two journeys more for each.
        reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = async_sessionmaker(reading, class_=ReadSession, expire_on_commit=False)
        self._writers = async_sessionmaker(self.engine, class_=WriteSession, expire_on_commit=False)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A session for reading; what it sees is committed data."""
        async with self._readers() as session:
            yield session

    @asynccontextmanager
    async def write(self, *, is_news: bool = True) -> AsyncIterator[WriteSession]:
        """A session for one transaction, committed when the block ends without raising.

        Whoever waits for commits hears of it, unless it is no news to anybody.
        """
        async with self._writers() as session:
            try:
                yield session
                await session.commit()
            except BaseException:
                await session.rollback()
                raise
        if is_news:
            for tell in self._commit_listeners:
                tell()

    def on_commit(self, tell: Callable[[], None]) -> None:
        """Have `tell` called after each commit of this process; it must not wait."""
        self._commit_listeners.append(tell)

    async def ping(self) -> None:
        """Raise unless the database answers."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    @contextmanager
    def record_statements(self) -> Iterator[list[str]]:
        """The SQL statements sent while the block runs, in order; for tests that count them."""
        statements: list[str] = []

        def record(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(self.engine.sync_engine, "before_cursor_execute", record)
        try:
            yield statements
        finally:
            event.remove(self.engine.sync_engine, "before_cursor_execute", record)
