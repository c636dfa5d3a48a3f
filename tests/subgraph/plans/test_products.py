"""Every list of products is read along an index: each filter, alone and with each other, in each sort, from each place.

A search sorts what it has found, by definition: what it finds is looked up in an index, and bounded by the words.
"""

from itertools import product as pairs
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from subgraphs.common.database import Database
from subgraphs.common.money import Money
from subgraphs.common.pagination import PageRequest
from subgraphs.products.domain import ProductQuery, ProductStatus, SortField, SortKey
from subgraphs.products.domain.reviews import ReviewSort
from subgraphs.products.repository import categories, listing, reviews
from subgraphs.products.repository import products as rows
from tests.support.places import combine, pages
from tests.support.query_plans import expect_indexed

ONE_KEY = [(SortKey(field, down),) for field, down in pairs(SortField, (False, True))]
TWO_KEYS = [
    (SortKey(SortField.PRICE, True), SortKey(SortField.NAME)),
    (SortKey(SortField.CREATED_AT), SortKey(SortField.NAME, True)),
    (SortKey(SortField.NAME), SortKey(SortField.PRICE)),
]


async def ask(products: Database, statement: str) -> list[Any]:
    async with products.read() as session:
        return [*await session.scalars(text(statement))]


async def cursor_of(products: Database, query: ProductQuery) -> Any:
    """A cursor in the middle of the first page: any real place will do."""
    async with products.read() as session:
        hits = await listing.list_products(session, query, PageRequest(20, None, None, backward=False))
    # As it comes back from a client.
    return tuple(
        orjson.loads(orjson.dumps(listing.build_cursor_values(query, hits[len(hits) // 2]), default=str))
    )


@pytest.mark.parametrize("sort", [*ONE_KEY, *TWO_KEYS], ids=str)
async def test_lists_of_products(products: Database, sort: tuple[SortKey, ...]) -> None:
    is_search = sort[0].field is SortField.RELEVANCE
    some_ids = await ask(products, "SELECT id FROM products ORDER BY name LIMIT 5")
    category_ids = await ask(products, "SELECT id FROM categories ORDER BY name LIMIT 2")
    (created,) = await ask(
        products, "SELECT created_at FROM products ORDER BY created_at OFFSET 3000 LIMIT 1"
    )
    conditions: dict[str, tuple[Any, ...]] = {
        "ids": (tuple(some_ids),),
        "category_ids": (tuple(category_ids), (category_ids[0],)),
        "category_slugs": (("utilities",),),
        "price_min": (Money(1900, "USD"),),
        "price_max": (Money(499, "USD"),),
        "features": (("clipboard",),),
        "created_after": (created,),
        "status": (ProductStatus.DRAFT,),
    }
    found_at_most = 10_000 if is_search else 500
    for values in combine(conditions, 2):
        query = ProductQuery(sort=sort, search="editor" if is_search else None, **values)
        place = await cursor_of(products, ProductQuery(sort=sort, search="editor" if is_search else None))
        for request in pages(place):

            async def read(query: ProductQuery = query, request: PageRequest = request) -> None:
                async with products.read() as session:
                    await listing.list_products(session, query, request)

            await expect_indexed(products, read, f"{values} {request}", sorted_max=found_at_most)


@pytest.mark.parametrize("search", ["editor", "note taking", "zzzzz", "clipbord", "the", "a"])
async def test_searches(products: Database, search: str) -> None:
    query = ProductQuery(sort=(SortKey(SortField.RELEVANCE),), search=search)

    async def read() -> None:
        async with products.read() as session:
            await listing.list_products(session, query, PageRequest(20, None, None, backward=False))
            await listing.count_products(session, query)

    await expect_indexed(products, read, search, sorted_max=10_000)


@pytest.mark.parametrize("sort", ReviewSort)
async def test_lists_of_reviews_and_wishes(products: Database, sort: ReviewSort) -> None:
    owners = {
        "product_id": await ask(
            products, "SELECT product_id FROM reviews GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 20"
        ),
        "author_id": await ask(
            products, "SELECT author_id FROM reviews GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 20"
        ),
    }
    (review_id,) = await ask(products, "SELECT id FROM reviews ORDER BY created_at OFFSET 500 LIMIT 1")
    async with products.read() as session:
        (review,) = await reviews.find_reviews(session, [review_id])
    for request in pages(reviews.build_cursor_values(sort, review)):
        for owner, ids in owners.items():

            async def read(owner: str = owner, ids: list[Any] = ids, request: PageRequest = request) -> None:
                async with products.read() as session:
                    await reviews.list_published(session, owner, ids, sort, request)
                    await reviews.count_published(session, owner, ids)

            await expect_indexed(products, read, f"{owner} {request}")
    for request in pages((review.created_at.isoformat(), str(review.product_id))):

        async def read_wishes(request: PageRequest = request) -> None:
            async with products.read() as session:
                await reviews.list_wishes(session, owners["author_id"][0], request)
                await reviews.count_wishes(session, owners["author_id"][0])

        await expect_indexed(products, read_wishes, str(request))


async def test_what_belongs_to_a_page_of_products(products: Database) -> None:
    ids = await ask(products, "SELECT id FROM products ORDER BY name LIMIT 20")
    review_ids = await ask(products, "SELECT id FROM reviews ORDER BY id LIMIT 20")
    shelf_ids = await ask(products, "SELECT id FROM categories ORDER BY name LIMIT 20")
    place = await cursor_of(products, ProductQuery())

    async def read() -> None:
        async with products.read() as session:
            await rows.find_products(session, ids, ["slack"])
            await reviews.find_reviews(session, review_ids)
            await reviews.list_prices(session, ids, 20)
            await categories.find_categories(session, shelf_ids)
            for request in pages(place):
                await listing.list_shelves(session, shelf_ids, ProductQuery(), request)

    await expect_indexed(products, read, "a page")
