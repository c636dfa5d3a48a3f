"""Auth's GraphQL types.

A `User` is made only by `User.of`, whose callers have checked that the reader may see it; so its fields need no
check of their own.
"""

import datetime as dt
from typing import Any, Self

import strawberry
from strawberry import federation

from subgraphs.auth import domain
from subgraphs.auth.schema.context import AuthInfo
from subgraphs.common.auth import is_owner_or, require_scope, require_user
from subgraphs.common.connections import Connection
from subgraphs.common.errors import ForbiddenError
from subgraphs.common.graphql_types import Node, build_list_size, id_of, parse_id
from subgraphs.common.pagination import PAGE_SIZE, read_page_request

READ_SCOPE = "users:read"
WRITE_SCOPE = "users:write"

strawberry.enum(domain.Role)
strawberry.enum(domain.AccountStatus)
strawberry.enum(domain.MfaMethod)
strawberry.enum(domain.AuditOutcome)


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
            id=id_of(session.id),
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            ip=session.ip,
            user_agent=session.user_agent,
            is_current=principal is not None and principal.claims.get("sid") == str(session.id),
        )


async def list_sessions(
    root: Any,
    info: AuthInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
) -> Connection[Session]:
    """Return a page of the user's sessions that have not ended, youngest first."""
    request = read_page_request(first=first, after=after or None)
    loaders, account_id = info.context.loaders, root.account.id
    page = await loaders.sessions.load((account_id, request))
    return Connection.of(
        page, lambda row: Session.of(row, info), lambda: loaders.session_counts.load(account_id)
    )


@strawberry.type
class ApiKey(Node):
    """A key for programs; its secret was shown once."""

    name: str
    prefix: str
    scopes: list[str]
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None

    @classmethod
    def of(cls, key: domain.ApiKey) -> Self:
        """Present a key."""
        return cls(
            id=id_of(key.id),
            name=key.name,
            prefix=key.prefix,
            scopes=list(key.scopes),
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )


async def list_api_keys(root: Any, info: AuthInfo) -> list[ApiKey]:
    """Return the user's youngest keys, revoked ones too."""
    keys = await info.context.loaders.api_keys.load(root.account.id)
    return [ApiKey.of(key) for key in keys]


async def read_locked_until(root: Any, info: AuthInfo) -> dt.datetime | None:
    """Return until when wrong passwords keep everybody out, to administrators."""
    require_scope(info.context.principal, READ_SCOPE)
    return await info.context.loaders.locks.load(root.account.email)


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
    sessions: Connection[Session] = federation.field(
        resolver=list_sessions,
        authenticated=True,
        directives=[build_list_size(slicing_arguments=["first"], sized_fields=["edges", "nodes"])],
    )
    api_keys: list[ApiKey] = federation.field(
        resolver=list_api_keys, authenticated=True, directives=[build_list_size(assumed_size=10)]
    )
    locked_until: dt.datetime | None = federation.field(
        resolver=read_locked_until,
        requires_scopes=[[READ_SCOPE]],
        description="Brute-force lock, admin only.",
    )

    @classmethod
    def of(cls, account: domain.Account) -> Self:
        """Present an account to somebody who may see it: the caller of this has made sure."""
        return cls(
            id=id_of(account.id),
            email=account.email,
            email_verified=account.email_verified,
            role=account.role,
            status=account.status,
            mfa_enabled=account.mfa_enabled,
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
        account = await info.context.loaders.accounts.load(account_id)
        return None if account is None else cls.of(account)


@strawberry.type
class Viewer:
    """What the access token of this request says."""

    user: User
    scopes: list[str]
    session: Session | None
    authenticated_at: dt.datetime
    mfa_at: dt.datetime | None
