"""Clients' connections from outside: slow, endless, faulty and hurried clients against a socket."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

import pytest
import uvicorn
from uvicorn.server import ServerState

from router.server.connection import PIPELINED_MAX, bind_connection
from router.server.messages import ClientGoneError, HttpResponse, read_body, read_head, send_response
from router.server.options import ConnectionOptions
from tests.support.turns import let_arrive

TURN_S, SOON_S, LATE_S = 0.02, 1.0, 1e6
"""Of the clock that connections are shown: it goes with the event loop's turns, so that no load makes anybody late."""
PATIENT = ConnectionOptions(
    head_bytes_max=4096,
    headers_max=20,
    head_timeout_s=LATE_S,
    body_timeout_s=LATE_S,
    unread_timeout_s=LATE_S,
    keep_alive_s=LATE_S,
)
GET = b"GET /%b HTTP/1.1\r\nhost: h\r\n\r\n"
POST = b"POST /%b HTTP/1.1\r\nhost: h\r\ncontent-length: %d\r\n\r\n"


class Application:
    """Answers each request with its path and body; `/slow` waits for `release`, `/large` is large."""

    def __init__(self):
        self.release = asyncio.Event()
        self.seen, self.headers, self.gone = [], [], 0

    async def __call__(self, scope, receive, send):
        request = read_head(scope)
        try:
            body = await read_body(request, receive, 1_000_000)
        except ClientGoneError:
            self.gone += 1
            return
        if request.path == "/slow":
            await self.release.wait()
        if request.path == "/parts":
            await self.send_parts(receive, send)
            return
        self.seen.append(request.path)
        # Also what came with the request later than its head.
        self.headers = scope["headers"]
        answer = b"" if request.path == "/empty" else request.path.encode() + body
        if request.path == "/broken":
            raise ZeroDivisionError
        if request.path == "/broken-body":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"some", "more_body": True})
            raise ZeroDivisionError
        if request.path == "/large":
            answer = b"x" * 20_000_000
        await send_response(HttpResponse(200, answer), scope, receive, send)

    async def send_parts(self, receive, send):
        """Send until the client has gone."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        ending = asyncio.ensure_future(receive())
        while not ending.done():
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
            await asyncio.wait({ending}, timeout=0.02)
        self.gone += ending.result()["type"] == "http.disconnect"


@asynccontextmanager
async def listen(**changed):
    """An application behind connections with `PATIENT`'s bounds but for those `changed`; yields it and `connect`."""
    options = replace(PATIENT, **changed)
    app, state, loop = Application(), ServerState(), asyncio.get_running_loop()
    config = uvicorn.Config(app, log_config=None, timeout_keep_alive=options.keep_alive_s)
    config.load()
    make = bind_connection(options)
    server = await loop.create_server(lambda: make(config, state, {}, loop), "127.0.0.1", 0)

    async def scan():
        for turn in count():
            for connection in tuple(state.connections):
                connection.scan(turn * TURN_S)
            await let_arrive(1)

    scanning = asyncio.create_task(scan())
    writers = []

    async def connect(**more):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), **more)
        writers.append(writer)
        return reader, writer

    try:
        async with asyncio.timeout(20):
            yield app, state, connect
    finally:
        scanning.cancel()
        await asyncio.gather(scanning, return_exceptions=True)
        app.release.set()
        for writer in writers:
            writer.transport.abort()
        server.close()
        await let_arrive()


async def pass_time(seconds):
    await let_arrive(int(seconds / TURN_S) + 1)


async def read_answer(reader):
    """The next answer's status and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    (line,) = (x for x in head.split(b"\r\n") if x.startswith(b"content-length"))
    return int(head.split()[1]), await reader.readexactly(int(line[15:]))


async def test_pipelined_requests_are_answered_in_their_order():
    async with listen() as (app, _, connect):
        reader, writer = await connect()
        writer.write(GET % b"slow" + POST % (b"b", 2) + b"xy" + GET % b"c")
        await let_arrive()
        assert app.seen == []
        app.release.set()
        assert [await read_answer(reader) for _ in range(3)] == [
            (200, b"/slow"),
            (200, b"/bxy"),
            (200, b"/c"),
        ]


@pytest.mark.parametrize("last", [b"", GET % b"later"])
async def test_a_client_that_leaves_is_gone_for_the_request_that_is_being_answered(last):
    async with listen() as (app, state, connect):
        reader, writer = await connect()
        writer.write(GET % b"parts" + last)
        await reader.readuntil(b"part")
        writer.transport.abort()
        while state.tasks:
            await let_arrive(1)
        assert app.gone == 1
        assert app.seen == []


async def test_too_many_requests_at_a_time_end_the_connection():
    async with listen() as (app, state, connect):
        reader, writer = await connect()
        writer.write(GET % b"slow" + (GET % b"x") * (PIPELINED_MAX + 5))
        await let_arrive()
        app.release.set()
        assert (await reader.read()).count(b"HTTP/1.1 200 OK") == 1 + PIPELINED_MAX
        assert not state.connections


@pytest.mark.parametrize("next_", [b"", POST % (b"b", 2) + b"xy"], ids=["one", "two"])
async def test_what_follows_a_request_and_is_none_does_not_spoil_its_answer(next_):
    async with listen() as (app, _, connect):
        reader, writer = await connect()
        writer.write(GET % b"slow" + next_ + b"GARBAGE\r\n\r\n")
        await let_arrive()
        app.release.set()
        assert await read_answer(reader) == (200, b"/slow")
        if next_:
            assert await read_answer(reader) == (200, b"/bxy")
        assert await reader.read() == b""


async def test_what_is_no_http_is_400():
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(b"GARBAGE\r\n\r\n")
        status, body = await read_answer(reader)
        assert status == 400
        assert b'"errors"' in body
        assert await reader.read() == b""


PLAIN = b"POST / HTTP/1.1\r\nhost: h\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
BODY = b"\r\n2\r\nxy\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        PLAIN + b"content-length: 2\r\n" + CHUNKED + BODY,
        PLAIN + CHUNKED + b"content-length: 2\r\n" + BODY,
        PLAIN + b"content-length: 2\r\ncontent-length: 2\r\n\r\nxy",
        PLAIN + b"content-length: 2, 2\r\n\r\nxy",
        PLAIN + b"content-length: +2\r\n\r\nxy",
        PLAIN + b"content-length: -2\r\n\r\nxy",
        PLAIN + b"content-length: 0x2\r\n\r\nxy",
        PLAIN + b"content-length: 99999999999999999999\r\n\r\nxy",
        PLAIN + b"transfer-encoding: gzip\r\n" + BODY,
        PLAIN + b"transfer-encoding: gzip, chunked\r\n" + BODY,
        PLAIN + b"transfer-encoding: chunked, identity\r\n" + BODY,
        PLAIN + b"transfer-encoding: xchunked\r\n" + BODY,
        PLAIN + b"transfer-encoding : chunked\r\n" + BODY,
        PLAIN + b"transfer-encoding: \x0bchunked\r\n" + BODY,
        PLAIN + b"transfer-encoding:\r\n chunked\r\n" + BODY,
        PLAIN + CHUNKED * 2 + BODY,
        PLAIN + CHUNKED + b"\r\n0x2\r\nxy\r\n0\r\n\r\n",
        PLAIN + CHUNKED + b"\r\n-2\r\nxy\r\n0\r\n\r\n",
        PLAIN + CHUNKED + b"\r\n2 \r\nxy\r\n0\r\n\r\n",
        PLAIN + CHUNKED + b"\r\n2\nxy\n0\n\n",
        PLAIN + CHUNKED + b"\r\nfffffffffffffffff\r\n",
        PLAIN + b"x: a\r\n b\r\n\r\n",
        PLAIN + b"x: a\rb\r\n\r\n",
        PLAIN + b"x: a\0b\r\n\r\n",
        PLAIN + b"x y: a\r\n\r\n",
        PLAIN + b"nothing\r\n\r\n",
        PLAIN + b"host: h\r\ncontent-length: 0\r\n\r\n",
        PLAIN.replace(b"\r\n", b"\n") + b"\n",
        b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n",
        b"POST / HTTP/1.2\r\nhost: h\r\n\r\n",
        b"GET /\r\n\r\n",
    ],
)
async def test_what_two_programs_may_read_in_two_ways_is_refused(sent):
    async with listen() as (app, _, connect):
        reader, writer = await connect()
        writer.write(sent + GET % b"smuggled")
        status, _ = await read_answer(reader)
        assert status == 400
        assert await reader.read() == b""
        assert "/smuggled" not in app.seen


async def test_a_body_that_is_damaged_is_400_and_frees_the_application():
    async with listen() as (app, _, connect):
        reader, writer = await connect()
        writer.write(b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n")
        await let_arrive()
        writer.write(b"no size\r\n")
        assert (await read_answer(reader))[0] == 400
        assert await reader.read() == b""
        assert app.gone == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"x: y\r\n" * 19 + b"\r\n", 200),
        (b"x: y\r\n" * 20 + b"\r\n", 431),
        (b"x: " + b"y" * 4000 + b"\r\n\r\n", 200),
        (b"x: " + b"y" * 4096 + b"\r\n\r\n", 431),
        (b"x: " + b"y" * 8192, 431),
        (b"x" * 8192, 431),
        (b"x: y\r\n" * 2000, 431),
    ],
)
async def test_headers_have_a_bound_complete_or_not(headers, status):
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.1\r\nhost: h\r\n" + headers)
        assert (await read_answer(reader))[0] == status


async def test_a_url_has_a_bound():
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(GET % (b"x" * 5000))
        assert (await read_answer(reader))[0] == 414


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET / HTTP/1.1\r\nhost: h\r\nx: "])
async def test_a_head_that_never_ends_is_given_up_however_it_trickles(sent):
    async with listen(head_timeout_s=SOON_S) as (_, state, connect):
        reader, writer = await connect()
        writer.write(sent)

        async def trickle():
            while True:
                await pass_time(TURN_S)
                writer.write(sent[-2:] or b"")

        trickling = asyncio.create_task(trickle())
        assert (await read_answer(reader))[0] == 408
        trickling.cancel()
        assert not state.connections


async def test_empty_lines_do_not_keep_a_connection_between_requests():
    async with listen(keep_alive_s=SOON_S) as (_, _, connect):
        reader, writer = await connect()
        writer.write(GET % b"x")
        assert await read_answer(reader) == (200, b"/x")
        ended = asyncio.create_task(reader.read())
        while not ended.done():
            writer.write(b"\r\n")
            await pass_time(TURN_S)
        assert ended.cancelled() or ended.exception() is not None or ended.result() == b""


async def test_a_body_that_never_ends_is_given_up_and_frees_the_application():
    async with listen(body_timeout_s=SOON_S) as (app, state, connect):
        reader, writer = await connect()
        writer.write(POST % (b"x", 1000) + b"y")
        status, body = await read_answer(reader)
        assert status == 504
        assert b"GATEWAY_TIMEOUT" in body
        assert app.gone == 1
        assert not state.connections


async def test_a_slow_answer_is_not_the_clients_fault():
    async with listen(body_timeout_s=SOON_S, head_timeout_s=SOON_S) as (app, _, connect):
        reader, writer = await connect()
        # The second request's body waits for us, not for its client.
        writer.write(GET % b"slow" + POST % (b"b", 300_000) + b"x" * 300_000)
        await pass_time(3 * SOON_S)
        app.release.set()
        assert await read_answer(reader) == (200, b"/slow")
        assert (await read_answer(reader))[0] == 200


async def test_a_body_that_goes_on_after_its_refusal_is_cut_off():
    async with listen(body_timeout_s=SOON_S) as (_, state, connect):
        reader, writer = await connect()
        writer.write(POST % (b"x", 10**12))

        async def go_on():
            while True:
                writer.write(b"y" * 1000)
                await pass_time(TURN_S)

        going = asyncio.create_task(go_on())
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1_000_000)
        going.cancel()
        assert not state.connections


@pytest.mark.parametrize("trailer", [b"x: " + b"y" * 500_000, b"x: y\r\n" * 100_000])
async def test_an_endless_trailer_is_cut_off(trailer):
    async with listen() as (_, state, connect):
        reader, writer = await connect()
        writer.write(b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\n")
        await let_arrive()
        writer.write(trailer)
        assert (await read_answer(reader))[0] == 431
        assert not state.connections


async def test_a_trailer_is_not_taken_for_headers():
    async with listen() as (app, _, connect):
        reader, writer = await connect()
        writer.write(
            b"POST /x HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\nauthorization: z\r\n\r\n"
        )
        assert await read_answer(reader) == (200, b"/x")
        assert b"authorization" not in dict(app.headers)


async def test_a_client_that_does_not_read_is_cut_off():
    async with listen(unread_timeout_s=SOON_S) as (app, state, connect):
        _, writer = await connect(limit=1000)
        writer.write(GET % b"large")
        while not app.seen or state.connections:
            await let_arrive(1)


async def test_a_client_that_reads_slowly_gets_all():
    async with listen(unread_timeout_s=3 * SOON_S) as (_, _, connect):
        reader, writer = await connect(limit=1000)
        writer.write(GET % b"large")
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(20):
            await reader.readexactly(1_000_000)
            await pass_time(SOON_S / 4)


class Unsent(asyncio.Transport):
    """A transport that has bytes to send; `size` says how many."""

    size, is_aborted = 30_000, False

    def get_write_buffer_size(self):
        return self.size

    def is_closing(self):
        return False

    def abort(self):
        self.is_aborted = True


@pytest.mark.parametrize(
    ("taken", "written", "is_kept"),
    [(20_000, 20_000, True), (900, 900, False), (0, 10, False), (0, 0, False)],
)
async def test_what_is_written_meanwhile_does_not_hide_what_a_client_takes(taken, written, is_kept):
    transport = Unsent()
    config = uvicorn.Config(Application(), log_config=None)
    config.load()
    options = replace(PATIENT, head_timeout_s=2 * LATE_S)
    connection = bind_connection(options)(config, ServerState(), {}, asyncio.get_running_loop())
    connection.connection_made(transport)
    for second in range(round(LATE_S) + 2):
        connection.scan(float(second))
        transport.size += -taken if second % 2 else written
    assert transport.is_aborted is not is_kept


async def test_a_connection_without_a_request_is_closed_in_time():
    async with listen(keep_alive_s=SOON_S) as (_, _, connect):
        reader, writer = await connect()
        writer.write(GET % b"x")
        assert await read_answer(reader) == (200, b"/x")
        assert await reader.read() == b""


async def test_a_client_that_waits_for_continue_is_told_so():
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(b"POST /x HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"y")
        assert await read_answer(reader) == (200, b"/xy")


async def test_an_upgrade_that_is_offered_is_passed_over():
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(
            b"POST /x HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\nconnection: upgrade, http2-settings\r\n"
            b"upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\ny" + GET % b"z"
        )
        assert await read_answer(reader) == (200, b"/xy")
        assert await read_answer(reader) == (200, b"/z")


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_a_connection_ends_where_the_client_wants_it(version):
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(b"GET /x HTTP/%b\r\nhost: h\r\nconnection: close\r\n\r\n" % version)
        assert await read_answer(reader) == (200, b"/x")
        assert await reader.read() == b""


@pytest.mark.parametrize("more", [b"", GET[:9], POST % (b"x", 2) + b"y"], ids=["whole", "head", "body"])
@pytest.mark.parametrize("next_", [b"", POST % (b"b", 2) + b"xy"], ids=["one", "two"])
async def test_a_client_that_has_said_all_is_answered_still(next_, more):
    async with listen() as (app, state, connect):
        reader, writer = await connect()
        writer.write(GET % b"slow" + next_ + more)
        writer.write_eof()
        while not state.tasks:
            await let_arrive(1)
        await let_arrive()
        app.release.set()
        assert await read_answer(reader) == (200, b"/slow")
        if next_:
            assert await read_answer(reader) == (200, b"/bxy")
        assert await reader.read() == b""
        assert not state.connections
        assert app.seen == ["/slow", "/b"][: 1 + bool(next_)]


@pytest.mark.parametrize("sent", [b"", GET[:9], POST % (b"x", 2) + b"y"])
async def test_a_client_that_stops_in_the_middle_is_gone(sent):
    async with listen() as (app, state, connect):
        reader, writer = await connect()
        writer.write(sent)
        writer.write_eof()
        assert await reader.read() == b""
        assert app.gone == (sent[:4] == b"POST")
        assert not state.connections


async def test_a_tunnel_is_refused():
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(b"CONNECT h:1 HTTP/1.1\r\nhost: h:1\r\n\r\n")
        assert (await read_answer(reader))[0] == 400


async def test_an_answer_without_a_body_is_sent():
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(GET % b"empty" + b"HEAD /x HTTP/1.1\r\nhost: h\r\n\r\n" + GET % b"y")
        assert await read_answer(reader) == (200, b"")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
        assert await read_answer(reader) == (200, b"/y")


async def test_an_application_that_fails_in_the_middle_ends_the_connection():
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(GET % b"broken-body")
        assert (await reader.read()).endswith(b"\r\n\r\n4\r\nsome\r\n")


async def test_an_application_that_fails_before_its_answer_is_a_500():
    async with listen() as (_, _, connect):
        reader, writer = await connect()
        writer.write(GET % b"broken")
        assert (await read_answer(reader))[0] == 500


async def test_a_request_on_its_way_when_the_process_ends_is_answered_and_is_the_last():
    async with listen() as (_, state, connect):
        reader, writer = await connect()
        begun, begun_writer = await connect()
        begun_writer.write(b"GET /b HTTP/1.1\r\n")
        kept, kept_writer = await connect()
        kept_writer.write(GET % b"before")
        assert await read_answer(kept) == (200, b"/before")
        await let_arrive()
        for connection in tuple(state.connections):
            connection.shutdown()
        writer.write(GET % b"a")
        kept_writer.write(GET % b"after")
        assert await read_answer(reader) == (200, b"/a")
        assert await read_answer(kept) == (200, b"/after")
        assert await reader.read() == await kept.read() == b""
        await let_arrive(50)
        begun_writer.write(b"host: h\r\n\r\n")
        assert await read_answer(begun) == (200, b"/b")
        assert await begun.read() == b""


async def test_connections_without_a_request_do_not_hold_up_the_end():
    async with listen() as (_, state, connect):
        fresh, _ = await connect()
        kept, writer = await connect()
        writer.write(GET % b"x")
        await read_answer(kept)
        writer.write(b"\r\n")
        await let_arrive()
        for connection in tuple(state.connections):
            connection.shutdown()
        assert await kept.read() == await fresh.read() == b""
