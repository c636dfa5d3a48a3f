"""Guessing passwords and codes, and learning who has an account."""

import asyncio

import pytest

from tests.subgraph.auth.conftest import PASSWORD, Auth

WRONG = "wrong password"
LOGIN = """mutation($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) { tokens { accessToken }
    errors { __typename ... on UserError { message code } ... on AccountLockedError { retryAfterSeconds } } } }"""
CHANGE = """mutation($current: String!) {
  changePassword(input: {currentPassword: $current, newPassword: "another long password 7"}) {
    user { id } errors { __typename ... on UserError { code path } } } }"""
RESET = "mutation($email: String!) { requestPasswordReset(email: $email) { accepted } }"


async def attempt(auth: Auth, email: str, password: str = WRONG, ip: str | None = None) -> str:
    answer = await auth.ask(LOGIN, ip=ip, email=email, password=password)
    assert "errors" not in answer, answer
    payload = answer["data"]["login"]
    return payload["errors"][0]["__typename"] if payload["errors"] else "in"


async def wait_for_lock(auth: Auth, email: str) -> int:
    answer = await auth.ask(LOGIN, email=email, password="wrong password")
    (error,) = answer["data"]["login"]["errors"]
    assert (error["__typename"], error["code"]) == ("AccountLockedError", "LOCKED")
    seconds: int = error["retryAfterSeconds"]
    auth.clock.advance(seconds=seconds)
    return seconds


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com", "no address at all"])
async def test_each_failure_locks_longer_and_the_same_for_unknown_addresses(auth: Auth, email: str) -> None:
    await auth.register("ada@example.com")
    for _ in range(5):
        assert await attempt(auth, email) == "InvalidCredentialsError"
    waits = []
    for _ in range(5):
        waits.append(await wait_for_lock(auth, email))
        assert await attempt(auth, email) == "InvalidCredentialsError"
    assert waits == [1, 2, 4, 8, 16]


async def test_a_lock_is_never_longer_than_an_hour(auth: Auth) -> None:
    for _ in range(5):
        await attempt(auth, "ada@example.com")
    waits = []
    for _ in range(30):
        waits.append(await wait_for_lock(auth, "ada@example.com"))
        await attempt(auth, "ada@example.com")
    assert max(waits) == waits[-1] == 3600


async def test_a_locked_account_does_not_take_the_right_password_until_the_time_is_over(auth: Auth) -> None:
    await auth.register("ada@example.com")
    for _ in range(5):
        await attempt(auth, "ada@example.com")
    assert await attempt(auth, "ada@example.com", PASSWORD) == "AccountLockedError"
    auth.clock.advance(seconds=1)
    assert await attempt(auth, "ada@example.com", PASSWORD) == "in"
    for _ in range(4):
        assert await attempt(auth, "ada@example.com") == "InvalidCredentialsError", (
            "all failures are forgotten"
        )
    assert await attempt(auth, "ada@example.com", PASSWORD) == "in"


async def test_many_guesses_at_once_are_not_one_guess(auth: Auth) -> None:
    await auth.register("ada@example.com")
    kinds = await asyncio.gather(*(attempt(auth, "ada@example.com") for _ in range(40)))
    assert kinds.count("InvalidCredentialsError") == 5
    assert kinds.count("AccountLockedError") == 35


async def test_a_stranger_locks_nobody_out_where_they_have_logged_in_from(auth: Auth) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    assert await attempt(auth, "ada@example.com", PASSWORD, ip="2001:db8:1:2::7") == "in"
    for _ in range(5):
        assert await attempt(auth, "ada@example.com", ip="198.51.100.1") == "InvalidCredentialsError"
    for ip in ("198.51.100.1", "198.51.100.2", None):
        assert await attempt(auth, "ada@example.com", PASSWORD, ip=ip) == "AccountLockedError"
    # Her own network, and what she is logged in with already.
    assert await attempt(auth, "ada@example.com", PASSWORD, ip="2001:db8:1:2::8") == "in"
    assert (await auth.do(CHANGE, token, current=PASSWORD))["errors"] == []
    # The lock of the others has stayed, and in her network there is one too.
    assert await attempt(auth, "ada@example.com", PASSWORD, ip="198.51.100.1") == "AccountLockedError"
    for _ in range(5):
        assert await attempt(auth, "ada@example.com", ip="2001:db8:1:2::9") == "InvalidCredentialsError"
    assert await attempt(auth, "ada@example.com", ip="2001:db8:1:2::9") == "AccountLockedError"


async def test_one_network_address_cannot_try_many_accounts(auth: Auth) -> None:
    await auth.register("ada@example.com")
    for n in range(50):
        assert await attempt(auth, f"user{n}@example.com", ip="203.0.113.7") == "InvalidCredentialsError"
    assert await attempt(auth, "ada@example.com", PASSWORD, ip="203.0.113.7") == "AccountLockedError"
    assert await attempt(auth, "ada@example.com", PASSWORD, ip="1.2.3.4, 203.0.113.7") == "AccountLockedError"
    assert await attempt(auth, "ada@example.com", PASSWORD, ip="::ffff:203.0.113.7") == "AccountLockedError"
    assert await attempt(auth, "ada@example.com", PASSWORD, ip="203.0.113.8") == "in"


async def test_one_network_of_ipv6_is_one_address(auth: Auth) -> None:
    for n in range(50):
        await attempt(auth, f"user{n}@example.com", ip=f"2001:db8:1:2::{n:x}")
    assert await attempt(auth, "ada@example.com", ip="2001:DB8:1:2:ffff::1%eth0") == "AccountLockedError"
    assert await attempt(auth, "ada@example.com", ip="2001:db8:1:3::1") == "InvalidCredentialsError"


@pytest.mark.parametrize("ip", ["unknown", "1.2.3.4.5", "x" * 5_000, "10.0.0.1, ", "'"])
async def test_an_address_that_is_none_is_unknown(auth: Auth, ip: str) -> None:
    assert await attempt(auth, "ada@example.com", ip=ip) == "InvalidCredentialsError"
    assert [row.ip for row in await auth.rows("SELECT ip FROM audit_log")] == [None]


async def test_good_logins_do_not_add_up_and_do_not_wash_failures_away(auth: Auth) -> None:
    await auth.register("ada@example.com")
    for n in range(49):
        await attempt(auth, f"user{n}@example.com", ip="203.0.113.7")
        if n % 10 == 0:
            assert await attempt(auth, "ada@example.com", PASSWORD, ip="203.0.113.7") == "in"
    await attempt(auth, "last@example.com", ip="203.0.113.7")
    assert await attempt(auth, "ada@example.com", PASSWORD, ip="203.0.113.7") == "AccountLockedError"


async def test_the_current_password_cannot_be_guessed_by_changing_it(auth: Auth) -> None:
    token = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    for _ in range(5):
        payload = await auth.do(CHANGE, token, current="wrong password")
        assert payload["errors"][0]["code"] == "INVALID"
    payload = await auth.do(CHANGE, token, current=PASSWORD)
    assert payload["errors"] == [
        {"__typename": "InvalidCredentialsError", "code": "LOCKED", "path": ["input", "currentPassword"]}
    ]


async def test_a_failed_login_sends_the_same_statements_for_every_address(auth: Auth) -> None:
    await auth.register("ada@example.com")
    seen = []
    for email in ("ada@example.com", "nobody@example.com"):
        with auth.service.database.record_statements() as statements:
            await attempt(auth, email)
        seen.append([statement.split()[0:3] for statement in statements])
    assert seen[0] == seen[1]


async def test_a_request_for_a_reset_does_the_same_for_every_address(auth: Auth) -> None:
    await auth.register("ada@example.com")
    seen = []
    for email in ("ada@example.com", "nobody@example.com"):
        with auth.service.database.record_statements() as statements:
            assert await auth.do(RESET, email=email) == {"accepted": True}
        seen.append([*statements])
    assert seen[0] == seen[1]
    assert await auth.do(RESET, email="no address") == {"accepted": True}
    assert await auth.service.outbox.send_due() == 1
    assert [str(mail["To"]) for mail in auth.mailer.sent] == ["ada@example.com"]
    assert await auth.count("mails") == 0


async def test_nobody_is_flooded_with_mails(auth: Auth) -> None:
    await auth.register("ada@example.com")
    for _ in range(20):
        assert await auth.do(RESET, email="ada@example.com") == {"accepted": True}
    assert await auth.service.outbox.send_due() == 5


@pytest.mark.parametrize(
    "password", ["letmein12345", "qwertyuiop12", "P@ssw0rd1234", "ada.lovelace.1", "marketplace1"]
)
async def test_what_has_leaked_or_is_easily_guessed_is_no_password(auth: Auth, password: str) -> None:
    payload = await auth.register("ada.lovelace@example.com", password)
    (error,) = payload["errors"]
    assert error["__typename"] == "WeakPasswordError"
    assert error["reasons"] == ["It is one of the passwords that are guessed first."]


async def test_administrators_see_how_long_an_account_is_locked(auth: Auth) -> None:
    ada = await auth.register("ada@example.com")
    admin = await auth.make_admin()
    for _ in range(5):
        await attempt(auth, "ada@example.com")
    query = """query($id: ID!) { _entities(representations: [{__typename: "User", id: $id}]) {
      ... on User { lockedUntil } } }"""
    shown = await auth.ask(query, admin, id=ada["user"]["id"])
    assert shown["data"]["_entities"][0]["lockedUntil"] is not None
    own = await auth.ask(query, ada["tokens"]["accessToken"], id=ada["user"]["id"])
    assert own["data"]["_entities"][0]["lockedUntil"] is None
    assert own["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_old_throttles_are_dropped(auth: Auth) -> None:
    await attempt(auth, "nobody@example.com")
    auth.clock.advance(days=2)
    await auth.service.outbox.drop_expired()
    assert await auth.count("throttles") == 0


async def test_many_guesses_in_one_request_are_many_guesses(auth: Auth) -> None:
    await auth.register("ada@example.com")
    guesses = [*(f"wrong {n}" for n in range(5)), PASSWORD]
    logins = " ".join(
        f'a{n}: login(input: {{email: "ada@example.com", password: "{guess}"}}) {{ tokens {{ accessToken }} errors {{ __typename }} }}'
        for n, guess in enumerate(guesses)
    )
    payloads = (await auth.ask(f"mutation {{ {logins} }}"))["data"]
    assert payloads["a5"] == {"tokens": None, "errors": [{"__typename": "AccountLockedError"}]}
    batch = [{"query": f"mutation {{ {logins} }}"}] * 2
    answer = await auth.client.post("/graphql", json=batch)
    assert answer.status_code == 400
