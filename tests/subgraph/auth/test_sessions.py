"""Logging in, rotating refresh tokens, logging out."""

import asyncio

import pytest

from tests.subgraph.auth.conftest import ERRORS, PASSWORD, Auth, claims_of, id_of

LOGOUT = f"mutation($all: Boolean) {{ logout(allSessions: $all) {{ revokedCount {ERRORS} }} }}"
VIEWER = """{ viewer { user { id email sessions { totalCount nodes { id isCurrent userAgent } } }
  scopes session { id isCurrent } authenticatedAt mfaAt } }"""


async def test_a_login_gives_tokens_for_the_same_user(auth: Auth) -> None:
    registered = await auth.register("ada@example.com")
    payload = await auth.login(" ADA@example.com")
    assert payload["errors"] == []
    assert payload["user"] == registered["user"]
    assert payload["tokens"]["expiresIn"] == 600
    assert payload["tokens"]["refreshExpiresIn"] == 30 * 24 * 3600


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", "wrong password"),
        ("nobody@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
        ("ada@example.com", "x" * 500_000),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
async def test_whatever_is_wrong_with_a_login_the_answer_is_the_same(
    auth: Auth, email: str, password: str
) -> None:
    await auth.register("ada@example.com")
    payload = await auth.login(email, password)
    assert payload["user"] is None
    assert payload["tokens"] is None
    assert payload["errors"] == [
        {
            "__typename": "InvalidCredentialsError",
            "message": "The e-mail address or the password is wrong.",
            "code": "INVALID",
            "path": None,
        },
    ]


async def test_a_login_hashes_as_much_for_an_unknown_address(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bcrypt

    checks: list[bytes] = []
    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda *given: (checks.append(given[1][:7]), real(*given))[1])
    await auth.register("ada@example.com")
    for email in ("ada@example.com", "nobody@example.com", "no address"):
        await auth.login(email, "wrong password")
    assert checks == [b"$2b$04$"] * 3


async def test_a_login_with_an_older_cost_of_hashing_renews_the_hash(auth: Auth) -> None:
    from sqlalchemy import text

    from subgraphs.auth.service.passwords import PasswordHasher

    await auth.register("ada@example.com")
    older = PasswordHasher(5)
    old_hash = await older.hash(PASSWORD)
    older.close()
    async with auth.service.database.write() as session:
        await session.execute(text("UPDATE accounts SET password_hash = :hash"), {"hash": old_hash})
    assert (await auth.login("ada@example.com"))["errors"] == []
    async with auth.service.database.read() as session:
        assert (
            (await session.execute(text("SELECT password_hash FROM accounts")))
            .scalar_one()
            .startswith("$2b$04$")
        )
    assert (await auth.login("ada@example.com"))["errors"] == []


async def test_a_refresh_gives_new_tokens_of_the_same_session(auth: Auth) -> None:
    first = (await auth.register("ada@example.com"))["tokens"]
    auth.clock.advance(hours=1)
    second = (await auth.refresh(first["refreshToken"]))["tokens"]
    assert second["refreshToken"] != first["refreshToken"]
    old, new = claims_of(first["accessToken"]), claims_of(second["accessToken"])
    assert new["sid"] == old["sid"]
    assert new["jti"] != old["jti"]
    assert new["auth_time"] == old["auth_time"]
    assert new["iat"] - old["iat"] == 3600
    assert second["refreshExpiresIn"] == first["refreshExpiresIn"] - 3600


async def test_a_refresh_token_that_comes_again_ends_the_whole_family(auth: Auth) -> None:
    first = (await auth.register("ada@example.com"))["tokens"]
    second = (await auth.refresh(first["refreshToken"]))["tokens"]

    stolen = await auth.refresh(first["refreshToken"])

    assert stolen["tokens"] is None
    assert stolen["errors"][0]["__typename"] == "TokenError"
    assert stolen["errors"][0]["code"] == "EXPIRED"
    assert (await auth.refresh(second["refreshToken"]))["tokens"] is None


async def test_a_family_that_ends_leaves_the_other_sessions_alone(auth: Auth) -> None:
    first = (await auth.register("ada@example.com"))["tokens"]
    other = (await auth.login("ada@example.com"))["tokens"]
    await auth.refresh(first["refreshToken"])
    await auth.refresh(first["refreshToken"])
    assert (await auth.refresh(other["refreshToken"]))["tokens"] is not None


async def test_of_many_refreshes_at_once_with_one_token_one_succeeds_at_most(auth: Auth) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["refreshToken"]
    payloads = await asyncio.gather(*(auth.refresh(token) for _ in range(6)))
    assert sum(payload["tokens"] is not None for payload in payloads) == 1


@pytest.mark.parametrize("token", ["", "garbage", "x" * 500_000, "' OR 1=1"])
async def test_an_unknown_refresh_token_is_refused_as_data(auth: Auth, token: str) -> None:
    payload = await auth.refresh(token)
    assert payload["tokens"] is None
    assert payload["errors"][0]["__typename"] == "TokenError"


async def test_a_session_ends_for_good_after_its_time(auth: Auth) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["refreshToken"]
    auth.clock.advance(days=29, hours=23, minutes=59)
    last = (await auth.refresh(token))["tokens"]
    assert last["expiresIn"] == 60, "an access token never outlives its session"
    auth.clock.advance(minutes=1)
    assert (await auth.refresh(last["refreshToken"]))["tokens"] is None


async def test_refresh_tokens_are_not_stored(auth: Auth) -> None:
    from sqlalchemy import text

    token = (await auth.register("ada@example.com"))["tokens"]["refreshToken"]
    async with auth.service.database.read() as session:
        rows = (await session.execute(text("SELECT token_hash FROM refresh_tokens"))).scalars().all()
    assert len(rows) == 1
    assert token.encode() not in rows[0]


async def test_a_logout_ends_this_session_only(auth: Auth) -> None:
    mine = (await auth.register("ada@example.com"))["tokens"]
    other = (await auth.login("ada@example.com"))["tokens"]
    answer = await auth.ask(LOGOUT, mine["accessToken"])
    assert answer["data"]["logout"] == {"revokedCount": 1, "errors": []}
    assert (await auth.refresh(mine["refreshToken"]))["tokens"] is None
    assert (await auth.refresh(other["refreshToken"]))["tokens"] is not None


async def test_a_logout_everywhere_ends_all_sessions_of_the_user_and_no_other(auth: Auth) -> None:
    mine = (await auth.register("ada@example.com"))["tokens"]
    other = (await auth.login("ada@example.com"))["tokens"]
    bob = (await auth.register("bob@example.com"))["tokens"]
    answer = await auth.ask(LOGOUT, mine["accessToken"], all=True)
    assert answer["data"]["logout"]["revokedCount"] == 2
    assert (await auth.refresh(other["refreshToken"]))["tokens"] is None
    assert (await auth.refresh(bob["refreshToken"]))["tokens"] is not None


async def test_a_logout_needs_a_login(auth: Auth) -> None:
    answer = await auth.ask(LOGOUT)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_viewer_is_who_the_token_says(auth: Auth) -> None:
    tokens = (await auth.register("ada@example.com"))["tokens"]
    await auth.login("ada@example.com")
    viewer = (await auth.ask(VIEWER, tokens["accessToken"]))["data"]["viewer"]
    assert viewer["user"]["email"] == "ada@example.com"
    assert viewer["scopes"] == []
    assert viewer["session"] == {"id": claims_of(tokens["accessToken"])["sid"], "isCurrent": True}
    assert viewer["mfaAt"] is None
    sessions = viewer["user"]["sessions"]
    assert sessions["totalCount"] == 2
    assert [node["isCurrent"] for node in sessions["nodes"]] == [False, True]
    assert sessions["nodes"][0]["userAgent"].startswith("python-httpx")


async def test_nobody_is_the_viewer_of_an_anonymous_request(auth: Auth) -> None:
    assert (await auth.ask(VIEWER))["data"] == {"viewer": None}


async def test_an_ended_session_is_not_shown_to_the_viewer(auth: Auth) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    await auth.ask(LOGOUT, token)
    viewer = (await auth.ask(VIEWER, token))["data"]["viewer"]
    assert viewer["session"] is None
    assert viewer["user"]["sessions"]["nodes"] == []


async def test_sessions_are_paged(auth: Auth) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    for _ in range(4):
        await auth.login("ada@example.com")
    query = """query($after: String) { viewer { user { sessions(first: 2, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } } } }"""
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = (await auth.ask(query, token, after=after))["data"]["viewer"]["user"]["sessions"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "arguments", ["first: -1", "first: 101", 'after: "?"', 'after: "WzFd"', 'after: "WyJhIl0"']
)
async def test_a_bad_page_is_a_clear_error(auth: Auth, arguments: str) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    answer = await auth.ask(
        f"{{ viewer {{ user {{ sessions({arguments}) {{ nodes {{ id }} }} }} }} }}", token
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_in_development_an_administrators_login_counts_as_a_second_factor(auth: Auth) -> None:
    token = await auth.make_admin()
    claims = claims_of(token)
    assert claims["mfa_at"] == claims["auth_time"]
    assert len(claims["scope"].split()) == 10
    assert (await auth.ask(VIEWER, token))["data"]["viewer"]["mfaAt"] is not None
    ada = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    assert "mfa_at" not in claims_of(ada)


async def test_in_production_no_login_counts_as_a_second_factor(strict_auth: Auth) -> None:
    assert "mfa_at" not in claims_of(await strict_auth.make_admin())


async def test_a_closed_account_can_neither_log_in_nor_refresh(auth: Auth) -> None:
    await auth.make_admin()
    tokens = (await auth.register("ada@example.com"))["tokens"]
    await auth.service.accounts.close(id_of(tokens["accessToken"]))
    assert (await auth.login("ada@example.com"))["user"] is None
    assert (await auth.refresh(tokens["refreshToken"]))["tokens"] is None
    assert (await auth.ask(VIEWER, tokens["accessToken"]))["data"] == {"viewer": None}
    assert (await auth.register("ada@example.com"))["errors"] == [], "the address is free again"


async def test_more_logins_than_can_wait_are_told_to_come_again(auth: Auth) -> None:
    from subgraphs.auth.service.passwords import WAITING_MAX

    answers = await asyncio.gather(
        *(auth.service.hasher.matches("wrong password", None) for _ in range(WAITING_MAX + 3)),
        return_exceptions=True,
    )
    assert answers[:WAITING_MAX] == [False] * WAITING_MAX
    assert [getattr(answer, "code", None) for answer in answers[WAITING_MAX:]] == ["SUBGRAPH_UNAVAILABLE"] * 3
    assert (await auth.register("ada@example.com"))["errors"] == [], "and then there is room again"


@pytest.mark.parametrize("end", ["logout", "changePassword", "reset"])
async def test_an_access_token_changes_nothing_any_more_once_its_session_has_ended(
    auth: Auth, end: str
) -> None:
    """What it could make, an API key say, would outlive it."""
    stolen = await auth.make_admin()
    own = (await auth.login("root@example.com"))["tokens"]["accessToken"]
    if end == "logout":
        await auth.do("mutation { logout(allSessions: true) { revokedCount } }", own)
    elif end == "changePassword":
        change = f"""mutation {{ changePassword(input: {{currentPassword: "{PASSWORD}",
            newPassword: "another long password 7"}}) {{ user {{ id }} }} }}"""
        assert (await auth.do(change, own))["user"]
    else:
        await auth.do('mutation { requestPasswordReset(email: "root@example.com") { accepted } }')
        reset = """mutation($given: String!) { resetPassword(token: $given, newPassword: "another long password 7") {
            errors { __typename } } }"""
        assert (await auth.do(reset, given=await auth.mailed_token()))["errors"] == []
    before = [await auth.count(table) for table in ("api_keys", "sessions", "audit_log")]
    for operation in (
        'mutation { createApiKey(input: {name: "mine", scopes: []}) { secret } }',
        f'mutation {{ enrollTotp(password: "{PASSWORD}") {{ secret }} }}',
        f'mutation {{ setUserRole(userId: "{id_of(stolen)}", role: ADMIN) {{ user {{ id }} }} }}',
        "mutation { logout { revokedCount } }",
    ):
        answer = await auth.ask(operation, stolen)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"], operation
    assert [await auth.count(table) for table in ("api_keys", "sessions", "audit_log")] == before
