"""The clients: most ask and check the answer, some are a nuisance."""

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from itertools import count

QUERY = "query Q($n: Int!) { echo(n: $n) item(n: $n) { id detail } }"
MUTATION = "mutation M($n: Int!) { say(n: $n) }"
STUCK_S = 45.0
"""Longer than the router's own timeout of 30 s."""

_NUMBERS = count(1)
_GONE = (ConnectionError, asyncio.IncompleteReadError)


class Clients:
    """Clients of the router at `port`. `told` counts what became of their requests."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.told: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def ask(self) -> None:
        """Ask again and again over connections that are kept for a while."""
        while True:
            try:
                reader, writer = await self._connect()
                for _ in range(random.randint(1, 200)):  # noqa: S311 -- no secret
                    await self._exchange(reader, writer)
                writer.close()
            except _GONE:
                self.told["closed"] += 1
                await asyncio.sleep(0.05)

    async def pipeline(self) -> None:
        """Send several requests at once; the answers must come in their order."""
        while True:
            with suppress(*_GONE):
                reader, writer = await self._connect()
                numbers = [next(_NUMBERS) for _ in range(10)]
                writer.write(b"".join(_write(QUERY, n) for n in numbers))
                for n in numbers:
                    self._check(n, *await _read(reader))
                writer.close()
            await asyncio.sleep(0.2)

    async def leave(self) -> None:
        """Go away in the middle of a request or before its answer."""
        while True:
            with suppress(*_GONE):
                _, writer = await self._connect()
                request = _write(QUERY, next(_NUMBERS))
                writer.write(request[: random.randint(1, len(request))])  # noqa: S311 -- no secret
                await asyncio.sleep(random.random() / 50)  # noqa: S311 -- no secret
                writer.transport.abort()
                self.told["left"] += 1
            await asyncio.sleep(0.02)

    async def dribble(self) -> None:
        """Slowloris: a head, or a body, a byte at a time."""
        begun = (
            b"POST / HTTP/1.1\r\nhost: h\r\nx: ",
            b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9999\r\n\r\n",
        )
        while True:
            with suppress(*_GONE):
                reader, writer = await self._connect()
                writer.write(random.choice(begun))  # noqa: S311 -- no secret
                while not reader.at_eof():
                    writer.write(b"y")
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(100), 0.5)
                self.told["slow ones ended"] += 1
                writer.close()

    async def flood(self) -> None:
        """Bodies and heads that are too large, and what is no request."""
        bad = (
            b"POST / HTTP/1.1\r\nhost: h\r\n" + b"x: " + b"y" * 100_000 + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 3000000\r\n\r\n"
            + b" " * 3_000_000,
            b"GARBAGE\r\n\r\n",
            _write("{ nope", 1),
        )
        while True:
            with suppress(*_GONE):
                reader, writer = await self._connect()
                writer.write(random.choice(bad))  # noqa: S311 -- no secret
                status, _ = await asyncio.wait_for(_read(reader), STUCK_S)
                self.told[f"refused with {status}"] += 1
                writer.close()
            await asyncio.sleep(0.1)

    async def idle(self) -> None:
        """One request, then nothing until the router ends the connection."""
        while True:
            with suppress(*_GONE):
                reader, writer = await self._connect()
                await self._exchange(reader, writer)
                await reader.read(1)
                writer.close()
            await asyncio.sleep(random.random())  # noqa: S311 -- no secret

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        n = next(_NUMBERS)
        writer.write(_write(MUTATION if n % 10 == 0 else QUERY, n))
        try:
            async with asyncio.timeout(STUCK_S):
                self._check(n, *await _read(reader))
        except TimeoutError:
            self.told["STUCK"] += 1
            raise ConnectionError from None

    def _check(self, n: int, status: int, body: bytes) -> None:
        answer = json.loads(body)
        data = answer["data"]
        right = {"echo": n, "item": {"id": str(n), "detail": "d" * 50 + str(n)}}
        if data in (right, {"say": n}):
            self.told["whole"] += 1
        elif status == 200 and answer.get("errors") and _is_part(data, {**right, "say": n}):  # noqa: PLR2004 -- OK
            self.told["part"] += 1
        else:
            self.told["WRONG"] += 1
            self.wrong.append(f"{n}: {status} {body[:300]!r}")


def _is_part(data: object, right: object) -> bool:
    """Whether `data` is `right` with nulls in it."""
    if isinstance(data, dict) and isinstance(right, dict):
        return all(_is_part(value, right.get(key)) for key, value in data.items())
    return data is None or data == right


def _write(query: str, n: int) -> bytes:
    body = json.dumps({"query": query, "variables": {"n": n}}).encode()
    head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    (line,) = (x for x in head.split(b"\r\n") if x.startswith(b"content-length"))
    return int(head.split()[1]), await reader.readexactly(int(line[15:]))
