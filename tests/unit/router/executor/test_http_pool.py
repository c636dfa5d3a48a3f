"""The pool's connections: kept, limited, repeated on, and given up when anything about them is odd."""

import asyncio
import dataclasses
import gc
import gzip
import ssl
import zlib
from contextlib import asynccontextmanager

import brotli
import pytest
from backports import zstd
from msgspec.structs import replace

from router.executor.http_pool import HttpPoolTransport, PoolOptions
from router.executor.http_pool.connection import CHUNKS_MAX, HEAD_BYTES_MAX, Connection
from router.executor.http_pool.origin import read_origin, write_request
from router.executor.http_pool.transport import OTHER_URLS_MAX
from router.executor.transport import (
    AnswerTooLargeError,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
)
from tests.support.listening import listening, read_http
from tests.support.turns import let_arrive

QUERY = SubgraphRequest("a", b'{"query":"{x}"}', timeout_s=5, is_repeatable=True)
MUTATION = replace(QUERY, is_repeatable=False)
OPTIONS = PoolOptions(answer_bytes_max=1000, connections_max=2)
SOON_S = 0.1


def response(body=b"{}", status=b"200 OK", headers=b""):
    return b"HTTP/1.1 %b\r\ncontent-length: %d\r\n%b\r\n%b" % (status, len(body), headers, body)


@asynccontextmanager
async def serve(*answers, options=OPTIONS, path=None):
    """A server whose connections give these answers in order, the last one again and again, and then stay open.

    An answer is bytes; None closes the connection instead; a function is given the writer.
    """
    seen = []
    async with listening(answer_by_script(list(answers), seen), path=path) as port:
        url = f"unix://{path}?path=/graphql" if path else f"http://127.0.0.1:{port}/graphql"
        transport = HttpPoolTransport({"a": url}, options)
        try:
            yield transport, seen
        finally:
            await transport.close()


def answer_by_script(script, seen):
    """What handles a connection; `seen` gets the requests of each."""

    async def handle(reader, writer):
        seen.append([])
        requests = seen[-1]
        while True:
            requests.append(b"".join(await read_http(reader)))
            answer = script.pop(0) if len(script) > 1 else script[0]
            if answer is None:
                return
            if callable(answer):
                await answer(writer)
            else:
                writer.write(answer)
                await writer.drain()

    return handle


async def test_chunks_are_put_together():
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    async with serve(chunked) as (transport, seen):
        assert (await transport.send(QUERY)).body == b"abcde"
        assert (await transport.send(QUERY)).body == b"abcde"
        assert len(seen) == 1


PACKERS = [
    (b"gzip", gzip.compress),
    (b"deflate", zlib.compress),
    (b"br", brotli.compress),
    (b"zstd", zstd.compress),
]


@pytest.mark.parametrize(("name", "pack"), PACKERS)
async def test_compressed_answers_are_unpacked(name, pack):
    answer = response(pack(b'{"data":{}}'), headers=b"content-encoding: %b\r\n" % name)
    async with serve(answer) as (transport, seen):
        assert (await transport.send(QUERY)).body == b'{"data":{}}'
        assert b"accept-encoding: gzip, br, zstd, deflate" in seen[0][0]


@pytest.mark.parametrize(("name", "pack"), PACKERS)
async def test_an_answer_that_unpacks_to_too_much_is_refused(name, pack):
    bomb = response(pack(b"x" * 1001), headers=b"content-encoding: %b\r\n" % name)
    async with serve(bomb) as (transport, _):
        with pytest.raises(AnswerTooLargeError):
            await transport.send(QUERY)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [(b"gzip", b"no gzip"), (b"gzip", gzip.compress(b"x" * 50, mtime=0)[:-9]), (b"x", b"x")],
)
async def test_an_encoding_that_is_damaged_or_unknown_is_no_answer(encoding, body):
    async with serve(response(body, headers=b"content-encoding: %b\r\n" % encoding)) as (transport, _):
        with pytest.raises(TransportError):
            await transport.send(QUERY)


async def test_a_body_in_tiny_pieces_is_put_together():
    body = bytes(range(256)) * 40
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    tiny = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    assert len(body) > 2 * CHUNKS_MAX
    async with serve(tiny, options=dataclasses.replace(OPTIONS, answer_bytes_max=len(body))) as (
        transport,
        _,
    ):
        assert (await transport.send(QUERY)).body == body
        assert (await transport.send(QUERY)).body == body


async def test_a_trailer_changes_nothing_of_the_head():
    chunked = b"HTTP/1.1 200 OK\r\nx: 1\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    async with serve(chunked + b"x: 2\r\ncontent-encoding: gzip\r\n\r\n") as (transport, _):
        answer = await transport.send(QUERY)
        assert (answer.body, answer.headers["x"]) == (b"{}", "1")


async def test_a_kept_connection_that_the_server_half_closes_is_not_used_again():
    async def answer_and_end(writer):
        writer.write(response(b"x"))
        writer.write_eof()
        await asyncio.sleep(5)

    async with serve(answer_and_end, response(b"y")) as (transport, seen):
        assert (await transport.send(MUTATION)).body == b"x"
        await let_arrive()
        assert (await transport.send(MUTATION)).body == b"y"
        assert len(seen) == 2


async def test_an_answer_without_a_length_ends_with_its_connection():
    async def answer(writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nwhole")
        writer.close()

    async with serve(answer) as (transport, _):
        assert (await transport.send(QUERY)).body == b"whole"


async def test_a_connection_that_the_server_ends_is_not_used_again():
    async with serve(response(headers=b"connection: close\r\n")) as (transport, seen):
        await transport.send(QUERY)
        await transport.send(QUERY)
        assert len(seen) == 2


async def test_a_query_is_repeated_if_its_kept_connection_was_closed():
    async with serve(response(), None, response(b"again")) as (transport, seen):
        await transport.send(QUERY)
        assert (await transport.send(QUERY)).body == b"again"
        assert len(seen) == 2


async def test_a_query_is_repeated_within_the_limit():
    options = dataclasses.replace(OPTIONS, connections_max=1)
    async with serve(response(), None, response(b"again"), options=options) as (transport, seen):
        await transport.send(QUERY)
        answers = await asyncio.gather(transport.send(QUERY), transport.send(QUERY))
        assert [answer.body for answer in answers] == [b"again"] * 2
        assert len(seen) == 2


async def test_a_mutation_is_never_repeated():
    async with serve(response(), None, response(b"again")) as (transport, seen):
        await transport.send(MUTATION)
        with pytest.raises(TransportError, match="closed before the answer"):
            await transport.send(MUTATION)
        assert len(seen) == 1


async def test_a_query_is_not_repeated_on_a_connection_that_was_new():
    async with serve(None) as (transport, seen):
        with pytest.raises(TransportError, match="closed before the answer"):
            await transport.send(QUERY)
        assert len(seen) == 1


async def test_an_answer_that_nobody_asked_for_is_never_given_to_the_next():
    async with serve(response(b"mine") + response(b"foreign"), response(b"right")) as (transport, seen):
        assert (await transport.send(QUERY)).body == b"mine"
        assert (await transport.send(QUERY)).body == b"right"
        assert len(seen) == 2


async def test_an_answer_that_comes_too_late_is_never_given_to_the_next():
    async def late(writer):
        await asyncio.sleep(0.2)
        writer.write(response(b"late"))

    async with serve(late, response(b"right")) as (transport, _):
        with pytest.raises(SubgraphTimeoutError):
            await transport.send(replace(QUERY, timeout_s=0.05))
        assert (await transport.send(QUERY)).body == b"right"


@pytest.mark.parametrize("is_answered_first", [True, False])
async def test_who_leaves_while_an_answer_comes_does_not_take_the_connection_from_the_next(is_answered_first):
    asked = asyncio.Event()

    async def wait(_writer):
        asked.set()

    async with serve(wait, response(b"right")) as (transport, seen):
        first = asyncio.create_task(transport.send(QUERY))
        await asked.wait()
        (connection,) = transport._pools["a"][1]._open
        # All in one turn of the event loop: the connection is free, and taken, before the first one sees that it is to end.
        second = asyncio.create_task(transport.send(QUERY))
        if is_answered_first:
            connection.data_received(response(b"left"))
            first.cancel()
        else:
            first.cancel()
            connection.data_received(response(b"left"))
        async with asyncio.timeout(QUERY.timeout_s / 2):
            assert (await second).body == b"right"
        assert len(seen) == 1


async def test_who_waits_for_an_answer_is_told_when_the_connections_are_closed():
    asked = asyncio.Event()

    async def wait(_writer):
        asked.set()

    async with serve(wait) as (transport, _):
        waiting = asyncio.create_task(transport.send(QUERY))
        await asked.wait()
        await transport.close()
        with pytest.raises(TransportError, match="closing its connections"):
            async with asyncio.timeout(QUERY.timeout_s / 2):
                await waiting


async def test_interim_answers_are_passed_over():
    async with serve(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + response(b"final")) as (transport, _):
        answer = await transport.send(QUERY)
        assert (answer.status, answer.body) == (200, b"final")


@pytest.mark.parametrize(
    "line", [b"x: " + b"y" * HEAD_BYTES_MAX + b"\r\n", b"x: " + b"y" * 2 * HEAD_BYTES_MAX]
)
async def test_endless_headers_are_refused(line):
    async with serve(b"HTTP/1.1 200 OK\r\n" + line) as (transport, _):
        with pytest.raises(AnswerTooLargeError, match="headers"):
            await transport.send(QUERY)


async def test_what_is_no_http_answer_is_refused():
    async with serve(b"nonsense\r\n\r\n") as (transport, _):
        with pytest.raises(TransportError, match="not HTTP"):
            await transport.send(QUERY)


async def test_a_connection_that_switches_protocols_is_not_used_again():
    switching = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"
    async with serve(switching, response()) as (transport, seen):
        assert (await transport.send(QUERY)).status == 101
        assert (await transport.send(QUERY)).status == 200
        assert len(seen) == 2


async def test_requests_beyond_the_limit_wait_their_turn():
    async def slow(writer):
        await asyncio.sleep(0.02)
        writer.write(response(b"x"))

    async with serve(slow) as (transport, seen):
        answers = await asyncio.gather(*(transport.send(QUERY) for _ in range(8)))
        assert [answer.body for answer in answers] == [b"x"] * 8
        assert len(seen) == OPTIONS.connections_max


async def test_waiting_for_a_connection_ends_at_the_deadline():
    async def never(_writer):
        await asyncio.sleep(10)

    async with serve(never, options=dataclasses.replace(OPTIONS, connections_max=1)) as (transport, _):
        first = asyncio.create_task(transport.send(QUERY))
        await let_arrive()
        with pytest.raises(SubgraphTimeoutError):
            await transport.send(replace(QUERY, timeout_s=0.05))
        first.cancel()


async def test_a_cancelled_request_leaves_room_for_others():
    async def never(_writer):
        await asyncio.sleep(10)

    async with serve(never, response(b"x"), options=dataclasses.replace(OPTIONS, connections_max=1)) as (
        transport,
        _,
    ):
        first = asyncio.create_task(transport.send(QUERY))
        await let_arrive()
        waiting = asyncio.create_task(transport.send(QUERY))
        second = asyncio.create_task(transport.send(QUERY))
        await let_arrive()
        waiting.cancel()
        first.cancel()
        assert (await second).body == b"x"


async def test_idle_connections_are_closed_in_time():
    async with serve(response(), options=dataclasses.replace(OPTIONS, connection_idle_s=0.05)) as (
        transport,
        seen,
    ):
        await transport.send(QUERY)
        await asyncio.sleep(0.15)
        await transport.send(QUERY)
        assert len(seen) == 2


async def test_a_unix_socket(tmp_path):
    async with serve(response(b"x"), path=str(tmp_path / "s")) as (transport, seen):
        assert (await transport.send(QUERY)).body == b"x"
        assert seen[0][0].startswith(b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n")


async def test_a_server_without_tls_is_an_error_for_https():
    async with serve(response()) as (transport, _):
        (url,) = transport._urls.values()
        secure = HttpPoolTransport({"a": url.replace("http:", "https:")})
        with pytest.raises(TransportError):
            await secure.send(replace(QUERY, timeout_s=0.2))
        await secure.close()


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://h", b"POST / HTTP/1.1\r\nhost: h\r\n"),
        ("http://h:80/x?y=z", b"POST /x?y=z HTTP/1.1\r\nhost: h\r\n"),
        ("https://h:444/x", b"POST /x HTTP/1.1\r\nhost: h:444\r\n"),
        ("http://[::1]:9/x", b"POST /x HTTP/1.1\r\nhost: [::1]:9\r\n"),
    ],
)
def test_the_url_says_host_and_path(url, line):
    origin = read_origin(url)

    assert origin.head.startswith(line)
    if origin.tls is not None:
        assert origin.tls.verify_mode is ssl.CERT_REQUIRED


def test_a_login_in_the_url_is_sent_as_basic_authorization():
    assert b"authorization: Basic dTpwOg==\r\n" in read_origin("http://u:p%3A@h/").head


@pytest.mark.parametrize("url", ["ftp://h/", "http://", "http://h:0x/", "h:80", "unix://", "http://[x/"])
def test_an_unusable_url_is_refused(url):
    with pytest.raises(TransportError):
        read_origin(url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x", "1\r\nauthorization: y"),
        ("x", "1\ny: 2"),
        ("x", "\0"),
        ("x\r\ny", "1"),
        ("x: 1\r\ny", "1"),
        ("x:", "1"),
        ("x y", "1"),
        ("", "1"),
        ("\u00fc", "1"),
    ],
)
def test_a_header_cannot_smuggle_another(name, value):
    with pytest.raises(TransportError):
        write_request(read_origin("http://h/"), ((name, value),), b"")


@pytest.mark.parametrize(
    "name", ["transfer-encoding", "Transfer-Encoding", "content-length", "HOST", "expect"]
)
def test_what_belongs_to_the_connection_is_not_passed_on(name):
    assert write_request(read_origin("http://h/"), ((name, "x"),), b"") == write_request(
        read_origin("http://h/"), (), b""
    )


@pytest.mark.parametrize(
    ("answer", "status", "body", "is_kept"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nold", 200, b"old", False),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nold", 200, b"old", False),
        (b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 3\r\n\r\nold", 200, b"old", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", 304, b"", True),
        (b"HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n", 302, b"", True),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx", 200, b"x", False),
    ],
)
async def test_the_answer_says_whether_its_connection_is_kept(answer, status, body, is_kept):
    async def write(writer):
        writer.write(answer)
        if not is_kept:
            writer.close()

    async with serve(write, response(b"next")) as (transport, seen):
        first = await transport.send(QUERY)
        assert (first.status, first.body) == (status, body)
        assert (await transport.send(QUERY)).body == b"next"
        assert len(seen) == (1 if is_kept else 2)


@pytest.mark.parametrize(
    "more", [response(b"for nobody"), b"HTTP/1.1 100 Continue\r\n\r\n", b"garbage", b"\0"]
)
async def test_what_follows_an_answer_ends_its_connection(more):
    async with serve(response(b"first") + more, response(b"next")) as (transport, seen):
        assert (await transport.send(QUERY)).body == b"first"
        assert (await transport.send(QUERY)).body == b"next"
        assert len(seen) == 2


@asynccontextmanager
async def serve_by(handle, scheme="http"):
    """A server whose connections are left to `handle`; yields a transport to it and the writers of its connections."""
    writers = []

    async def handle_one(reader, writer):
        writers.append(writer)
        await handle(reader, writer)
        await asyncio.Event().wait()

    async with listening(handle_one) as port:
        transport = HttpPoolTransport({"a": f"{scheme}://127.0.0.1:{port}/"}, OPTIONS)
        try:
            yield transport, writers
        finally:
            await transport.close()


LARGE = replace(QUERY, body=b"x" * 20_000_000)


async def test_an_early_answer_to_a_large_body_is_the_last_of_its_connection():
    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()
        writer.write(response(b"early"))

    async with serve_by(refuse) as (transport, writers):
        assert (await transport.send(LARGE)).body == b"early"
        assert (await transport.send(QUERY)).body == b"early"
        assert len(writers) == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_server_that_reads_nothing_is_given_up_in_time(scheme):
    async def hang(_reader, writer):
        writer.transport.pause_reading()

    async with serve_by(hang, scheme) as (transport, _):
        with pytest.raises(SubgraphTimeoutError):
            await transport.send(replace(LARGE, timeout_s=SOON_S))


async def test_connections_are_kept_to_so_many_urls_that_hooks_name():
    transport = HttpPoolTransport({"a": "http://127.0.0.1:9/"})

    def ask(url):
        transport.send(SubgraphRequest("a", b"{}", url=url)).close()

    for i in range(OTHER_URLS_MAX):
        ask(f"http://127.0.0.1:9/{i}")
    ask("http://127.0.0.1:9/0")
    ask(None)
    with pytest.raises(TransportError, match="more than 64 other URLs"):
        ask("http://127.0.0.1:9/more")
    # Those that nobody is connected to are forgotten in time, the subgraph's own is not.
    transport._clean()
    ask("http://127.0.0.1:9/more")
    assert {*transport._pools} == {"a", "http://127.0.0.1:9/more"}
    await transport.close()


def test_a_lost_connection_does_not_wait_for_the_collector():
    gc.collect()
    Connection(lambda *_: None, 1000).connection_lost(None)
    assert gc.collect() == 0
