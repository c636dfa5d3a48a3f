"""The lists of products that fields of several types give: a page, and what can be asked of the whole list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.auth import require_user
from subgraphs.common.errors import ForbiddenError
from subgraphs.common.pagination import Page, PageRequest, read_page_request
from subgraphs.products.domain import Hit, ProductQuery
from subgraphs.products.domain.facets import Facets
from subgraphs.products.schema.context import ProductsInfo

NOBODY = UUID(int=0)
REVIEWS = 10
RELATED = 6


@dataclass(frozen=True, slots=True)
class ProductListing:
    """A page of products; `count` gives the length of the whole list, `facets` what it holds."""

    page: Page[Hit]
    count: Callable[[], Awaitable[int]]
    facets: Callable[[], Awaitable[Facets]]


async def read_products(info: ProductsInfo, query: ProductQuery, request: PageRequest) -> ProductListing:
    """The products of a query."""
    service, read = info.context.service, info.context.read
    async with read() as session:
        page = await service.list_products(session, query, request)

    async def count() -> int:
        async with read() as session:
            return await service.count_products(session, query)

    async def facets() -> Facets:
        async with read() as session:
            return await service.count_facets(session, query)

    return ProductListing(page, count, facets)


async def read_shelf(
    info: ProductsInfo, category_id: UUID, first: int | None, after: str | None
) -> ProductListing:
    """The published products that stand directly in a category, by name."""
    loaders = info.context.loaders
    page = await loaders.shelves.load((category_id, read_page_request(first=first, after=after or None)))
    return ProductListing(
        page, lambda: loaders.counts.load(category_id), lambda: loaders.shelf_facets.load(category_id)
    )


async def read_wishes(
    info: ProductsInfo, user_id: UUID | None, first: int | None, after: str | None
) -> ProductListing:
    """What a user wishes for, the last wish first; nobody else's business.

    Raises:
        ForbiddenError: the caller is somebody else.
    """
    wisher = require_user(info.context.principal).user_id
    if user_id != wisher:
        raise ForbiddenError("This is somebody else's wishlist.")
    service, read = info.context.service.reviews, info.context.read
    async with read() as session:
        page = await service.list_wishes(session, wisher, read_page_request(first=first, after=after or None))

    async def count() -> int:
        async with read() as session:
            return await service.count_wishes(session, wisher)

    async def facets() -> Facets:
        async with read() as session:
            return await service.count_wish_facets(session, wisher)

    return ProductListing(page, count, facets)
