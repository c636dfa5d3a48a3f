"""Second factors, step-up, API keys, devices, the audit log."""

import asyncio
from typing import Any

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.auth.repository import accounts, factors
from subgraphs.auth.service.secrets import SecretBox
from tests.subgraph.auth.conftest import ERRORS, PASSWORD, SECRET, Auth, claims_of, id_of
from tests.subgraph.orders.client import until_somebody_waits

LOGIN = """mutation($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) { user { id } tokens { accessToken refreshToken }
    errors { __typename ... on MfaRequiredError { mfaToken methods } } } }"""
IN = "user { id mfaEnabled } tokens { accessToken refreshToken } errors { __typename ... on UserError { code path } }"
COMPLETE = f"""mutation($given: String!, $method: MfaMethod!, $code: String!) {{
  completeMfaLogin(mfaToken: $given, method: $method, code: $code) {{ {IN} }} }}"""
STEP_UP = (
    f"mutation($method: MfaMethod!, $code: String!) {{ stepUp(method: $method, code: $code) {{ {IN} }} }}"
)
ENROLL = f"""mutation($password: String!) {{ enrollTotp(password: $password) {{
  secret otpauthUri recoveryCodes {ERRORS} }} }}"""
CONFIRM = f"mutation($code: String!) {{ confirmTotp(code: $code) {{ user {{ mfaEnabled }} {ERRORS} }} }}"
DISABLE = f"""mutation($password: String!, $code: String!) {{
  disableTotp(password: $password, code: $code) {{ user {{ mfaEnabled }} {ERRORS} }} }}"""
CREATE_KEY = f"""mutation($name: String!, $scopes: [String!]!, $expires: DateTime) {{
  createApiKey(input: {{name: $name, scopes: $scopes, expiresAt: $expires}}) {{
    apiKey {{ id name prefix scopes lastUsedAt revokedAt }} secret {ERRORS} }} }}"""
REVOKE_KEY = (
    f"mutation($id: ID!) {{ revokeApiKey(id: $id) {{ user {{ apiKeys {{ revokedAt }} }} {ERRORS} }} }}"
)
EXCHANGE = """mutation($key: String!) { exchangeApiKey(apiKey: $key) { accessToken expiresIn scopes
  errors { __typename ... on UserError { code path } } } }"""
REVOKE = f"mutation($id: ID!) {{ revokeSession(sessionId: $id) {{ revokedCount {ERRORS} }} }}"
AUDIT = """query($filter: AuditFilter, $first: Int, $after: String) { auditLog(first: $first, after: $after, filter: $filter) {
  edges { cursor node { action targetType targetId ip requestId outcome actor { email } } }
  pageInfo { hasNextPage endCursor } } }"""
STATUS = f"""mutation($id: ID!, $status: AccountStatus!) {{
  setUserStatus(userId: $id, status: $status, reason: "because") {{ user {{ status }} {ERRORS} }} }}"""


def code_of(auth: Auth, secret: str) -> str:
    return pyotp.TOTP(secret).at(auth.clock.now)


async def enroll(auth: Auth, email: str = "ada@example.com") -> tuple[str, dict[str, Any]]:
    """Register somebody with a second factor; gives an access token and what was shown."""
    access = (await auth.register(email))["tokens"]["accessToken"]
    made = await auth.do(ENROLL, access, password=PASSWORD)
    confirmed = await auth.do(CONFIRM, access, code=code_of(auth, made["secret"]))
    assert confirmed["user"] == {"mfaEnabled": True}
    auth.clock.advance(seconds=30)
    return access, made


async def begin(auth: Auth, email: str = "ada@example.com") -> str:
    payload = await auth.do(LOGIN, email=email, password=PASSWORD)
    assert (payload["user"], payload["tokens"]) == (None, None)
    (error,) = payload["errors"]
    assert error["__typename"] == "MfaRequiredError"
    assert error["methods"] == ["TOTP", "RECOVERY_CODE"]
    token: str = error["mfaToken"]
    return token


async def test_a_second_factor_is_on_once_its_first_code_was_right(auth: Auth) -> None:
    access = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    made = await auth.do(ENROLL, access, password=PASSWORD)
    assert made["otpauthUri"].startswith(
        "otpauth://totp/Marketplace:ada%40example.com?secret=" + made["secret"]
    )
    assert len(set(made["recoveryCodes"])) == 10
    assert (await auth.login("ada@example.com"))["tokens"] is not None
    wrong = await auth.do(
        CONFIRM, access, code="000000" if code_of(auth, made["secret"]) != "000000" else "1" * 6
    )
    assert wrong["errors"][0]["path"] == ["code"]
    assert (await auth.do(CONFIRM, access, code=code_of(auth, made["secret"])))["errors"] == []
    again = await auth.do(ENROLL, access, password=PASSWORD)
    assert again["errors"][0]["code"] == "INVALID_STATE"
    await begin(auth)


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (
            lambda session, ada: factors.enroll_totp(session, ada, SecretBox(SECRET).close("B" * 32)),
            "INVALID",
        ),
        (lambda session, ada: accounts.close_account(session, ada, "x@x.invalid", "x"), "INVALID_STATE"),
    ],
    ids=("another secret", "an erasure"),
)
async def test_a_code_switches_on_no_secret_but_its_own(auth: Auth, work: Any, code: str) -> None:
    access = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    made = await auth.do(ENROLL, access, password=PASSWORD)
    async with auth.service.database.write() as session:
        await accounts.lock_account(session, id_of(access))
        confirming = asyncio.create_task(auth.do(CONFIRM, access, code=code_of(auth, made["secret"])))
        await until_somebody_waits(auth)
        await work(session, id_of(access))
    assert [error["code"] for error in (await confirming)["errors"]] == [code]
    assert [*(await auth.rows("SELECT totp_confirmed_at FROM accounts"))[0]] == [None]


async def test_a_login_needs_the_second_factor_and_each_code_is_good_once(auth: Auth) -> None:
    _, made = await enroll(auth)
    given, code = await begin(auth), code_of(auth, made["secret"])
    payload = await auth.do(COMPLETE, given=given, method="TOTP", code=f"{code[:3]} {code[3:]}")
    assert payload["errors"] == []
    assert payload["user"]["mfaEnabled"] is True
    assert claims_of(payload["tokens"]["accessToken"])["mfa_at"] == int(auth.clock.now.timestamp())
    replayed = await auth.do(COMPLETE, given=await begin(auth), method="TOTP", code=code)
    assert replayed["errors"][0]["path"] == ["code"]
    finished = await auth.do(COMPLETE, given=given, method="TOTP", code=code)
    assert finished["errors"][0]["code"] == "EXPIRED"


async def test_a_recovery_code_is_good_once_however_it_is_typed(auth: Auth) -> None:
    _, made = await enroll(auth)
    code = made["recoveryCodes"][3]
    typed = code.lower().replace("-", " ")
    first = await auth.do(COMPLETE, given=await begin(auth), method="RECOVERY_CODE", code=typed)
    assert first["tokens"] is not None
    second = await auth.do(COMPLETE, given=await begin(auth), method="RECOVERY_CODE", code=code)
    assert second["tokens"] is None
    assert code.replace("-", "") not in str(await auth.rows("SELECT * FROM recovery_codes"))
    assert made["secret"] not in str(await auth.rows("SELECT totp_secret FROM accounts"))


async def test_of_many_logins_at_once_with_one_code_one_succeeds(auth: Auth) -> None:
    _, made = await enroll(auth)
    tokens = [await begin(auth) for _ in range(4)]
    code = code_of(auth, made["secret"])
    payloads = await asyncio.gather(*(auth.do(COMPLETE, given=g, method="TOTP", code=code) for g in tokens))
    assert sum(payload["tokens"] is not None for payload in payloads) == 1


async def test_codes_cannot_be_guessed(auth: Auth) -> None:
    _, made = await enroll(auth)
    given = await begin(auth)
    kinds = []
    for n in range(7):
        payload = await auth.do(COMPLETE, given=given, method="RECOVERY_CODE", code=f"guess {n}")
        kinds.append(payload["errors"][0]["__typename"])
    assert kinds == ["InvalidCredentialsError"] * 5 + ["AccountLockedError"] * 2
    auth.clock.advance(seconds=1)
    right = await auth.do(COMPLETE, given=given, method="RECOVERY_CODE", code=made["recoveryCodes"][0])
    assert right["errors"] == [], "the log-in that was begun is still good"


async def test_a_begun_login_ends_after_five_minutes_and_is_no_access(auth: Auth) -> None:
    _, made = await enroll(auth)
    given = await begin(auth)
    assert (await auth.ask("{ viewer { scopes } }", given))["status"] == 401
    auth.clock.advance(minutes=5)
    late = await auth.do(COMPLETE, given=given, method="TOTP", code=code_of(auth, made["secret"]))
    assert late["errors"][0]["code"] == "EXPIRED"


async def test_a_step_up_gives_tokens_with_a_fresh_second_factor(auth: Auth) -> None:
    access, made = await enroll(auth)
    refused = await auth.ask(CREATE_KEY, access, name="ci", scopes=[])
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    payload = await auth.do(STEP_UP, access, method="TOTP", code=code_of(auth, made["secret"]))
    claims = claims_of(payload["tokens"]["accessToken"])
    assert claims["sid"] == claims_of(access)["sid"]
    assert claims["mfa_at"] == int(auth.clock.now.timestamp())
    kept = await auth.refresh(payload["tokens"]["refreshToken"])
    assert claims_of(kept["tokens"]["accessToken"])["mfa_at"] == claims["mfa_at"]
    wrong = await auth.do(STEP_UP, access, method="RECOVERY_CODE", code="nonsense")
    assert wrong["tokens"] is None


async def test_a_refresh_and_a_step_up_at_once_take_turns(auth: Auth) -> None:
    _, made = await enroll(auth)
    done = await auth.do(
        COMPLETE,
        given=await begin(auth),
        method="RECOVERY_CODE",
        code=made["recoveryCodes"][0],
    )
    access, refresh = done["tokens"]["accessToken"], done["tokens"]["refreshToken"]
    async with auth.service.database.write() as session:
        await session.execute(text("SELECT FROM refresh_tokens WHERE used_at IS NULL FOR UPDATE"))
        refreshing = asyncio.create_task(auth.refresh(refresh))
        await until_somebody_waits(auth)
        stepping_up = asyncio.create_task(
            auth.do(STEP_UP, access, method="RECOVERY_CODE", code=made["recoveryCodes"][1])
        )
        await until_somebody_waits(auth, 2)
    assert (await refreshing)["errors"] == (await stepping_up)["errors"] == []


async def test_the_second_factor_is_switched_off_with_password_and_code(auth: Auth) -> None:
    access, made = await enroll(auth)
    code = made["recoveryCodes"][0]
    wrong = await auth.do(DISABLE, access, password="wrong password", code=code)
    assert wrong["errors"][0]["__typename"] == "InvalidCredentialsError"
    wrong = await auth.do(DISABLE, access, password=PASSWORD, code="wrong")
    assert wrong["errors"][0]["path"] == ["code"]
    assert (await auth.do(DISABLE, access, password=PASSWORD, code=code))["user"] == {"mfaEnabled": False}
    assert (await auth.login("ada@example.com"))["tokens"] is not None
    assert await auth.count("recovery_codes") == 0


async def test_a_key_is_exchanged_for_a_token_with_its_scopes_as_far_as_they_are_still_the_owners(
    auth: Auth,
) -> None:
    admin = await auth.make_admin()
    made = await auth.do(CREATE_KEY, admin, name=" build 🤖 ", scopes=["users:read", "orders:read"])
    assert made["errors"] == []
    assert made["secret"].startswith(made["apiKey"]["prefix"])
    assert made["secret"] not in str(await auth.rows("SELECT * FROM api_keys"))
    issued = await auth.do(EXCHANGE, key=made["secret"])
    claims = claims_of(issued["accessToken"])
    assert (claims["scope"], "mfa_at" in claims, "sid" in claims) == ("orders:read users:read", False, False)
    token = issued["accessToken"]
    assert (await auth.ask("{ viewer { scopes session { id } } }", token))["data"]["viewer"][
        "session"
    ] is None
    for operation in (
        "mutation { logout(allSessions: true) { revokedCount } }",
        "mutation { resendVerificationEmail { user { id } } }",
    ):
        assert (await auth.ask(operation, token))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    async with auth.service.database.write() as session:
        await session.execute(text("UPDATE accounts SET role = 'USER'"))
    assert (await auth.do(EXCHANGE, key=made["secret"]))["scopes"] == []


async def test_a_revoked_expired_or_made_up_key_is_refused(auth: Auth) -> None:
    admin = await auth.make_admin()
    expires = auth.clock.now.replace(microsecond=0).isoformat()
    assert (await auth.do(CREATE_KEY, admin, name="x", scopes=[], expires=expires))["errors"][0]["path"] == [
        "input",
        "expiresAt",
    ]
    made = await auth.do(CREATE_KEY, admin, name="x", scopes=[])
    done = await auth.do(REVOKE_KEY, admin, id=made["apiKey"]["id"])
    assert done["user"]["apiKeys"][0]["revokedAt"] is not None
    for key in (made["secret"], "", "mkt_" + "a" * 43, "x" * 100_000):
        payload = await auth.do(EXCHANGE, key=key)
        assert (payload["accessToken"], payload["errors"][0]["__typename"]) == (None, "TokenError")


async def test_a_key_of_another_cannot_be_revoked_and_scopes_cannot_be_made_up(auth: Auth) -> None:
    admin = await auth.make_admin()
    made = await auth.do(CREATE_KEY, admin, name="x", scopes=[])
    other = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    for key_id in (made["apiKey"]["id"], "nonsense", admin):
        assert (await auth.do(REVOKE_KEY, other, id=key_id))["errors"][0]["__typename"] == "NotFoundError"
    for scopes in (["everything"], ["users:read", "root"]):
        refused = await auth.do(CREATE_KEY, admin, name="x", scopes=scopes)
        assert refused["errors"][0]["path"] == ["input", "scopes"]


async def test_there_are_at_most_twenty_keys_also_when_made_at_once(auth: Auth) -> None:
    admin = await auth.make_admin()
    made = await asyncio.gather(*(auth.do(CREATE_KEY, admin, name="x", scopes=[]) for _ in range(24)))
    assert sum(payload["apiKey"] is not None for payload in made) == 20


async def test_a_session_on_another_device_is_ended_by_its_owner_only(auth: Auth) -> None:
    here = (await auth.register("ada@example.com"))["tokens"]
    there = (await auth.login("ada@example.com"))["tokens"]
    bob = (await auth.register("bob@example.com"))["tokens"]["accessToken"]
    session_id = claims_of(there["accessToken"])["sid"]
    for bad in (session_id, "nonsense"):
        assert (await auth.do(REVOKE, bob, id=bad))["errors"][0]["__typename"] == "NotFoundError"
    assert (await auth.do(REVOKE, here["accessToken"], id=session_id))["revokedCount"] == 1
    assert (await auth.do(REVOKE, here["accessToken"], id=session_id))["revokedCount"] == 0
    assert (await auth.refresh(there["refreshToken"]))["tokens"] is None
    assert (await auth.refresh(here["refreshToken"]))["tokens"] is not None


@pytest.mark.parametrize("status", ["LOCKED", "DISABLED"])
async def test_a_suspended_account_is_out_until_it_is_let_in(auth: Auth, status: str) -> None:
    ada = await auth.register("ada@example.com")
    admin = await auth.make_admin()
    user_id = ada["user"]["id"]
    assert (await auth.do(STATUS, admin, id=user_id, status=status))["user"] == {"status": status}
    assert (await auth.refresh(ada["tokens"]["refreshToken"]))["tokens"] is None
    assert (await auth.login("ada@example.com"))["errors"][0]["__typename"] == "InvalidCredentialsError"
    assert auth.users.told[-1]["status"] == status
    await auth.do(STATUS, admin, id=user_id, status="ACTIVE")
    assert (await auth.login("ada@example.com"))["tokens"] is not None


async def test_the_last_administrator_is_not_suspended_and_nobody_is_deleted_this_way(auth: Auth) -> None:
    admin = await auth.make_admin()
    own = claims_of(admin)["sub"]
    assert (await auth.do(STATUS, admin, id=own, status="LOCKED"))["errors"][0]["code"] == "INVALID_STATE"
    ada = await auth.register("ada@example.com")
    refused = await auth.do(STATUS, admin, id=ada["user"]["id"], status="DELETED")
    assert refused["errors"][0]["path"] == ["status"]
    user = await auth.ask(STATUS, ada["tokens"]["accessToken"], id=own, status="LOCKED")
    assert user["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_nothing_of_a_person_is_left_in_a_closed_account(auth: Auth) -> None:
    access, _ = await enroll(auth)
    await auth.ask(LOGIN, ip="203.0.113.7", email="ada@example.com", password=PASSWORD)
    async with auth.service.database.write() as session:
        await session.execute(
            text("UPDATE sessions SET ip = '203.0.113.7', user_agent = 'the browser of Ada'")
        )
    account = claims_of(access)["sub"]
    for _ in range(2):
        await auth.post_internal(f"/internal/users/{account}/disable", b"{}")
    for table in ("accounts", "sessions", "action_tokens", "mails", "recovery_codes", "api_keys"):
        left = str(await auth.rows(f"SELECT * FROM {table}"))
        assert "ada" not in left.lower(), table
        assert "203.0.113.7" not in left, table
    assert await auth.count("recovery_codes") + await auth.count("action_tokens") == 0
    closed = await auth.rows("SELECT count(*) AS n FROM audit_log WHERE action = 'account.close'")
    assert closed[0].n == 1
    assert (await auth.rows("SELECT totp_secret FROM accounts"))[0].totp_secret is None


async def test_the_audit_log_tells_who_did_what_from_where(auth: Auth) -> None:
    admin = await auth.make_admin()
    ada = await auth.register("ada@example.com")
    await auth.ask(LOGIN, ip="203.0.113.7", email="ada@example.com", password="wrong password")
    await auth.do(STATUS, admin, id=ada["user"]["id"], status="LOCKED")
    answer = await auth.ask(AUDIT, admin, filter={"targetId": ada["user"]["id"]})
    nodes = [edge["node"] for edge in answer["data"]["auditLog"]["edges"]]
    assert [(node["action"], node["outcome"]) for node in nodes] == [
        ("status.set LOCKED: because", "ALLOWED"),
        ("login", "DENIED"),
        ("register", "ALLOWED"),
    ]
    assert nodes[0]["actor"] == {"email": "root@example.com"}
    assert (nodes[1]["actor"], nodes[1]["ip"], nodes[1]["requestId"]) == (None, "203.0.113.7", "request-1")
    page = (await auth.ask(AUDIT, admin, first=2))["data"]["auditLog"]
    rest = (await auth.ask(AUDIT, admin, first=50, after=page["pageInfo"]["endCursor"]))["data"]["auditLog"]
    assert len(page["edges"]) == 2
    assert len(rest["edges"]) == await auth.count("audit_log") - 2
    refused = await auth.ask(AUDIT, ada["tokens"]["accessToken"])
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_reused_refresh_token_is_in_the_audit_log(auth: Auth) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["refreshToken"]
    for _ in range(2):
        await auth.refresh(token)
    (row,) = await auth.rows("SELECT outcome FROM audit_log WHERE action = 'session.reuse'")
    assert row.outcome == "DENIED"


@pytest.mark.parametrize("change", ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"])
async def test_the_audit_log_is_only_added_to(auth: Auth, change: str) -> None:
    await auth.register("ada@example.com")
    with pytest.raises(DBAPIError, match="only added to"):
        async with auth.service.database.write() as session:
            await session.execute(text(change))
