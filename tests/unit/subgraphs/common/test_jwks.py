"""Reading auth's keys over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from subgraphs.common.errors import UnavailableError
from subgraphs.common.jwks import build_key_source
from tests.support.listening import listening, read_http


@asynccontextmanager
async def serve(status: str, body: bytes) -> AsyncIterator[str]:
    async def answer(reader, writer):
        await read_http(reader)
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
        )

    async with listening(answer) as port:
        yield f"http://127.0.0.1:{port}/jwks.json"


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
