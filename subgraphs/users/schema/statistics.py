"""Users' figures for the administrator; each is read only when it is selected."""

import datetime as dt
from typing import Annotated

import strawberry
from strawberry import federation

from subgraphs.common.graphql_types import build_list_size
from subgraphs.users.domain import Interval
from subgraphs.users.schema.context import UsersInfo


@strawberry.type
class CountPoint:
    """How many there were in the interval that began `at`."""

    at: dt.datetime
    count: int


@strawberry.type
class RoleCount:
    """How many users have a role."""

    role: str
    count: int


async def count_total(info: UsersInfo) -> int:
    """Count the users that are not deleted."""
    async with info.context.read() as session:
        return (await info.context.service.statistics.count_users(session))[0]


async def count_verified(info: UsersInfo) -> int:
    """Count the users whose e-mail address is verified."""
    async with info.context.read() as session:
        return (await info.context.service.statistics.count_users(session))[1]


async def count_active(info: UsersInfo) -> int:
    """Count the users that were here within thirty days."""
    return await info.context.service.statistics.count_active(dt.datetime.now(dt.UTC))


async def count_registrations(
    info: UsersInfo,
    *,
    interval: Interval = Interval.DAY,
    start: Annotated[dt.datetime, strawberry.argument(name="from")],
    to: dt.datetime,
) -> list[CountPoint]:
    """Count registrations by intervals of UTC, the empty ones too."""
    async with info.context.read() as session:
        points = await info.context.service.statistics.count_registrations(session, interval, start, to)
    return [CountPoint(at=at, count=count) for at, count in points]


async def count_by_role(info: UsersInfo) -> list[RoleCount]:
    """Count the users of each role."""
    async with info.context.read() as session:
        rows = await info.context.service.statistics.count_by_role(session)
    return [RoleCount(role=role, count=count) for role, count in rows]


@strawberry.type
class UserStatistics:
    """Figures on all users; made only for a caller who may read users."""

    total_users: int = strawberry.field(resolver=count_total)
    active_last_30_days: int = strawberry.field(resolver=count_active, name="activeLast30Days")
    verified_users: int = strawberry.field(resolver=count_verified)
    registrations: list[CountPoint] = federation.field(
        resolver=count_registrations,
        directives=[build_list_size(assumed_size=90)],
    )
    by_role: list[RoleCount] = strawberry.field(resolver=count_by_role)
