"""What users' resolvers get with each request."""

from typing import TypeAlias
from uuid import UUID

from strawberry.types import Info

from subgraphs.common.auth import Principal
from subgraphs.common.web import RequestContext
from subgraphs.users.domain import Profile
from subgraphs.users.schema.loaders import build_profile_loader
from subgraphs.users.service import UsersService


class UsersContext(RequestContext):
    """The caller, the service, and a loader that asks once for all profiles."""

    def __init__(self, service: UsersService, principal: Principal | None) -> None:
        """Take what this request has."""
        super().__init__(service.database, principal)
        self.service = service
        self.profiles = build_profile_loader(service, self.read)

    async def find_profile(self, user_id: UUID) -> Profile | None:
        """Return a user's profile; None if there never was such a user.

        Raises:
            UnavailableError: it is missing here, and auth did not answer.
        """
        return await self.profiles.load(user_id)


UsersInfo: TypeAlias = Info[UsersContext, None]
