"""Data exports: what the services know of a user, as one JSON file behind a link that works for a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from subgraphs.common.database import Database
from subgraphs.common.errors import ObjectNotFoundError, UnavailableError
from subgraphs.common.internal import JsonObject
from subgraphs.common.links import is_link_signed, sign_link
from subgraphs.users.domain import DataExport, ErasureStatus, Profile
from subgraphs.users.repository import exports as repository
from subgraphs.users.repository import profiles
from subgraphs.users.service.auth_peer import AuthPeer
from subgraphs.users.service.keepers import Keepers
from subgraphs.users.service.profiles import Profiles

_LIFE = timedelta(days=1)
_LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Under which web address exports are fetched, and the key that signs their links."""

    public_url: str
    secret: str


class Exports:
    """Gathers and hands out data exports."""

    def __init__(
        self,
        database: Database,
        auth: AuthPeer,
        profiles: Profiles,
        keepers: Keepers,
        options: ExportOptions,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._auth = auth
        self._profiles = profiles
        self._keepers = keepers
        self._options = options
        self._clock = clock

    async def request(self, user_id: UUID) -> DataExport:
        """Gather a user's data, or return the export of the last day: RUNNING if a service did not answer yet.

        Raises:
            ObjectNotFoundError: there is no such user, or a deleted one.
        """
        profile = (await self._profiles.find_many([user_id])).get(user_id)
        if profile is None or profile.status == "DELETED":
            raise ObjectNotFoundError("There is no such user.")
        now = self._clock()
        async with self._database.write() as session:
            await repository.drop_expired_exports(session, now)
            await repository.insert_export(session, user_id, now, now + _LIFE, now + _LEASE)
        found = await self._get(user_id)
        if found.status is ErasureStatus.RUNNING:
            await self._gather(user_id)
            found = await self._get(user_id)
        return found

    async def run_due(self) -> None:
        """Gather what could not be gathered at once, and drop what has expired."""
        now = self._clock()
        async with self._database.write() as session:
            await repository.drop_expired_exports(session, now)
        while True:
            async with self._database.write() as session:
                user_id = await repository.take_due_export(session, now, now + _LEASE)
            if user_id is None:
                return
            await self._gather(user_id)

    async def _gather(self, user_id: UUID) -> None:
        try:
            profile = (await self._profiles.find_many([user_id])).get(user_id)
            account = await self._auth.export(user_id)
            kept = await self._keepers.export(user_id)
        except UnavailableError:
            return
        async with self._database.write() as session:
            # Of somebody who was deleted while this was gathered, nothing is kept.
            if profile is None or not await profiles.lock_living(session, user_id):
                await repository.drop_export(session, user_id)
                return
            content = {"profile": _write(profile), "account": account, **kept}
            await repository.fill_export(session, user_id, content)

    async def read(self, export_id: UUID, signature: str) -> JsonObject | None:
        """Return an export to somebody who has its link; None if the link is wrong or too old."""
        if not is_link_signed(signature, self._options.secret, _name(export_id)):
            return None
        async with self._database.read() as session:
            return await repository.read_export(session, export_id, self._clock())

    def link(self, export: DataExport) -> str | None:
        """Return the link of an export that is complete."""
        if export.status is not ErasureStatus.COMPLETED:
            return None
        signature = sign_link(self._options.secret, _name(export.id))
        return f"{self._options.public_url}/exports/{export.id}?signature={signature}"

    async def _get(self, user_id: UUID) -> DataExport:
        async with self._database.read() as session:
            found = await repository.find_export(session, user_id)
        if found is None:
            raise ObjectNotFoundError("There is no such user.")
        return found


def _name(export_id: UUID) -> str:
    return f"data export {export_id}"


def _write(profile: Profile) -> dict[str, Any]:
    address = profile.address
    return {
        "fullName": profile.full_name,
        "displayName": profile.display_name,
        "phone": profile.phone,
        "address": None
        if address is None
        else {
            "line1": address.line1,
            "line2": address.line2,
            "city": address.city,
            "region": address.region,
            "postalCode": address.postal_code,
            "countryCode": address.country_code,
        },
        "locale": profile.locale,
        "createdAt": profile.created_at.isoformat(),
        "updatedAt": profile.updated_at.isoformat(),
    }
