"""Mailed single-use tokens: confirming an address, changing it, choosing a new password."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from subgraphs.auth.domain import Purpose
from subgraphs.auth.repository import accounts, protection
from subgraphs.auth.service.mail import FileMailer
from subgraphs.auth.service.secrets import hash_token
from tests.subgraph.auth.conftest import ERRORS, PASSWORD, Auth, claims_of, id_of
from tests.subgraph.auth.test_factors import COMPLETE, CREATE_KEY, ENROLL, EXCHANGE, LOGIN, begin, enroll
from tests.subgraph.orders.client import until_somebody_waits

VERIFY = f"mutation($given: String!) {{ verifyEmail(token: $given) {{ user {{ email emailVerified }} {ERRORS} }} }}"
RESEND = f"mutation {{ resendVerificationEmail {{ user {{ id }} {ERRORS} }} }}"
REQUEST = "mutation($email: String!) { requestPasswordReset(email: $email) { accepted } }"
RESET = f"""mutation($given: String!, $new: String!) {{
  resetPassword(token: $given, newPassword: $new) {{ user {{ id }} {ERRORS} }} }}"""
MOVE = f"""mutation($email: String!, $password: String!) {{
  requestEmailChange(newEmail: $email, password: $password) {{ user {{ email }} {ERRORS} }} }}"""
CHANGE = f"""mutation($input: ChangePasswordInput!) {{
  changePassword(input: $input) {{ user {{ id }} {ERRORS} }} }}"""
NEW = "another long password 7"


async def test_a_new_account_is_mailed_a_token_that_confirms_its_address_once(strict_auth: Auth) -> None:
    tokens = (await strict_auth.register("ada@example.com"))["tokens"]
    token = await strict_auth.mailed_token()
    payload = await strict_auth.do(VERIFY, given=token)
    assert payload["user"] == {"email": "ada@example.com", "emailVerified": True}
    again = await strict_auth.do(VERIFY, given=token)
    assert (again["user"], again["errors"][0]["__typename"]) == (None, "TokenError")
    renewed = await strict_auth.refresh(tokens["refreshToken"])
    assert claims_of(renewed["tokens"]["accessToken"])["email_verified"] is True
    assert strict_auth.users.told[-1]["emailVerified"] is True
    assert strict_auth.users.told[-1]["version"] == 2


async def test_of_many_uses_at_once_one_succeeds(strict_auth: Auth) -> None:
    await strict_auth.register("ada@example.com")
    token = await strict_auth.mailed_token()
    payloads = await asyncio.gather(*(strict_auth.do(VERIFY, given=token) for _ in range(6)))
    assert sum(payload["user"] is not None for payload in payloads) == 1


async def test_another_mail_makes_the_first_ones_token_useless(strict_auth: Auth) -> None:
    access = (await strict_auth.register("ada@example.com"))["tokens"]["accessToken"]
    first = await strict_auth.mailed_token()
    assert (await strict_auth.do(RESEND, access))["errors"] == []
    second = await strict_auth.mailed_token()
    assert (await strict_auth.do(VERIFY, given=first))["errors"][0]["code"] == "EXPIRED"
    assert (await strict_auth.do(VERIFY, given=second))["errors"] == []
    await strict_auth.do(RESEND, access)
    assert await strict_auth.service.outbox.send_due() == 0, "a confirmed address needs no mail"


async def test_a_token_is_good_for_its_own_purpose_and_time_only(strict_auth: Auth) -> None:
    await strict_auth.register("ada@example.com")
    token = await strict_auth.mailed_token()
    assert (await strict_auth.do(RESET, given=token, new=NEW))["errors"][0]["code"] == "EXPIRED"
    strict_auth.clock.advance(days=2)
    assert (await strict_auth.do(VERIFY, given=token))["errors"][0]["code"] == "EXPIRED"


@pytest.mark.parametrize("token", ["", "x" * 500_000, "' OR 1=1", "é𝕏"])
async def test_what_is_no_token_is_refused_as_data(auth: Auth, token: str) -> None:
    assert (await auth.do(VERIFY, given=token))["errors"][0]["__typename"] == "TokenError"
    assert (await auth.do(RESET, given=token, new=NEW))["errors"][0]["__typename"] == "TokenError"


async def test_a_reset_changes_the_password_and_ends_every_session(auth: Auth) -> None:
    tokens = (await auth.register("ada@example.com"))["tokens"]
    await auth.do(REQUEST, email=" ADA@example.com")
    token = await auth.mailed_token()
    weak = await auth.do(RESET, given=token, new="password123")
    assert weak["errors"][0]["__typename"] == "WeakPasswordError"
    assert (await auth.do(RESET, given=token, new=NEW))["errors"] == []
    assert (await auth.do(RESET, given=token, new=NEW + "8"))["errors"][0]["__typename"] == "TokenError"
    assert (await auth.refresh(tokens["refreshToken"]))["tokens"] is None
    assert (await auth.login("ada@example.com"))["tokens"] is None
    assert (await auth.login("ada@example.com", NEW))["tokens"] is not None
    await auth.service.outbox.send_due()
    assert str(auth.mailer.sent[-1]["Subject"]) == "Your password was changed"


@pytest.mark.parametrize("is_sent", [True, False])
@pytest.mark.parametrize("is_reset", [True, False])
async def test_a_new_password_calls_off_the_new_address_that_was_asked_for_with_the_old(
    auth: Auth, is_reset: bool, is_sent: bool
) -> None:
    """Or who has stolen an account gets it back with the mail that waits in another letter box."""
    access = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    assert (await auth.do(MOVE, access, email="eve@example.com", password=PASSWORD))["errors"] == []
    token = await auth.mailed_token() if is_sent else None
    if is_reset:
        await give_token(auth, id_of(access), "reset", Purpose.RESET_PASSWORD, "ada@example.com")
        assert (await auth.do(RESET, given="reset", new=NEW))["errors"] == []
    else:
        change = {"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": False}
        assert (await auth.do(CHANGE, access, input=change))["errors"] == []
    if token is None:
        await auth.service.outbox.send_due()
        assert [str(mail["To"]) for mail in auth.mailer.sent] == ["ada@example.com"]
    else:
        assert (await auth.do(VERIFY, given=token))["errors"][0]["__typename"] == "TokenError"


async def test_a_log_in_that_was_begun_with_the_old_password_ends_with_a_reset(auth: Auth) -> None:
    _, enrolled = await enroll(auth)
    mfa_token = await begin(auth)
    await auth.do(REQUEST, email="ada@example.com")
    await auth.do(RESET, given=await auth.mailed_token(), new=NEW)
    code = enrolled["recoveryCodes"][0]
    late = await auth.do(COMPLETE, given=mfa_token, method="RECOVERY_CODE", code=code)
    assert late["errors"][0]["code"] == "EXPIRED"


async def give_token(auth: Auth, account_id: UUID, token: str, purpose: Purpose, email: str) -> None:
    async with auth.service.database.write() as session:
        until = auth.clock() + timedelta(hours=1)
        await protection.insert_action_token(
            session, hash_token(token), account_id, purpose, email=email, expires_at=until
        )


async def test_of_a_new_address_and_a_new_password_at_once_one_calls_the_other_off(auth: Auth) -> None:
    ada = id_of((await auth.register("ada@example.com"))["tokens"]["accessToken"])
    await give_token(auth, ada, "reset", Purpose.RESET_PASSWORD, "ada@example.com")
    await give_token(auth, ada, "move", Purpose.CHANGE_EMAIL, "ada@example.org")
    async with auth.service.database.write() as session:
        await accounts.lock_account(session, ada)
        reset = asyncio.create_task(auth.do(RESET, given="reset", new=NEW))
        move = asyncio.create_task(auth.do(VERIFY, given="move"))
        await until_somebody_waits(auth, 2)
    payloads = await asyncio.gather(reset, move)
    assert sorted(len(payload["errors"]) for payload in payloads) == [0, 1]


BEGUN = {
    LOGIN: {"email": "ada@example.com"},
    MOVE: {"email": "eve@example.com"},
    ENROLL: {},
}


@pytest.mark.parametrize("operation", BEGUN, ids=("login", "new address", "second factor"))
async def test_what_a_password_allows_is_not_done_once_it_is_another(auth: Auth, operation: str) -> None:
    access = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    before = await auth.count("sessions"), await auth.count("mails")
    new_hash = await auth.service.hasher.hash(NEW)
    async with auth.service.database.write() as session:
        await accounts.lock_account(session, id_of(access))
        # The old password is looked at, and right.
        begun = asyncio.create_task(auth.do(operation, access, password=PASSWORD, **BEGUN[operation]))
        await until_somebody_waits(auth)
        await accounts.reset_password(session, id_of(access), "ada@example.com", new_hash)
    assert [error["__typename"] for error in (await begun)["errors"]] == ["InvalidCredentialsError"]
    assert (await auth.count("sessions"), await auth.count("mails")) == before
    assert await auth.count("recovery_codes") == 0


async def test_of_two_log_ins_that_renew_a_hash_at_once_both_are_let_in(auth: Auth) -> None:
    account_id = id_of((await auth.register("ada@example.com"))["tokens"]["accessToken"])
    async with auth.service.database.write() as session:
        await accounts.lock_account(session, account_id)
        login = asyncio.create_task(auth.login("ada@example.com"))
        await until_somebody_waits(auth)
        same = await auth.service.hasher.hash(PASSWORD)
        await accounts.reset_password(session, account_id, "ada@example.com", same)
    assert (await login)["errors"] == []


async def test_an_erasure_takes_what_a_mail_that_is_going_out_leaves(auth: Auth) -> None:
    account_id = id_of((await auth.register("ada@example.com"))["tokens"]["accessToken"])
    await give_token(auth, account_id, "reset", Purpose.RESET_PASSWORD, "ada@example.com")
    await auth.do(REQUEST, email="ada@example.com")
    async with auth.service.database.write() as session:
        await session.execute(text("SELECT FROM action_tokens FOR UPDATE"))
        sending = asyncio.create_task(auth.service.outbox.send_due())
        await until_somebody_waits(auth, 1)
        closing = asyncio.create_task(auth.service.accounts.close(account_id))
        await until_somebody_waits(auth, 2)
    await asyncio.gather(sending, closing)
    assert (await auth.count("mails"), await auth.count("action_tokens")) == (0, 0)


async def test_a_reset_waits_for_a_mail_that_is_going_out(auth: Auth) -> None:
    access = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    await give_token(auth, id_of(access), "reset", Purpose.RESET_PASSWORD, "ada@example.com")
    await give_token(auth, id_of(access), "move", Purpose.CHANGE_EMAIL, "ada@example.org")
    await auth.do(MOVE, access, email="eve@example.com", password=PASSWORD)
    async with auth.service.database.write() as session:
        await session.execute(text("SELECT FROM action_tokens WHERE purpose = 'CHANGE_EMAIL' FOR UPDATE"))
        sending = asyncio.create_task(auth.service.outbox.send_due())
        await until_somebody_waits(auth, 1)
        reset = asyncio.create_task(auth.do(RESET, given="reset", new=NEW))
        await until_somebody_waits(auth, 2)
    assert (await reset)["errors"] == []
    assert await sending >= 1
    (mailed,) = [mail for mail in auth.mailer.sent if str(mail["To"]) == "eve@example.com"]
    token = mailed.get_content().partition("#token=")[2].split()[0]
    assert (await auth.do(VERIFY, given=token))["errors"][0]["__typename"] == "TokenError"


async def test_who_registered_with_anothers_address_keeps_no_way_into_the_account(strict_auth: Auth) -> None:
    """The owner of the address takes the account over by a reset: what was set up before must not outlive that."""
    _, made = await enroll(strict_auth)
    code = made["recoveryCodes"][0]
    strict_auth.clock.advance(seconds=-30)
    begun = await begin(strict_auth)
    access = (await strict_auth.do(COMPLETE, given=begun, method="RECOVERY_CODE", code=code))["tokens"]
    key = await strict_auth.do(CREATE_KEY, access["accessToken"], name="mine", scopes=[])
    assert key["errors"] == []
    await strict_auth.do(REQUEST, email="ada@example.com")
    assert (await strict_auth.do(RESET, given=await strict_auth.mailed_token(), new=NEW))["errors"] == []
    assert (await strict_auth.login("ada@example.com", NEW))["tokens"] is not None
    exchanged = await strict_auth.do(EXCHANGE, key=key["secret"])
    assert exchanged["errors"][0]["__typename"] == "TokenError"


async def test_nobodys_letter_box_is_filled_from_many_accounts(auth: Auth) -> None:
    access = (await auth.register("eve@example.com"))["tokens"]["accessToken"]
    for _ in range(5):
        await auth.do(REQUEST, email="ada@example.com")
    asked = await auth.do(MOVE, access, email="ada@example.com", password=PASSWORD)
    assert [error["code"] for error in asked["errors"]] == ["LOCKED"]


async def test_a_reset_opens_a_locked_account(auth: Auth) -> None:
    await auth.register("ada@example.com")
    for _ in range(6):
        await auth.login("ada@example.com", "wrong password")
    await auth.do(REQUEST, email="ada@example.com")
    assert (await auth.do(RESET, given=await auth.mailed_token(), new=NEW))["errors"] == []
    assert (await auth.login("ada@example.com", NEW))["tokens"] is not None


async def test_an_address_is_changed_once_the_new_one_is_confirmed(auth: Auth) -> None:
    access = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    await auth.do(REQUEST, email="ada@example.com")
    to_old_address = await auth.mailed_token()
    payload = await auth.do(MOVE, access, email="Ada@New.example.com", password=PASSWORD)
    assert (payload["user"]["email"], payload["errors"]) == ("ada@example.com", [])
    token = await auth.mailed_token()
    assert str(auth.mailer.sent[-1]["To"]) == "ada@new.example.com"
    assert (await auth.do(VERIFY, given=token))["user"]["email"] == "ada@new.example.com"
    assert (await auth.login("ada@new.example.com"))["tokens"] is not None
    assert (await auth.login("ada@example.com"))["tokens"] is None
    assert (await auth.do(RESET, given=to_old_address, new=NEW))["user"] is None
    assert auth.users.told[-1]["email"] == "ada@new.example.com"
    await auth.service.outbox.send_due()
    told = auth.mailer.sent[-1]
    assert (str(told["To"]), str(told["Subject"])) == ("ada@example.com", "Your e-mail address was changed")


async def test_asking_for_anothers_address_tells_nothing_and_gets_nothing(auth: Auth) -> None:
    await auth.register("bob@example.com")
    access = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    payload = await auth.do(MOVE, access, email="bob@example.com", password=PASSWORD)
    assert payload["errors"] == []
    assert (await auth.do(VERIFY, given=await auth.mailed_token()))["errors"][0]["__typename"] == "TokenError"
    assert (await auth.login("bob@example.com"))["tokens"] is not None


async def test_changing_the_address_needs_the_password_and_an_address(auth: Auth) -> None:
    access = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    wrong = await auth.do(MOVE, access, email="ada@new.example.com", password="wrong password")
    assert wrong["errors"][0]["__typename"] == "InvalidCredentialsError"
    odd = await auth.do(MOVE, access, email="a@b\r\nBcc: all@example.com", password=PASSWORD)
    assert odd["errors"][0]["path"] == ["newEmail"]
    assert await auth.service.outbox.send_due() == 0


async def test_a_mail_that_is_not_taken_is_sent_later_with_a_token_of_its_own(strict_auth: Auth) -> None:
    await strict_auth.register("ada@example.com")
    strict_auth.mailer.is_down = True
    assert await strict_auth.service.outbox.send_due() == 0
    assert await strict_auth.count("action_tokens") == 0, "no token without its mail"
    strict_auth.mailer.is_down = False
    assert await strict_auth.service.outbox.send_due() == 0, "it waits"
    strict_auth.clock.advance(seconds=31)
    assert (await strict_auth.do(VERIFY, given=await strict_auth.mailed_token()))["errors"] == []


async def test_a_mail_that_nobody_takes_is_given_up(strict_auth: Auth) -> None:
    await strict_auth.register("ada@example.com")
    strict_auth.mailer.is_down = True
    for _ in range(12):
        await strict_auth.service.outbox.send_due()
        strict_auth.clock.advance(days=3)
    assert await strict_auth.count("mails") == 0


async def test_many_senders_send_each_mail_once(strict_auth: Auth) -> None:
    for n in range(6):
        await strict_auth.register(f"user{n}@example.com")
    await asyncio.gather(*(strict_auth.service.outbox.send_due() for _ in range(3)))
    assert sorted(str(mail["To"]) for mail in strict_auth.mailer.sent) == [
        f"user{n}@example.com" for n in range(6)
    ]


async def test_nothing_that_works_is_kept_in_the_database(strict_auth: Auth) -> None:
    await strict_auth.register("ada@example.com")
    token = await strict_auth.mailed_token()
    for table in ("mails", "action_tokens", "audit_log"):
        assert token not in str(await strict_auth.rows(f"SELECT * FROM {table}"))


async def test_development_mails_are_files(tmp_path: Path, strict_auth: Auth) -> None:
    await strict_auth.register("ada@example.com")
    await strict_auth.mailed_token()
    mailer = FileMailer(tmp_path / "outbox")
    for _ in range(2):
        await mailer.send(strict_auth.mailer.sent[0], "one")
    (path,) = (tmp_path / "outbox").iterdir()
    assert path.name == "one.eml"
    assert b"To: ada@example.com" in path.read_bytes()
