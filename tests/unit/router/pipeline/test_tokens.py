"""A token is verified once, and not believed a moment longer for it."""

import json
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.pipeline.tokens import CLAIMS_BYTES_MAX, TOKENS_MAX, TokenCache
from router.policy import signatures
from router.server.jwks import REFETCH_S
from tests.support.small_graph import SmallGraph

KEYS = ()
CLAIMS = {"sub": "u", "exp": 100}


def test_claims_are_found_by_the_same_token_and_the_same_keys():
    kept = TokenCache()
    kept.put("t", KEYS, CLAIMS)
    assert kept.find("t", KEYS, now_s=0) == CLAIMS
    assert kept.find("u", KEYS, now_s=0) is None
    assert kept.find("t", [], now_s=0) is None


def test_a_token_ends_when_it_ends():
    kept = TokenCache()
    kept.put("t", KEYS, CLAIMS)
    assert kept.find("t", KEYS, now_s=99.99) == CLAIMS
    assert kept.find("t", KEYS, now_s=100) is None
    kept.put("endless", KEYS, {"sub": "u"})
    assert kept.find("endless", KEYS, now_s=1e12) == {"sub": "u"}


def test_what_one_request_does_to_its_claims_no_other_sees():
    kept = TokenCache()
    given = {"sub": "u", "roles": ["a"]}
    kept.put("t", KEYS, given)
    given["sub"] = "admin"
    kept.find("t", KEYS, now_s=0)["roles"].append("admin")
    assert kept.find("t", KEYS, now_s=0) == {"sub": "u", "roles": ["a"]}


@pytest.mark.parametrize(
    "claims",
    [{"n": 2**70}, {"n": float("nan")}, {"x": "y" * CLAIMS_BYTES_MAX}, {"x": "\ud800"}],
    ids=["beyond 64 bits", "no number", "long", "half a character"],
)
def test_claims_that_cannot_be_kept_exactly_are_not_kept(claims):
    kept = TokenCache()
    kept.put("t", KEYS, claims)
    assert kept.find("t", KEYS, now_s=0) is None


def test_a_flood_of_tokens_fills_no_memory():
    kept = TokenCache()
    for i in range(TOKENS_MAX + 10):
        kept.put(str(i), KEYS, CLAIMS)
    assert len(kept) == TOKENS_MAX


@pytest.fixture
async def protected(tmp_path):
    """A client, the file with the keys, and a signer."""
    key = Ed25519PrivateKey.generate()
    public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [{**public, "kid": "1"}]}))
    app = SmallGraph().build_app({"authentication": {"router": {"jwt": {"jwks": [{"url": file.as_uri()}]}}}})

    def sign(**claims):
        body = {"sub": "u", "exp": int(time.time()) + 600, **claims}
        return jwt.encode(body, key, "EdDSA", headers={"kid": "1"})

    asgi = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=asgi, base_url="http://router") as client:
        yield client, file, sign, app._server.generation.keys
    await app.close()


async def ask(client, token):
    answer = await client.post(
        "/", json={"query": "{ me { email } }"}, headers={"authorization": f"Bearer {token}"}
    )
    return answer.status_code


async def test_a_signature_is_checked_once(protected, monkeypatch):
    client, _, sign, _ = protected
    token, checked = sign(), []
    verify = signatures.verify_token
    monkeypatch.setattr(
        signatures, "verify_token", lambda *given, **more: checked.append(1) or verify(*given, **more)
    )
    assert [await ask(client, token) for _ in range(3)] == [200] * 3
    assert len(checked) == 1


async def test_a_bad_token_is_looked_at_each_time_and_never_kept(protected):
    client, _, sign, _ = protected
    good = sign()
    assert await ask(client, good) == 200
    forged = good[:-6] + ("AAAAAA" if not good.endswith("AAAAAA") else "BBBBBB")
    assert [await ask(client, forged) for _ in range(3)] == [401] * 3
    assert await ask(client, good) == 200


async def test_a_key_that_is_withdrawn_takes_its_tokens_with_it(protected):
    client, file, sign, keys = protected
    token = sign()
    assert await ask(client, token) == 200
    file.write_text('{"keys": []}')
    keys._sources[0].fetched_at_s -= REFETCH_S
    await keys.refresh()
    assert await ask(client, token) == 401
