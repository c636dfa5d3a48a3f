"""Products' subscriptions."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

import strawberry
from strawberry import UNSET

from subgraphs.common.changes import Watch
from subgraphs.common.errors import BadUserInputError
from subgraphs.common.graphql_types import parse_id
from subgraphs.products.schema.context import ProductsInfo
from subgraphs.products.schema.references import find_product
from subgraphs.products.schema.types import Product

WATCHED_MAX = 100


async def follow_prices(
    info: ProductsInfo,
    product_ids: list[strawberry.ID],
    last_event_id: strawberry.ID | None = UNSET,
    since: dt.datetime | None = UNSET,
) -> AsyncGenerator[Product, None]:
    """Each of the products when its price has changed, as it is then; ids that are none never change."""
    if not 0 < len(product_ids) <= WATCHED_MAX:
        raise BadUserInputError(f"productIds has 1 to {WATCHED_MAX} ids.")
    watch = Watch(subjects=frozenset(filter(None, map(parse_id, product_ids))))
    async with aclosing(info.context.follow(watch, last_event_id or None, since or None)) as changes:
        async for change in changes:
            find = partial(find_product, info.context, str(change.subject), None)
            found = await info.context.find_again(find)
            if found is not None:
                yield Product.of(found)


@strawberry.type
class Subscription:
    """What becomes of the catalogue."""

    product_price_changed = strawberry.subscription(
        resolver=follow_prices,
        description="Tells what has changed after the event lastEventId (`extensions.eventId` of what came last), or "
        "after the time since (the product's updatedAt), else from now on.",
    )
