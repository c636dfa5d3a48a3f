"""Loaders: all profiles that a request asks for, in one statement."""

from typing import Any
from uuid import UUID

from aiodataloader import DataLoader

from subgraphs.users.domain import Profile
from subgraphs.users.service import UsersService
from subgraphs.users.service.profiles import Reader

ProfileLoader = DataLoader[UUID, Profile | None]


def build_profile_loader(service: UsersService, read: Reader) -> ProfileLoader:
    """Make the loader of one request.

    An id that nobody has gives None. One that is missing here while auth does not answer gives a
    `UnavailableError`, and only that one: the others are there all the same.
    """

    async def load(ids: list[UUID]) -> list[Any]:
        found = await service.profiles.find_many(ids, read)
        # A loader's way to fail for one key is an exception in its place.
        return [found.profiles.get(user_id, found.fault) for user_id in ids]

    return DataLoader(load)
