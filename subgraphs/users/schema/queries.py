"""Users' queries."""

import strawberry
from strawberry import federation

from subgraphs.common.auth import is_owner_or, require_scope, require_user
from subgraphs.common.connections import Connection
from subgraphs.common.errors import BadUserInputError
from subgraphs.common.graphql_types import build_cost, build_list_size, parse_id
from subgraphs.common.pagination import PAGE_SIZE, read_page_request
from subgraphs.users import domain
from subgraphs.users.schema.context import UsersInfo
from subgraphs.users.schema.statistics import UserStatistics
from subgraphs.users.schema.types import READ_SCOPE, User, UserFilter, UserSort

_SORTS_MAX = len(domain.UserSortField)


async def read_me(info: UsersInfo) -> User | None:
    """Return the caller."""
    principal = require_user(info.context.principal)
    profile = await info.context.find_profile(principal.user_id)
    return None if profile is None else User.of(profile)


async def read_user(info: UsersInfo, id: strawberry.ID) -> User | None:  # noqa: A002  the schema's name
    """Return the caller or, to administrators, anybody; null for whom the caller may not know of."""
    principal = require_user(info.context.principal)
    user_id = parse_id(id)
    if user_id is None or not is_owner_or(principal, user_id, READ_SCOPE):
        return None
    profile = await info.context.find_profile(user_id)
    return None if profile is None else User.of(profile)


async def list_users(  # noqa: PLR0913  the schema's arguments
    info: UsersInfo,
    *,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
    filter: UserFilter | None = strawberry.UNSET,  # noqa: A002  the schema's name
    sort: list[UserSort] | None = strawberry.UNSET,
) -> Connection[User]:
    """Return a page of users; the youngest first if no order is asked for."""
    require_scope(info.context.principal, READ_SCOPE)
    if len(sort or ()) > _SORTS_MAX:
        raise BadUserInputError(f"Sort by at most {_SORTS_MAX} fields.")
    request = read_page_request(
        first=first,
        after=after or None,
        last=None if last is strawberry.UNSET else last,
        before=before or None,
    )
    wanted = (filter or UserFilter()).read()
    order = [criterion.read() for criterion in sort or ()]
    async with info.context.read() as session:
        page = await info.context.service.profiles.list_page(session, wanted, order, request)

    async def count() -> int:
        async with info.context.read() as session:
            return await info.context.service.profiles.count(session, wanted)

    return Connection.of(page, User.of, count)


async def read_statistics(info: UsersInfo) -> UserStatistics:
    """Return the figures, to administrators."""
    require_scope(info.context.principal, READ_SCOPE)
    return UserStatistics()


@strawberry.type
class Query:
    """The root of users' queries."""

    me: User | None = federation.field(resolver=read_me, authenticated=True)
    user: User | None = federation.field(resolver=read_user, authenticated=True)
    users: Connection[User] = federation.field(
        resolver=list_users,
        requires_scopes=[[READ_SCOPE]],
        directives=[build_list_size(slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"])],
    )
    user_statistics: UserStatistics = federation.field(
        resolver=read_statistics,
        requires_scopes=[[READ_SCOPE]],
        directives=[build_cost(20)],
    )
