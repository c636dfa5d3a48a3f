"""Products' GraphQL types.

A `Product` is made only by `Product.of`, whose callers have checked that the reader may see it; only what it costs the
shop is a matter of its own.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Self
from uuid import UUID

import strawberry
from strawberry import Parent, federation

from subgraphs.common.connections import Connection, count_rows
from subgraphs.common.errors import BadUserInputError
from subgraphs.common.graphql_types import (
    EntityStub,
    JsonValue,
    MoneyType,
    Node,
    PageInfo,
    build_cost,
    build_list_size,
    id_of,
    parse_id,
)
from subgraphs.common.pagination import PAGE_SIZE, read_page_request
from subgraphs.products import domain
from subgraphs.products.domain import reviews as reviewing
from subgraphs.products.domain.facets import Facets
from subgraphs.products.schema import lists
from subgraphs.products.schema.context import WRITE_SCOPE, ProductsInfo
from subgraphs.products.schema.details import (
    FeatureFacet,
    PriceFacet,
    PricePoint,
    RatingSummary,
    draw_image,
    list_prices,
    read_rating,
    read_unit_cost,
)
from subgraphs.products.schema.lists import NOBODY, RELATED, REVIEWS, ProductListing
from subgraphs.products.schema.references import find_category, find_product

strawberry.enum(domain.ProductStatus)
strawberry.enum(domain.Availability)
strawberry.enum(reviewing.ReviewStatus)
strawberry.enum(reviewing.ReviewSort)

_SLICED = build_list_size(slicing_arguments=["first"], sized_fields=["edges", "nodes"])
CATEGORY_CHILDREN = 20
"""How many children a category has as a rule, for the cost of an operation."""


async def load_category(root: Parent["Product"], info: ProductsInfo) -> "Category":
    """Where a product stands in the catalogue."""
    found = await info.context.loaders.categories.load(root.record.category_id)
    assert found is not None, "a product's category cannot be deleted"
    return Category.of(found)


async def list_related(
    root: Parent["Product"], info: ProductsInfo, first: int | None = RELATED
) -> "list[Product]":
    """Published products that are like a product, the likest first."""
    count = read_page_request(first=first, size=RELATED).size
    return [Product.of(found) for found in await info.context.loaders.related.load((root.record.id, count))]


async def list_reviews(
    root: Parent["Product"],
    info: ProductsInfo,
    first: int | None = REVIEWS,
    after: str | None = strawberry.UNSET,
    sort: reviewing.ReviewSort | None = reviewing.ReviewSort.NEWEST,
) -> "ReviewConnection":
    """The published reviews of a product."""
    return await read_reviews(info, ("product_id", root.record.id), sort, first, after)


@federation.type(keys=["id", "slug"])
class Product(Node):
    """Something that can be bought."""

    record: strawberry.Private[domain.Product]
    slug: str
    name: str
    description: str | None
    price: MoneyType
    features: list[str]
    attributes: JsonValue | None = strawberry.field(description="Seed's JSONB, as stored.")
    status: domain.ProductStatus
    availability: domain.Availability
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int = federation.field(tags=["admin"], description="Optimistic lock for updateProduct.")
    category: "Category" = strawberry.field(resolver=load_category)
    image_url: str | None = strawberry.field(
        resolver=draw_image, description="A picture as a data URL; width in pixels, 16 to 1024."
    )
    unit_cost: MoneyType | None = federation.field(resolver=read_unit_cost, inaccessible=True)
    rating: RatingSummary = strawberry.field(resolver=read_rating)
    reviews: "ReviewConnection" = federation.field(resolver=list_reviews, directives=[_SLICED])
    price_history: list[PricePoint] = federation.field(
        resolver=list_prices,
        requires_scopes=[[WRITE_SCOPE]],
        directives=[build_list_size(slicing_arguments=["first"])],
    )
    related: "list[Product]" = federation.field(
        resolver=list_related, directives=[build_cost(5), build_list_size(slicing_arguments=["first"])]
    )

    @classmethod
    def of(cls, record: domain.Product) -> Self:
        """The product, for a reader who may see it."""
        return cls(
            id=id_of(record.id),
            record=record,
            slug=record.slug,
            name=record.name,
            description=record.description,
            price=MoneyType.of(record.price),
            features=[*record.features],
            attributes=JsonValue(record.attributes),
            status=record.status,
            availability=record.availability,
            created_at=record.created_at,
            updated_at=record.updated_at,
            version=record.version,
        )

    @classmethod
    async def resolve_reference(
        cls,
        info: ProductsInfo,
        id: strawberry.ID | None = None,  # noqa: A002 -- the key's name
        slug: str | None = None,
    ) -> Self | None:
        """The product with one of the keys, if the caller may see it; the id counts when both are given.

        Raises:
            BadUserInputError: the representation has neither key.
        """
        if id is None and slug is None:
            raise BadUserInputError("A representation of Product has an id or a slug.")
        found = await find_product(info.context, id, slug)
        return None if found is None else cls.of(found)


@strawberry.type
class ProductEdge:
    """A product in its place in the list."""

    cursor: str
    node: Product
    score: float | None = strawberry.field(
        description="Relevance and highlighted snippet when search is given."
    )
    snippet: str | None = strawberry.field(description="Plain text with the words found between **.")


@strawberry.type
class CategoryFacet:
    """How many products of a list stand in a category."""

    category: "Category"
    count: int


@strawberry.type
class ProductFacets:
    """What the whole list holds, whatever page of it is shown; the fullest categories and features first."""

    categories: list[CategoryFacet]
    price_ranges: list[PriceFacet]
    features: list[FeatureFacet]


async def count_facets(root: Parent["ProductConnection"], info: ProductsInfo) -> ProductFacets:
    """What the whole list holds; counted only when asked for."""
    found = await root.read_facets()
    shelves = await info.context.loaders.categories.load_many([key for key, _ in found.categories])
    return ProductFacets(
        categories=[
            CategoryFacet(category=Category.of(shelf), count=count)
            for shelf, (_, count) in zip(shelves, found.categories, strict=True)
            if shelf is not None
        ],
        price_ranges=[PriceFacet.of(each) for each in found.price_ranges],
        features=[FeatureFacet(feature=name, count=count) for name, count in found.features],
    )


@strawberry.type
class ProductConnection:
    """A page of a list of products."""

    edges: list[ProductEdge]
    nodes: list[Product]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    read_facets: strawberry.Private[Callable[[], Awaitable[Facets]]]
    total_count: int = federation.field(resolver=count_rows, directives=[build_cost(5)])
    facets: ProductFacets = federation.field(resolver=count_facets, directives=[build_cost(10)])

    @classmethod
    def of(cls, listing: ProductListing) -> Self:
        """The page of a list."""
        nodes = [Product.of(hit.product) for hit in listing.page.rows]
        return cls(
            edges=[
                ProductEdge(cursor=cursor, node=node, score=hit.score, snippet=hit.snippet)
                for cursor, node, hit in zip(listing.page.cursors, nodes, listing.page.rows, strict=True)
            ],
            nodes=nodes,
            page_info=PageInfo.of(listing.page),
            count=listing.count,
            read_facets=listing.facets,
        )


async def load_product_of(root: Parent["Review"], info: ProductsInfo) -> Product:
    """The product that a review is of."""
    found = await info.context.loaders.products.load(root.record.product_id)
    assert found is not None, "a review is of a product"
    return Product.of(found)


@federation.type(keys=["id"])
class Review(Node):
    """What a customer says of a product."""

    record: strawberry.Private[reviewing.Review]
    product: Product = strawberry.field(resolver=load_product_of)
    author: "User"
    rating: int
    title: str | None
    body: str | None
    verified_purchase: bool = strawberry.field(description="True: only who has bought it reviews it.")
    status: reviewing.ReviewStatus
    helpful_count: int = strawberry.field(description="How many customers find it helpful.")
    created_at: dt.datetime

    @classmethod
    def of(cls, record: reviewing.Review) -> Self:
        """The review, for a reader who may see it."""
        return cls(
            id=id_of(record.id),
            record=record,
            author=User.of(record.author_id),
            rating=record.rating,
            title=record.title,
            body=record.body,
            verified_purchase=True,
            status=record.status,
            helpful_count=record.helpful_count,
            created_at=record.created_at,
        )

    @classmethod
    async def resolve_reference(cls, info: ProductsInfo, id: strawberry.ID) -> Self | None:  # noqa: A002 -- the key's name
        """The review with the id, if the caller may see it."""
        review_id = parse_id(id)
        found = await info.context.loaders.reviews.load(review_id) if review_id is not None else None
        return cls.of(found) if found is not None and info.context.may_see_review(found) else None


@strawberry.type
class ReviewConnection(Connection[Review]):
    """A page of a list of reviews, which are counted with their page."""

    total_count: int = federation.field(resolver=count_rows, directives=[build_cost(3)])


async def read_reviews(
    info: ProductsInfo,
    owner: tuple[str, UUID | None],
    sort: reviewing.ReviewSort | None,
    first: int | None,
    after: str | None,
) -> ReviewConnection:
    """The published reviews of a product (`product_id`), or by an author (`author_id`)."""
    loaders, key = info.context.loaders, (owner[0], owner[1] or NOBODY)
    request = read_page_request(first=first, after=after or None)
    page = await loaders.review_pages.load((*key, sort or reviewing.ReviewSort.NEWEST, request))
    return ReviewConnection.of(page, Review.of, lambda: loaders.review_counts.load(key))


async def list_reviews_of(
    root: Parent["User"],
    info: ProductsInfo,
    first: int | None = REVIEWS,
    after: str | None = strawberry.UNSET,
) -> ReviewConnection:
    """The published reviews of a user, the newest first."""
    return await read_reviews(info, ("author_id", root.key), None, first, after)


async def list_wishes(
    root: Parent["User"],
    info: ProductsInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
) -> ProductConnection:
    """What a user wishes for, the last wish first; nobody else's business."""
    return ProductConnection.of(await lists.read_wishes(info, root.key, first, after))


@federation.type(keys=["id"])
class User(EntityStub):
    """A user; it belongs to auth and users."""

    reviews: ReviewConnection = federation.field(resolver=list_reviews_of, directives=[_SLICED])
    wishlist: ProductConnection = federation.field(
        resolver=list_wishes, authenticated=True, directives=[_SLICED]
    )


async def load_parent(root: Parent["Category"], info: ProductsInfo) -> "Category | None":
    """The category that a category stands in."""
    if root.record.parent_id is None:
        return None
    found = await info.context.loaders.categories.load(root.record.parent_id)
    return None if found is None else Category.of(found)


async def load_children(root: Parent["Category"], info: ProductsInfo) -> "list[Category]":
    """The categories that stand directly in a category, by name."""
    return [Category.of(child) for child in await info.context.loaders.children.load(root.record.id)]


async def count_shelf(root: Parent["Category"], info: ProductsInfo) -> int:
    """How many published products stand directly in a category."""
    return await info.context.loaders.counts.load(root.record.id)


async def list_shelf(
    root: Parent["Category"],
    info: ProductsInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
) -> ProductConnection:
    """The published products that stand directly in a category, by name."""
    return ProductConnection.of(await lists.read_shelf(info, root.record.id, first, after))


@federation.type(keys=["id"])
class Category(Node):
    """A shelf of the catalogue."""

    record: strawberry.Private[domain.Category]
    slug: str
    name: str
    parent: "Category | None" = strawberry.field(resolver=load_parent)
    children: "list[Category]" = federation.field(
        resolver=load_children, directives=[build_list_size(assumed_size=CATEGORY_CHILDREN)]
    )
    product_count: int = federation.field(resolver=count_shelf, directives=[build_cost(3)])
    products: ProductConnection = federation.field(
        resolver=list_shelf,
        directives=[_SLICED],
    )

    @classmethod
    def of(cls, record: domain.Category) -> Self:
        """The category; everybody may see it."""
        return cls(id=id_of(record.id), record=record, slug=record.slug, name=record.name)

    @classmethod
    async def resolve_reference(cls, info: ProductsInfo, id: strawberry.ID) -> Self | None:  # noqa: A002 -- the key's name
        """The category with the id."""
        found = await find_category(info.context, id)
        return None if found is None else cls.of(found)
