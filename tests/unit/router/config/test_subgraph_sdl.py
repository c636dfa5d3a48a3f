"""Asking a running subgraph for its schema: what it may answer, and how long and how much."""

import threading

import pytest

from router.config.subgraph_sdl import FetchError, FetchOptions, SchemaAddress, fetch_sdl
from tests.support.schema_server import federated, introspected, replying, send, serving

QUICK = FetchOptions(timeout_s=0.5, answer_bytes_max=100_000)
SDL = "type Query { a: Int }"


def refusal(answer, options=QUICK):
    with serving(answer) as server, pytest.raises(FetchError) as caught:
        fetch_sdl(SchemaAddress(server.url), options)
    return str(caught.value)


def test_a_federation_subgraph_gives_its_sdl():
    with serving(federated(SDL)) as server:
        assert fetch_sdl(SchemaAddress(server.url)) == SDL
    assert [query for query, _ in server.asked] == ["{ _service { sdl } }"]


def test_any_other_server_is_introspected():
    with serving(
        introspected('type Query { a(b: Int = 1): D @deprecated(reason: "old") } "Day" scalar D')
    ) as server:
        assert " ".join(fetch_sdl(SchemaAddress(server.url)).split()) == (
            'type Query { a(b: Int = 1): D @deprecated(reason: "old") } """Day""" scalar D'
        )


def test_headers_go_with_both_questions():
    with serving(introspected(SDL)) as server:
        fetch_sdl(SchemaAddress(server.url, {"Authorization": "Bearer x"}))
    assert [headers["authorization"] for _, headers in server.asked] == ["Bearer x", "Bearer x"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (replying({"errors": [{"message": "who are you?"}]}, 401), "nor introspection (who are you?)"),
        (replying({"data": {"_service": {"sdl": None}}}), "neither its SDL nor introspection"),
        (replying([]), "neither its SDL nor introspection"),
        (replying(b"<html>", 404), "HTTP status 404 and no JSON"),
        (replying(b"", 301), "HTTP status 301"),
        (replying({"data": {"__schema": {"types": 3}}}), "no schema"),
        (replying({"data": {"__schema": {}}}), "no schema"),
        (replying(b" " * 100_001), "more than 100000 bytes"),
    ],
)
def test_what_is_no_schema_is_told(answer, told):
    assert told in refusal(answer)


def test_an_answer_of_just_the_size_allowed_is_read():
    body = b'{"data":{"_service":{"sdl":"type Query { a: Int }"}}}'
    with serving(replying(body.ljust(100_000))) as server:
        assert fetch_sdl(SchemaAddress(server.url), QUICK) == SDL


def test_an_answer_that_trickles_is_not_waited_for():
    over = threading.Event()

    def trickle(handler, _query):
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.05):
            handler.wfile.write(b" ")

    try:
        assert refusal(trickle) == "does not answer within 0.5 s"
    finally:
        over.set()


def test_both_questions_share_one_deadline():
    over = threading.Event()

    def hesitate(handler, query):
        if "_service" in query:
            over.wait(0.4)
            send(handler, b"{}")
        else:
            over.wait(30)

    try:
        assert refusal(hesitate) == "does not answer within 0.5 s"
    finally:
        over.set()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:1/graphql", "Connection refused"),
        ("http://", "look at the URL"),
        ("http://a b/", "look at the URL"),
        ("ftp://a", "must begin with http:// or https://"),
        ("", "must begin with http:// or https://"),
    ],
)
def test_an_address_where_nobody_answers_is_told(url, told):
    with pytest.raises(FetchError) as caught:
        fetch_sdl(SchemaAddress(url), QUICK)
    assert told in str(caught.value)
