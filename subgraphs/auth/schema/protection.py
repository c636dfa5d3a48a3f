"""Mailed tokens, second factors and API keys."""

import datetime as dt

import strawberry

from subgraphs.auth.domain import MfaMethod
from subgraphs.auth.schema.access import present_account, present_login
from subgraphs.auth.schema.context import AuthInfo
from subgraphs.auth.schema.payloads import (
    AccountPayload,
    CreateApiKeyPayload,
    EnrollTotpPayload,
    ExchangeApiKeyPayload,
    LoginPayload,
    RequestPasswordResetPayload,
    ResetPasswordPayload,
    VerifyEmailPayload,
)
from subgraphs.auth.schema.types import ApiKey, User
from subgraphs.common.auth import require_recent_mfa
from subgraphs.common.errors import DomainError
from subgraphs.common.graphql_types import errors_of, parse_id


@strawberry.input
class CreateApiKeyInput:
    """What a new key is called and may do."""

    name: str
    scopes: list[str]
    expires_at: dt.datetime | None = strawberry.UNSET


async def verify_email(info: AuthInfo, token: str) -> VerifyEmailPayload:
    """Confirm an address with a mailed token."""
    try:
        account = await info.context.service.recovery.verify_email(token, info.context.client)
    except DomainError as refusal:
        return VerifyEmailPayload(user=None, errors=errors_of(refusal))
    return VerifyEmailPayload(user=User.of(account), errors=[])


async def resend_verification_email(info: AuthInfo) -> AccountPayload:
    """Mail another token to confirm the caller's address."""
    caller = await info.context.get_caller(info.context.principal)
    return await present_account(info.context.service.recovery.resend_verification(caller))


async def request_password_reset(info: AuthInfo, email: str) -> RequestPasswordResetPayload:
    """Mail a token for a new password, if the address has an account."""
    await info.context.service.recovery.request_reset(email, info.context.client)
    return RequestPasswordResetPayload(accepted=True)


async def reset_password(info: AuthInfo, token: str, new_password: str) -> ResetPasswordPayload:
    """Choose a new password with a mailed token."""
    recovery = info.context.service.recovery
    try:
        account = await recovery.reset_password(token, new_password, info.context.client)
    except DomainError as refusal:
        return ResetPasswordPayload(user=None, errors=errors_of(refusal))
    return ResetPasswordPayload(user=User.of(account), errors=[])


async def request_email_change(info: AuthInfo, new_email: str, password: str) -> AccountPayload:
    """Mail a token to a new address; the account has it once the token has come back."""
    caller = await info.context.get_caller(info.context.principal)
    recovery = info.context.service.recovery
    return await present_account(recovery.request_email_change(caller, new_email, password))


async def complete_mfa_login(info: AuthInfo, mfa_token: str, method: MfaMethod, code: str) -> LoginPayload:
    """Begin the session of a log-in that needed a second factor."""
    logins = info.context.service.logins
    return await present_login(logins.complete(mfa_token, method, code, info.context.client))


async def step_up(info: AuthInfo, method: MfaMethod, code: str) -> LoginPayload:
    """Note a fresh second factor in the caller's session."""
    caller = await info.context.get_caller(info.context.principal)
    return await present_login(info.context.service.logins.step_up(caller, method, code))


async def enroll_totp(info: AuthInfo, password: str) -> EnrollTotpPayload:
    """Begin to set up a second factor."""
    caller = await info.context.get_caller(info.context.principal)
    try:
        made = await info.context.service.factors.enroll(caller, password)
    except DomainError as refusal:
        return EnrollTotpPayload(
            secret=None, otpauth_uri=None, recovery_codes=None, errors=errors_of(refusal)
        )
    return EnrollTotpPayload(
        secret=made.secret, otpauth_uri=made.otpauth_uri, recovery_codes=[*made.recovery_codes], errors=[]
    )


async def confirm_totp(info: AuthInfo, code: str) -> AccountPayload:
    """Switch the second factor on."""
    caller = await info.context.get_caller(info.context.principal)
    return await present_account(info.context.service.factors.confirm(caller, code))


async def disable_totp(info: AuthInfo, password: str, code: str) -> AccountPayload:
    """Switch the second factor off."""
    caller = await info.context.get_caller(info.context.principal)
    return await present_account(info.context.service.factors.disable(caller, password, code))


async def create_api_key(
    info: AuthInfo,
    input: CreateApiKeyInput,  # noqa: A002  the schema's name
) -> CreateApiKeyPayload:
    """Make an API key, whose secret is shown this once; needs a fresh second factor."""
    caller = await info.context.get_caller(require_recent_mfa(info.context.principal))
    keys = info.context.service.api_keys
    try:
        key, secret = await keys.create(caller, input.name, input.scopes, input.expires_at or None)
    except DomainError as refusal:
        return CreateApiKeyPayload(api_key=None, secret=None, errors=errors_of(refusal))
    return CreateApiKeyPayload(api_key=ApiKey.of(key), secret=secret, errors=[])


async def revoke_api_key(info: AuthInfo, id: strawberry.ID) -> AccountPayload:  # noqa: A002  the schema's name
    """Revoke one of the caller's keys."""
    caller = await info.context.get_caller(info.context.principal)
    return await present_account(info.context.service.api_keys.revoke(caller, parse_id(id)))


async def exchange_api_key(info: AuthInfo, api_key: str) -> ExchangeApiKeyPayload:
    """Return an access token for an API key."""
    try:
        issued = await info.context.service.api_keys.exchange(api_key, info.context.client)
    except DomainError as refusal:
        return ExchangeApiKeyPayload(access_token=None, expires_in=None, scopes=[], errors=errors_of(refusal))
    return ExchangeApiKeyPayload(
        access_token=issued.access_token, expires_in=issued.expires_in, scopes=[*issued.scopes], errors=[]
    )
