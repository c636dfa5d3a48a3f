"""Users' mutations: each asks the service once and presents the answer or the refusal."""

from collections.abc import Awaitable
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.common.auth import require_person, require_recent_mfa, require_scope, require_user
from subgraphs.common.errors import DomainError, ObjectNotFoundError
from subgraphs.common.graphql_types import parse_id
from subgraphs.users import domain
from subgraphs.users.schema.context import UsersInfo
from subgraphs.users.schema.types import (
    WRITE_SCOPE,
    DataExport,
    DeleteUserPayload,
    ErasureRequest,
    RequestDataExportPayload,
    UpdateProfileInput,
    UpdateProfilePayload,
    User,
    errors_of,
)
from subgraphs.users.service.erasure import ErasureOrder


async def update_profile(info: UsersInfo, input: UpdateProfileInput) -> UpdateProfilePayload:  # noqa: A002  the schema's name
    """Change the caller's profile."""
    principal = require_user(info.context.principal)
    return await _change(info, principal.user_id, input)


async def update_user(
    info: UsersInfo,
    id: strawberry.ID,  # noqa: A002  the schema's name
    input: UpdateProfileInput,  # noqa: A002  the schema's name
) -> UpdateProfilePayload:
    """Change anybody's profile, as an administrator."""
    require_scope(info.context.principal, WRITE_SCOPE)
    return await _change(info, parse_id(id), input)


async def delete_user(
    info: UsersInfo,
    id: strawberry.ID,  # noqa: A002  the schema's name
    reason: str | None = strawberry.UNSET,
) -> DeleteUserPayload:
    """Delete anybody, as an administrator with a fresh second factor."""
    principal = require_recent_mfa(require_scope(info.context.principal, WRITE_SCOPE))
    user_id = parse_id(id)
    if user_id is None:
        return DeleteUserPayload(request=None, errors=errors_of(_no_such_user()))
    order = ErasureOrder(user_id, principal.user_id, reason or None)
    return await _present(info.context.service.erasures.erase(order))


async def request_account_deletion(info: UsersInfo, password: str) -> DeleteUserPayload:
    """Schedule the deletion of the caller's account."""
    principal = require_person(info.context.principal)
    return await _present(info.context.service.erasures.request(principal.user_id, password))


async def cancel_account_deletion(info: UsersInfo) -> DeleteUserPayload:
    """Call the deletion of the caller's account off."""
    principal = require_person(info.context.principal)
    return await _present(info.context.service.erasures.cancel(principal.user_id))


async def request_data_export(info: UsersInfo) -> RequestDataExportPayload:
    """Gather what the services know of the caller."""
    principal = require_person(info.context.principal)
    exports = info.context.service.exports
    try:
        export = await exports.request(principal.user_id)
    except DomainError as refusal:
        return RequestDataExportPayload(export=None, errors=errors_of(refusal))
    return RequestDataExportPayload(export=DataExport.of(export, exports.link(export)), errors=[])


async def _present(saga: Awaitable[domain.ErasureRequest]) -> DeleteUserPayload:
    try:
        request = await saga
    except DomainError as refusal:
        return DeleteUserPayload(request=None, errors=errors_of(refusal))
    return DeleteUserPayload(request=ErasureRequest.of(request), errors=[])


async def _change(info: UsersInfo, user_id: UUID | None, change: UpdateProfileInput) -> UpdateProfilePayload:
    try:
        if user_id is None:
            raise _no_such_user()
        profile = await info.context.service.profiles.change(user_id, change.read())
    except DomainError as refusal:
        return UpdateProfilePayload(user=None, errors=errors_of(refusal))
    return UpdateProfilePayload(user=User.of(profile), errors=[])


def _no_such_user() -> ObjectNotFoundError:
    return ObjectNotFoundError("There is no such user.", ("id",))


@strawberry.type
class Mutation:
    """The root of users' mutations."""

    update_profile: UpdateProfilePayload = federation.field(resolver=update_profile, authenticated=True)
    update_user: UpdateProfilePayload = federation.field(
        resolver=update_user,
        requires_scopes=[[WRITE_SCOPE]],
    )
    request_account_deletion: DeleteUserPayload = federation.field(
        resolver=request_account_deletion, authenticated=True
    )
    cancel_account_deletion: DeleteUserPayload = federation.field(
        resolver=cancel_account_deletion, authenticated=True
    )
    request_data_export: RequestDataExportPayload = federation.field(
        resolver=request_data_export, authenticated=True
    )
    delete_user: DeleteUserPayload = federation.field(
        resolver=delete_user,
        requires_scopes=[[WRITE_SCOPE]],
        policy=[["recent_mfa"]],
    )
