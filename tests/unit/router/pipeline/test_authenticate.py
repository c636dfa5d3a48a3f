"""Who calls, in a request's life: what the context tells later stages, and every refusal's status, code and message."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.hooks.context import JWT_CLAIMS
from router.kit.json import read_json, write_json
from router.pipeline.authenticate import STATUS, authenticate
from router.pipeline.request import Request
from router.policy.authentication import AuthenticationError
from tests.support.small_graph import SmallGraph

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def sign(key=KEY, kid="1", **changes):
    claims = {"sub": "u", "iss": "me", "aud": "us", "exp": int(time.time()) + 86_400, **changes}
    return jwt.encode(claims, key, "EdDSA", headers={"kid": kid})


@pytest.fixture
async def read(tmp_path):
    file = tmp_path / "jwks.json"
    public = {**read_json(jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key())), "kid": "1"}
    file.write_bytes(write_json({"keys": [public]}))
    apps = []

    async def read(headers, **options):
        source = {"url": file.as_uri(), "issuers": ["me"], "audiences": ["us"]}
        app = SmallGraph().build_app({"authentication": {"router": {"jwt": {"jwks": [source], **options}}}})
        apps.append(app)
        return await authenticate(Request("{ me { id } }", headers=headers), app._server._generation)

    yield read
    for app in apps:
        await app.close()


async def test_a_good_tokens_claims_are_in_the_context(read):
    context = await read((("authorization", f"Bearer {sign()}"),))
    assert context.claims["sub"] == "u"
    assert context.entries == {
        JWT_CLAIMS: context.claims,
        STATUS: {"type": "header", "name": "authorization"},
    }


async def test_a_cookie_is_a_source_too(read):
    context = await read((("cookie", f"s={sign()}"),), sources=[{"type": "cookie", "name": "s"}])
    assert context.entries[STATUS] == {"type": "cookie", "name": "s"}


async def test_nobody_has_no_status(read):
    context = await read(())
    assert (context.claims, context.entries) == (None, {})


@pytest.mark.parametrize(
    ("value", "status", "message", "error"),
    [
        (
            "Basic x",
            400,
            "Value of 'authorization' JWT header should be prefixed with 'Bearer'",
            {"code": "INVALID_PREFIX"},
        ),
        (
            "Bearer ",
            400,
            "Value of 'authorization' JWT header has only 'Bearer' prefix but no JWT token",
            {"code": "MISSING_JWT"},
        ),
        ("Bearer x", 400, "The JWT header cannot be decoded", {"code": "INVALID_HEADER"}),
        (
            f"Bearer {sign(OTHER)}",
            401,
            "Cannot decode JWT: InvalidSignature",
            {"code": "CANNOT_DECODE_JWT", "reason": "INVALID_SIGNATURE"},
        ),
        (
            f"Bearer {sign(exp=1)}",
            401,
            "Cannot decode JWT: ExpiredSignature",
            {"code": "CANNOT_DECODE_JWT", "reason": "EXPIRED_SIGNATURE"},
        ),
        (
            f"Bearer {sign(kid='2')}",
            401,
            "Cannot find the token's kid in JWKS list",
            {"code": "CANNOT_FIND_KID"},
        ),
        (
            f"Bearer {sign(aud='x')}",
            401,
            "Invalid audience: the token's `aud` is not one that this router expects",
            {"code": "INVALID_AUDIENCE"},
        ),
        (
            f"Bearer {sign(iss='x')}",
            500,
            "Invalid issuer: the token's `iss` is not one that its key may speak for",
            {"code": "INVALID_ISSUER"},
        ),
    ],
    ids=range(8),
)
async def test_a_bad_token_is_refused_or_told_in_the_context(read, value, status, message, error):
    headers = (("authorization", value),)
    with pytest.raises(AuthenticationError) as caught:
        await read(headers)
    [told] = caught.value.errors
    assert (caught.value.status, told.message, told.extensions) == (status, message, {"code": "AUTH_ERROR"})
    context = await read(headers, on_error="Continue")
    assert context.claims is None
    assert context.entries == {
        STATUS: {"type": "header", "name": "authorization", "error": {"message": message, **error}}
    }


async def test_other_prefixes_can_be_left_to_others(read):
    assert (await read((("authorization", "Basic x"),), ignore_other_prefixes=True)).claims is None
