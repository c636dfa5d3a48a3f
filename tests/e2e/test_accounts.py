"""Accounts as a client meets them: second factors, mails in the outbox, API keys, locks, through the router."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pyotp

from tests.support.deadline import eventually
from tests.support.marketplace import Marketplace

_PASSWORD = "correct horse battery 7"
_REGISTER = """mutation($input: RegisterInput!) { register(input: $input) {
  tokens { accessToken } errors { ... on UserError { message } } } }"""
_LOGIN = """mutation($email: String!, $password: String!) { login(input: {email: $email, password: $password}) {
  tokens { accessToken } errors { __typename ... on MfaRequiredError { mfaToken } } } }"""
_ENROLL = "mutation($password: String!) { enrollTotp(password: $password) { secret recoveryCodes } }"
_CONFIRM = """mutation($code: String!) { confirmTotp(code: $code) {
  user { mfaEnabled fullName } errors { __typename } } }"""
_COMPLETE = """mutation($given: String!, $code: String!) {
  completeMfaLogin(mfaToken: $given, method: RECOVERY_CODE, code: $code) {
    tokens { accessToken } errors { __typename } } }"""
_STEP_UP = """mutation($code: String!) { stepUp(method: RECOVERY_CODE, code: $code) {
  tokens { accessToken } errors { __typename } } }"""
_CREATE_KEY = """mutation { createApiKey(input: {name: "build", scopes: []}) {
  apiKey { prefix } secret errors { ... on UserError { message } } } }"""
_EXCHANGE = "mutation($key: String!) { exchangeApiKey(apiKey: $key) { accessToken errors { __typename } } }"
_RESET = """mutation($given: String!, $new: String!) { resetPassword(token: $given, newPassword: $new) {
  errors { __typename } } }"""


def register(marketplace: Marketplace) -> tuple[str, str]:
    """Register somebody; gives the address and an access token."""
    email = f"{uuid4().hex}@example.com"
    values = {"email": email, "password": _PASSWORD, "fullName": "Zoë 山田 👩‍🚀"}
    payload = marketplace.ask(_REGISTER, {"input": values})["register"]
    assert payload["errors"] == []
    token: str = payload["tokens"]["accessToken"]
    return email, token


def test_a_second_factor_from_enrolment_to_an_api_key(marketplace: Marketplace) -> None:
    email, token = register(marketplace)
    made = marketplace.ask(_ENROLL, {"password": _PASSWORD}, token=token)["enrollTotp"]
    confirmed = marketplace.ask(_CONFIRM, {"code": pyotp.TOTP(made["secret"]).now()}, token=token)[
        "confirmTotp"
    ]
    assert confirmed == {"user": {"mfaEnabled": True, "fullName": "Zoë 山田 👩‍🚀"}, "errors": []}

    (error,) = marketplace.ask(_LOGIN, {"email": email, "password": _PASSWORD})["login"]["errors"]
    answer = {"given": error["mfaToken"], "code": made["recoveryCodes"][0]}
    second = marketplace.ask(_COMPLETE, answer)["completeMfaLogin"]["tokens"]["accessToken"]

    assert refusal(marketplace.post(_CREATE_KEY, token=token)) != "", "the first session had no second factor"
    stepped = marketplace.ask(_STEP_UP, {"code": made["recoveryCodes"][1]}, token=token)["stepUp"]["tokens"]
    for recent in (second, stepped["accessToken"]):
        key = marketplace.ask(_CREATE_KEY, token=recent)["createApiKey"]
        assert key["errors"] == []
    issued = marketplace.ask(_EXCHANGE, {"key": key["secret"]})["exchangeApiKey"]["accessToken"]
    shown = marketplace.ask("{ me { email fullName } viewer { scopes mfaAt } }", token=issued)
    assert shown == {
        "me": {"email": email, "fullName": "Zoë 山田 👩‍🚀"},
        "viewer": {"scopes": [], "mfaAt": None},
    }


def refusal(response: dict[str, Any]) -> str:
    """Give the code of the first error, empty if there is none."""
    errors = response.get("errors") or [{}]
    return str(errors[0].get("extensions", {}).get("code", ""))


def mail_to(outbox: Path, email: str) -> str:
    """Give the text of the mail to an address; empty if there is none yet."""
    for path in outbox.glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        if str(mail["To"]) == email and "new password" in str(mail["Subject"]):
            return str(mail.get_content())
    return ""


def test_a_forgotten_password_is_replaced_by_a_mail(marketplace: Marketplace) -> None:
    email, _ = register(marketplace)
    outbox = marketplace.data / "outbox"
    assert marketplace.ask(
        "mutation($email: String!) { requestPasswordReset(email: $email) { accepted } }", {"email": email}
    ) == {"requestPasswordReset": {"accepted": True}}
    eventually(lambda: mail_to(outbox, email) != "")
    token = mail_to(outbox, email).partition("#token=")[2].split()[0]
    answer = {"given": token, "new": "another long password 7"}
    # The mail is on its way a moment before its token counts.
    eventually(lambda: marketplace.ask(_RESET, answer)["resetPassword"]["errors"] == [])
    assert marketplace.ask(_RESET, answer)["resetPassword"]["errors"] == [{"__typename": "TokenError"}]
    assert marketplace.log_in(email, "another long password 7")


def test_passwords_cannot_be_guessed_through_the_router(marketplace: Marketplace) -> None:
    email, _ = register(marketplace)
    kinds = []
    for _ in range(8):
        payload = marketplace.ask(_LOGIN, {"email": email, "password": "wrong password"})["login"]
        kinds.append(payload["errors"][0]["__typename"])
    assert kinds[:5] == ["InvalidCredentialsError"] * 5
    assert "AccountLockedError" in kinds[5:]


def test_ones_own_data_and_the_own_end_of_it(marketplace: Marketplace) -> None:
    _, token = register(marketplace)
    export = marketplace.ask("mutation { requestDataExport { export { status downloadUrl } } }", token=token)
    url = export["requestDataExport"]["export"]["downloadUrl"]
    content = httpx.get(url, trust_env=False).json()
    assert content["profile"]["fullName"] == content["account"]["fullName"] == "Zoë 山田 👩‍🚀"
    assert len(content["account"]["sessions"]) == 1
    leave = """mutation($password: String!) { requestAccountDeletion(password: $password) {
      request { status } errors { ... on UserError { path } } } }"""
    wrong = marketplace.ask(leave, {"password": "wrong"}, token=token)["requestAccountDeletion"]
    assert wrong == {"request": None, "errors": [{"path": ["password"]}]}
    done = marketplace.ask(leave, {"password": _PASSWORD}, token=token)["requestAccountDeletion"]
    assert done == {"request": {"status": "SCHEDULED"}, "errors": []}
    cancelled = marketplace.ask("mutation { cancelAccountDeletion { request { status } } }", token=token)
    assert cancelled == {"cancelAccountDeletion": {"request": {"status": "CANCELLED"}}}
