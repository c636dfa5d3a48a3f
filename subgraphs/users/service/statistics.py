"""Counting users. Each figure is read only when it is asked for."""

from datetime import datetime, timedelta

from subgraphs.common.database import ReadSession
from subgraphs.common.errors import BadUserInputError
from subgraphs.users.domain import REGISTRATION_POINTS_MAX, Interval, count_points_at_most
from subgraphs.users.repository import profiles as repository
from subgraphs.users.service.auth_peer import AuthPeer

ACTIVE_WITHIN = timedelta(days=30)


class Statistics:
    """The figures of the administrator's overview; deleted users are in none but the registrations."""

    def __init__(self, auth: AuthPeer) -> None:
        """Take the way to auth, which alone knows who has been here."""
        self._auth = auth

    async def count_users(self, session: ReadSession) -> tuple[int, int]:
        """Count all, and those with a verified address."""
        return await repository.count_users(session)

    async def count_active(self, now: datetime) -> int:
        """Count those who used a session within thirty days.

        Raises:
            UnavailableError: auth does not answer.
        """
        return await self._auth.count_active(now - ACTIVE_WITHIN)

    async def count_by_role(self, session: ReadSession) -> list[tuple[str, int]]:
        """Count by role, roles in alphabetical order."""
        return await repository.count_by_role(session)

    async def count_registrations(
        self,
        session: ReadSession,
        interval: Interval,
        start: datetime,
        end: datetime,
    ) -> list[tuple[datetime, int]]:
        """Count registrations in `[start, end)` by intervals of UTC, oldest first, the empty ones too.

        Raises:
            BadUserInputError: `end` is not after `start`, or there are more than 1,000 intervals between.
        """
        if end <= start:
            raise BadUserInputError("`to` must be after `from`.")
        if count_points_at_most(interval, start, end) > REGISTRATION_POINTS_MAX:
            raise BadUserInputError(
                f"That is more than {REGISTRATION_POINTS_MAX} points: take a longer interval."
            )
        return await repository.count_registrations(session, interval, start, end)
