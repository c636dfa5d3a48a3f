"""The wires between processes: whatever a process does to the world passes here, message by message.

So the boundaries between its steps need no list and no hook in its code. Each message is held at a boundary (a request
before it arrives, an answer before it is read) and a `Judge` says what becomes of it, after killing whom it likes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.support.listening import listening, read_http

CHUNK_BYTES = 1 << 18
_STATEMENTS = b"BQ"
"""The types of the messages of Postgres that have it do something: Bind (with Execute), and Query.

Spec: PostgreSQL, 54.7 "Message Formats". Parse has no effect, and is sent once a connection.
"""
_READY = b"Z\0\0\0\5I"
"""The end of an answer of Postgres outside of a transaction (ReadyForQuery, idle): what was asked for is committed."""
_NOTHING = (b"SELECT ", b"UPDATE 0\0", b"DELETE 0\0", b"INSERT 0 0\0", b"BEGIN\0", b"ROLLBACK\0")
"""What an answer says that was asked for something that changes nothing (CommandComplete)."""
_BACKEND_KEY = b"K\0\0\0\x0c"
_LISTENING = (b"POST /internal/tokens/revoked ", b'{"revoked":')
"""What every process asks auth all the time, and its answer: neither does anything, and no story begins or ends with it."""
_NEWS = (b"HPUB marketplace", b"HMSG marketplace", b"PUB $JS.ACK")
"""How the messages of NATS begin that carry an event, or say that it was heard."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[tuple[str, Streams]]]
"""Gives who is asked, and a connection to it."""


class Protocol(Enum):
    """What is spoken on a wire."""

    HTTP = auto()
    POSTGRES = auto()
    NATS = auto()


class Fate(Enum):
    """What becomes of a message: it arrives, the connection breaks before it does, or it arrives twice."""

    PASS = auto()
    LOSE = auto()
    DOUBLE = auto()


@dataclass(frozen=True, slots=True)
class Boundary:
    """A message that is held: the `number`th since the wires were armed; `near` asks and `far` answers."""

    number: int
    near: str
    far: str
    protocol: Protocol
    is_answer: bool
    backend: int | None
    """The process of Postgres at the other end."""
    has_effect: bool
    """Whether it does something, or tells that something was done that stays: not what happens within a transaction."""
    text: bytes
    """How it begins."""


Judge = Callable[[Boundary], Awaitable[Fate]]


@dataclass
class Wires:
    """All the wires of a shop; nothing is held while `judge` is None."""

    judge: Judge | None = None
    count: int = 0
    starting: set[str] = field(default_factory=set)
    """Who is on the way to be there: nothing is held that they say."""

    def arm(self, judge: Judge) -> None:
        """Have the judge asked of every message from now on, beginning with number 1."""
        self.judge, self.count = judge, 0

    @asynccontextmanager
    async def laid(self, near: str, protocol: Protocol, connect: Connect) -> AsyncIterator[int]:
        """A wire from `near` to whoever `connect` finds at each connection; gives the port at which `near` asks."""

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._carry(near, protocol, connect, (reader, writer))

        async with listening(accept, limit=CHUNK_BYTES) as port:
            yield port

    async def _carry(self, near: str, protocol: Protocol, connect: Connect, asking: Streams) -> None:
        try:
            far, asked = await connect()
        except OSError:
            asking[1].close()
            return
        call = _Call(self, near, far, protocol, connect)
        ways = [
            asyncio.ensure_future(call.carry(asking[0], asked[1], is_answer=False)),
            asyncio.ensure_future(call.carry(asked[0], asking[1], is_answer=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for _, writer in (asking, asked):
                writer.close()


@dataclass
class _Call:
    """One connection on a wire."""

    wires: Wires
    near: str
    far: str
    protocol: Protocol
    connect: Connect
    backend: int | None = None
    is_asked: bool = field(default=False)

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        """Carry what comes one way, until it ends or is lost."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while message := await self._read(reader):
                fate = await self._judge(message, is_answer=is_answer)
                if fate is Fate.LOSE:
                    return
                if fate is Fate.DOUBLE:
                    await self._deliver_before(message)
                writer.write(message)
                await writer.drain()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        if self.protocol is Protocol.HTTP:
            return b"".join(await read_http(reader))
        return await reader.read(CHUNK_BYTES)

    async def _judge(self, message: bytes, *, is_answer: bool) -> Fate:
        if not self._counts(message, is_answer=is_answer) or self.wires.judge is None:
            return Fate.PASS
        if self.near in self.wires.starting:
            return Fate.PASS
        self.wires.count += 1
        return await self.wires.judge(
            Boundary(
                *(self.wires.count, self.near, self.far, self.protocol, is_answer, self.backend),
                self.protocol is not Protocol.POSTGRES or (is_answer and _tells_of_effect(message)),
                message[:160],
            )
        )

    def _counts(self, message: bytes, *, is_answer: bool) -> bool:
        match self.protocol:
            case Protocol.HTTP:
                return not any(part in message for part in _LISTENING)
            case Protocol.NATS:
                return message.startswith(_NEWS)
            case Protocol.POSTGRES if is_answer:
                if self.backend is None and (at := message.find(_BACKEND_KEY)) >= 0:
                    self.backend = int.from_bytes(message[at + 5 : at + 9])
                # An answer may come in pieces: it begins once.
                was_asked, self.is_asked = self.is_asked, False
                return was_asked
            case _:
                self.is_asked = message[0] in _STATEMENTS
                return self.is_asked

    async def _deliver_before(self, message: bytes) -> None:
        """Deliver a request once more, before and beside the one whose answer will be read."""
        _, (reader, writer) = await self.connect()
        try:
            writer.write(message)
            await read_http(reader)
        finally:
            writer.close()


def _tells_of_effect(answer: bytes) -> bool:
    return answer.endswith(_READY) and not any(nothing in answer for nothing in _NOTHING)
