"""What the other services may ask of auth, the published keys, the demo people."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest

from subgraphs.auth.app import seed_demo
from subgraphs.auth.service import read_keys
from subgraphs.auth.service.signing import (
    KeyFile,
    KeyRing,
    SigningKeyError,
    read_or_create_key_file,
    thumbprint,
)
from subgraphs.auth.settings import read_auth_settings
from subgraphs.common.auth import KEYS_AGE_S_MAX, KeySource, TokenVerifier
from subgraphs.common.demo.people import ACCOUNTS, read_people
from subgraphs.common.demo.scope import read_demo_scope
from subgraphs.common.errors import UnauthenticatedError
from subgraphs.common.settings import SettingsError, read_settings
from tests.subgraph.auth.conftest import SECRET, Auth, claims_of, id_of, make_key

DEMO = read_demo_scope({})


async def test_a_lookup_returns_those_who_exist(auth: Auth) -> None:
    ada = (await auth.register("ada@example.com"))["user"]["id"]
    body = json.dumps({"ids": [ada, str(UUID(int=7))]}).encode()
    answer = (await auth.post_internal("/internal/users/lookup", body)).json()
    (user,) = answer["users"]
    created_at = datetime.fromisoformat(user.pop("createdAt"))
    assert created_at.tzinfo is not None
    assert user == {
        "id": ada,
        "email": "ada@example.com",
        "emailVerified": True,
        "role": "USER",
        "status": "ACTIVE",
        "fullName": "Ada Lovelace",
        "version": 1,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[",
        b'{"ids": ["x"]}',
        b'{"ids": 1}',
        json.dumps({"ids": [str(UUID(int=1))] * 1001}).encode(),
    ],
)
async def test_a_bad_lookup_is_a_clear_error(auth: Auth, body: bytes) -> None:
    assert (await auth.post_internal("/internal/users/lookup", body)).status_code in {400, 422}


@pytest.mark.parametrize(
    "path",
    [
        "lookup",
        "activity",
        "01890000-0000-7000-8000-000000000001/disable",
        "01890000-0000-7000-8000-000000000001/name",
    ],
)
async def test_without_a_signature_nothing_is_told_or_done(auth: Auth, path: str) -> None:
    response = await auth.client.post(f"/internal/users/{path}", json={"ids": []})
    assert response.status_code == 401


async def test_a_disabled_account_holds_nothing_of_the_person_and_stays_so(auth: Auth) -> None:
    await auth.make_admin()
    ada = id_of((await auth.register("ada@example.com"))["tokens"]["accessToken"])
    for _ in range(2):
        user = (await auth.post_internal(f"/internal/users/{ada}/disable", b"{}")).json()["user"]
        assert (user["status"], user["version"]) == ("DELETED", 2)
        assert (user["email"], user["fullName"]) == (f"deleted-{ada}@deleted.invalid", "Deleted user")


async def test_nobody_is_disabled_who_never_was(auth: Auth) -> None:
    response = await auth.post_internal(f"/internal/users/{UUID(int=7)}/disable", b"{}")
    assert response.status_code == 404


async def test_the_last_administrator_is_not_disabled(auth: Auth) -> None:
    admin = id_of(await auth.make_admin())
    answer = (await auth.post_internal(f"/internal/users/{admin}/disable", b"{}")).json()
    assert answer == {"refusal": "This is the last administrator."}
    assert (await auth.service.lookup([admin]))[0].status == "ACTIVE"


async def test_activity_counts_each_living_user_once(auth: Auth) -> None:
    await auth.make_admin()
    ada = id_of((await auth.register("ada@example.com"))["tokens"]["accessToken"])
    await auth.login("ada@example.com")
    auth.clock.advance(days=40)
    since = auth.clock.now - timedelta(days=30)
    body = json.dumps({"since": since.isoformat()}).encode()
    assert (await auth.post_internal("/internal/users/activity", body)).json() == {"activeUsers": 0}
    await auth.login("ada@example.com")
    await auth.login("root@example.com")
    await auth.login("root@example.com")
    assert (await auth.post_internal("/internal/users/activity", body)).json() == {"activeUsers": 2}
    await auth.service.accounts.close(ada)
    assert (await auth.post_internal("/internal/users/activity", body)).json() == {"activeUsers": 1}


async def test_the_youngest_name_is_in_the_next_token(auth: Auth) -> None:
    tokens = (await auth.register("ada@example.com"))["tokens"]
    path = f"/internal/users/{id_of(tokens['accessToken'])}/name"
    later = datetime.now(UTC) + timedelta(seconds=10)
    news = [
        ("Ada King", later, True),
        ("Ada Late", later - timedelta(seconds=1), False),
        ("Ada King", later, False),
    ]
    for name, at, is_accepted in news:
        body = json.dumps({"fullName": name, "at": at.isoformat()}).encode()
        assert (await auth.post_internal(path, body)).json() == {"accepted": is_accepted}
    assert (
        claims_of((await auth.refresh(tokens["refreshToken"]))["tokens"]["accessToken"])["name"] == "Ada King"
    )


@pytest.mark.parametrize("name", ["", "x" * 101, "a\x00b"])
async def test_a_name_that_cannot_be_used_is_refused(auth: Auth, name: str) -> None:
    tokens = (await auth.register("ada@example.com"))["tokens"]
    body = json.dumps({"fullName": name, "at": datetime.now(UTC).isoformat()}).encode()
    response = await auth.post_internal(f"/internal/users/{id_of(tokens['accessToken'])}/name", body)
    assert response.status_code == 422


async def test_anybody_can_check_a_token_with_the_published_keys(auth: Auth) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    key_set = (await auth.client.get("/.well-known/jwks.json")).json()
    (key,) = key_set["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")
    assert set(key) == {"kty", "crv", "alg", "use", "x", "kid"}, "nothing of the private half"
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": key["kid"], "typ": "JWT"}
    checked = jwt.decode(
        token, jwt.PyJWK(key), algorithms=["EdDSA"], audience="marketplace", issuer="marketplace-auth"
    )
    assert checked == claims_of(token)


def test_a_key_is_named_by_its_thumbprint() -> None:
    # RFC 8037, appendix A.3.
    assert (
        thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )


def test_the_first_key_signs_and_all_are_published() -> None:
    new, old = make_key(), make_key()
    ring = KeyRing.read(new + "\n" + old)
    ids = [key["kid"] for key in ring.as_jwks()["keys"]]
    assert jwt.get_unverified_header(ring.sign({"sub": "x"}))["kid"] == ids[0]
    assert ids == [KeyRing.read(one).as_jwks()["keys"][0]["kid"] for one in (new, old)]


@pytest.mark.parametrize(
    "pem", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_is_refused(pem: str) -> None:
    with pytest.raises(SigningKeyError):
        KeyRing.read(pem)


def test_a_key_of_another_kind_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(SigningKeyError, match="Ed25519"):
        KeyRing.read(pem.decode())


def test_a_missing_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.pem"
    made = read_or_create_key_file(path)
    assert read_or_create_key_file(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.pem"]


def environ_of(profile: str, **more: str) -> dict[str, str]:
    return {
        "AUTH_DATABASE_URL": "postgresql://nobody@/nothing",
        "INTERNAL_SECRET": SECRET,
        "MARKETPLACE_PROFILE": profile,
        "AUTH_BCRYPT_COST": "4",
        "AUTH_MAIL_URL": "smtps://mail.example.com",
        **more,
    }


def test_in_production_a_missing_key_file_is_an_error(tmp_path: Path) -> None:
    environ = environ_of("production", JWT_SIGNING_KEY_FILE=str(tmp_path / "none.pem"))
    settings = read_auth_settings(read_settings("auth", environ), environ)
    with pytest.raises(SettingsError, match="JWT_SIGNING_KEY_FILE"):
        read_keys(settings)
    assert not (tmp_path / "none.pem").exists()


def test_all_faults_of_the_settings_are_told_at_once() -> None:
    environ = environ_of(
        "production", AUTH_BCRYPT_COST="99", AUTH_MAIL_URL="file:///tmp", AUTH_ACCESS_TOKEN_TTL_S="²"
    )
    with pytest.raises(SettingsError) as refused:
        read_auth_settings(read_settings("auth", environ), environ)
    for variable in ("JWT_SIGNING_KEY_FILE", "AUTH_MAIL_URL", "AUTH_BCRYPT_COST", "AUTH_ACCESS_TOKEN_TTL_S"):
        assert variable in str(refused.value)


async def test_the_demo_people_are_seeded_once_with_their_own_ids(auth: Auth, auth_url: str) -> None:
    environ = environ_of("development", AUTH_DATABASE_URL=auth_url, JWT_SIGNING_KEY=make_key())
    people = read_people(DEMO)
    for _ in range(2):
        await seed_demo(read_settings("auth", environ), environ, DEMO)
    assert await auth.count("accounts") == len(people) == 503
    for person in (*ACCOUNTS, people[-1]):
        payload = await auth.login(person.email, person.password)
        assert (payload["user"]["id"], payload["user"]["role"]) == (str(person.id), person.role)


async def test_the_demo_people_never_reach_production(auth: Auth, auth_url: str) -> None:
    environ = environ_of("production", AUTH_DATABASE_URL=auth_url, JWT_SIGNING_KEY=make_key())
    await seed_demo(read_settings("auth", environ), environ, DEMO)
    assert await auth.count("accounts") == 0


def test_now_is_aware() -> None:
    from subgraphs.auth.service import utc_now

    assert utc_now().tzinfo is UTC


async def test_keys_are_changed_without_a_restart_and_without_a_gap(tmp_path: Path) -> None:
    old, new = make_key(), make_key()
    path = tmp_path / "keys.pem"
    path.write_text(old)
    ring = KeyFile(path)
    verifier = TokenVerifier(published(ring), "us", "them")

    def sign_now() -> str:
        now = int(datetime.now(UTC).timestamp())
        return ring.sign({"sub": str(UUID(int=1)), "iss": "us", "aud": "them", "iat": now, "exp": now + 60})

    tokens = [sign_now()]
    for pem in (old + new, new + old, new):
        path.with_suffix(".new").write_text(pem)
        path.with_suffix(".new").rename(path)
        tokens.append(sign_now())
        if pem != new:
            verifier._fetched_at = float("-inf")
            for token in tokens:
                assert await verifier.verify(f"Bearer {token}") is not None
    kids = [jwt.get_unverified_header(token)["kid"] for token in tokens]
    assert kids[0] == kids[1] != kids[2] == kids[3]
    verifier._fetched_at -= KEYS_AGE_S_MAX
    with pytest.raises(UnauthenticatedError):
        await verifier.verify(f"Bearer {tokens[0]}")


def published(ring: KeyRing) -> KeySource:
    async def read() -> dict[str, Any]:
        return dict(ring.as_jwks())

    return read


@pytest.mark.parametrize("broken", ["", "no key", None])
def test_a_broken_key_file_leaves_the_keys_as_they_were(tmp_path: Path, broken: str | None) -> None:
    path = tmp_path / "keys.pem"
    path.write_text(make_key())
    ring = KeyFile(path)
    before = ring.as_jwks()
    if broken is None:
        path.unlink()
    else:
        path.write_text(broken)
    assert ring.as_jwks() == before
