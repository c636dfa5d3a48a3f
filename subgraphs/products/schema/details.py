"""Details of products, which lead nowhere else."""

import datetime as dt
from typing import Self

import strawberry

from subgraphs.common.graphql_types import MoneyType
from subgraphs.products.domain import reviews as reviewing


@strawberry.type
class RatingSummary:
    """What the published reviews add up to; the histogram counts those of 1 to 5 stars."""

    average: float | None
    count: int
    histogram: list[int]

    @classmethod
    def of(cls, record: reviewing.Rating) -> Self:
        """The ratings of one product."""
        return cls(average=record.average, count=sum(record.counts), histogram=[*record.counts])


@strawberry.type
class PricePoint:
    """See `reviewing.PricePoint`."""

    price: MoneyType
    from_: dt.datetime = strawberry.field(name="from")
    to: dt.datetime | None

    @classmethod
    def of(cls, record: reviewing.PricePoint) -> Self:
        """What a product cost for a while."""
        return cls(price=MoneyType.of(record.price), from_=record.since, to=record.until)
