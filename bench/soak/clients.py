"""The clients: most ask and check the answer, some are a nuisance."""

import asyncio
import gzip
import json
import random
from collections import Counter
from contextlib import suppress
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import urlencode

from bench.soak.subgraphs import THINGS, tell_detail

QUERY = "query Q($n: Int!) { echo(n: $n) item(n: $n) { id detail } }"
UNIONS = "query U($n: Int!) { things(n: $n) { __typename ... on Item { id detail } ... on Note { text } } }"
MUTATION = "mutation M($n: Int!) { say(n: $n) }"
CHAIN = "mutation C($n: Int!) { make(n: $n) { id detail } }"
STUCK_S = 45.0
"""Longer than the router's own timeout of 30 s."""

OPERATIONS = (QUERY, QUERY, QUERY, QUERY, UNIONS, UNIONS, MUTATION, CHAIN)
BATCH = 5

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
                    await self._exchange(reader, writer, random.choice(OPERATIONS))  # noqa: S311 -- no secret
                writer.close()
            except _GONE:
                self.told["closed"] += 1
                await asyncio.sleep(0.05)

    async def ask_otherwise(self) -> None:
        """Ask by GET, by hash, in batches, for a packed answer, and with operations that nobody has asked before."""
        ways = (_write_get, _write_hash, _write_batch, _write_packed, _write_new)
        while True:
            try:
                reader, writer = await self._connect()
                for _ in range(random.randint(1, 50)):  # noqa: S311 -- no secret
                    n = next(_NUMBERS)
                    write = random.choice(ways)  # noqa: S311 -- no secret
                    writer.write(write(n))
                    await self._hear(reader, QUERY, *(range(n, n + BATCH) if write is _write_batch else (n,)))
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
                    await self._hear(reader, QUERY, n)
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
                while not reader.at_eof() and not writer.is_closing():
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
                await self._exchange(reader, writer, QUERY)
                await reader.read(1)
                writer.close()
            await asyncio.sleep(random.random())  # noqa: S311 -- no secret

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, operation: str
    ) -> None:
        n = next(_NUMBERS)
        writer.write(_write(operation, n))
        await self._hear(reader, operation, n)

    async def _hear(self, reader: asyncio.StreamReader, operation: str, *numbers: int) -> None:
        try:
            async with asyncio.timeout(STUCK_S):
                status, body = await _read(reader)
        except TimeoutError:
            self.told["STUCK"] += 1
            raise ConnectionError from None
        answer = json.loads(body)
        answers = answer if isinstance(answer, list) else [answer]
        if len(answers) != len(numbers):
            self._note_wrong(numbers[0], status, body)
        for n, each in zip(numbers, answers, strict=False):
            self._check(operation, n, status, each)

    def _check(self, operation: str, n: int, status: int, answer: dict[str, Any]) -> None:
        data, right = answer.get("data"), _tell_right(operation, n)
        if data == right:
            self.told["whole"] += 1
        elif status == 200 and answer.get("errors") and _is_part(data, right):  # noqa: PLR2004 -- OK
            self.told["part"] += 1
        else:
            self._note_wrong(n, status, json.dumps(answer).encode())

    def _note_wrong(self, n: int, status: int, body: bytes) -> None:
        self.told["WRONG"] += 1
        self.wrong.append(f"{n}: {status} {body[:300]!r}")


def _tell_right(operation: str, n: int) -> dict[str, Any]:
    if operation == MUTATION:
        return {"say": n}
    if operation == CHAIN:
        return {"make": _tell_item(n)}
    if operation == UNIONS:
        note = {"__typename": "Note", "text": f"note {n}"}
        return {
            "things": [{"__typename": "Item", **_tell_item(n + i)} if i % 2 else note for i in range(THINGS)]
        }
    return {"echo": n, "item": _tell_item(n)}


def _tell_item(n: int) -> dict[str, Any]:
    return {"id": str(n), "detail": tell_detail(n)}


def _is_part(data: object, right: object) -> bool:
    """Whether `data` is `right` with nulls in it."""
    if isinstance(data, dict) and isinstance(right, dict):
        return all(_is_part(value, right.get(key)) for key, value in data.items())
    if isinstance(data, list) and isinstance(right, list):
        return len(data) == len(right) and all(map(_is_part, data, right))
    return data is None or data == right


def _write(query: str, n: int, headers: bytes = b"") -> bytes:
    return _write_post(json.dumps({"query": query, "variables": {"n": n}}).encode(), headers)


def _write_post(body: bytes, headers: bytes = b"") -> bytes:
    head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n"
    return head % (headers, len(body)) + body


def _write_get(n: int) -> bytes:
    query = urlencode({"query": QUERY, "variables": json.dumps({"n": n})})
    head = f"GET /?{query} HTTP/1.1\r\nhost: h\r\napollo-require-preflight: x\r\n\r\n"
    return head.encode()


def _write_hash(n: int) -> bytes:
    """The text goes along, so that a router that has just begun anew knows it."""
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(QUERY.encode()).hexdigest()}}
    body = {"query": QUERY, "variables": {"n": n}, "extensions": extensions}
    return _write_post(json.dumps(body).encode())


def _write_batch(n: int) -> bytes:
    bodies = [{"query": QUERY, "variables": {"n": n + i}} for i in range(BATCH)]
    return _write_post(json.dumps(bodies).encode())


def _write_packed(n: int) -> bytes:
    body = gzip.compress(json.dumps({"query": QUERY, "variables": {"n": n}}).encode())
    return _write_post(body, b"content-encoding: gzip\r\n")


def _write_new(n: int) -> bytes:
    return _write(QUERY.replace("query Q", f"query Q{n}"), n)


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    (line,) = (x for x in head.split(b"\r\n") if x.startswith(b"content-length"))
    return int(head.split()[1]), await reader.readexactly(int(line[15:]))
