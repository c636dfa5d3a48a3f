"""Details of products, which lead nowhere else."""

import datetime as dt
from typing import Protocol, Self

import strawberry
from strawberry import Parent

from subgraphs.common.auth import require_scope
from subgraphs.common.graphql_types import MoneyType
from subgraphs.common.pagination import PAGE_SIZE, read_page_request
from subgraphs.products import domain
from subgraphs.products.domain import facets as faceting
from subgraphs.products.domain import reviews as reviewing
from subgraphs.products.schema.context import WRITE_SCOPE, ProductsInfo
from subgraphs.products.schema.image import WIDTH, build_tile


class OfProduct(Protocol):
    """What is made of a product: the GraphQL type Product, which this module cannot know."""

    record: domain.Product


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


@strawberry.type
class PriceFacet:
    """How many products cost `min` or more, and less than `max`."""

    min: MoneyType
    max: MoneyType | None
    count: int

    @classmethod
    def of(cls, record: faceting.PriceRange) -> Self:
        """The products of one range."""
        ends = None if record.maximum is None else MoneyType.of(record.maximum)
        return cls(min=MoneyType.of(record.minimum), max=ends, count=record.count)


@strawberry.type
class FeatureFacet:
    """How many products have a feature."""

    feature: str
    count: int


def draw_image(root: Parent[OfProduct], width: int | None = strawberry.UNSET) -> str | None:
    """A tile with a product's initials."""
    return build_tile(root.record.name, root.record.attributes, WIDTH if width is strawberry.UNSET else width)


def read_unit_cost(root: Parent[OfProduct], info: ProductsInfo) -> MoneyType | None:
    """What a product costs the shop; None but for who may change the catalogue."""
    cost = root.record.unit_cost
    return MoneyType.of(cost) if cost is not None and info.context.writes_catalogue else None


def read_rating(root: Parent[OfProduct]) -> RatingSummary:
    """What the published reviews of a product add up to."""
    return RatingSummary.of(reviewing.Rating(root.record.rating_counts))


async def list_prices(
    root: Parent[OfProduct], info: ProductsInfo, first: int | None = PAGE_SIZE
) -> list[PricePoint]:
    """The last prices of a product, the newest first."""
    require_scope(info.context.principal, WRITE_SCOPE)
    count = read_page_request(first=first).size
    return [PricePoint.of(point) for point in await info.context.loaders.prices.load((root.record.id, count))]
