"""Deleting a user: auth first (nobody can log in any more), then every other service, each step noted when it is done.

The request and its steps are rows, so a saga goes on where it stopped, whoever was killed: who works on a request has
it until `next_try_at`, and after that the next worker takes it. Every step can be repeated, and the note of a step is
written once; so nothing is lost and nothing is done twice.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.common.database import Database, WriteSession
from subgraphs.common.errors import (
    DomainError,
    ErrorCode,
    InvalidInputError,
    ObjectNotFoundError,
    UnavailableError,
)
from subgraphs.common.text import check_text
from subgraphs.users.domain import REASON_LENGTH_MAX, AccountCopy, ErasureRequest, ErasureStatus
from subgraphs.users.repository import erasures as repository
from subgraphs.users.repository import exports, profiles
from subgraphs.users.service.auth_peer import AuthPeer
from subgraphs.users.service.keepers import Keepers
from subgraphs.users.service.profiles import Profiles

LEASE = timedelta(seconds=30)  # longer than all steps: each call of a peer ends after five seconds
LOCAL_STEPS = ("auth", "users")  # auth has answered before the first step is noted; users is here
_WAIT_S_FIRST = 5
_WAIT_S_MAX = 3600

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """Who is to be deleted, by whom and why."""

    user_id: UUID
    requested_by: UUID
    reason: str | None


class Erasures:
    """Deletes users and keeps the proof."""

    def __init__(
        self,
        database: Database,
        auth: AuthPeer,
        profiles: Profiles,
        keepers: Keepers,
        cooling_off: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it works with; `cooling_off` is how long who asks for the own deletion can think again."""
        self._database = database
        self._auth = auth
        self._profiles = profiles
        self._keepers = keepers
        self._cooling_off = cooling_off
        self._clock = clock

    async def erase(self, order: ErasureOrder) -> ErasureRequest:
        """Delete a user now and return the request as it stands then: RUNNING if a service did not answer.

        Raises:
            ObjectNotFoundError: there never was such a user.
            InvalidInputError: the caller's own account, the last administrator, or an unusable reason.
            UnavailableError: the user is not known here and auth does not answer.
        """
        reason = _check(order)
        if (await self._profiles.find_many([order.user_id])).get(order.user_id) is None:
            raise ObjectNotFoundError("There is no such user.", ("id",))
        async with self._database.write() as session:
            request_id = await repository.open_erasure(
                session, order.user_id, order.requested_by, reason, self._clock() + LEASE
            )
        await self._advance(request_id, order.user_id, attempt=1)
        return await self._get(order.user_id)

    async def request(self, user_id: UUID, password: str) -> ErasureRequest:
        """Schedule the deletion that a user asks for; it begins after the time to think again. Repeatable.

        Raises:
            InvalidInputError: the password is wrong, or was tried too often.
            UnavailableError: auth does not answer.
        """
        await self._auth.check_password(user_id, password)
        async with self._database.write() as session:
            await repository.schedule_erasure(session, user_id, self._clock() + self._cooling_off)
        return await self._get(user_id)

    async def cancel(self, user_id: UUID) -> ErasureRequest:
        """Call the deletion off that a user asked for.

        Raises:
            ObjectNotFoundError: none is scheduled.
        """
        async with self._database.write() as session:
            if not await repository.cancel_erasure(session, user_id):
                raise ObjectNotFoundError("No deletion of your account is scheduled.")
        return await self._get(user_id)

    async def run_due(self) -> int:
        """Go on with every erasure that is due; return how many were tried."""
        count = 0
        while True:
            now = self._clock()
            async with self._database.write() as session:
                taken = await repository.take_due_erasure(session, now, now + LEASE)
            if taken is None:
                return count
            count += 1
            try:
                await self._advance(taken.id, taken.user_id, attempt=taken.attempts)
            except DomainError as error:
                _log.warning("erasure %s was refused: %s", taken.id, error)

    async def _advance(self, request_id: UUID, user_id: UUID, *, attempt: int) -> None:
        if await self._is_completed(user_id):
            return
        async with self._database.write() as session:
            await repository.insert_erasure_steps(session, request_id)
            left = await repository.list_open_steps(session, request_id)
        try:
            copy = await self._auth.disable(user_id)
        except UnavailableError:
            await self._postpone(request_id, attempt)
            return
        except InvalidInputError:
            await self._fail(request_id)
            raise
        if copy is None:
            await self._fail(request_id)
            raise ObjectNotFoundError("There is no such user.", ("id",))
        # One service that does not answer keeps no other from forgetting.
        done = [service for service in left if await self._forget(request_id, service, copy)]
        if len(done) < len(left):
            await self._postpone(request_id, attempt)
            return
        async with self._locked(request_id) as session:
            if not await repository.list_open_steps(session, request_id):
                await repository.set_erasure_status(session, request_id, ErasureStatus.COMPLETED)

    async def _is_completed(self, user_id: UUID) -> bool:
        return (await self._get(user_id)).status is ErasureStatus.COMPLETED

    async def _forget(self, request_id: UUID, service: str, copy: AccountCopy) -> bool:
        """Do one step and note it; False if the service does not answer. `copy` is what auth has left."""
        if service not in LOCAL_STEPS:
            try:
                await self._keepers.erase(service, copy.id)
            except UnavailableError:
                return False
        async with self._locked(request_id) as session:
            if service == "users":
                await profiles.upsert_copies(session, [copy])
                await profiles.scrub_profiles(session, [copy.id])
                await exports.drop_export(session, copy.id)
            await repository.finish_erasure_step(session, request_id, service)
        return True

    async def _postpone(self, request_id: UUID, attempt: int) -> None:
        wait_s = min(_WAIT_S_FIRST * 2 ** min(attempt - 1, 20), _WAIT_S_MAX)
        async with self._database.write() as session:
            next_try_at = self._clock() + timedelta(seconds=wait_s)
            await repository.postpone_erasure(session, request_id, next_try_at)

    @asynccontextmanager
    async def _locked(self, request_id: UUID) -> AsyncIterator[WriteSession]:
        # The request before its steps: two who delete one user must not wait for each other.
        async with self._database.write() as session:
            await repository.lock_erasure(session, request_id)
            yield session

    async def _fail(self, request_id: UUID) -> None:
        async with self._database.write() as session:
            await repository.set_erasure_status(session, request_id, ErasureStatus.FAILED)

    async def _get(self, user_id: UUID) -> ErasureRequest:
        async with self._database.read() as session:
            found = await repository.find_erasure(session, user_id)
        assert found is not None, "erasures are never deleted"
        return found


def _check(order: ErasureOrder) -> str | None:
    """Return the reason in the form in which it is kept."""
    if order.user_id == order.requested_by:
        raise InvalidInputError(
            "Nobody deletes the account that they are using.", ("id",), ErrorCode.INVALID_STATE
        )
    return check_text(order.reason or "", REASON_LENGTH_MAX, ("reason",))
