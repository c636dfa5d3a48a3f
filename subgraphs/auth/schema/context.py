"""What auth's resolvers get with each request."""

from typing import TypeAlias

from strawberry.types import Info

from subgraphs.auth.schema.loaders import build_account_loader
from subgraphs.auth.service import AuthService
from subgraphs.auth.service.sessions import Client
from subgraphs.common.auth import Principal
from subgraphs.common.web import RequestContext


class AuthContext(RequestContext):
    """The caller, from where the call came, the service, and a loader that asks once for all accounts."""

    def __init__(self, service: AuthService, principal: Principal | None, client: Client) -> None:
        """Take what this request has."""
        super().__init__(service.database, principal)
        self.service = service
        self.client = client
        self.accounts = build_account_loader(service, self.read)


AuthInfo: TypeAlias = Info[AuthContext, None]
