"""Registering, changing a password, giving roles."""

import asyncio

import pytest

from tests.subgraph.auth.conftest import ERRORS, PASSWORD, REGISTER, Auth, claims_of, id_of

CHANGE = f"""mutation($current: String!, $new: String!, $revoke: Boolean) {{
  changePassword(input: {{currentPassword: $current, newPassword: $new, revokeOtherSessions: $revoke}}) {{
    user {{ id }} {ERRORS} }} }}"""
SET_ROLE = f"""mutation($id: ID!, $role: Role!) {{
  setUserRole(userId: $id, role: $role) {{ user {{ id role }} {ERRORS} }} }}"""


async def test_a_new_user_is_logged_in_with_an_account_that_works_at_once(auth: Auth) -> None:
    payload = await auth.register("  Ada@Example.COM ")

    assert payload["errors"] == []
    assert payload["user"] == {
        "id": str(id_of(payload["tokens"]["accessToken"])),
        "email": "ada@example.com",
        "emailVerified": True,
        "role": "USER",
        "status": "ACTIVE",
        "mfaEnabled": False,
    }
    assert payload["tokens"]["tokenType"] == "Bearer"
    claims = claims_of(payload["tokens"]["accessToken"])
    assert (claims["email"], claims["email_verified"], claims["name"]) == (
        "ada@example.com",
        True,
        "Ada Lovelace",
    )
    assert (claims["role"], claims["scope"], claims["iss"], claims["aud"]) == (
        "USER",
        "",
        "marketplace-auth",
        "marketplace",
    )


async def test_in_production_an_address_is_not_verified_by_registering(strict_auth: Auth) -> None:
    payload = await strict_auth.register("ada@example.com")
    assert payload["user"]["emailVerified"] is False
    assert claims_of(payload["tokens"]["accessToken"])["email_verified"] is False


async def test_users_is_told_of_a_new_account(auth: Auth) -> None:
    payload = await auth.register("ada@example.com")
    (told,) = auth.users.told
    assert told["id"] == payload["user"]["id"]
    assert (told["fullName"], told["version"], told["role"]) == ("Ada Lovelace", 1, "USER")


async def test_registering_works_while_users_is_down(auth: Auth) -> None:
    auth.users.is_down = True
    assert (await auth.register("ada@example.com"))["errors"] == []


async def test_an_address_is_one_account_in_any_case(auth: Auth) -> None:
    await auth.register("ada@example.com")
    payload = await auth.register("ADA@example.com")
    assert payload["user"] is None
    assert payload["tokens"] is None
    assert payload["errors"][0]["__typename"] == "EmailTakenError"
    assert payload["errors"][0]["code"] == "NOT_UNIQUE"


async def test_of_many_who_register_one_address_at_once_one_gets_it(auth: Auth) -> None:
    payloads = await asyncio.gather(*(auth.register("ada@example.com") for _ in range(8)))
    assert sum(payload["user"] is not None for payload in payloads) == 1
    assert await auth.count("accounts") == 1
    assert await auth.count("sessions") == 1


@pytest.mark.parametrize(
    ("email", "password", "full_name", "kind", "path"),
    [
        ("nobody", PASSWORD, "Ada", "ValidationError", ["input", "email"]),
        ("a@b.c'; DROP TABLE accounts; --", PASSWORD, "Ada", "ValidationError", ["input", "email"]),
        ("x" * 100_000 + "@example.com", PASSWORD, "Ada", "ValidationError", ["input", "email"]),
        ("ada@example.com", PASSWORD, "   ", "ValidationError", ["input", "fullName"]),
        ("ada@example.com", PASSWORD, "x" * 100_000, "ValidationError", ["input", "fullName"]),
        ("ada@example.com", PASSWORD, "a\u202eb", "ValidationError", ["input", "fullName"]),
        ("ada@example.com", "short", "Ada", "WeakPasswordError", ["input", "password"]),
        ("ada@example.com", "password123", "Ada", "WeakPasswordError", ["input", "password"]),
        ("ada@example.com", "x" * 100_000, "Ada", "WeakPasswordError", ["input", "password"]),
        ("ada@example.com", "Ada@Example.com", "Ada", "WeakPasswordError", ["input", "password"]),
    ],
)
async def test_bad_input_is_refused_as_data_and_writes_nothing(
    auth: Auth, email: str, password: str, full_name: str, kind: str, path: list[str]
) -> None:
    payload = await auth.register(email, password, full_name)
    assert payload["user"] is None
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == (kind, path)
    assert error.get("reasons") != []
    assert await auth.count("accounts") == 0


@pytest.mark.parametrize("hostile", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("field", ["email", "password", "fullName"])
async def test_text_that_cannot_be_stored_is_a_clear_error(auth: Auth, hostile: str, field: str) -> None:
    values = {"email": "ada@example.com", "password": PASSWORD, "fullName": "Ada", field: hostile}
    body = ('{"query": ' + _json(REGISTER) + ', "variables": ' + _json(values) + "}").encode()
    response = await auth.client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.status_code < 500
    assert "INTERNAL" not in response.text
    assert await auth.count("accounts") == 0


def _json(value: object) -> str:
    import json

    return json.dumps(value)


async def test_a_password_of_more_than_72_bytes_counts_to_its_last_character(auth: Auth) -> None:
    long = "пароль и ещё много слов, чтобы было длиннее семидесяти двух байтов "
    await auth.register("ada@example.com", long + "1")
    assert (await auth.login("ada@example.com", long + "2"))["user"] is None
    assert (await auth.login("ada@example.com", long + "1"))["user"] is not None


async def test_a_changed_password_ends_the_other_sessions_but_not_this_one(auth: Auth) -> None:
    mine = (await auth.register("ada@example.com"))["tokens"]
    other = (await auth.login("ada@example.com"))["tokens"]

    answer = await auth.ask(
        CHANGE, mine["accessToken"], current=PASSWORD, new="another good one", revoke=True
    )

    assert answer["data"]["changePassword"]["errors"] == []
    assert (await auth.refresh(other["refreshToken"]))["tokens"] is None
    assert (await auth.refresh(mine["refreshToken"]))["tokens"] is not None
    assert (await auth.login("ada@example.com"))["user"] is None
    assert (await auth.login("ada@example.com", "another good one"))["user"] is not None


async def test_the_other_sessions_can_be_kept(auth: Auth) -> None:
    mine = (await auth.register("ada@example.com"))["tokens"]
    other = (await auth.login("ada@example.com"))["tokens"]
    await auth.ask(CHANGE, mine["accessToken"], current=PASSWORD, new="another good one", revoke=False)
    assert (await auth.refresh(other["refreshToken"]))["tokens"] is not None


@pytest.mark.parametrize(
    ("current", "new", "kind"),
    [
        ("not the password", "another good one", "InvalidCredentialsError"),
        (PASSWORD, "short", "WeakPasswordError"),
        (PASSWORD, PASSWORD, "WeakPasswordError"),
        (PASSWORD, "ada@example.com", "WeakPasswordError"),
    ],
)
async def test_a_bad_change_of_password_changes_nothing(
    auth: Auth, current: str, new: str, kind: str
) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    answer = await auth.ask(CHANGE, token, current=current, new=new, revoke=True)
    assert [error["__typename"] for error in answer["data"]["changePassword"]["errors"]] == [kind]
    assert (await auth.login("ada@example.com"))["user"] is not None


async def test_changing_a_password_needs_a_login(auth: Auth) -> None:
    answer = await auth.ask(CHANGE, current=PASSWORD, new="another good one", revoke=True)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_administrator_gives_a_role_that_the_next_token_carries(auth: Auth) -> None:
    admin = await auth.make_admin()
    ada = await auth.register("ada@example.com")
    answer = await auth.ask(SET_ROLE, admin, id=ada["user"]["id"], role="SUPPORT")
    assert answer["data"]["setUserRole"] == {
        "user": {"id": ada["user"]["id"], "role": "SUPPORT"},
        "errors": [],
    }
    assert auth.users.told[-1]["role"] == "SUPPORT"
    assert auth.users.told[-1]["version"] == 2
    renewed = (await auth.refresh(ada["tokens"]["refreshToken"]))["tokens"]["accessToken"]
    assert "users:read" in claims_of(renewed)["scope"].split()


async def test_giving_the_same_role_again_changes_and_tells_nothing(auth: Auth) -> None:
    admin = await auth.make_admin()
    ada = await auth.register("ada@example.com")
    told = len(auth.users.told)
    answer = await auth.ask(SET_ROLE, admin, id=ada["user"]["id"], role="USER")
    assert answer["data"]["setUserRole"]["user"]["role"] == "USER"
    assert len(auth.users.told) == told


@pytest.mark.parametrize(
    "user_id", ["01890000-0000-7000-8000-00000000ffff", "no id", "", "' OR 1=1", "x" * 5000]
)
async def test_a_role_for_nobody_is_not_found(auth: Auth, user_id: str) -> None:
    admin = await auth.make_admin()
    answer = await auth.ask(SET_ROLE, admin, id=user_id, role="SUPPORT")
    assert answer["data"]["setUserRole"]["errors"][0]["__typename"] == "NotFoundError"


async def test_only_an_administrator_gives_roles(auth: Auth) -> None:
    ada = await auth.register("ada@example.com")
    for token, code in ((None, "UNAUTHENTICATED"), (ada["tokens"]["accessToken"], "FORBIDDEN")):
        answer = await auth.ask(SET_ROLE, token, id=ada["user"]["id"], role="ADMIN")
        assert answer["data"] is None
        assert answer["errors"][0]["extensions"]["code"] == code
    assert claims_of((await auth.login("ada@example.com"))["tokens"]["accessToken"])["role"] == "USER"


async def test_in_production_giving_roles_needs_a_second_factor(strict_auth: Auth) -> None:
    admin = await strict_auth.make_admin()
    ada = await strict_auth.register("ada@example.com")
    answer = await strict_auth.ask(SET_ROLE, admin, id=ada["user"]["id"], role="ADMIN")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_last_administrator_stays_one_whoever_asks_and_how_often(auth: Auth) -> None:
    first = await auth.make_admin("first@example.com")
    second = await auth.make_admin("second@example.com")
    answers = await asyncio.gather(
        auth.ask(SET_ROLE, first, id=str(id_of(second)), role="USER"),
        auth.ask(SET_ROLE, second, id=str(id_of(first)), role="USER"),
    )
    refused = [error for answer in answers for error in answer["data"]["setUserRole"]["errors"]]
    assert [(error["__typename"], error["code"]) for error in refused] == [
        ("ValidationError", "INVALID_STATE")
    ]
