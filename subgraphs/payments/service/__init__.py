"""What payments can do: one method a use. Callers have checked the caller's scopes."""

from subgraphs.payments.service.payments import PaymentRequest, PaymentsService
from subgraphs.payments.service.refunds import RefundRequest
from subgraphs.payments.service.upkeep import Upkeep

__all__ = ["PaymentRequest", "PaymentsService", "RefundRequest", "Upkeep"]
