"""Reading auth's keys over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from subgraphs.common.errors import UnavailableError
from subgraphs.common.jwks import build_key_source


@asynccontextmanager
async def serve(status: str, body: bytes) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json"


async def test_the_key_set_is_read() -> None:
    async with serve("200 OK", b'{"keys": []}') as url:
        assert await build_key_source(url)() == {"keys": []}


@pytest.mark.parametrize(
    ("status", "body"),
    [("500 Broken", b"{}"), ("200 OK", b"no json"), ("200 OK", b"[]"), ("404 Not Found", b"")],
)
async def test_another_answer_is_no_verdict_on_the_token(status: str, body: bytes) -> None:
    async with serve(status, body) as url:
        with pytest.raises(UnavailableError):
            await build_key_source(url)()


async def test_nobody_there() -> None:
    async with serve("200 OK", b"{}") as url:
        pass
    with pytest.raises(UnavailableError):
        await build_key_source(url)()
