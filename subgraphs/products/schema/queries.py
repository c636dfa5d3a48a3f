"""Products' root query fields; all are public."""

import datetime as dt
from decimal import Decimal

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_scope
from subgraphs.common.errors import BadUserInputError, InvalidInputError
from subgraphs.common.graphql_types import MoneyInput, SortDirection, build_list_size, parse_id
from subgraphs.common.money import Money
from subgraphs.common.pagination import PAGE_SIZE, read_page_request
from subgraphs.products.domain import ProductQuery, ProductStatus, SortField, SortKey
from subgraphs.products.domain.reviews import RATING_MAX
from subgraphs.products.schema.context import WRITE_SCOPE, ProductsInfo
from subgraphs.products.schema.lists import read_products
from subgraphs.products.schema.references import find_product
from subgraphs.products.schema.types import Category, Product, ProductConnection

SEARCH_CHARACTERS_MAX = 200
FILTER_ITEMS_MAX = 100
SUGGESTIONS = 8
CATEGORIES = 30
"""How many categories there are as a rule, for the cost of an operation."""

strawberry.enum(SortField, name="ProductSortField")


@strawberry.input
class ProductFilter:
    """Conditions that all must hold; `features` must all be there, the other lists are alternatives."""

    search: str | None = UNSET
    category_ids: list[strawberry.ID] | None = UNSET
    category_slugs: list[str] | None = UNSET
    min_price: MoneyInput | None = UNSET
    max_price: MoneyInput | None = UNSET
    features: list[str] | None = UNSET
    ids: list[strawberry.ID] | None = UNSET
    min_rating: float | None = UNSET
    status: ProductStatus | None = UNSET
    created_after: dt.datetime | None = UNSET


@strawberry.input
class ProductSort:
    """One level of a sort. RELEVANCE needs a search, and ascending it is the best match first."""

    field: SortField
    direction: SortDirection = SortDirection.ASC


async def list_products(  # noqa: PLR0913, PLR0917 -- the arguments of a Relay connection
    info: ProductsInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    filter: ProductFilter | None = UNSET,  # noqa: A002 -- the schema's name
    sort: list[ProductSort] | None = UNSET,
) -> ProductConnection:
    """Products that are published, or of another status for who may change the catalogue."""
    request = read_page_request(
        first=first,
        after=after or None,
        last=None if last is UNSET else last,
        before=before or None,
    )
    query = read_product_query(filter or ProductFilter(), sort or [])
    if query.status is not ProductStatus.PUBLISHED:
        require_scope(info.context.principal, WRITE_SCOPE)
    return ProductConnection.of(await read_products(info, query, request))


async def get_product(
    info: ProductsInfo,
    id: strawberry.ID | None = UNSET,  # noqa: A002 -- the schema's name
    slug: str | None = UNSET,
) -> Product | None:
    """The product with the id or the slug; say just one of them."""
    product_id, slug = id or None, slug or None
    if (product_id is None) == (slug is None):
        raise BadUserInputError("Name the product by its id or by its slug, and only by one of them.")
    found = await find_product(info.context, product_id, slug)
    if found is None or (found.status is ProductStatus.ARCHIVED and not info.context.writes_catalogue):
        return None
    return Product.of(found)


async def list_categories(info: ProductsInfo) -> list[Category]:
    """All categories by name."""
    async with info.context.read() as session:
        found = await info.context.service.list_categories(session)
    return [Category.of(category) for category in found]


async def get_category(info: ProductsInfo, slug: str) -> Category | None:
    """The category with the slug."""
    async with info.context.read() as session:
        found = await info.context.service.find_category_by_slug(session, slug)
    return None if found is None else Category.of(found)


async def list_suggestions(
    info: ProductsInfo,
    text: str,
    first: int | None = SUGGESTIONS,
) -> list[str]:
    """Names of products that the text may become."""
    count, typed = read_page_request(first=first, size=SUGGESTIONS).size, _read_search(text, "text")
    async with info.context.read() as session:
        return await info.context.service.suggest_names(session, typed or "", count)


@strawberry.type
class Query:
    """The catalogue."""

    products: ProductConnection = federation.field(
        resolver=list_products,
        directives=[build_list_size(slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"])],
    )
    product: Product | None = strawberry.field(resolver=get_product)
    categories: list[Category] = federation.field(
        resolver=list_categories, directives=[build_list_size(assumed_size=CATEGORIES)]
    )
    category: Category | None = strawberry.field(resolver=get_category)
    search_suggestions: list[str] = federation.field(
        resolver=list_suggestions,
        description="Type-ahead (trigram).",
        directives=[build_list_size(slicing_arguments=["first"])],
    )


def read_product_query(given: ProductFilter, sort: list[ProductSort]) -> ProductQuery:
    """The list that a client's filter and sort ask for.

    Ids that are none match nothing, as ids of nothing do.

    Raises:
        BadUserInputError: too much of something, prices in two currencies, a sort that makes no sense.
    """
    search = _read_search(given.search)
    price_min = _read_price(given.min_price, "minPrice")
    price_max = _read_price(given.max_price, "maxPrice")
    if price_min is not None and price_max is not None and price_min.currency != price_max.currency:
        raise BadUserInputError("filter.minPrice and filter.maxPrice are in different currencies.")
    ids, category_ids = _read_list(given.ids, "ids"), _read_list(given.category_ids, "categoryIds")
    return ProductQuery(
        search=search,
        ids=None if ids is None else tuple(filter(None, map(parse_id, ids))),
        category_ids=None if category_ids is None else tuple(filter(None, map(parse_id, category_ids))),
        category_slugs=_read_list(given.category_slugs, "categorySlugs"),
        price_min=price_min,
        price_max=price_max,
        features=_read_list(given.features, "features") or (),
        rating_min=_read_rating(given.min_rating),
        status=given.status or ProductStatus.PUBLISHED,
        created_after=given.created_after or None,
        sort=_read_sort(sort, has_search=search is not None),
    )


def _read_search(text: str | None, name: str = "filter.search") -> str | None:
    search = (text or "").strip()
    if len(search) > SEARCH_CHARACTERS_MAX:
        raise BadUserInputError(f"{name} has at most {SEARCH_CHARACTERS_MAX} characters.")
    return search or None


def _read_rating(given: float | None) -> Decimal | None:
    if given is None or given is UNSET:
        return None
    if not 0 <= given <= RATING_MAX:
        raise BadUserInputError(f"filter.minRating is 0 to {RATING_MAX}.")
    return Decimal(str(given))


def _read_list(items: list[str] | list[strawberry.ID] | None, name: str) -> tuple[str, ...] | None:
    if items is None or items is UNSET:
        return None
    if len(items) > FILTER_ITEMS_MAX or any(len(item) > SEARCH_CHARACTERS_MAX for item in items):
        raise BadUserInputError(
            f"filter.{name} has at most {FILTER_ITEMS_MAX} items of {SEARCH_CHARACTERS_MAX} characters."
        )
    return tuple(items)


def _read_price(given: MoneyInput | None, name: str) -> Money | None:
    try:
        return given.read(()) if given else None
    except InvalidInputError as error:
        raise BadUserInputError(f"filter.{name}: {error.message}") from None


def _read_sort(sort: list[ProductSort], *, has_search: bool) -> tuple[SortKey, ...]:
    keys = tuple(SortKey(SortField(item.field), item.direction is SortDirection.DESC) for item in sort)
    fields = [key.field for key in keys]
    if len({*fields}) < len(fields):
        raise BadUserInputError("sort names a field twice.")
    if SortField.RELEVANCE in fields and not has_search:
        raise BadUserInputError("sort by RELEVANCE needs filter.search.")
    return keys or (SortKey(SortField.RELEVANCE if has_search else SortField.NAME),)
