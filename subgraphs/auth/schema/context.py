"""What auth's resolvers get with each request."""

from typing import TypeAlias

from strawberry.types import Info

from subgraphs.auth.domain import Caller, Client, parse_uuid
from subgraphs.auth.schema.loaders import build_loaders
from subgraphs.auth.service import AuthService
from subgraphs.common.auth import Principal, require_person
from subgraphs.common.web import RequestContext


class AuthContext(RequestContext):
    """The caller, from where the call came, the service, and the request's loaders."""

    def __init__(self, service: AuthService, principal: Principal | None, client: Client) -> None:
        """Take what this request has."""
        super().__init__(service.database, principal)
        self.service = service
        self.client = client
        self.loaders = build_loaders(service, self.read)

    def get_caller(self, principal: Principal | None) -> Caller:
        """Return the person who asks, for what only a person may do with their own account.

        Raises:
            UnauthenticatedError: the request is anonymous.
            ForbiddenError: the token was made for an API key, which stands for a program.
        """
        principal = require_person(principal)
        return Caller(principal.user_id, parse_uuid(principal.claims.get("sid")), self.client)


AuthInfo: TypeAlias = Info[AuthContext, None]
