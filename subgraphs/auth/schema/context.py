"""What auth's resolvers get with each request."""

from typing import TypeAlias

from strawberry.types import Info

from subgraphs.auth.domain import Caller, Client, parse_uuid
from subgraphs.auth.schema.loaders import build_loaders
from subgraphs.auth.service import AuthService
from subgraphs.common.auth import Principal, require_person
from subgraphs.common.errors import UnauthenticatedError
from subgraphs.common.web import RequestContext


class AuthContext(RequestContext):
    """The caller, from where the call came, the service, and the request's loaders."""

    def __init__(self, service: AuthService, principal: Principal | None, client: Client) -> None:
        """Take what this request has."""
        super().__init__(service.database, principal)
        self.service = service
        self.client = client
        self.loaders = build_loaders(service, self.read)

    async def get_caller(self, principal: Principal | None) -> Caller:
        """Return the person who asks, for what only a person may do with their own account or in a role of it.

        An access token outlives its session by a second or two: what it could change here lasts longer than that, an API key
        for one, so the session is looked at.

        Raises:
            UnauthenticatedError: the request is anonymous, or its session has ended.
            ForbiddenError: the token was made for an API key, which stands for a program.
        """
        principal = require_person(principal)
        session_id = parse_uuid(principal.claims.get("sid"))
        async with self.read() as session:
            live = None if session_id is None else await self.service.sessions.find_live(session, session_id)
        if live is None or live.account_id != principal.user_id:
            raise UnauthenticatedError("The session of this access token has ended. Sign in again.")
        return Caller(principal.user_id, session_id, self.client)


AuthInfo: TypeAlias = Info[AuthContext, None]
