"""Subgraphs that lie on the wire: a client gets what the others gave and Apollo's error, soon, and the next request is right."""

import asyncio
import gzip
from contextlib import asynccontextmanager
from itertools import count

import httpx
import pytest

from router import create_app
from router.executor.options import ANSWER_BYTES_MAX
from tests.support.listening import listening, read_http
from tests.support.ports import free_ports
from tests.support.small_graph import SUPERGRAPH

QUERY = {"query": "{ me { name } products(first: 1) { id } }"}
TIMEOUT_S = 0.4
JSON = b"content-type: application/json\r\n"
RIGHT = b'{"data":{"me":{"name":"Ann"}}}'
PRODUCTS = b'{"data":{"products":[{"id":"p1"}]}}'


def http(body, headers=JSON, status=b"200 OK"):
    return b"HTTP/1.1 %b\r\n%bcontent-length: %d\r\n\r\n%b" % (status, headers, len(body), body)


def trickle(first, piece, pause_s=0.01):
    """Writes `first`, then `piece` again and again until nobody listens."""

    async def write(writer):
        writer.write(first)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return write


async def hang(writer):
    await writer.wait_closed()


def close_after(content):
    async def write(writer):
        writer.write(content)
        writer.close()

    return write


@asynccontextmanager
async def subgraph(answers):
    """A server that answers with each of `answers` in turn, the last one for ever: bytes, or what is to be done."""
    answers = list(answers)

    async def handle(reader, writer):
        while True:
            await read_http(reader)
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if callable(answer):
                await answer(writer)
                return
            writer.write(answer)
            await writer.drain()

    async with listening(handle) as port:
        yield f"http://127.0.0.1:{port}/graphql"


@asynccontextmanager
async def router(users, products, timeout_s=TIMEOUT_S):
    """A client of a router for these two, which waits so long for users."""
    app = create_app(
        SUPERGRAPH,
        config={
            "override_subgraph_url": {"users": users, "products": products},
            "include_subgraph_errors": {"all": True},
            "traffic_shaping": {"subgraphs": {"users": {"timeout": f"{int(timeout_s * 1000)}ms"}}},
        },
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        yield client
    await app.close()


CHUNKED = b"HTTP/1.1 200 OK\r\n" + JSON + b"transfer-encoding: chunked\r\n\r\n"
GZIP = JSON + b"content-encoding: gzip\r\n"
BOMB = gzip.compress(gzip.compress(b"\0" * (ANSWER_BYTES_MAX + 1)))

HTTP_ERROR, MALFORMED, TIMEOUT = "SUBREQUEST_HTTP_ERROR", "SUBREQUEST_MALFORMED_RESPONSE", "GATEWAY_TIMEOUT"

FAULTS = {
    "closes at once": (close_after(b""), HTTP_ERROR, "closed before the answer"),
    "closes in the head": (close_after(b"HTTP/1.1 200 OK\r\nx: "), HTTP_ERROR, "closed before"),
    "closes in the body": (close_after(http(RIGHT)[:-1]), HTTP_ERROR, "before the answer was complete"),
    "closes in a chunk": (close_after(CHUNKED + b"ff\r\nx"), HTTP_ERROR, "before the answer was complete"),
    "closes before the last chunk": (close_after(CHUNKED + b"1\r\nx\r\n"), HTTP_ERROR, "complete"),
    "says nothing": (hang, TIMEOUT, "timed out"),
    "says half": (trickle(http(RIGHT)[:-9], b""), TIMEOUT, "timed out"),
    "trickles its head": (trickle(b"HTTP/1.1 200 OK\r\nx: ", b"y"), TIMEOUT, "timed out"),
    "trickles its body": (trickle(http(b" " * 9999)[:-9999], b" "), TIMEOUT, "timed out"),
    "trickles empty chunks": (trickle(CHUNKED, b"1\r\n \r\n"), TIMEOUT, "timed out"),
    "never ends its head": (trickle(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 9999, 0), HTTP_ERROR, "headers"),
    "never ends its trailer": (trickle(CHUNKED + b"0\r\n", b"x: y\r\n" * 9999, 0), HTTP_ERROR, "headers"),
    "keeps saying continue": (trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0), HTTP_ERROR, "waiting"),
    "is no HTTP": (b"hello\r\n\r\n", HTTP_ERROR, "not HTTP"),
    "has two lengths": (http(RIGHT, JSON + b"content-length: 3\r\n"), HTTP_ERROR, "not HTTP"),
    "has a length and chunks": (
        http(RIGHT, JSON + b"transfer-encoding: chunked\r\n"),
        HTTP_ERROR,
        "not HTTP",
    ),
    "has a negative length": (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", HTTP_ERROR, "not HTTP"),
    "has chunks without size": (CHUNKED + b"zz\r\n", HTTP_ERROR, "not HTTP"),
    "switches protocols": (b"HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", HTTP_ERROR, "101"),
    "is a page": (http(b"<html>", b"content-type: text/html\r\n"), HTTP_ERROR, "content-type"),
    "has no type": (http(RIGHT, b""), HTTP_ERROR, "content-type"),
    "has no content": (b"HTTP/1.1 204 No Content\r\n\r\n", HTTP_ERROR, "content-type"),
    "is down": (http(b"<html>", b"", b"503 Service Unavailable"), HTTP_ERROR, "503: Service Unavailable"),
    "redirects": (http(b"", b"location: /x\r\n", b"302 Found"), HTTP_ERROR, "302: Found"),
    "has a strange status": (http(RIGHT, b"", b"799 X"), HTTP_ERROR, "799"),
    "is packed and is not": (http(RIGHT, GZIP), HTTP_ERROR, "gzip encoding is damaged"),
    "is packed strangely": (http(RIGHT, JSON + b"content-encoding: x\r\n"), HTTP_ERROR, "not asked for"),
    "is a bomb": (http(BOMB, GZIP.replace(b"gzip", b"gzip, gzip")), HTTP_ERROR, "larger than"),
    "is empty": (http(b""), MALFORMED, "malformed"),
    "breaks off": (http(RIGHT[:-1]), MALFORMED, "malformed"),
    "is no JSON": (http(b"{data}"), MALFORMED, "malformed"),
    "has NaN": (http(RIGHT.replace(b'"Ann"', b"NaN")), MALFORMED, "malformed"),
    "is endlessly deep": (http(b"[" * 100_000), MALFORMED, "malformed"),
    "is a list": (http(b"[%b]" % RIGHT), MALFORMED, "not a JSON object"),
    "is null": (http(b"null"), MALFORMED, "not a JSON object"),
    "has a list of data": (http(b'{"data":[]}'), MALFORMED, "`data` must be"),
    "has data null and no error": (http(b'{"data":null}'), MALFORMED, "without data"),
    "has no data": (http(b"{}"), MALFORMED, "without data"),
    "has errors that are none": (http(b'{"data":{},"errors":"x"}'), MALFORMED, "`errors` must be"),
}


@pytest.mark.parametrize(("fault", "code", "reason"), FAULTS.values(), ids=FAULTS)
async def test_a_faulty_subgraph_costs_its_own_fields_and_nothing_else(fault, code, reason):
    async with (
        subgraph([fault, http(RIGHT)]) as users,
        subgraph([http(PRODUCTS)]) as products,
        router(users, products, TIMEOUT_S if code == TIMEOUT else 30) as client,
        asyncio.timeout(20),
    ):
        first = await client.post("/", json=QUERY)
        assert first.status_code == 200
        answer = first.json()
        assert answer["data"] == {"me": None, "products": [{"id": "p1"}]}
        (error,) = answer["errors"]
        assert (error["extensions"]["code"], error["extensions"]["service"]) == (code, "users")
        assert reason in error["message"]
        assert "127.0.0.1" not in first.text
        assert (await client.post("/", json=QUERY)).json() == {
            "data": {"me": {"name": "Ann"}, "products": [{"id": "p1"}]}
        }


@pytest.mark.parametrize("error", [b"{}", b'{"message":1}', b"null", b'"no"', b"[]"])
async def test_an_error_without_a_message_costs_no_data(error):
    answer = http(RIGHT.replace(b"Ann", b"A\xff")[:-1] + b',"errors":[%b]}' % error)
    async with (
        subgraph([answer]) as users,
        subgraph([http(PRODUCTS)]) as products,
        router(users, products, timeout_s=30) as client,
    ):
        answered = (await client.post("/", json=QUERY)).json()
    assert answered["data"] == {"me": {"name": "A\ufffd"}, "products": [{"id": "p1"}]}
    assert answered["errors"] == [
        {
            "message": 'Error while fetching subquery from service "users"',
            "extensions": {"service": "users", "code": "DOWNSTREAM_SERVICE_ERROR"},
        }
    ]


async def test_a_subgraph_that_is_not_there_is_refused():
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}/"
    async with subgraph([http(PRODUCTS)]) as products, router(nobody, products) as client:
        (error,) = (await client.post("/", json=QUERY)).json()["errors"]
    assert error["message"] == "HTTP fetch failed from 'users': Connection refused"
    assert error["extensions"] == {
        "code": HTTP_ERROR,
        "service": "users",
        "reason": "Connection refused",
    }


def echo_badly():
    """Answers that name the operation that they are for, and that come twice, late or cut off now and then."""
    turns = count(1)

    async def handle(reader, writer):
        while True:
            _, body = await read_http(reader)
            (name,) = [part for part in body.split(b'"') if part.startswith(b"n_")]
            answer, turn = http(b'{"data":{"me":{"name":"%b"}}}' % name), next(turns)
            if turn % 3 == 0:
                answer *= 2
            if turn % 5 == 0:
                await asyncio.sleep(2 * TIMEOUT_S)
            if turn % 7 == 0:
                answer = answer[:-5]
            writer.write(answer)
            await writer.drain()

    return handle


async def test_an_answer_is_never_given_to_another_request():
    async with (
        listening(echo_badly()) as port,
        router(f"http://127.0.0.1:{port}/", "http://products.invalid") as client,
    ):
        few = asyncio.Semaphore(8)

        async def ask(i):
            async with few:
                answer = await client.post("/", json={"query": f"query n_{i} {{ me {{ name }} }}"})
            me = answer.json()["data"]["me"]
            assert me is None or me["name"].startswith(f"n_{i}__")
            return me is not None

        answered = await asyncio.gather(*(ask(i) for i in range(80)))
    assert any(answered)
    assert not all(answered)
