"""What orders can do: one method a use. Callers own the session and have checked the caller's scopes."""

from subgraphs.orders.service.orders import OrdersService
from subgraphs.orders.service.upkeep import Upkeep

__all__ = ["OrdersService", "Upkeep"]
