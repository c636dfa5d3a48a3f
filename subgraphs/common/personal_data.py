"""What every service does with what it knows of a person: it tells the person, and it forgets.

`users` leads erasures and data exports, and asks each service through these two signed routes. Both can be asked again
at any time; erasing who is erased does nothing more.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from subgraphs.common.internal import JsonObject
from subgraphs.common.money import Money

PREFIX = "/internal/people"
EXPORT_ROWS_MAX = 10_000
"""How many rows of each kind an export holds, the newest: an export is one message."""


class PersonalData(Protocol):
    """What a service knows of people."""

    async def export(self, user_id: UUID) -> JsonObject:
        """Everything that is known of somebody, for themselves; empty lists for somebody unknown."""

    async def erase(self, user_id: UUID) -> None:
        """Forget somebody; what the law has kept (the books) keeps only the id, which by then names nobody."""


def build_personal_data_router(
    data: PersonalData, check_signature: Callable[[Request], Awaitable[None]]
) -> APIRouter:
    """The two routes, behind `check_signature`."""
    router = APIRouter(prefix=PREFIX, dependencies=[Depends(check_signature)])

    @router.post("/{user_id}/export")
    async def export(user_id: UUID) -> JsonObject:
        return {"data": await data.export(user_id)}

    @router.post("/{user_id}/erase")
    async def erase(user_id: UUID) -> JsonObject:
        await data.erase(user_id)
        return {"erased": True}

    return router


def write_money(money: Money) -> JsonObject:
    """An amount as people read it."""
    return {"amount": money.amount, "currency": money.currency}
