"""What orders' resolvers get with each request."""

from typing import TypeAlias
from uuid import UUID

from strawberry.types import Info

from subgraphs.common.auth import Principal, is_owner_or
from subgraphs.common.web import RequestContext
from subgraphs.orders.domain import Order
from subgraphs.orders.schema.loaders import build_loaders
from subgraphs.orders.service import OrdersService

READ_SCOPE = "orders:read"
WRITE_SCOPE = "orders:write"


class OrdersContext(RequestContext):
    """The caller, the service, and the request's loaders."""

    def __init__(self, service: OrdersService, principal: Principal | None) -> None:
        """Take what this request has."""
        super().__init__(service.database, principal)
        self.service = service
        self.loaders = build_loaders(service, self.read)

    def forget(self) -> None:
        """After a change: what was loaded before it is loaded anew."""
        self.loaders = build_loaders(self.service, self.read)

    def may_see(self, order: Order | None) -> bool:
        """Whether the order is the caller's, or the caller may read all orders."""
        return order is not None and self.may_see_of(order.customer_id)

    def may_see_of(self, customer_id: UUID) -> bool:
        """Whether the caller is the customer, or may read all orders."""
        return is_owner_or(self.principal, customer_id, READ_SCOPE)


OrdersInfo: TypeAlias = Info[OrdersContext, None]
