"""Auth's mutations: each asks the service once and presents the answer or the refusal."""

import strawberry
from strawberry import federation

from subgraphs.auth.domain import Role, parse_uuid
from subgraphs.auth.schema.context import AuthInfo
from subgraphs.auth.schema.types import (
    WRITE_SCOPE,
    AccountPayload,
    AuthTokens,
    LoginPayload,
    RefreshTokenPayload,
    RegisterPayload,
    RevokeSessionsPayload,
    User,
    errors_of,
)
from subgraphs.auth.service.accounts import PasswordChange, Registration
from subgraphs.common.auth import require_recent_mfa, require_scope, require_user
from subgraphs.common.errors import DomainError, ObjectNotFoundError
from subgraphs.common.graphql_types import build_cost, parse_id


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
    """Begin a session."""
    sessions = info.context.service.sessions
    try:
        done = await sessions.login(input.email, input.password, info.context.client)
    except DomainError as refusal:
        return LoginPayload(user=None, tokens=None, errors=errors_of(refusal))
    return LoginPayload(user=User.of(done.account), tokens=AuthTokens.of(done.tokens), errors=[])


async def refresh_token(info: AuthInfo, refresh_token: str) -> RefreshTokenPayload:
    """Exchange a refresh token for new tokens."""
    try:
        tokens = await info.context.service.sessions.refresh(refresh_token)
    except DomainError as refusal:
        return RefreshTokenPayload(tokens=None, errors=errors_of(refusal))
    return RefreshTokenPayload(tokens=AuthTokens.of(tokens), errors=[])


async def logout(info: AuthInfo, *, all_sessions: bool | None = False) -> RevokeSessionsPayload:
    """End the session of the token, or all of its account."""
    principal = require_user(info.context.principal)
    revoked_count = await info.context.service.sessions.logout(
        principal.user_id,
        parse_uuid(principal.claims.get("sid")),
        everywhere=all_sessions is True,
    )
    return RevokeSessionsPayload(revoked_count=revoked_count, errors=[])


async def change_password(
    info: AuthInfo,
    input: ChangePasswordInput,  # noqa: A002  the schema's name
) -> AccountPayload:
    """Replace the caller's password."""
    principal = require_user(info.context.principal)
    change = PasswordChange(
        current=input.current_password,
        new=input.new_password,
        revoke_others=input.revoke_other_sessions is not False,
        session_id=parse_uuid(principal.claims.get("sid")),
    )
    try:
        account = await info.context.service.accounts.change_password(principal.user_id, change)
    except DomainError as refusal:
        return AccountPayload(user=None, errors=errors_of(refusal))
    return AccountPayload(user=User.of(account), errors=[])


async def set_user_role(info: AuthInfo, user_id: strawberry.ID, role: Role) -> AccountPayload:
    """Give an account a role."""
    require_recent_mfa(require_scope(info.context.principal, WRITE_SCOPE))
    try:
        account_id = parse_id(user_id)
        if account_id is None:
            raise ObjectNotFoundError("There is no such user.", ("userId",))
        account = await info.context.service.accounts.set_role(account_id, role)
    except DomainError as refusal:
        return AccountPayload(user=None, errors=errors_of(refusal))
    return AccountPayload(user=User.of(account), errors=[])


@strawberry.type
class Mutation:
    """The root of auth's mutations."""

    register: RegisterPayload = federation.field(resolver=register, directives=[build_cost(50)])
    login: LoginPayload = federation.field(resolver=login, directives=[build_cost(50)])
    refresh_token: RefreshTokenPayload = strawberry.field(resolver=refresh_token)
    logout: RevokeSessionsPayload = federation.field(resolver=logout, authenticated=True)
    change_password: AccountPayload = federation.field(
        resolver=change_password,
        authenticated=True,
        directives=[build_cost(50)],
    )
    set_user_role: AccountPayload = federation.field(
        resolver=set_user_role,
        requires_scopes=[[WRITE_SCOPE]],
        policy=[["recent_mfa"]],
    )
