"""What orders can do: one method a use. Callers own the session and have checked the caller's scopes."""

from subgraphs.orders.service.orders import OrdersService, build_service

__all__ = ["OrdersService", "build_service"]
