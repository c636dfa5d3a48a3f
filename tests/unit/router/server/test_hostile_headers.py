"""Headers that are meant to be understood differently by the router, by who stands before it, and by subgraphs."""

import hmac
import json
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.executor.memory import MemoryTransport
from router.server import jwks as jwks_module
from tests.support.small_graph import SmallGraph

ALL = {"headers": {"all": {"request": [{"propagate": {"matching": ".*"}}]}}}
KEY = Ed25519PrivateKey.generate()
RSA_KEY = rsa.generate_private_key(65537, 2048)


def public(key, algorithm, **more):
    return {**json.loads(algorithm.to_jwk(key.public_key())), **more}


ED_JWK = public(KEY, jwt.algorithms.OKPAlgorithm, kid="1", use="sig")
RSA_JWK = public(RSA_KEY, jwt.algorithms.RSAAlgorithm, kid="rsa")


def sign(claims=None, headers=None, key=KEY, algorithm="EdDSA"):
    body = {"sub": "u", "iss": "me", "exp": int(time.time()) + 600, **(claims or {})}
    return jwt.encode(body, key, algorithm, headers={"kid": "1", **(headers or {})})


class Asked:
    """A router and what it sends on."""

    def __init__(self, config):
        graph = SmallGraph()
        self.sent = []

        async def users(request):
            self.sent.append(request.headers)
            return await graph.users(request)

        transport = MemoryTransport({"products": graph.products, "users": users})
        self.app = graph.build_app(config, transport=transport)

    async def ask(self, *headers, query="{ me { name email } }"):
        asgi = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=asgi, base_url="http://router") as client:
            own = [("content-type", "application/json"), *headers]
            raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in own]
            return await client.post("/", content=json.dumps({"query": query}), headers=raw)

    @property
    def store(self):
        return self.app._server.generation.keys


@pytest.fixture
async def route(tmp_path):
    """Makes routers that believe a file of keys, and ends them."""
    made = []

    def build(*keys, jwt_options=None, **config):
        file = tmp_path / f"{len(made)}.json"
        file.write_text(json.dumps({"keys": list(keys) or [ED_JWK]}))
        given = {"jwks": [{"url": file.as_uri(), "issuers": ["me"]}], **(jwt_options or {})}
        made.append(Asked({**ALL, "authentication": {"router": {"jwt": given}}, **config}))
        return made[-1]

    yield build
    for each in made:
        await each.app.close()


@pytest.mark.parametrize("named", ["authorization", "Authorization, x-tenant", "close, authorization"])
async def test_a_client_cannot_have_a_header_taken_away_by_naming_it_in_connection(route, named):
    router = route()
    answer = await router.ask(("authorization", f"Bearer {sign()}"), ("x-tenant", "a"), ("connection", named))
    assert answer.json()["data"]["me"]["email"] == "ann@example.org"
    (sent,) = router.sent
    names = [name for name, _ in sent]
    assert {"authorization", "x-tenant"} <= set(names)
    assert "connection" not in names


@pytest.mark.parametrize(
    "name",
    [
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "proxy-authorization",
        "proxy-authenticate",
        "content-length",
        "host",
        "content-encoding",
        "accept-encoding",
    ],
)
async def test_headers_of_the_connection_stay_on_it(route, name):
    router = route()
    value = {
        "content-encoding": "identity",
        "content-length": str(len(json.dumps({"query": "{ me { name email } }"}))),
    }
    answer = await router.ask((name, value.get(name, "x")))
    if answer.status_code == 200:
        assert [value for key, value in router.sent[0] if key == name] == []
    else:
        assert router.sent == []


async def test_two_tokens_in_two_headers_are_one_too_many(route):
    router = route()
    good = ("authorization", f"Bearer {sign()}")
    answer = await router.ask(good, ("authorization", "Bearer x"))
    assert (answer.status_code, router.sent) == (400, [])
    assert (await router.ask(good, good)).status_code == 400


async def test_two_tokens_in_one_header_are_no_token(route):
    router = route()
    for value in (
        f"Bearer {sign()}, Bearer {sign()}",
        f"Bearer {sign()} {sign()}",
        f"Bearer Bearer {sign()}",
    ):
        answer = await router.ask(("authorization", value))
        assert answer.status_code in {400, 401}
        assert router.sent == []


async def test_a_good_cookie_does_not_help_a_bad_header(route):
    router = route(jwt_options={"sources": [{"type": "cookie", "name": "session"}]})
    bad = sign(key=Ed25519PrivateKey.generate())
    answer = await router.ask(("authorization", f"Bearer {bad}"), ("cookie", f"session={sign()}"))
    assert (answer.status_code, router.sent) == (401, [])


@pytest.mark.parametrize(
    "value", ["\x00", "a\x00b", "Bearer \x00", "\xff\xfe", "Bearer \xe4\xf6", "Bearer a.b\x00.c"]
)
async def test_bytes_that_no_token_has_are_refused(route, value):
    router = route()
    answer = await router.ask(("authorization", value))
    assert answer.status_code in {400, 401}
    assert answer.json()["errors"][0]["extensions"]["code"] == "AUTH_ERROR"
    assert router.sent == []


async def test_what_is_beyond_ascii_arrives_as_it_was(route):
    router = route()
    await router.ask(("x-name", "J\xfcrgen"))
    assert ("x-name", "J\xfcrgen") in router.sent[0]


@pytest.mark.parametrize("length", [8_000, 60_000, 1_000_000])
async def test_a_long_token_costs_no_more_than_reading_it(route, length):
    router = route()
    parts = sign().split(".")
    for text in (
        "A" * length,
        f"{parts[0]}.{'A' * length}.{parts[2]}",
        f"{'A' * length}.{parts[1]}.{parts[2]}",
        "." * length,
    ):
        answer = await router.ask(("authorization", f"Bearer {text}"))
        assert answer.status_code in {400, 401}
        assert len(answer.content) < 1_000


async def test_large_claims_of_a_good_token_are_claims(route):
    router = route()
    deep = {"a": 1}
    for _ in range(50):
        deep = {"a": deep}
    answer = await router.ask(
        ("authorization", f"Bearer {sign({'deep': deep, 'big': 2**80, 'long': 'x' * 20_000})}")
    )
    assert answer.json()["data"]["me"]["email"] == "ann@example.org"


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "x5t"])
async def test_a_token_cannot_bring_its_own_key(route, name):
    router = route()
    own = Ed25519PrivateKey.generate()
    brought = public(own, jwt.algorithms.OKPAlgorithm, kid="1")
    value = brought if name == "jwk" else ["x"] if name == "x5c" else "http://127.0.0.1:9/keys"
    answer = await router.ask(("authorization", f"Bearer {sign(key=own, headers={name: value})}"))
    assert (answer.status_code, router.sent) == (401, [])
    good = await router.ask(("authorization", f"Bearer {sign(headers={name: value})}"))
    assert good.json()["data"]["me"]["email"] == "ann@example.org"


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "nOnE", "", " none", "none ", None, 0, ["none"], {"alg": "none"}]
)
@pytest.mark.parametrize("kid", ["1", None])
async def test_a_token_without_a_signature_is_none_however_it_says_so(route, algorithm, kid):
    router = route()
    header = {"alg": algorithm, "typ": "JWT", **({"kid": kid} if kid else {})}
    parts = [header, {"sub": "admin", "iss": "me", "exp": int(time.time()) + 600}]
    signed = ".".join(jwt.utils.base64url_encode(json.dumps(each).encode()).decode() for each in parts)
    for signature in ("", "AAAA", sign().rpartition(".")[2]):
        answer = await router.ask(("authorization", f"Bearer {signed}.{signature}"))
        assert answer.status_code in {400, 401}
    assert router.sent == []


@pytest.mark.parametrize(
    "secret",
    [
        RSA_KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        RSA_KEY.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .strip(),
        RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1),
        RSA_KEY.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        json.dumps(RSA_JWK).encode(),
        RSA_JWK["n"].encode(),
        b"",
    ],
    ids=["pem", "stripped", "pkcs1", "der", "jwk", "modulus", "nothing"],
)
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_a_public_key_is_no_secret(route, secret, algorithm):
    router = route(RSA_JWK)
    claims = {"sub": "admin", "iss": "me", "exp": int(time.time()) + 600}
    parts = [{"alg": algorithm, "kid": "rsa"}, claims]
    signed = b".".join(jwt.utils.base64url_encode(json.dumps(each).encode()) for each in parts)
    digest = hmac.new(secret, signed, algorithm.replace("HS", "sha")).digest()
    token = (signed + b"." + jwt.utils.base64url_encode(digest)).decode()
    answer = await router.ask(("authorization", f"Bearer {token}"))
    assert (answer.status_code, router.sent) == (401, [])


@pytest.mark.parametrize(
    "kid",
    [
        "../../../dev/null",
        "/etc/passwd",
        "' OR 1=1 --",
        "x" * 5_000,
        "\u0000",
        "1\u0000",
        "http://evil/",
        "1 ",
        "$(id)",
    ],
)
async def test_a_key_id_is_compared_and_nothing_else(route, kid):
    router = route()
    answer = await router.ask(("authorization", f"Bearer {sign(headers={'kid': kid})}"))
    assert (answer.status_code, router.sent) == (401, [])
    assert len(answer.content) < 500


async def test_a_flood_of_unknown_key_ids_asks_the_issuer_once(route, monkeypatch):
    router, fetched = route(), []
    fetch = jwks_module._fetch

    async def count(source):
        fetched.append(source)
        await fetch(source)

    monkeypatch.setattr(jwks_module, "_fetch", count)
    await router.ask(("authorization", f"Bearer {sign()}"))
    assert len(fetched) == 1
    router.store._sources[0].fetched_at_s -= jwks_module.REFETCH_S
    for i in range(50):
        answer = await router.ask(("authorization", f"Bearer {sign(headers={'kid': str(i + 2)})}"))
        assert answer.status_code == 401
    assert len(fetched) == 2


async def test_private_and_shared_keys_in_a_document_open_nothing_for_others(route):
    """An issuer that publishes too much: its private key still checks only its own signatures."""
    private = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(KEY))
    router = route(
        {**private, "kid": "1"}, {"kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256"}, ED_JWK
    )
    good = await router.ask(("authorization", f"Bearer {sign()}"))
    assert good.json()["data"]["me"]["email"] == "ann@example.org"
    other = await router.ask(("authorization", f"Bearer {sign(key=Ed25519PrivateKey.generate())}"))
    assert other.status_code == 401


async def test_an_allow_list_keeps_shared_keys_out(tmp_path):
    file = tmp_path / "jwks.json"
    secret = b"0123456789abcdef0123456789abcdef"
    encoded = jwt.utils.base64url_encode(secret).decode()
    file.write_text(json.dumps({"keys": [{"kty": "oct", "k": encoded, "kid": "1"}]}))
    token = sign(key=secret, algorithm="HS256")
    for algorithms, status in ((["EdDSA", "RS256"], 401), (["HS256"], 200)):
        source = {"url": file.as_uri(), "algorithms": algorithms}
        router = Asked({"authentication": {"router": {"jwt": {"jwks": [source]}}}})
        answer = await router.ask(("authorization", f"Bearer {token}"))
        assert answer.status_code == status
        await router.app.close()


@pytest.mark.parametrize(
    "token",
    ["a.b.c.d.e", "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d", "{}.{}.{}", "....", "a b c"],
)
async def test_encrypted_and_broken_tokens_are_refused(route, token):
    router = route()
    answer = await router.ask(("authorization", f"Bearer {token}"))
    assert (answer.status_code, router.sent) == (400, [])
