"""Access tokens: which hold, and what their bearer may do."""

import time
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from subgraphs.common.auth import (
    Principal,
    TokenVerifier,
    is_owner_or,
    require_recent_mfa,
    require_scope,
    require_user,
    require_verified_email,
)
from subgraphs.common.errors import ForbiddenError, UnauthenticatedError

KEYS = {name: Ed25519PrivateKey.generate() for name in ("old", "new")}
USER = UUID(int=7)


class Source:
    """The key set of auth, which can be rotated; counts how often it was read."""

    def __init__(self) -> None:
        self.names = ["old"]
        self.reads = 0

    async def __call__(self) -> dict[str, Any]:
        self.reads += 1
        keys = [
            OKPAlgorithm.to_jwk(KEYS[name].public_key(), as_dict=True) | {"kid": name} for name in self.names
        ]
        return {"keys": [*keys, {"kty": "RSA", "kid": "other"}, {"kty": "OKP"}]}


def build_claims(**changes: Any) -> dict[str, Any]:
    now_s = int(time.time())
    claims = {"sub": str(USER), "iss": "us", "aud": "shop", "iat": now_s, "exp": now_s + 60, "scope": "a b"}
    return {key: value for key, value in (claims | changes).items() if value is not None}


def build_token(kid: str = "old", key: str = "old", **changes: Any) -> str:
    return jwt.encode(build_claims(**changes), KEYS[key], algorithm="EdDSA", headers={"kid": kid})


def principal(**claims: Any) -> Principal:
    return Principal(USER, "USER", frozenset({"a"}), claims)


async def test_a_good_token_names_its_bearer() -> None:
    found = await TokenVerifier(Source(), "us", "shop").verify(f"Bearer {build_token(role='ADMIN')}")
    assert found is not None
    assert (found.user_id, found.role, found.scopes) == (USER, "ADMIN", {"a", "b"})


async def test_no_header_is_nobody() -> None:
    verifier = TokenVerifier(Source(), "us", "shop")
    assert await verifier.verify(None) is None
    assert await verifier.verify("") is None


@pytest.mark.parametrize(
    "header",
    [
        "Basic dTpw",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Bearer " + "x" * 10_000,
        "Bearer \ud800",
        f"Bearer {build_token(key='new')}",
        f"Bearer {build_token(kid='unknown')}",
        f"Bearer {build_token(exp=1)}",
        f"Bearer {build_token(exp=None)}",
        f"Bearer {build_token(sub=None)}",
        f"Bearer {build_token(sub='me')}",
        f"Bearer {build_token(iss='them')}",
        f"Bearer {build_token(aud='other')}",
        f"Bearer {build_token(aud=None)}",
        f"Bearer {build_token(scope=['a'])}",
        f"Bearer {build_token(iat=int(time.time()) + 3600)}",
        f"Bearer {jwt.encode(build_claims(), 'a secret that is long enough for HS256', algorithm='HS256', headers={'kid': 'old'})}",
        f"Bearer {jwt.encode(build_claims(), None, algorithm='none', headers={'kid': 'old'})}",
    ],
)
async def test_a_token_that_does_not_hold_is_refused_without_repeating_it(header: str) -> None:
    with pytest.raises(UnauthenticatedError) as refusal:
        await TokenVerifier(Source(), "us", "shop").verify(header)
    assert len(str(refusal.value)) < 120
    assert refusal.value.extensions == {"code": "UNAUTHENTICATED"}


async def test_keys_are_read_once_and_unknown_ones_do_not_make_it_read_again_and_again() -> None:
    source = Source()
    verifier = TokenVerifier(source, "us", "shop")
    for _ in range(3):
        assert await verifier.verify(f"Bearer {build_token()}")
        with pytest.raises(UnauthenticatedError):
            await verifier.verify(f"Bearer {build_token(kid='unknown')}")
    assert source.reads == 1


async def test_a_new_key_is_found_after_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    verifier = TokenVerifier(source, "us", "shop")
    await verifier.verify(f"Bearer {build_token()}")
    source.names = ["new"]
    monkeypatch.setattr("subgraphs.common.auth.REFETCH_INTERVAL_S", 0.0)
    assert await verifier.verify(f"Bearer {build_token(kid='new', key='new')}")
    with pytest.raises(UnauthenticatedError):
        await verifier.verify(f"Bearer {build_token()}")


def test_what_a_caller_must_be() -> None:
    with pytest.raises(UnauthenticatedError):
        require_user(None)
    with pytest.raises(UnauthenticatedError):
        require_scope(None, "a")
    with pytest.raises(ForbiddenError):
        require_scope(principal(), "other")
    assert require_scope(principal(), "a")
    assert is_owner_or(principal(), USER, "other")
    assert is_owner_or(principal(), UUID(int=8), "a")
    assert not is_owner_or(principal(), UUID(int=8), "other")
    assert not is_owner_or(None, USER, "a")


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_only_true_is_a_verified_address(verified: object) -> None:
    with pytest.raises(ForbiddenError):
        require_verified_email(principal(email_verified=verified))
    assert require_verified_email(principal(email_verified=True))


@pytest.mark.parametrize("ago_s", [-60, 601, None])
def test_a_second_factor_is_recent_for_ten_minutes(ago_s: float | None) -> None:
    with pytest.raises(ForbiddenError):
        require_recent_mfa(principal(mfa_at=None if ago_s is None else time.time() - ago_s))
    for fine_s in (300, -20):
        assert require_recent_mfa(principal(mfa_at=time.time() - fine_s))
