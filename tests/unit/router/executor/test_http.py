"""The HTTP transports against a server that does what a test tells it to."""

from contextlib import asynccontextmanager

import pytest

from router.executor.http import HttpOptions, HttpTransport
from router.executor.http_pool import HttpPoolTransport, PoolOptions
from router.executor.transport import (
    AnswerTooLargeError,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
)
from tests.support.listening import listening, read_http


def by_library(url):
    return HttpTransport({"a": url}, HttpOptions(answer_bytes_max=100))


def by_pool(url):
    return HttpPoolTransport({"a": url}, PoolOptions(answer_bytes_max=100))


@pytest.fixture(params=[by_library, by_pool])
def serve(request):
    """What `serving` gives, for each of the transports."""
    return lambda answer: serving(answer, request.param)


@asynccontextmanager
async def serving(answer: bytes | None, make_transport):
    """A server that sends `answer` to each request as it is, or nothing at all; yields its transport and log."""
    seen: list[bytes] = []
    connections = 0

    async def handle(reader, writer):
        nonlocal connections
        connections += 1
        while True:
            seen.append(b"".join(await read_http(reader)))
            if answer is not None:
                writer.write(answer)
                await writer.drain()

    async with listening(handle) as port:
        transport = make_transport(f"http://127.0.0.1:{port}/graphql")
        try:
            yield transport, seen, lambda: connections
        finally:
            await transport.close()


def response(body: bytes, status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (status, len(body)) + body


REQUEST = SubgraphRequest("a", b'{"query":"{x}"}', headers=(("authorization", "Bearer t"),), timeout_s=5)


async def test_requests_share_a_connection_and_carry_their_headers(serve):
    async with serve(response(b'{"data":{}}')) as (transport, seen, connections):
        first = await transport.send(REQUEST)
        await transport.send(REQUEST)
        assert (first.status, first.body) == (200, b'{"data":{}}')
        assert first.headers["content-type"] == "application/json"
        assert seen[0].lower().startswith(b"post /graphql http/1.1")
        assert b"authorization: bearer t" in seen[0].lower()
        assert seen[1].endswith(REQUEST.body)
        assert connections() == 1


async def test_any_status_is_an_answer(serve):
    async with serve(response(b"{}", b"503 Service Unavailable")) as (transport, _, _):
        assert (await transport.send(REQUEST)).status == 503


async def test_the_answer_may_be_as_large_as_the_bound_and_no_larger(serve):
    async with serve(response(b"x" * 100)) as (transport, _, _):
        assert len((await transport.send(REQUEST)).body) == 100
    async with serve(response(b"x" * 101)) as (transport, _, _):
        with pytest.raises(AnswerTooLargeError, match="larger than 100 bytes"):
            await transport.send(REQUEST)


async def test_silence_ends_at_the_deadline(serve):
    async with serve(None) as (transport, _, _):
        with pytest.raises(SubgraphTimeoutError):
            await transport.send(SubgraphRequest("a", b"{}", timeout_s=0.05))


async def test_a_closed_port_is_a_reason_without_an_address(serve):
    async with serve(response(b"{}")) as (transport, _, _):
        pass
    with pytest.raises(TransportError) as caught:
        await transport.send(REQUEST)
    assert "refused" in str(caught.value).lower()
    assert "127.0.0.1" not in str(caught.value)
    await transport.close()


async def test_an_answer_that_breaks_off_is_no_answer(serve):
    broken = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\nshort"
    async with serve(broken) as (transport, _, _):
        with pytest.raises(TransportError):
            await transport.send(SubgraphRequest("a", b"{}", timeout_s=0.1))


@pytest.mark.parametrize("make_transport", [by_library, by_pool])
@pytest.mark.parametrize(
    ("url", "reason"),
    [("", "no routing URL"), ("http://[x/", "is not usable"), ("http://h:x/", "is not usable")],
)
async def test_a_subgraph_without_a_usable_url_is_a_transport_error(make_transport, url, reason):
    with pytest.raises(TransportError, match=reason):
        await make_transport(url).send(REQUEST)
