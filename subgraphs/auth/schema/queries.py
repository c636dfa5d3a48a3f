"""Auth's queries."""

import datetime as dt
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.auth.domain import AccountStatus, parse_uuid
from subgraphs.auth.schema.audit import AUDIT_SCOPE, AuditEntryConnection, list_audit_log
from subgraphs.auth.schema.context import AuthInfo
from subgraphs.auth.schema.types import Session, User, Viewer
from subgraphs.common.graphql_types import build_list_size


async def read_viewer(info: AuthInfo) -> Viewer | None:
    """Tell who the bearer of the request's token is, from the token and from the account as it is now."""
    principal = info.context.principal
    if principal is None:
        return None
    account = await info.context.loaders.accounts.load(principal.user_id)
    if account is None or account.status is AccountStatus.DELETED:
        return None
    claims = principal.claims
    authenticated_at = _read_time(claims.get("auth_time")) or _read_time(claims.get("iat"))
    assert authenticated_at is not None, "`iat` is required of every token"
    return Viewer(
        user=User.of(account),
        scopes=sorted(principal.scopes),
        session=await _find_session(info, parse_uuid(claims.get("sid"))),
        authenticated_at=authenticated_at,
        mfa_at=_read_time(claims.get("mfa_at")),
    )


async def _find_session(info: AuthInfo, session_id: UUID | None) -> Session | None:
    if session_id is None:
        return None
    async with info.context.read() as session:
        found = await info.context.service.sessions.find_live(session, session_id)
    return None if found is None else Session.of(found, info)


def _read_time(claim: object) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(claim, dt.UTC) if isinstance(claim, int) else None


@strawberry.type
class Query:
    """The root of auth's queries."""

    viewer: Viewer | None = strawberry.field(
        resolver=read_viewer,
        description="What the presented token says; null if anonymous.",
    )
    audit_log: AuditEntryConnection = federation.field(
        resolver=list_audit_log,
        requires_scopes=[[AUDIT_SCOPE]],
        directives=[build_list_size(slicing_arguments=["first"], sized_fields=["edges"])],
    )
