"""The audit log in GraphQL."""

import datetime as dt
from typing import Any, Self
from uuid import UUID

import strawberry

from subgraphs.auth import domain
from subgraphs.auth.schema.context import AuthInfo
from subgraphs.auth.schema.types import READ_SCOPE, User
from subgraphs.common.auth import is_owner_or, require_scope
from subgraphs.common.connections import Edge, build_edges
from subgraphs.common.errors import BadUserInputError
from subgraphs.common.graphql_types import Node, PageInfo, id_of, parse_id
from subgraphs.common.pagination import Page, read_page_request

AUDIT_SCOPE = "audit:read"
_PAGE_SIZE = 50


async def read_actor(root: Any, info: AuthInfo) -> User | None:
    """Return who did it, to those who may see users; null also if nobody was logged in."""
    actor_id: UUID | None = root.actor_id
    if actor_id is None or not is_owner_or(info.context.principal, actor_id, READ_SCOPE):
        return None
    account = await info.context.loaders.accounts.load(actor_id)
    return None if account is None else User.of(account)


@strawberry.type
class AuditEntry(Node):
    """Something that was done, or refused."""

    at: dt.datetime
    actor_id: strawberry.Private[UUID | None]
    actor: User | None = strawberry.field(resolver=read_actor)
    action: str
    target_type: str
    target_id: strawberry.ID
    ip: str | None
    request_id: str | None
    outcome: domain.AuditOutcome

    @classmethod
    def of(cls, entry: domain.AuditEntry) -> Self:
        """Present an entry."""
        return cls(
            id=id_of(entry.id),
            at=entry.at,
            actor_id=entry.actor_id,
            action=entry.action,
            target_type=entry.target_type,
            target_id=strawberry.ID(entry.target_id),
            ip=entry.ip,
            request_id=entry.request_id,
            outcome=entry.outcome,
        )


@strawberry.type
class AuditEntryConnection:
    """A page of the audit log, youngest first."""

    edges: list[Edge[AuditEntry]]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[domain.AuditEntry]) -> Self:
        """Present a page."""
        nodes = [AuditEntry.of(row) for row in page.rows]
        return cls(edges=build_edges(page, nodes), page_info=PageInfo.of(page))


@strawberry.input
class AuditFilter:
    """Which entries to list."""

    actor_id: strawberry.ID | None = strawberry.UNSET
    action: str | None = strawberry.UNSET
    target_type: str | None = strawberry.UNSET
    target_id: strawberry.ID | None = strawberry.UNSET
    from_: dt.datetime | None = strawberry.field(name="from", default=strawberry.UNSET)
    to: dt.datetime | None = strawberry.UNSET

    def read(self) -> domain.AuditFilter:
        """Return the filter as the domain has it.

        Raises:
            BadUserInputError: the actor is no id.
        """
        actor_id = parse_id(self.actor_id) if self.actor_id else None
        if self.actor_id and actor_id is None:
            raise BadUserInputError("actorId is no id of a user.")
        return domain.AuditFilter(
            actor_id=actor_id,
            action=self.action or None,
            target_type=self.target_type or None,
            target_id=self.target_id or None,
            since=self.from_ or None,
            until=self.to or None,
        )


async def list_audit_log(
    info: AuthInfo,
    first: int | None = _PAGE_SIZE,
    after: str | None = strawberry.UNSET,
    filter: AuditFilter | None = strawberry.UNSET,  # noqa: A002  the schema's name
) -> AuditEntryConnection:
    """Return a page of the audit log, youngest first."""
    require_scope(info.context.principal, AUDIT_SCOPE)
    request = read_page_request(first=first, after=after or None, size=_PAGE_SIZE)
    wanted = (filter or AuditFilter()).read()
    async with info.context.read() as session:
        return AuditEntryConnection.of(await info.context.service.audit.list_page(session, wanted, request))
