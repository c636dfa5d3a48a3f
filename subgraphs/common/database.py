"""Sessions on one Postgres database, and the only place in the subgraphs that commits.

Reading and writing sessions are different types, so a service method says in its signature which it needs. A writing
session is one transaction: it is committed when its block ends well and rolled back when it raises.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]  # it ships no type information
from sqlalchemy import event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import QueuePool

from subgraphs.common.errors import UnavailableError

STATEMENT_TIMEOUT_MS = 15_000
"""Past this a statement is ended by Postgres: nothing a subgraph asks should take a tenth of it."""
COMMAND_TIMEOUT_S = STATEMENT_TIMEOUT_MS / 1000 + 5
"""Past this we give up ourselves: a Postgres that is frozen ends nothing."""
CONNECT_TIMEOUT_S = 3.0
CLOSING_S = 3.0
"""How long connections that are in use are waited for in the end."""
FORGOTTEN_MS = 60_000
"""Past this Postgres ends a transaction whose process asks nothing more, frozen say, and gives its locks free."""
_GONE = re.compile("08...|25P0[34]|53300|57014|57P0[1-4]")
"""SQLSTATEs that say nothing of the statement: connections lost or too many, ended by a timeout, starting or stopping.

Spec: PostgreSQL, Appendix A.
"""
_LOST = re.compile("08...|57P0[1-4]")
"""Those of them that say that the connection is lost."""
_CROSSED = re.compile("40001|40P01|55P03")
"""SQLSTATEs of a transaction that another one was in the way of: nothing of it is done, and again it may succeed."""


@dataclass(frozen=True, slots=True)
class Pool:
    """How many connections a process keeps, how many more it opens at most, and how long somebody waits for one."""

    size: int = 5
    overflow_max: int = 10
    timeout_s: float = 4.0


DEFAULT_POOL = Pool()


BUSY = "The database has too much to do just now. Try again soon."
SILENT = "The database does not answer just now. Try again soon."


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


def _suspect_all(context: ExceptionContext) -> None:
    """Have the whole pool replaced once a connection turns out to be lost: a Postgres that restarts ends them all.

    Their ends may not have been seen by then, and each would cost somebody a question.
    """
    fault = context.original_exception
    # The driver's own state: Postgres has said goodbye to an idle connection, and its end is not seen yet.
    is_out_of_step = isinstance(fault.__cause__, asyncpg.InternalClientError)
    if is_out_of_step or _LOST.fullmatch(getattr(fault, "sqlstate", None) or ""):
        context.is_disconnect = True


@contextmanager
def _telling_faults() -> Iterator[None]:
    """Tell what is the database's fault, not the statement's, as what it is: try again."""
    try:
        yield
    except PoolTimeoutError as error:
        raise UnavailableError(BUSY) from error
    except DBAPIError as error:
        sqlstate = getattr(error.orig, "sqlstate", None) or ""
        if error.connection_invalidated or _GONE.fullmatch(sqlstate):
            raise UnavailableError(SILENT) from error
        if _CROSSED.fullmatch(sqlstate):
            raise UnavailableError(BUSY) from error
        raise
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError) as error:
        # Before there is a connection, faults come as the driver raises them; a deadline is an OSError too.
        raise UnavailableError(SILENT) from error
    except asyncpg.TooManyConnectionsError as error:
        raise UnavailableError(BUSY) from error


@asynccontextmanager
async def _leaving_nothing_behind(session: AsyncSession) -> AsyncIterator[None]:
    """Close the connection of work that is cut off rather than give it back to the pool.

    What was asked last may still be under way on it, and whoever got it next would read that answer, or wait for it. The
    driver tells Postgres to stop, and waits for that two seconds at most.
    """
    try:
        yield
    except (asyncio.CancelledError, TimeoutError):
        await session.invalidate()
        raise


class Database:
    """One database with its pool of connections; made once a process."""

    def __init__(
        self, url: str, parameters: Mapping[str, str] | None = None, pool: Pool = DEFAULT_POOL
    ) -> None:
        """Make the pool; `parameters` are Postgres run-time settings of every connection."""
        self.engine = create_async_engine(
            build_async_url(url),
            pool_size=pool.size,
            max_overflow=pool.overflow_max,
            pool_timeout=pool.timeout_s,
            connect_args={
                "timeout": CONNECT_TIMEOUT_S,
                "command_timeout": COMMAND_TIMEOUT_S,
                "server_settings": {
                    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                    "idle_in_transaction_session_timeout": str(FORGOTTEN_MS),
                    "timezone": "UTC",
                    **(parameters or {}),
                },
            },
        )
        self._commit_listeners: list[Callable[[], None]] = []
        event.listen(self.engine.sync_engine, "checkout", _refuse_if_lost)
        event.listen(self.engine.sync_engine, "handle_error", _suspect_all)
        # Statements of their own: no transaction to begin and to end, which would be two journeys more for each.
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = async_sessionmaker(alone, class_=ReadSession, expire_on_commit=False)
        self._lone_writers = async_sessionmaker(alone, class_=WriteSession, expire_on_commit=False)
        self._writers = async_sessionmaker(self.engine, class_=WriteSession, expire_on_commit=False)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A session for reading; what it sees is committed data.

        Raises:
            UnavailableError: no connection is to be had, or it was lost, or a statement took too long.
        """
        with _telling_faults():
            async with self._readers() as session, _leaving_nothing_behind(session):
                yield session

    @asynccontextmanager
    async def write(self, *, is_news: bool = True) -> AsyncIterator[WriteSession]:
        """A session for one transaction, committed when the block ends without raising.

        Whoever waits for commits hears of it, unless it is no news to anybody.

        Raises:
            UnavailableError: as with `read`. Where the connection was lost at the end, it may be committed all the same.
        """
        with _telling_faults():
            async with self._writers() as session, _leaving_nothing_behind(session):
                yield session
                await session.commit()
        self._tell(is_news=is_news)

    @asynccontextmanager
    async def write_alone(self, *, is_news: bool = True) -> AsyncIterator[WriteSession]:
        """As `write`, for a block with one statement: it is a transaction by itself, without two more journeys.

        Raises:
            UnavailableError: as with `write`.
        """
        with _telling_faults():
            async with self._lone_writers() as session, _leaving_nothing_behind(session):
                yield session
        self._tell(is_news=is_news)

    def _tell(self, *, is_news: bool) -> None:
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

    @property
    def pool(self) -> QueuePool:
        """The connections."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool), "an engine's pool has a bound"
        return pool

    async def close(self) -> None:
        """Close every connection; those that are in use when they are given back, for which it waits `CLOSING_S` at most."""
        given_back = asyncio.Event()
        event.listen(self.engine.sync_engine, "checkin", lambda *_: given_back.set())
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                # One that came back to a pool that is gone would be closed by nobody.
                while self.pool.checkedout():
                    given_back.clear()
                    await given_back.wait()
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
