"""What a customer asks for with `createOrder`."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.money import Money
from subgraphs.orders.domain import Item


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a customer wants to order; `key` makes repeating it harmless."""

    customer_id: UUID
    key: str
    items: tuple[Item, ...]
    expected_total: Money | None
    coupon_code: str | None = None

    @property
    def digest(self) -> bytes:
        """A hash that two requests share only if they want the same."""
        parts = [f"{item.product_id}*{item.quantity}" for item in self.items]
        parts.append(
            ""
            if self.expected_total is None
            else f"{self.expected_total.amount} {self.expected_total.currency}"
        )
        if self.coupon_code is not None:
            parts.append(self.coupon_code)
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
