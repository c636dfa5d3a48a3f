"""What payments' resolvers get with each request."""

from typing import TypeAlias
from uuid import UUID

from strawberry.types import Info

from subgraphs.common.auth import Principal, is_owner_or
from subgraphs.common.web import RequestContext
from subgraphs.payments.domain import Payment
from subgraphs.payments.schema.loaders import build_loaders
from subgraphs.payments.service import PaymentsService

READ_SCOPE = "payments:read"
REFUND_SCOPE = "payments:refund"


class PaymentsContext(RequestContext):
    """The caller, the service, and the request's loaders."""

    def __init__(self, service: PaymentsService, principal: Principal | None) -> None:
        """Take what this request has."""
        super().__init__(service.database, principal)
        self.service = service
        self.loaders = build_loaders(service, self.read)

    def forget(self) -> None:
        """After a change: what was loaded before it is loaded anew."""
        self.loaders = build_loaders(self.service, self.read)

    def may_see(self, payment: Payment) -> bool:
        """Whether the payment is the caller's, or the caller may read all payments."""
        return is_owner_or(self.principal, payment.payer_id, READ_SCOPE)

    async def list_visible(self, order_id: UUID | None) -> list[Payment]:
        """Those of an order's payments that the caller may see."""
        found = await self.loaders.of_orders.load(order_id) if order_id is not None else []
        return [payment for payment in found if self.may_see(payment)]


PaymentsInfo: TypeAlias = Info[PaymentsContext, None]
