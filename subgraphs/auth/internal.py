"""The routes that only the marketplace's own services may call; every request is signed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import AwareDatetime, BaseModel, Field

from subgraphs.auth.service import AuthService
from subgraphs.auth.service.refusals import CredentialsRefusedError
from subgraphs.auth.service.wire import write_account, write_export
from subgraphs.common.errors import InvalidInputError, ObjectNotFoundError
from subgraphs.common.internal import JsonObject
from subgraphs.common.revocation import PATH as REVOCATIONS_PATH
from subgraphs.common.revocation import RevocationPage

LOOKUP_IDS_MAX = 1000


class Lookup(BaseModel):
    """Which accounts are wanted."""

    ids: Annotated[list[UUID], Field(max_length=LOOKUP_IDS_MAX)]


class Activity(BaseModel):
    """Since when an account must have been used to count."""

    since: AwareDatetime


class Renaming(BaseModel):
    """The name that an account has in `users` since a time."""

    full_name: Annotated[str, Field(alias="fullName")]
    at: AwareDatetime


class RevokedSince(BaseModel):
    """From when on is asked; null is all that can matter."""

    after: AwareDatetime | None


class GivenPassword(BaseModel):
    """What somebody typed to prove that the account is theirs."""

    password: str


def build_router(service: AuthService, check_signature: Callable[[Request], Awaitable[None]]) -> APIRouter:
    """Give the routes under `/internal/users`."""
    router = APIRouter(prefix="/internal/users", dependencies=[Depends(check_signature)])
    _add_questions(router, service)
    _add_changes(router, service)
    return router


def build_token_router(
    service: AuthService, check_signature: Callable[[Request], Awaitable[None]]
) -> APIRouter:
    """Give the route at which the other services hear which access tokens do not hold any more."""
    router = APIRouter(dependencies=[Depends(check_signature)])

    @router.post(REVOCATIONS_PATH)
    async def read_revocations(wanted: RevokedSince) -> RevocationPage:
        """Return a page of what was called back, oldest first."""
        return await service.read_revocations(wanted.after)

    return router


def _add_questions(router: APIRouter, service: AuthService) -> None:
    @router.post("/lookup")
    async def lookup(wanted: Lookup) -> JsonObject:
        """Return those of the accounts that exist, deleted ones too."""
        return {"users": [write_account(account) for account in await service.lookup(wanted.ids)]}

    @router.post("/activity")
    async def activity(wanted: Activity) -> JsonObject:
        """Count the living accounts in use since a time."""
        since: datetime = wanted.since
        return {"activeUsers": await service.count_active(since)}

    @router.get("/{user_id}")
    async def read_one(user_id: UUID) -> JsonObject:
        """Return one account; 404 if there never was one."""
        found = await service.lookup([user_id])
        if not found:
            raise HTTPException(status_code=404)
        return write_account(found[0])

    @router.post("/{user_id}/export")
    async def export(user_id: UUID) -> JsonObject:
        """Return everything that is known of somebody, for themselves; 404 if there never was such an account."""
        try:
            return {"account": write_export(await service.export(user_id))}
        except ObjectNotFoundError as error:
            raise HTTPException(status_code=404) from error

    @router.post("/{user_id}/password")
    async def check_password(user_id: UUID, given: GivenPassword) -> JsonObject:
        """Tell whether a password is the account's; a refusal is an answer."""
        try:
            await service.accounts.check_password(user_id, given.password)
        except CredentialsRefusedError as error:
            return {"refusal": error.message}
        return {"accepted": True}


def _add_changes(router: APIRouter, service: AuthService) -> None:
    @router.post("/{user_id}/name")
    async def rename(user_id: UUID, renaming: Renaming) -> JsonObject:
        """Take over a name unless a younger one is known."""
        try:
            return {"accepted": await service.accounts.rename(user_id, renaming.full_name, renaming.at)}
        except InvalidInputError as error:
            raise HTTPException(status_code=422, detail=error.message) from error

    @router.post("/{user_id}/disable")
    async def disable(user_id: UUID) -> JsonObject:
        """Delete an account and end its sessions; a refusal is an answer, not a failure of this call."""
        try:
            return {"user": write_account(await service.accounts.close(user_id))}
        except ObjectNotFoundError as error:
            raise HTTPException(status_code=404) from error
        except InvalidInputError as error:
            return {"refusal": error.message}
