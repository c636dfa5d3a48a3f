"""Content encodings of requests and responses, and which of them clients get."""

import json
import os
import zlib
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.kit.content_encoding import (
    ENCODINGS,
    DamagedEncodingError,
    UnknownEncodingError,
    UnpackedTooLargeError,
    decode_body,
    encode_body,
)
from router.server.negotiation import choose_encoding
from router.server.respond import ENCODED_BYTES_MIN, INLINE_BYTES_MAX
from tests.support.small_graph import SmallGraph

QUERY = {"query": "{ me { name } }"}


@pytest.fixture
async def client():
    graph = SmallGraph()
    app = graph.build_app({"limits": {"http_max_request_bytes": 5000}})
    graph.users.root = {"me": {"id": "u1", "name": "n"}}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        client.graph = graph
        yield client
    await app.close()


def answer_with(client, size):
    client.graph.users.root = {"me": {"id": "u1", "name": "n" * size}}


@given(st.binary(max_size=3000), st.sampled_from(ENCODINGS))
def test_what_is_packed_is_unpacked_within_the_bound_and_not_beyond(body, name):
    packed = encode_body(body, name)
    assert decode_body(packed, name, len(body)) == body
    assert decode_body(packed, f" identity , {name.upper()}", len(body)) == body
    if body:
        with pytest.raises(UnpackedTooLargeError):
            decode_body(packed, name, len(body) - 1)


@given(st.lists(st.binary(max_size=100), max_size=4), st.sampled_from(["gzip", "zstd"]))
def test_a_series_is_one_body(parts, name):
    packed = b"".join(encode_body(part, name) for part in parts) or encode_body(b"", name)
    body = b"".join(parts)
    assert decode_body(packed, name, len(body)) == body
    assert decode_body(packed + b"rest", name, len(body)) == body
    if body:
        with pytest.raises(UnpackedTooLargeError):
            decode_body(packed, name, len(body) - 1)


def test_a_series_has_an_end():
    with pytest.raises(DamagedEncodingError):
        decode_body(encode_body(b"", "gzip") * 1000, "gzip", 10)


@given(st.binary(max_size=300))
def test_deflate_may_come_without_its_wrapper(body):
    packer = zlib.compressobj(wbits=-15)
    assert decode_body(packer.compress(body) + packer.flush(), "deflate", len(body)) == body


@given(st.binary(min_size=1, max_size=300), st.sampled_from(ENCODINGS), st.data())
def test_what_is_cut_off_is_damaged(body, name, data):
    packed = encode_body(body, name)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(DamagedEncodingError):
        decode_body(packed[:cut], name, 1000)


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS))
def test_whatever_comes_is_unpacked_or_damaged(body, name):
    with suppress(DamagedEncodingError, UnpackedTooLargeError):
        assert len(decode_body(body, name, 1000)) <= 1000


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_bomb_is_unpacked_to_the_bound_and_no_further(name):
    bomb = encode_body(b"\0" * 50_000_000, name)
    with pytest.raises(UnpackedTooLargeError):
        decode_body(bomb, name, 10_000)
    with pytest.raises(UnpackedTooLargeError):
        decode_body(encode_body(bomb, "gzip"), f"{name}, gzip", 100_000)


def test_encodings_on_top_of_each_other_have_a_bound():
    with pytest.raises(UnknownEncodingError):
        decode_body(b"", ", ".join(["gzip"] * 4), 1000)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.5, identity", None),
        ("*", "zstd"),
        ("*;q=0.1, zstd;q=0", "br"),
        ("*;q=0", None),
        ("x", None),
        ("gzip;q=x", None),
    ],
)
def test_the_client_chooses(accepted, chosen):
    assert choose_encoding(accepted) == chosen


@pytest.mark.parametrize("size", [ENCODED_BYTES_MIN, INLINE_BYTES_MAX + 1])
@pytest.mark.parametrize("name", ENCODINGS)
async def test_a_response_is_packed_as_the_client_wants(client, name, size):
    answer_with(client, size)
    async with client.stream("POST", "/", json=QUERY, headers={"accept-encoding": name}) as response:
        packed = b"".join([part async for part in response.aiter_raw()])
    assert response.headers["content-encoding"] == name
    assert "accept-encoding" in response.headers.get("vary")
    assert int(response.headers["content-length"]) == len(packed) < size
    body = decode_body(packed, name, 10_000_000)
    assert json.loads(body) == {"data": {"me": {"name": "n" * size}}}


async def test_a_small_response_is_sent_as_it_is(client):
    response = await client.post("/", json=QUERY, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert "accept-encoding" in response.headers.get("vary")


@pytest.mark.parametrize("name", ENCODINGS)
async def test_a_request_may_be_packed(client, name):
    headers = {"content-type": "application/json", "content-encoding": name}
    packed = encode_body(json.dumps(QUERY).encode(), name)
    response = await client.post("/", content=packed, headers=headers)
    assert response.json() == {"data": {"me": {"name": "n"}}}
    bomb = encode_body(b" " * 5001, name)
    response = await client.post("/", content=bomb, headers=headers)
    assert response.status_code == 413


@pytest.mark.parametrize(("name", "status"), [("gzip", 400), ("x", 415), ("gzip, gzip, gzip, gzip", 415)])
async def test_a_request_that_cannot_be_unpacked_is_refused(client, name, status):
    headers = {"content-type": "application/json", "content-encoding": name}
    response = await client.post("/", content=os.urandom(50), headers=headers)
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_GRAPHQL_REQUEST"
    assert ("accept-encoding" in response.headers) is (status == 415)
