"""How many of each product were sold, counted from the changes of orders."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, text

from subgraphs.common.database import WriteSession
from subgraphs.orders.domain import SOLD
from subgraphs.orders.repository import AnySession

_HEAD = text("SELECT position, version FROM product_sales_head FOR UPDATE SKIP LOCKED")
_NEXT = text("""
    SELECT max(position) FROM (
        SELECT position FROM changes WHERE position > :position ORDER BY position LIMIT :limit
    ) AS next
""")
# Versions are given while the head is held, so they become visible in their order.
_COUNT = text("""
    WITH moves AS (
        SELECT subject,
            (data ->> 'to' = ANY (:sold))::integer - coalesce(data ->> 'from' = ANY (:sold), false)::integer AS step
        FROM changes WHERE position > :position AND position <= :until
    ), news AS (
        SELECT product_id, sum(step * quantity) AS units
        FROM moves JOIN order_lines ON order_lines.order_id = moves.subject
        WHERE step <> 0 GROUP BY product_id HAVING sum(step * quantity) <> 0
    )
    INSERT INTO product_sales (product_id, units, version)
    SELECT product_id, units, :version + row_number() OVER (ORDER BY product_id) FROM news
    ON CONFLICT (product_id) DO UPDATE
        SET units = product_sales.units + excluded.units, version = excluded.version
""").bindparams(bindparam("sold", type_=ARRAY(Text)))
_MOVE_HEAD = text("UPDATE product_sales_head SET position = :until, version = version + :count")
_LIST = text(
    "SELECT product_id, units, version FROM product_sales WHERE version > :after ORDER BY version LIMIT :limit"
)

COUNTED = "position <= (SELECT position FROM product_sales_head)"
"""The condition of the changes that were counted."""


async def count_sales(session: WriteSession, limit: int) -> bool:
    """Count at most `limit` changes that were not counted; False if there were none, or somebody else counts."""
    head = (await session.execute(_HEAD)).one_or_none()
    if head is None:
        return False
    until = (await session.execute(_NEXT, {"position": head.position, "limit": limit})).scalar_one()
    if until is None:
        return False
    given = {"position": head.position, "until": until, "version": head.version, "sold": [*SOLD]}
    counted: Any = await session.execute(_COUNT, given)
    await session.execute(_MOVE_HEAD, {"until": until, "count": counted.rowcount})
    return True


async def list_sales(session: AnySession, after: int, limit: int) -> Sequence[tuple[UUID, int, int]]:
    """Product, units and version of what was counted after a version, in that order."""
    return [tuple(row) for row in await session.execute(_LIST, {"after": after, "limit": limit})]
