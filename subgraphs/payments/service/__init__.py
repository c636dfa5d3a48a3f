"""What payments can do: one method a use. Callers have checked the caller's scopes."""

from subgraphs.payments.service.payments import PaymentRequest, PaymentsService, build_service

__all__ = ["PaymentRequest", "PaymentsService", "build_service"]
