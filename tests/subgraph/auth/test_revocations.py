"""Access tokens that are called back: by what, which ones, and who hears of it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from subgraphs.auth.domain import Caller
from subgraphs.common.revocation import PATH, Revocations, build_revocation_source
from tests.subgraph.auth.conftest import PASSWORD, Auth, claims_of
from tests.subgraph.auth.test_accounts import CHANGE, SET_ROLE
from tests.subgraph.auth.test_factors import EXCHANGE, REVOKE, REVOKE_KEY, STATUS
from tests.subgraph.auth.test_mailed import REQUEST, RESET
from tests.subgraph.auth.test_sessions import LOGOUT

NEW_PASSWORD = "another horse, another staple"
Act = Callable[[Auth, dict[str, Any]], Awaitable[object]]


class Peer:
    """Auth, as another service asks it."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        response = await self._auth.post_internal(path, orjson.dumps(body))
        assert response.status_code == 200
        return response.json()  # type: ignore[no-any-return]


async def log_out(auth: Auth, ada: dict[str, Any]) -> None:
    await auth.ask(LOGOUT, ada["first"])


async def log_out_everywhere(auth: Auth, ada: dict[str, Any]) -> None:
    await auth.ask(LOGOUT, ada["second"], all=True)


async def end_the_other_session(auth: Auth, ada: dict[str, Any]) -> None:
    await auth.do(REVOKE, ada["second"], id=claims_of(ada["first"])["sid"])


async def change_the_password(auth: Auth, ada: dict[str, Any]) -> None:
    await auth.do(CHANGE, ada["second"], current=PASSWORD, new=NEW_PASSWORD)


async def change_the_role(auth: Auth, ada: dict[str, Any]) -> None:
    await auth.do(SET_ROLE, await auth.make_admin(), id=ada["id"], role="SUPPORT")


async def suspend(auth: Auth, ada: dict[str, Any]) -> None:
    await auth.do(STATUS, await auth.make_admin(), id=ada["id"], status="LOCKED")


async def erase(auth: Auth, ada: dict[str, Any]) -> None:
    await auth.post_internal(f"/internal/users/{ada['id']}/disable", b"{}")


async def revoke_the_key(auth: Auth, ada: dict[str, Any]) -> None:
    await auth.do(REVOKE_KEY, ada["second"], id=claims_of(ada["key"])["akid"])


async def change_the_row(auth: Auth, ada: dict[str, Any]) -> None:
    """As an operator might, in the database."""
    async with auth.service.database.write() as session:
        await session.execute(
            text("UPDATE accounts SET status = 'DISABLED', version = version + 1 WHERE id = :id"),
            {"id": ada["id"]},
        )


async def take_over(auth: Auth, ada: dict[str, Any]) -> None:
    """The owner of an address that nobody had confirmed resets the password of who registered with it."""
    async with auth.service.database.write() as session:
        await session.execute(
            text("UPDATE accounts SET email_verified = false WHERE id = :id"), {"id": ada["id"]}
        )
    await auth.do(REQUEST, email="ada@example.com")
    await auth.do(RESET, given=await auth.mailed_token(), new=NEW_PASSWORD)


FIRST, BOTH, KEY, ALL = {"first"}, {"first", "second"}, {"key"}, {"first", "second", "key"}


@pytest.mark.parametrize(
    ("act", "gone"),
    [
        (log_out, FIRST),
        (log_out_everywhere, BOTH),
        (end_the_other_session, FIRST),
        (change_the_password, FIRST),
        (change_the_role, ALL),
        (suspend, ALL),
        (erase, ALL),
        (revoke_the_key, KEY),
        (take_over, ALL),
        (change_the_row, ALL),
    ],
)
async def test_what_ends_takes_its_tokens_with_it_and_no_others(auth: Auth, act: Act, gone: set[str]) -> None:
    bob = (await auth.register("bob@example.com"))["tokens"]["accessToken"]
    first = await auth.register("ada@example.com")
    second = (await auth.login("ada@example.com"))["tokens"]["accessToken"]
    _, secret = await auth.service.api_keys.create(Caller(UUID(first["user"]["id"])), "a key", [], None)
    key = (await auth.do(EXCHANGE, key=secret))["accessToken"]
    ada = {"id": first["user"]["id"], "first": first["tokens"]["accessToken"], "second": second, "key": key}
    revocations = Revocations(build_revocation_source(Peer(auth)))
    await revocations.follow()

    await act(auth, ada)

    await revocations.follow()
    assert {name for name in ("first", "second", "key") if revocations.has(claims_of(ada[name]))} == gone
    assert not revocations.has(claims_of(bob))
    password = NEW_PASSWORD if act in (change_the_password, take_over) else PASSWORD
    again = (await auth.login("ada@example.com", password))["tokens"]
    assert again is None or not revocations.has(claims_of(again["accessToken"]))


async def test_after_a_new_role_a_refresh_is_enough(auth: Auth) -> None:
    ada = await auth.register("ada@example.com")
    await auth.do(SET_ROLE, await auth.make_admin(), id=ada["user"]["id"], role="SUPPORT")
    renewed = (await auth.refresh(ada["tokens"]["refreshToken"]))["tokens"]["accessToken"]
    revocations = Revocations(build_revocation_source(Peer(auth)))
    await revocations.follow()
    assert revocations.has(claims_of(ada["tokens"]["accessToken"]))
    assert not revocations.has(claims_of(renewed))
    assert "orders:read" in claims_of(renewed)["scope"]


async def test_only_the_services_are_told(auth: Auth) -> None:
    assert (await auth.client.post(PATH, content=b'{"after": null}')).status_code == 401
    assert (await auth.post_internal(PATH, b'{"after": "yesterday"}')).status_code == 422
