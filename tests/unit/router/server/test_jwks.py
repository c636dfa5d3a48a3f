"""Keys from files and issuers: fetched seldom, kept when the issuer fails, never by an attacker's will."""

import json
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.responses import JSONResponse, RedirectResponse

from router.policy.options import JwksSource
from router.server import jwks as module
from router.server.jwks import DOCUMENT_BYTES_MAX, JwksStore
from tests.support.json_server import serving
from tests.support.listening import listening, read_http
from tests.support.small_graph import SmallGraph


def make_key(kid):
    key = Ed25519PrivateKey.generate()
    public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    return key, {**public, "kid": kid, "use": "sig"}


def sign(key, kid, **claims):
    body = {"sub": "u", "iss": "me", "aud": "us", "exp": int(time.time()) + 600, **claims}
    return jwt.encode(body, key, "EdDSA", headers={"kid": kid})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": []}))
    return path


def write(file, *entries):
    file.write_text(json.dumps({"keys": list(entries)}))


async def settle(store):
    """Wait for a fetch in the background."""
    if store._refresh is not None:
        await store._refresh


async def test_keys_are_read_once_and_again_when_they_are_old(file, monkeypatch):
    _, one = make_key("1")
    _, two = make_key("2")
    write(file, one)
    store = JwksStore([JwksSource(file.as_uri(), poll_interval_s=60)])
    assert [key.kid for key in await store.get_keys()] == ["1"]
    write(file, two)
    assert [key.kid for key in await store.get_keys()] == ["1"]
    store._sources[0].fetched_at_s -= 60
    assert [key.kid for key in await store.get_keys()] == ["1"]
    await settle(store)
    assert [key.kid for key in await store.get_keys()] == ["2"]


async def test_a_failed_fetch_keeps_the_keys(file):
    _, one = make_key("1")
    write(file, one)
    store = JwksStore([JwksSource(file.as_uri())])
    await store.get_keys()
    for content in ("{", "[]", '{"keys": 1}'):
        file.write_text(content)
        store._sources[0].fetched_at_s -= 100
        assert await store.refresh()
        assert [key.kid for key in await store.get_keys()] == ["1"]


async def test_unknown_keys_cause_one_fetch_in_ten_seconds(file):
    _, one = make_key("1")
    write(file, one)
    store = JwksStore([JwksSource(file.as_uri())])
    await store.get_keys()
    assert not await store.refresh()
    store._sources[0].fetched_at_s -= module.REFETCH_S
    assert await store.refresh()
    assert not await store.refresh()


async def test_an_issuer_is_asked_over_http_with_its_headers_and_bounds():
    _, one = make_key("1")
    body = json.dumps({"keys": [one]}).encode()
    heads = []

    async def handle(reader, writer):
        heads.append((await read_http(reader))[0])
        size = len(body) if len(heads) == 1 else module.DOCUMENT_BYTES_MAX + 1
        payload = body if len(heads) == 1 else b" " * size
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % size + payload)

    async with listening(handle) as port:
        store = JwksStore([JwksSource(f"http://127.0.0.1:{port}/jwks", headers=(("x-key", "v"),))])
        assert [key.kid for key in await store.get_keys()] == ["1"]
        assert b"x-key: v" in heads[0].lower()
        store._sources[0].fetched_at_s -= 100
        assert await store.refresh()
        assert store._sources[0].is_failed
        assert [key.kid for key in await store.get_keys()] == ["1"]
        await store.close()


async def test_an_issuer_cannot_send_the_router_elsewhere():
    asked = []

    async def answer(request):
        asked.append(request.url.path)
        if request.url.path == "/jwks":
            return RedirectResponse("/internal", status_code=307)
        return JSONResponse({"keys": [make_key("1")[1]]})

    async with serving(answer) as url:
        store = JwksStore([JwksSource(f"{url}/jwks")])
        assert await store.get_keys() == ()
        await store.close()
    assert asked == ["/jwks"]


@pytest.fixture
async def protected(file):
    """A router that believes the keys in `file`."""
    apps = []

    def open_client(**jwt_options):
        source = {"url": file.as_uri(), "issuers": ["me"], "audiences": ["us"]}
        config = {"authentication": {"router": {"jwt": {"jwks": [source], **jwt_options}}}}
        app = SmallGraph().build_app(config)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router")
        apps.append((app, client))
        return client

    yield open_client
    for app, client in apps:
        await client.aclose()
        await app.close()


async def ask(client, token=None, query="{ me { name email } }"):
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return await client.post("/", json={"query": query}, headers=headers)


async def test_a_good_token_opens_protected_fields_and_none_is_anonymous(file, protected):
    key, public = make_key("1")
    write(file, public)
    client = protected()
    assert (await ask(client, sign(key, "1"))).json() == {
        "data": {"me": {"name": "Ann", "email": "ann@example.org"}}
    }
    assert (await ask(client)).json()["data"] == {"me": {"name": "Ann", "email": None}}


async def test_a_bad_token_is_no_anonymous_caller(file, protected):
    key, public = make_key("1")
    write(file, public)
    client = protected()
    for token, status in (
        ("nonsense", 400),
        (sign(key, "1", exp=int(time.time()) - 61), 401),
        (sign(key, "1", aud="others"), 401),
        (sign(key, "1", iss="others"), 500),
        (sign(make_key("1")[0], "1"), 401),
        (sign(key, "2"), 401),
    ):
        response = await ask(client, token)
        assert response.status_code == status
        assert response.json()["errors"][0]["extensions"] == {"code": "AUTH_ERROR"}
        assert token not in response.text
        assert "data" not in response.json()


async def test_a_bad_token_can_be_let_pass_as_none(file, protected):
    response = await ask(protected(on_error="Continue"), "x")
    assert response.json()["data"] == {"me": {"name": "Ann", "email": None}}


async def test_a_new_key_is_found_when_a_token_names_it(file, protected):
    old, public = make_key("1")
    write(file, public)
    client = protected()
    await ask(client, sign(old, "1"))
    new, new_public = make_key("2")
    write(file, public, new_public)
    store = client._transport.app._server._generation.keys
    store._sources[0].fetched_at_s -= module.REFETCH_S
    assert (await ask(client, sign(new, "2"))).status_code == 200


async def test_a_document_that_is_too_large_is_not_read_and_the_keys_stay(file):
    _, public = make_key("1")
    write(file, public)
    store = JwksStore([JwksSource(file.as_uri())])
    assert [key.kid for key in await store.get_keys()] == ["1"]
    file.write_bytes(b" " * DOCUMENT_BYTES_MAX + file.read_bytes())
    store._sources[0].fetched_at_s -= 100
    assert await store.refresh()
    assert store._sources[0].is_failed
    assert [key.kid for key in await store.get_keys()] == ["1"]
    await store.close()
