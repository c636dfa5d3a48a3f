"""Deleting a user: auth first (nobody can log in any more), then the profile, each step noted when it is done.

Every step can be repeated, and asking again goes on where it stopped. Without a durable workflow nothing goes
on by itself: a request that auth did not answer is FAILED until somebody asks again.
"""

from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.database import Database
from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError, UnavailableError
from subgraphs.users import repository
from subgraphs.users.domain import REASON_LENGTH_MAX, AccountCopy, ErasureRequest, ErasureStatus, is_storable
from subgraphs.users.service.auth_peer import AuthPeer
from subgraphs.users.service.profiles import Profiles


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """Who is to be deleted, by whom and why."""

    user_id: UUID
    requested_by: UUID
    reason: str | None


class Erasures:
    """Deletes users and keeps the proof."""

    def __init__(self, database: Database, auth: AuthPeer, profiles: Profiles) -> None:
        """Take the database, the way to auth, and the profiles."""
        self._database = database
        self._auth = auth
        self._profiles = profiles

    async def erase(self, order: ErasureOrder) -> ErasureRequest:
        """Delete a user and return the request as it stands then: COMPLETED, or FAILED if auth did not answer.

        Raises:
            ObjectNotFoundError: there never was such a user.
            InvalidInputError: the caller's own account, the last administrator, or an unusable reason.
            UnavailableError: the user is not known here and auth does not answer.
        """
        _check(order)
        if (await self._profiles.find_many([order.user_id])).get(order.user_id) is None:
            raise ObjectNotFoundError("There is no such user.", ("id",))
        request_id = await self._open(order)
        try:
            copy = await self._auth.disable(order.user_id)
        except UnavailableError:
            return await self._fail(request_id)
        except InvalidInputError:
            await self._fail(request_id)
            raise
        if copy is None:
            await self._fail(request_id)
            raise ObjectNotFoundError("There is no such user.", ("id",))
        return await self._complete(request_id, copy)

    async def _open(self, order: ErasureOrder) -> UUID:
        async with self._database.write() as session:
            request_id = await repository.open_erasure(
                session,
                order.user_id,
                order.requested_by,
                order.reason,
            )
            await repository.insert_erasure_steps(session, request_id)
            return request_id

    async def _complete(self, request_id: UUID, copy: AccountCopy) -> ErasureRequest:
        async with self._database.write() as session:
            # The request before its steps, as in `_open`: two who delete one user must not wait for each other.
            await repository.lock_erasure(session, request_id)
            await repository.finish_erasure_step(session, request_id, "auth")
        async with self._database.write() as session:
            await repository.lock_erasure(session, request_id)
            await repository.upsert_copies(session, [copy])
            await repository.scrub_profiles(session, [copy.id])
            await repository.finish_erasure_step(session, request_id, "users")
            await repository.set_erasure_status(session, request_id, ErasureStatus.COMPLETED)
            return await repository.get_erasure(session, request_id)

    async def _fail(self, request_id: UUID) -> ErasureRequest:
        async with self._database.write() as session:
            await repository.set_erasure_status(session, request_id, ErasureStatus.FAILED)
            return await repository.get_erasure(session, request_id)


def _check(order: ErasureOrder) -> None:
    if order.user_id == order.requested_by:
        raise InvalidInputError(
            "Nobody deletes the account that they are using.", ("id",), ErrorCode.INVALID_STATE
        )
    reason = order.reason or ""
    if len(reason) > REASON_LENGTH_MAX or not is_storable(reason.replace("\n", " ")):
        raise InvalidInputError(f"Give a reason of at most {REASON_LENGTH_MAX} characters.", ("reason",))
