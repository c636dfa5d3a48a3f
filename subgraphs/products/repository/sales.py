"""The copy of what orders knows of sales."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, BIGINT, Uuid, bindparam, text

from subgraphs.common.database import WriteSession
from subgraphs.products.repository import AnySession

_HEARD = text("SELECT version FROM product_sales_heard")
# What is older than what is known changes nothing, so the same news may come twice or late.
# Rows are locked in the order of their ids, as whatever changes several products does.
_APPLY = text("""
    WITH news AS (
        SELECT product_id, units, news.version
        FROM unnest(:ids, :units, :versions) AS news (product_id, units, version)
        JOIN products ON products.id = product_id AND sales_version < news.version
        ORDER BY product_id FOR NO KEY UPDATE OF products
    )
    UPDATE products SET units_sold = news.units, sales_version = news.version FROM news WHERE products.id = product_id
""").bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("units", type_=ARRAY(BIGINT)),
    bindparam("versions", type_=ARRAY(BIGINT)),
)
_HEAR = text("UPDATE product_sales_heard SET version = greatest(version, :version)")

Sales = Sequence[tuple[UUID, int, int]]
"""Products, each with the units sold in all and the version of that."""


async def find_heard_version(session: AnySession) -> int:
    """The version up to which everything was heard; 0 in the beginning."""
    return int((await session.execute(_HEARD)).scalar_one())


async def apply_sales(session: WriteSession, news: Sales) -> None:
    """Take over what was sold, and that it was heard; there is at least one."""
    ids, units, versions = zip(*news, strict=True)
    await session.execute(_APPLY, {"ids": [*ids], "units": [*units], "versions": [*versions]})
    await session.execute(_HEAR, {"version": versions[-1]})
