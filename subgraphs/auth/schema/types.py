"""Auth's GraphQL types.

A `User` is made only by `User.of`, whose callers have checked that the reader may see it; so its fields need no
check of their own.
"""

import datetime as dt
from typing import Annotated, Any, Self

import strawberry
from strawberry import federation

from subgraphs.auth import domain
from subgraphs.auth.schema.context import AuthInfo
from subgraphs.auth.service import refusals
from subgraphs.auth.service.tokens import IssuedTokens
from subgraphs.common.auth import is_owner_or, require_user
from subgraphs.common.errors import DomainError, ForbiddenError
from subgraphs.common.graphql_types import (
    Node,
    NotFoundError,
    PageInfo,
    UserError,
    ValidationError,
    build_cost,
    build_list_size,
    build_user_error,
    parse_id,
)
from subgraphs.common.pagination import PAGE_SIZE, Page, read_page_request

READ_SCOPE = "users:read"
WRITE_SCOPE = "users:write"
_TOKEN_TYPE = "Bearer"  # noqa: S105  the name of a scheme (RFC 6750)

strawberry.enum(domain.Role)
strawberry.enum(domain.AccountStatus)


@strawberry.type
class Session(Node):
    """One log-in of a user, on one device."""

    created_at: dt.datetime
    last_seen_at: dt.datetime
    expires_at: dt.datetime
    ip: str | None
    user_agent: str | None
    is_current: bool

    @classmethod
    def of(cls, session: domain.Session, info: AuthInfo) -> Self:
        """Present a session; it is the current one if the caller's token came from it."""
        principal = info.context.principal
        return cls(
            id=strawberry.ID(str(session.id)),
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            ip=session.ip,
            user_agent=session.user_agent,
            is_current=principal is not None and principal.claims.get("sid") == str(session.id),
        )


@strawberry.type
class SessionEdge:
    """A session in its place in the list."""

    cursor: str
    node: Session


async def count_sessions(root: Any, info: AuthInfo) -> int:
    """Count the sessions of the connection's account."""
    async with info.context.read() as session:
        return await info.context.service.sessions.count_live(session, root.account.id)


@strawberry.type
class SessionConnection:
    """A page of the sessions of one account."""

    edges: list[SessionEdge]
    nodes: list[Session]
    page_info: PageInfo
    account: strawberry.Private[domain.Account]
    total_count: int = federation.field(resolver=count_sessions, directives=[build_cost(5)])

    @classmethod
    def of(cls, page: Page[domain.Session], account: domain.Account, info: AuthInfo) -> Self:
        """Present a page of an account's sessions."""
        nodes = [Session.of(row, info) for row in page.rows]
        return cls(
            edges=[
                SessionEdge(cursor=cursor, node=node)
                for cursor, node in zip(page.cursors, nodes, strict=True)
            ],
            nodes=nodes,
            page_info=PageInfo(
                has_next_page=page.has_next_page,
                has_previous_page=page.has_previous_page,
                start_cursor=page.cursors[0] if page.cursors else None,
                end_cursor=page.cursors[-1] if page.cursors else None,
            ),
            account=account,
        )


async def list_sessions(
    root: Any,
    info: AuthInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
) -> SessionConnection:
    """Return a page of the user's sessions that have not ended, youngest first."""
    request = read_page_request(first=first, after=after or None)
    async with info.context.read() as session:
        page = await info.context.service.sessions.list_live(session, root.account.id, request)
    return SessionConnection.of(page, root.account, info)


@federation.type(
    keys=["id"],
    description="One identity. auth owns email, role and status; users owns the profile fields.",
)
class User(Node):
    """What auth knows of a user."""

    email: str = federation.field(
        authenticated=True, description="Owner or admin (enforced in the resolver)."
    )
    email_verified: bool = federation.field(authenticated=True)
    role: domain.Role = federation.field(authenticated=True)
    status: domain.AccountStatus = federation.field(authenticated=True)
    mfa_enabled: bool = federation.field(authenticated=True)
    account: strawberry.Private[domain.Account]
    sessions: SessionConnection = federation.field(
        resolver=list_sessions,
        authenticated=True,
        directives=[build_list_size(slicing_arguments=["first"], sized_fields=["edges", "nodes"])],
    )

    @classmethod
    def of(cls, account: domain.Account) -> Self:
        """Present an account to somebody who may see it: the caller of this has made sure."""
        return cls(
            id=strawberry.ID(str(account.id)),
            email=account.email,
            email_verified=account.email_verified,
            role=account.role,
            status=account.status,
            mfa_enabled=False,
            account=account,
        )

    @classmethod
    async def resolve_reference(cls, info: AuthInfo, id: strawberry.ID) -> Self | None:  # noqa: A002  the key's name
        """Return the owner's or, for an administrator, anybody's identity.

        Raises:
            UnauthenticatedError: the request is anonymous.
            ForbiddenError: another user's; the same whether or not there is such a user.
        """
        principal = require_user(info.context.principal)
        account_id = parse_id(id)
        if account_id is None:
            return None
        if not is_owner_or(principal, account_id, READ_SCOPE):
            raise ForbiddenError("Only the user and administrators may see this of a user.")
        account = await info.context.accounts.load(account_id)
        return None if account is None else cls.of(account)


@strawberry.type
class Viewer:
    """What the access token of this request says."""

    user: User
    scopes: list[str]
    session: Session | None
    authenticated_at: dt.datetime
    mfa_at: dt.datetime | None


@strawberry.type
class AuthTokens:
    """The tokens of a session; the times are in seconds from now."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int

    @classmethod
    def of(cls, tokens: IssuedTokens) -> Self:
        """Present the tokens of a session."""
        return cls(
            access_token=tokens.access_token,
            token_type=_TOKEN_TYPE,
            expires_in=tokens.expires_in,
            refresh_token=tokens.refresh_token,
            refresh_expires_in=tokens.refresh_expires_in,
        )


@strawberry.type
class InvalidCredentialsError(UserError):
    """The address or the password is wrong."""


@strawberry.type
class EmailTakenError(UserError):
    """The address has an account."""


@strawberry.type
class WeakPasswordError(UserError):
    """The password breaks the rules in `reasons`."""

    reasons: list[str]


@strawberry.type
class TokenError(UserError):
    """The token is unknown, used or expired."""


@build_user_error.register
def _(refusal: refusals.CredentialsRefusedError) -> UserError:
    return InvalidCredentialsError.of(refusal)


@build_user_error.register
def _(refusal: refusals.AddressTakenError) -> UserError:
    return EmailTakenError.of(refusal)


@build_user_error.register
def _(refusal: refusals.PasswordRefusedError) -> UserError:
    return WeakPasswordError.of(refusal, reasons=refusal.reasons)


@build_user_error.register
def _(refusal: refusals.TokenRefusedError) -> UserError:
    return TokenError.of(refusal)


RegisterError = Annotated[
    ValidationError | EmailTakenError | WeakPasswordError,
    strawberry.union("RegisterError"),
]
LoginError = Annotated[ValidationError | InvalidCredentialsError, strawberry.union("LoginError")]
TokenUseError = Annotated[TokenError | ValidationError | WeakPasswordError, strawberry.union("TokenUseError")]
AccountChangeError = Annotated[
    ValidationError
    | InvalidCredentialsError
    | WeakPasswordError
    | EmailTakenError
    | NotFoundError
    | TokenError,
    strawberry.union("AccountChangeError"),
]


@strawberry.type
class RegisterPayload:
    """The new account, logged in."""

    user: User | None
    tokens: AuthTokens | None
    errors: list[RegisterError]


@strawberry.type
class LoginPayload:
    """The account and the tokens of its new session."""

    user: User | None
    tokens: AuthTokens | None
    errors: list[LoginError]


@strawberry.type
class RefreshTokenPayload:
    """The next tokens of a session."""

    tokens: AuthTokens | None
    errors: list[TokenUseError]


@strawberry.type
class AccountPayload:
    """A changed account."""

    user: User | None
    errors: list[AccountChangeError]


@strawberry.type
class RevokeSessionsPayload:
    """How many sessions were ended."""

    revoked_count: int
    errors: list[AccountChangeError]


def errors_of(refusal: DomainError) -> list[Any]:
    """Return the `errors` of a payload for a refusal.

    The element type is the payload's union: which refusals can reach which mutation is the service's promise.
    """
    return [build_user_error(refusal)]
