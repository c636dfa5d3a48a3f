"""Loaders: all accounts that a request asks for, in one statement."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from aiodataloader import DataLoader

from subgraphs.auth.domain import Account
from subgraphs.auth.service import AuthService
from subgraphs.common.database import ReadSession

AccountLoader = DataLoader[UUID, Account | None]


def build_account_loader(
    service: AuthService,
    read: Callable[[], AbstractAsyncContextManager[ReadSession]],
) -> AccountLoader:
    """Make the loader of one request; an id without an account gives None."""

    async def load(ids: list[UUID]) -> list[Account | None]:
        async with read() as session:
            found = await service.accounts.find_many(session, ids)
        return [found.get(account_id) for account_id in ids]

    return DataLoader(load)
