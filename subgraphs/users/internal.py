"""The routes beside GraphQL: where auth tells of changed accounts (signed), where users fetch their exports."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, JsonValue

from subgraphs.common.internal import JsonObject, PeerError
from subgraphs.users.service import UsersService
from subgraphs.users.service.auth_peer import read_account


class Changed(BaseModel):
    """One account as it is now."""

    user: dict[str, JsonValue]


def build_router(service: UsersService, check_signature: Callable[[Request], Awaitable[None]]) -> APIRouter:
    """Give the routes under `/internal/users`."""
    router = APIRouter(prefix="/internal/users", dependencies=[Depends(check_signature)])

    @router.post("/changed")
    async def take_over(changed: Changed) -> JsonObject:
        """Copy the account if it is newer than what is known; any number of times, in any order."""
        try:
            copy = read_account(changed.user)
        except PeerError as error:
            raise HTTPException(status_code=422, detail=str(error)) from error
        await service.profiles.apply([copy])
        return {"accepted": True}

    return router


def build_export_router(service: UsersService) -> APIRouter:
    """Give the route at which a user fetches an export, with nothing but its link."""
    router = APIRouter(prefix="/exports")

    @router.get("/{export_id}")
    async def read(export_id: UUID, signature: str = "") -> JSONResponse:
        """Return the export as a file."""
        content = await service.exports.read(export_id, signature)
        if content is None:
            raise HTTPException(status_code=404)
        headers = {
            "content-disposition": 'attachment; filename="my-data.json"',
            "cache-control": "private, no-store",
        }
        return JSONResponse(content, headers=headers)

    return router
