"""The connections to one origin: the last used is used first, so that those not needed grow old and are closed."""

import asyncio
import ssl
from collections import deque

from router.executor.http_pool.connection import Connection, UnansweredError
from router.executor.http_pool.deadlines import Deadlines
from router.executor.http_pool.dial import dial
from router.executor.http_pool.origin import Origin
from router.executor.transport import SubgraphAnswer, SubgraphTimeoutError, TransportError


class Pool:
    """At most `connections_max` connections; a request for which there is none waits its turn, within its deadline."""

    def __init__(
        self,
        origin: Origin,
        deadlines: Deadlines,
        *,
        connections_max: int,
        idle_s: float,
        answer_bytes_max: int,
    ) -> None:
        self._origin = origin
        self._deadlines = deadlines
        self._connections_max = connections_max
        self._idle_s = idle_s
        self._answer_bytes_max = answer_bytes_max
        self._loop = asyncio.get_running_loop()
        self._idle: deque[Connection] = deque()
        self._open: set[Connection] = set()
        self._connecting = 0
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()

    async def exchange(self, request: bytes, timeout_s: float, is_repeatable: bool) -> SubgraphAnswer:
        """Send a request and wait for its whole answer.

        A request that the subgraph may run twice is sent once more if the connection had been closed meanwhile.

        Raises:
            TransportError: there is no answer; a `SubgraphTimeoutError` if there is none within `timeout_s`.
        """
        loop = self._loop
        deadline = loop.time() + timeout_s
        connection = self._take_idle() or await self._take(deadline)
        is_last = not (is_repeatable and connection.is_reused)
        while True:
            answer: asyncio.Future[SubgraphAnswer] = loop.create_future()
            self._deadlines.add(answer, deadline)
            connection.ask(request, answer)
            try:
                return await answer
            except UnansweredError:
                if is_last:
                    raise
            except (SubgraphTimeoutError, asyncio.CancelledError):
                connection.give_up(answer)
                raise
            finally:
                self._deadlines.drop(answer)
            # Servers close connections that are idle; this one did while we wrote, and the others are idle for longer.
            while self._idle:
                self._idle.pop().abort()
            connection, is_last = await self._take(deadline), True

    @property
    def is_unused(self) -> bool:
        """Whether there is neither a connection nor somebody who wants one."""
        return not (self._open or self._connecting or self._waiting)

    def close_idle(self, now: float) -> None:
        """Close the connections that have been idle for too long at the loop's time `now`."""
        while self._idle and now - self._idle[0].idle_since >= self._idle_s:
            self._idle.popleft().abort()

    def close(self) -> None:
        """Close all connections; who waits is told."""
        for wait in self._waiting:
            if not wait.done():
                wait.set_exception(TransportError("the router is closing its connections"))
        for connection in list(self._open):
            connection.abort()
        self._idle.clear()

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                connection.is_reused = True
                return connection
        return None

    async def _take(self, deadline: float) -> Connection:
        while True:
            idle = self._take_idle()
            if idle is not None:
                return idle
            if len(self._open) + self._connecting < self._connections_max:
                return await self._connect(deadline)
            wait: asyncio.Future[Connection | None] = self._loop.create_future()
            self._waiting.append(wait)
            self._deadlines.add(wait, deadline)
            try:
                given = await wait
            except asyncio.CancelledError:
                self._pass_on(wait)
                raise
            finally:
                self._deadlines.drop(wait)
            if given is not None and given.is_open:
                given.is_reused = True
                return given

    def _pass_on(self, wait: "asyncio.Future[Connection | None]") -> None:
        """What a cancelled wait was given goes to the next one."""
        if wait.done() and not wait.cancelled() and wait.exception() is None:
            given = wait.result()
            if given is not None and given.is_open:
                self._release(given)
            else:
                self._wake(None)

    async def _connect(self, deadline: float) -> Connection:
        self._connecting += 1
        try:
            async with asyncio.timeout_at(deadline):
                connection = await dial(lambda: Connection(self._end, self._answer_bytes_max), self._origin)
        except TimeoutError as error:
            self._wake(None)
            raise SubgraphTimeoutError("no connection within the time allowed") from error
        except ssl.SSLError as error:
            self._wake(None)
            # The certificate's fault if it is one, which an operator can act on.
            msg = f"TLS failed: {getattr(error, 'verify_message', None) or error.reason or error}"
            raise TransportError(msg) from error
        except OSError as error:
            self._wake(None)
            raise TransportError(_describe(error)) from error
        except asyncio.CancelledError:
            self._wake(None)
            raise
        finally:
            self._connecting -= 1
        self._open.add(connection)
        return connection

    def _end(self, connection: Connection, is_reusable: bool) -> None:
        if is_reusable and connection.is_open:
            self._release(connection)
            return
        if connection in self._open:
            self._open.discard(connection)
            if connection in self._idle:
                self._idle.remove(connection)
            self._wake(None)

    def _release(self, connection: Connection) -> None:
        if not (self._waiting and self._wake(connection)):
            connection.idle_since = self._loop.time()
            self._idle.append(connection)

    def _wake(self, connection: Connection | None) -> bool:
        """Give a connection, or the room for one, to who has waited longest."""
        while self._waiting:
            wait = self._waiting.popleft()
            if not wait.done():
                wait.set_result(connection)
                return True
        return False


def _describe(error: OSError) -> str:
    """Why there is no connection; no address, since clients may read it."""
    if isinstance(error, ConnectionRefusedError):
        return "Connection refused"
    return error.strerror or type(error).__name__
