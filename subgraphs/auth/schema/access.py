"""Getting in, staying in, getting out; and what administrators do to accounts."""

from collections.abc import Awaitable

import strawberry

from subgraphs.auth.domain import Account, AccountStatus, Role
from subgraphs.auth.schema.context import AuthInfo
from subgraphs.auth.schema.payloads import (
    AccountPayload,
    AuthTokens,
    LoginPayload,
    RefreshTokenPayload,
    RegisterPayload,
    RevokeSessionsPayload,
)
from subgraphs.auth.schema.types import WRITE_SCOPE, User
from subgraphs.auth.service.accounts import PasswordChange, Registration, StatusChange
from subgraphs.auth.service.sessions import LoggedIn
from subgraphs.common.auth import require_recent_mfa, require_scope
from subgraphs.common.errors import DomainError, ObjectNotFoundError
from subgraphs.common.graphql_types import errors_of, parse_id


@strawberry.input
class RegisterInput:
    """What a new user gives."""

    email: str
    password: str
    full_name: str


@strawberry.input
class LoginInput:
    """What proves who somebody is."""

    email: str
    password: str


@strawberry.input
class ChangePasswordInput:
    """The old and the new password."""

    current_password: str
    new_password: str
    revoke_other_sessions: bool | None = True


async def register(info: AuthInfo, input: RegisterInput) -> RegisterPayload:  # noqa: A002  the schema's name
    """Make an account and log in to it."""
    registration = Registration(input.email, input.password, input.full_name)
    try:
        done = await info.context.service.accounts.register(registration, info.context.client)
    except DomainError as refusal:
        return RegisterPayload(user=None, tokens=None, errors=errors_of(refusal))
    return RegisterPayload(user=User.of(done.account), tokens=AuthTokens.of(done.tokens), errors=[])


async def login(info: AuthInfo, input: LoginInput) -> LoginPayload:  # noqa: A002  the schema's name
    """Begin a session; MfaRequiredError with its token where a second factor is to be shown first."""
    logins = info.context.service.logins
    return await present_login(logins.login(input.email, input.password, info.context.client))


async def refresh_token(info: AuthInfo, refresh_token: str) -> RefreshTokenPayload:
    """Exchange a refresh token for new tokens."""
    try:
        tokens = await info.context.service.sessions.refresh(refresh_token)
    except DomainError as refusal:
        return RefreshTokenPayload(tokens=None, errors=errors_of(refusal))
    return RefreshTokenPayload(tokens=AuthTokens.of(tokens), errors=[])


async def logout(info: AuthInfo, *, all_sessions: bool | None = False) -> RevokeSessionsPayload:
    """End the session of the token, or all of its account."""
    caller = await info.context.get_caller(info.context.principal)
    revoked_count = await info.context.service.sessions.logout(caller, everywhere=all_sessions is True)
    return RevokeSessionsPayload(revoked_count=revoked_count, errors=[])


async def revoke_session(info: AuthInfo, session_id: strawberry.ID) -> RevokeSessionsPayload:
    """End one session of the caller, on whatever device."""
    caller = await info.context.get_caller(info.context.principal)
    try:
        revoked_count = await info.context.service.sessions.revoke(caller, parse_id(session_id))
    except DomainError as refusal:
        return RevokeSessionsPayload(revoked_count=0, errors=errors_of(refusal))
    return RevokeSessionsPayload(revoked_count=revoked_count, errors=[])


async def change_password(
    info: AuthInfo,
    input: ChangePasswordInput,  # noqa: A002  the schema's name
) -> AccountPayload:
    """Replace the caller's password."""
    caller = await info.context.get_caller(info.context.principal)
    change = PasswordChange(
        current=input.current_password,
        new=input.new_password,
        revoke_others=input.revoke_other_sessions is not False,
    )
    return await present_account(info.context.service.accounts.change_password(caller, change))


async def set_user_role(info: AuthInfo, user_id: strawberry.ID, role: Role) -> AccountPayload:
    """Give an account a role, as an administrator with a fresh second factor."""
    principal = require_recent_mfa(require_scope(info.context.principal, WRITE_SCOPE))
    caller = await info.context.get_caller(principal)
    account_id = parse_id(user_id)
    if account_id is None:
        return _no_such_user()
    return await present_account(info.context.service.accounts.set_role(caller, account_id, role))


async def set_user_status(
    info: AuthInfo,
    user_id: strawberry.ID,
    status: AccountStatus,
    reason: str | None = strawberry.UNSET,
) -> AccountPayload:
    """Suspend an account or let it in again."""
    caller = await info.context.get_caller(require_scope(info.context.principal, WRITE_SCOPE))
    account_id = parse_id(user_id)
    if account_id is None:
        return _no_such_user()
    change = StatusChange(account_id, status, reason or None)
    return await present_account(info.context.service.accounts.set_status(caller, change))


def _no_such_user() -> AccountPayload:
    return AccountPayload(
        user=None, errors=errors_of(ObjectNotFoundError("There is no such user.", ("userId",)))
    )


async def present_login(attempt: Awaitable[LoggedIn]) -> LoginPayload:
    """Present a new session, or why there is none."""
    try:
        done = await attempt
    except DomainError as refusal:
        return LoginPayload(user=None, tokens=None, errors=errors_of(refusal))
    return LoginPayload(user=User.of(done.account), tokens=AuthTokens.of(done.tokens), errors=[])


async def present_account(change: Awaitable[Account]) -> AccountPayload:
    """Present a changed account, or why it was not changed."""
    try:
        account = await change
    except DomainError as refusal:
        return AccountPayload(user=None, errors=errors_of(refusal))
    return AccountPayload(user=User.of(account), errors=[])
