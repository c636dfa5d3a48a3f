"""Profiles: reading them, with auth behind for those that are missing, and changing them."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.database import Database, ReadSession
from subgraphs.common.errors import (
    BadUserInputError,
    ObjectNotFoundError,
    UnavailableError,
)
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.common.text import is_storable
from subgraphs.users.domain import (
    ROLES,
    SEARCH_LENGTH_MAX,
    AccountCopy,
    Profile,
    ProfileChange,
    ProfileRefusedError,
    UserFilter,
    UserOrder,
    UserSortField,
    clean_change,
)
from subgraphs.users.repository import profiles as repository
from subgraphs.users.service.auth_peer import AuthPeer

Reader = Callable[[], AbstractAsyncContextManager[ReadSession]]

_RECONCILED_AT_ONCE = 500

_YOUNGEST_FIRST = (UserOrder(UserSortField.CREATED_AT, is_descending=True),)


@dataclass(frozen=True, slots=True)
class FoundProfiles:
    """The profiles that were found, and why nothing is known of the others, if it is not that they don't exist."""

    profiles: dict[UUID, Profile]
    fault: UnavailableError | None = None

    def get(self, user_id: UUID) -> Profile | None:
        """Return the user's profile; None if there never was such a user.

        Raises:
            UnavailableError: it is missing here, and auth did not answer.
        """
        profile = self.profiles.get(user_id)
        if profile is None and self.fault is not None:
            raise self.fault
        return profile


class Profiles:
    """All that reads or changes a profile."""

    def __init__(self, database: Database, auth: AuthPeer) -> None:
        """Take the database and the way to auth."""
        self._database = database
        self._auth = auth

    async def find_many(self, ids: Sequence[UUID], read: Reader | None = None) -> FoundProfiles:
        """Return the profiles of all users that exist, deleted ones as tombstones.

        One statement; for those that are missing here, one call of auth in all and two statements more.
        `read` opens the session to read with, if not one of its own. No session is open while auth is asked:
        a slow peer must not keep connections from others.
        """
        read = read or self._database.read
        async with read() as session:
            found = await repository.find_profiles(session, ids)
        missing = [user_id for user_id in ids if user_id not in found]
        if not missing:
            return FoundProfiles(found)
        try:
            copies = await self._auth.lookup(missing)
        except UnavailableError as error:
            return FoundProfiles(found, error)
        if copies:
            await self.apply(copies)
            async with read() as session:
                found |= await repository.find_profiles(session, [copy.id for copy in copies])
        return FoundProfiles(found)

    async def apply(self, copies: Sequence[AccountCopy]) -> None:
        """Take over what auth says of accounts; older news than we have changes nothing. Repeatable."""
        async with self._database.write() as session:
            await repository.upsert_copies(session, copies)
            if gone := [copy.id for copy in copies if copy.is_deleted]:
                await repository.scrub_profiles(session, gone)

    async def reconcile(self) -> None:
        """Ask auth for every account and take over what is newer, and tell it the names that it has missed.

        Raises:
            UnavailableError: auth does not answer; what was taken over stays.
        """
        after: UUID | None = None
        while True:
            async with self._database.read() as session:
                ids = await repository.list_ids(session, after, _RECONCILED_AT_ONCE)
            if not ids:
                return
            if copies := await self._auth.lookup(ids):
                await self.apply(copies)
                await self._tell_names(copies)
            after = ids[-1]

    async def _tell_names(self, copies: Sequence[AccountCopy]) -> None:
        living = {copy.id: copy for copy in copies if not copy.is_deleted}
        async with self._database.read() as session:
            found = await repository.find_profiles(session, living)
        for profile in found.values():
            if profile.full_name != living[profile.id].full_name:
                await self._auth.rename(profile.id, profile.full_name, profile.updated_at)

    async def change(self, user_id: UUID, change: ProfileChange) -> Profile:
        """Change a user's profile.

        Raises:
            ProfileRefusedError: values cannot be used.
            ObjectNotFoundError: no such user, or a deleted one.
            UnavailableError: the user is missing here and auth does not answer.
        """
        cleaned, faults = clean_change(change)
        if faults:
            raise ProfileRefusedError(faults)
        if (await self.find_many([user_id])).get(user_id) is not None:
            async with self._database.write() as session:
                changed = await repository.change_profile(session, user_id, cleaned)
            if changed is not None:
                if "full_name" in cleaned.values:
                    await self._auth.rename(user_id, changed.full_name, changed.updated_at)
                return changed
        raise ObjectNotFoundError("There is no such user.", ("id",))

    async def list_page(
        self,
        session: ReadSession,
        wanted: UserFilter,
        order: Sequence[UserOrder],
        request: PageRequest,
    ) -> Page[Profile]:
        """Return a page of the users of a filter; the youngest first if no order is asked for.

        Raises:
            BadUserInputError: the filter, the order or a cursor cannot be used.
        """
        _check_filter(wanted)
        if len({one.field for one in order}) < len(order):
            raise BadUserInputError("Sort by each field once at most.")
        rows = await repository.list_profiles(session, wanted, order or _YOUNGEST_FIRST, request)
        page = build_page(request, rows, lambda row: row[1])
        profiles = tuple(profile for profile, _ in page.rows)
        return Page(profiles, page.cursors, page.has_next_page, page.has_previous_page)

    async def count(self, session: ReadSession, wanted: UserFilter) -> int:
        """Count the users of a filter.

        Raises:
            BadUserInputError: the filter cannot be used.
        """
        _check_filter(wanted)
        return await repository.count_profiles(session, wanted)

    async def insert(self, profiles: Iterable[dict[str, object]]) -> None:
        """Store whole profiles for the demonstration; those that exist stay as they are."""
        async with self._database.write() as session:
            await repository.insert_profiles(session, [*profiles])


def _check_filter(wanted: UserFilter) -> None:
    if wanted.search is not None and (
        len(wanted.search) > SEARCH_LENGTH_MAX or not is_storable(wanted.search)
    ):
        raise BadUserInputError(f"Search for at most {SEARCH_LENGTH_MAX} ordinary characters.")
    if wanted.role is not None and wanted.role not in ROLES:
        raise BadUserInputError(f"A role is one of {', '.join(ROLES)}.")
