"""Every list of users is read along an index: each filter, alone and with each other, in each sort, from each place."""

from contextlib import suppress
from itertools import permutations, product
from typing import Any

import pytest
from sqlalchemy import text

from subgraphs.common.database import Database
from subgraphs.common.errors import UnavailableError
from subgraphs.common.pagination import PageRequest
from subgraphs.users.domain import UserFilter, UserOrder, UserSortField
from subgraphs.users.repository import profiles
from subgraphs.users.service import build_service as build_users
from tests.support.places import combine, pages
from tests.support.query_plans import expect_indexed, fill
from tests.support.shops import NOBODY_THERE, USERS_SETTINGS

SORTS = [
    tuple(UserOrder(field, is_descending) for field, is_descending in zip(fields, directions, strict=True))
    for count in (1, 2)
    for fields in permutations(UserSortField, count)
    for directions in product((False, True), repeat=count)
]


@pytest.mark.parametrize("order", SORTS, ids=str)
async def test_lists_of_users(users: Database, order: tuple[UserOrder, ...]) -> None:
    async with users.read() as session:
        statement = text("SELECT * FROM profiles ORDER BY created_at OFFSET 3000 LIMIT 1")
        one = (await session.execute(statement)).one()
    values_of = {
        UserSortField.CREATED_AT: one.created_at.isoformat(),
        UserSortField.FULL_NAME: one.full_name.lower(),
        UserSortField.EMAIL: one.email,
    }
    cursor = (*(values_of[key.field] for key in order), str(one.id))
    conditions: dict[str, tuple[Any, ...]] = {
        "search": (one.full_name, one.email[:12]),
        "role": ("USER", "ADMIN"),
        "created_from": (one.created_at,),
        "created_to": (one.created_at,),
        "include_deleted": (True,),
    }
    for values in combine(conditions, 2):
        for request in pages(cursor):

            async def read(values: dict[str, Any] = values, request: PageRequest = request) -> None:
                async with users.read() as session:
                    await profiles.list_profiles(session, UserFilter(**values), order, request)

            await expect_indexed(users, read, f"{values} {request}")


async def test_what_belongs_to_a_page_of_users(users: Database) -> None:
    async with users.read() as session:
        ids = [*await session.scalars(text("SELECT id FROM profiles ORDER BY created_at LIMIT 20"))]

    async def read() -> None:
        async with users.read() as session:
            await profiles.find_profiles(session, ids)
            await profiles.list_ids(session, ids[0], 500)

    await expect_indexed(users, read, "a page")


async def test_what_upkeep_asks_again_and_again(users: Database) -> None:
    await fill(
        users,
        """INSERT INTO erasure_requests (user_id, requested_by, status, completed_at)
        SELECT id, id, 'COMPLETED', now() FROM profiles""",
        """INSERT INTO data_exports (user_id, requested_at, expires_at, next_try_at, content)
        SELECT id, now(), now() + interval '1 day', now(), '{}' FROM profiles""",
    )
    service = build_users(USERS_SETTINGS, users, {"auth": NOBODY_THERE})

    async def work() -> None:
        # Auth is not there to be compared with: its question has been asked above.
        with suppress(UnavailableError):
            await service.upkeep.run_once()

    await expect_indexed(users, work, "upkeep")
