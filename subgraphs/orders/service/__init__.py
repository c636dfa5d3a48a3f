"""What orders can do: one method a use. Callers own the session and have checked the caller's scopes."""

from subgraphs.orders.service.orders import OrdersService

__all__ = ["OrdersService"]
