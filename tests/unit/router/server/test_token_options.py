"""Each option of `authentication.router.jwt` and what it opens and closes, as `router.yaml` says it, over HTTP."""

import json
import time
from types import SimpleNamespace

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.small_graph import SmallGraph

KEY, EC_KEY = Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
NOW = int(time.time())
OPEN, ANONYMOUS = {"name": "Ann", "email": "ann@example.org"}, {"name": "Ann", "email": None}


def sign(key=KEY, algorithm="EdDSA", **changes):
    claims = {"sub": "u", "iss": "us", "aud": "shop", "exp": NOW + 3600, **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    kid = "ed" if key is KEY else "ec"
    return jwt.encode(claims, key, algorithm, headers={"kid": kid})


def bearer(**changes):
    return {"authorization": f"Bearer {sign(**changes)}"}


async def ask(tmp_path, options, headers):
    """The status, and who `me` is; in place of that the error's message."""
    keys = [
        {**json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key())), "kid": "ed"},
        {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY.public_key())), "kid": "ec"},
    ]
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": keys}))
    source, options = options.pop("source", {}), dict(options)
    config = {"jwks": [{"url": file.as_uri(), **source}], **options}
    app = SmallGraph().build_app({"authentication": {"router": {"jwt": config}}})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post("/", json={"query": "{ me { name email } }"}, headers=headers)
    await app.close()
    body = answer.json()
    return answer.status_code, body["data"]["me"] if "data" in body else body["errors"][0]["message"]


CASES = [
    # Where a token stands.
    ({}, {}, 200, ANONYMOUS),
    ({}, bearer(), 200, OPEN),
    ({}, {"x-token": f"Bearer {sign()}"}, 200, ANONYMOUS),
    ({"header_name": "X-Token"}, {"x-token": f"Bearer {sign()}"}, 200, OPEN),
    ({"header_name": "X-Token"}, bearer(), 200, ANONYMOUS),
    ({"header_value_prefix": "Token"}, {"authorization": f"Token {sign()}"}, 200, OPEN),
    ({"header_value_prefix": "Token"}, bearer(), 400, "Value of 'authorization' JWT header should be prefixed with 'Token'"),
    ({"header_value_prefix": ""}, {"authorization": sign()}, 200, OPEN),
    ({}, {"authorization": "Basic eA=="}, 400, "Value of 'authorization' JWT header should be prefixed with 'Bearer'"),
    ({}, {"authorization": "Bearer"}, 400, "Value of 'authorization' JWT header has only 'Bearer' prefix but no JWT token"),
    ({"ignore_other_prefixes": True}, {"authorization": "Basic eA=="}, 200, ANONYMOUS),
    ({"ignore_other_prefixes": True}, bearer(), 200, OPEN),
    ({"ignore_other_prefixes": True}, {"authorization": "Bearer x"}, 400, "The JWT header cannot be decoded"),
    ({"on_error": "Continue"}, {"authorization": "Bearer x"}, 200, ANONYMOUS),
    ({"sources": [{"type": "cookie", "name": "s"}]}, {"cookie": f"t=1; s={sign()}"}, 200, OPEN),
    ({"sources": [{"type": "cookie", "name": "s"}]}, {"s": f"Bearer {sign()}"}, 200, ANONYMOUS),
    ({"sources": [{"type": "header", "name": "X-T", "value_prefix": "T"}]}, {"x-t": f"T {sign()}"}, 200, OPEN),
    ({"sources": [{"type": "header", "name": "x-t"}]}, {"x-t": f"Bearer {sign()}"}, 200, OPEN),
    ({"sources": [{"type": "header", "name": "x-t"}]}, {"x-t": sign(), **bearer()}, 200, OPEN),
    # What it may say.
    ({}, bearer(exp=None), 401, "Cannot decode JWT: MissingRequiredClaim(exp)"),
    ({"source": {"allow_missing_exp": True}}, bearer(exp=None), 200, OPEN),
    ({"source": {"allow_missing_exp": True}}, bearer(exp=NOW - 3600), 401, "Cannot decode JWT: ExpiredSignature"),
    ({}, bearer(exp=NOW - 59), 200, OPEN),
    ({}, bearer(exp=NOW - 60), 401, "Cannot decode JWT: ExpiredSignature"),
    ({"source": {"leeway": "0s"}}, bearer(exp=NOW + 1), 200, OPEN),
    ({"source": {"leeway": "0s"}}, bearer(exp=NOW), 401, "Cannot decode JWT: ExpiredSignature"),
    ({}, bearer(nbf=NOW + 60), 200, OPEN),
    ({}, bearer(nbf=NOW + 61), 401, "Cannot decode JWT: ImmatureSignature"),
    ({"source": {"leeway": "1h"}}, bearer(nbf=NOW + 3600), 200, OPEN),
    ({"source": {"issuers": ["others", "us"]}}, bearer(), 200, OPEN),
    ({"source": {"issuers": ["others"]}}, bearer(), 500, "Invalid issuer: the token's `iss` is not one that its key may speak for"),
    ({"source": {"issuers": ["us"]}}, bearer(iss=None), 500, "Invalid issuer: the token's `iss` is not one that its key may speak for"),
    ({"source": {"audiences": ["shop"]}}, bearer(aud=["others", "shop"]), 200, OPEN),
    ({"source": {"audiences": ["shop"]}}, bearer(aud=["others"]), 401, "Invalid audience: the token's `aud` is not one that this router expects"),
    ({"source": {"audiences": ["shop"]}}, bearer(aud=[]), 401, "Invalid audience: the token's `aud` is not one that this router expects"),
    ({"source": {"audiences": ["shop"]}}, bearer(aud=None), 401, "Invalid audience: the token's `aud` is not one that this router expects"),
    # With which keys.
    ({"source": {"algorithms": ["EdDSA"]}}, bearer(key=EC_KEY, algorithm="ES256"), 401, "Cannot find the token's kid in JWKS list"),
    ({"source": {"algorithms": ["EdDSA", "ES256"]}}, bearer(key=EC_KEY, algorithm="ES256"), 200, OPEN),
]  # fmt: skip


@pytest.mark.parametrize(("options", "headers", "status", "expected"), CASES)
async def test_an_option_opens_and_closes_what_it_says(
    tmp_path, monkeypatch, options, headers, status, expected
):
    monkeypatch.setattr("router.pipeline.authenticate.time", SimpleNamespace(time=lambda: NOW))
    assert await ask(tmp_path, dict(options), headers) == (status, expected)
