"""Coupons and their uses."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from subgraphs.common.database import WriteSession
from subgraphs.common.money import Money
from subgraphs.orders.domain import Coupon
from subgraphs.orders.models import CouponRow, CouponUseRow
from subgraphs.orders.repository import AnySession


async def find_coupon(session: AnySession, code: str) -> Coupon | None:
    """The coupon with the code, if it can be used now."""
    row = (await session.scalars(select(CouponRow).where(CouponRow.code == code, *_usable()))).one_or_none()
    if row is None:
        return None
    amount = None if row.amount_minor is None else Money(row.amount_minor, row.currency or "")
    return Coupon(row.code, row.percent, amount)


async def use_coupon(session: WriteSession, coupon: Coupon) -> bool:
    """Count one use more; False if it cannot be used any more, or takes something else off by now."""
    minor, currency = (None, None) if coupon.amount is None else (coupon.amount.minor, coupon.amount.currency)
    statement = (
        update(CouponRow)
        .where(
            CouponRow.code == coupon.code,
            CouponRow.percent.is_not_distinct_from(coupon.percent),
            CouponRow.amount_minor.is_not_distinct_from(minor),
            CouponRow.currency.is_not_distinct_from(currency),
            *_usable(),
        )
        .values(uses=CouponRow.uses + 1)
        .returning(CouponRow.code)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def note_use(session: WriteSession, code: str, customer_id: UUID, order_id: UUID) -> bool:
    """Note who used it for which order; False if this customer has used it before."""
    statement = (
        insert(CouponUseRow)
        .values(code=code, customer_id=customer_id, order_id=order_id)
        .on_conflict_do_nothing()
        .returning(CouponUseRow.code)
    )
    return (await session.execute(statement)).one_or_none() is not None


def _usable() -> list[Any]:
    return [
        CouponRow.valid_from <= func.now(),
        or_(CouponRow.valid_until.is_(None), CouponRow.valid_until > func.now()),
        or_(CouponRow.uses_max.is_(None), CouponRow.uses < CouponRow.uses_max),
    ]
