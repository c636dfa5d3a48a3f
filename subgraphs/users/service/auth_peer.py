"""What users asks of auth, in users' own types."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from subgraphs.common.errors import ErrorCode, InvalidInputError, UnavailableError
from subgraphs.common.internal import InternalPeer, JsonObject, PeerError
from subgraphs.users.domain import AccountCopy

LOOKUP_IDS_MAX = 1000

_RENAME_S_MAX = 1.0  # a change waits so long at most for a peer that it can do without

_log = logging.getLogger(__name__)


class AuthPeer:
    """Auth, as users sees it.

    Whatever is wrong with an answer, or with there being none, the caller's own caller gets the same: try again.
    """

    def __init__(self, peer: InternalPeer) -> None:
        """Take the way to auth."""
        self._peer = peer

    async def lookup(self, ids: Iterable[UUID]) -> list[AccountCopy]:
        """Return those of the accounts that exist, deleted ones too, in no order.

        One call for up to 1,000 ids.

        Raises:
            UnavailableError: auth did not answer, or not as agreed.
        """
        wanted = [str(user_id) for user_id in ids]
        found: list[AccountCopy] = []
        with _answering():
            for start in range(0, len(wanted), LOOKUP_IDS_MAX):
                part = {"ids": wanted[start : start + LOOKUP_IDS_MAX]}
                answer = await self._peer.post("/internal/users/lookup", part)
                found.extend(read_account(user) for user in _required(answer, "users"))
        return found

    async def disable(self, user_id: UUID) -> AccountCopy | None:
        """Have an account deleted and its sessions ended; None if auth never knew it. Repeatable.

        Raises:
            InvalidInputError: auth refuses.
            UnavailableError: auth did not answer, or not as agreed.
        """
        with _answering():
            answer = await self._peer.post(f"/internal/users/{user_id}/disable", {})
            if answer is None:
                return None
            if "refusal" in answer:
                raise InvalidInputError(str(answer["refusal"]), ("id",), ErrorCode.INVALID_STATE)
            return read_account(_required(answer, "user"))

    async def check_password(self, user_id: UUID, password: str) -> None:
        """Check that a password is the user's.

        Raises:
            InvalidInputError: it is not, or was tried too often.
            UnavailableError: auth did not answer, or not as agreed.
        """
        with _answering():
            answer = await self._peer.post(f"/internal/users/{user_id}/password", {"password": password})
            if answer is None or "refusal" in answer:
                message = "The password is wrong." if answer is None else str(answer["refusal"])
                raise InvalidInputError(message, ("password",))
            _required(answer, "accepted")

    async def export(self, user_id: UUID) -> JsonObject:
        """Return what auth knows of a user, for that user.

        Raises:
            UnavailableError: auth did not answer, or not as agreed.
        """
        with _answering():
            answer = await self._peer.post(f"/internal/users/{user_id}/export", {})
            found: JsonObject = _required(answer, "account")
            return found

    async def rename(self, user_id: UUID, full_name: str, at: datetime) -> None:
        """Tell auth the name for the tokens to come, as well as it can be told: without an answer it is only logged."""
        try:
            async with asyncio.timeout(_RENAME_S_MAX):
                body = {"fullName": full_name, "at": at.isoformat()}
                await self._peer.post(f"/internal/users/{user_id}/name", body)
        except (PeerError, TimeoutError) as error:
            _log.warning("auth was not told the new name of user %s: %r", user_id, error)

    async def count_active(self, since: datetime) -> int:
        """Count the living accounts in use since a time.

        Raises:
            UnavailableError: auth did not answer, or not as agreed.
        """
        with _answering():
            answer = await self._peer.post("/internal/users/activity", {"since": since.isoformat()})
            active = _required(answer, "activeUsers")
            if not isinstance(active, int):
                raise PeerError("auth counted in a form that was not agreed")
            return active


def read_account(user: JsonObject) -> AccountCopy:
    """Read auth's JSON of one account.

    Raises:
        PeerError: it is not as agreed.
    """
    try:
        return AccountCopy(
            id=UUID(user["id"]),
            email=str(user["email"]),
            email_verified=bool(user["emailVerified"]),
            full_name=str(user["fullName"]),
            role=str(user["role"]),
            status=str(user["status"]),
            version=int(user["version"]),
            created_at=datetime.fromisoformat(user["createdAt"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PeerError("auth described an account in a form that was not agreed") from error


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except PeerError as error:
        _log.warning("auth cannot be asked: %s", error)
        raise UnavailableError("Accounts cannot be looked up just now. Try again soon.") from error


def _required(answer: JsonObject | None, key: str) -> Any:
    if answer is None or key not in answer:
        raise PeerError(f"auth answered without {key}")
    return answer[key]
