"""Coupons: found before an order is made, used in its transaction, given back when it is cancelled (by a trigger).

Every reason for a no is answered alike: a code that exists is worth guessing.
"""

from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.database import Database, WriteSession
from subgraphs.common.errors import InvalidInputError
from subgraphs.common.money import Money
from subgraphs.orders.domain import Coupon, read_coupon_code
from subgraphs.orders.repository import coupons


@dataclass(frozen=True, slots=True)
class Coupons:
    """The coupons in one database. An operator makes one by writing its row."""

    database: Database

    async def find(self, code: str | None, subtotal: Money) -> tuple[Coupon | None, Money]:
        """The coupon with the code, and what it takes off; None and nothing without a code.

        Raises:
            InvalidInputError: it cannot be used for this.
        """
        if code is None:
            return None, Money(0, subtotal.currency)
        key = read_coupon_code(code)
        if key is None:
            raise refusal()
        async with self.database.read() as session:
            coupon = await coupons.find_coupon(session, key)
        discount = None if coupon is None else coupon.discount(subtotal)
        if coupon is None or discount is None:
            raise refusal()
        return coupon, discount

    async def use(self, session: WriteSession, coupon: Coupon, customer_id: UUID, order_id: UUID) -> None:
        """Use it for an order, once for each customer.

        Raises:
            InvalidInputError: it cannot be used any more, or was used by this customer before.
        """
        if not await coupons.use_coupon(session, coupon):
            raise refusal()
        if not await coupons.note_use(session, coupon.code, customer_id, order_id):
            raise refusal()


def refusal() -> InvalidInputError:
    """The one answer to every coupon that cannot be used."""
    return InvalidInputError("This coupon cannot be used.", ("input", "couponCode"))
