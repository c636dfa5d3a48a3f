"""Loaders: what many resolvers of one request ask for one by one, read in one statement."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from aiodataloader import DataLoader

from subgraphs.common.database import ReadSession
from subgraphs.common.loaders import Reading, build_finder, build_getter, for_each_rest
from subgraphs.common.pagination import Page, PageRequest
from subgraphs.products.domain import Category, Hit, Product
from subgraphs.products.domain.facets import Facets
from subgraphs.products.domain.reviews import PricePoint, Review, ReviewSort
from subgraphs.products.service import ProductsService

ProductKey = UUID | str
"""A product's id, or its slug."""
ReviewsKey = tuple[str, UUID, ReviewSort, PageRequest]
"""Whose reviews (`product_id` or `author_id`), in which order, and which page of them."""
FirstKey = tuple[UUID, int]
"""A product, and how many of what belongs to it."""
ShelfKey = tuple[UUID, PageRequest]
"""A category, and which page of its products."""


Item = TypeVar("Item")
ListFirst = Callable[[ReadSession, Collection[UUID], int], Awaitable[dict[UUID, list[Item]]]]


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request; what is not there loads as None, an empty list or 0."""

    products: DataLoader[ProductKey, Product | None]
    categories: DataLoader[UUID, Category | None]
    children: DataLoader[UUID, list[Category]]
    counts: DataLoader[UUID, int]
    shelves: DataLoader[ShelfKey, Page[Hit]]
    shelf_facets: DataLoader[UUID, Facets]
    reviews: DataLoader[UUID, Review | None]
    review_pages: DataLoader[ReviewsKey, Page[Review]]
    review_counts: DataLoader[tuple[str, UUID], int]
    prices: DataLoader[FirstKey, list[PricePoint]]
    related: DataLoader[FirstKey, list[Product]]


def build_loaders(service: ProductsService, read: Reading) -> Loaders:
    """The loaders of one request, which read in sessions that `read` opens."""

    async def load_products(session: ReadSession, keys: list[ProductKey]) -> dict[ProductKey, Product]:
        ids = [key for key in keys if isinstance(key, UUID)]
        slugs = [key for key in keys if isinstance(key, str)]
        found = await service.find_products(session, ids, slugs)
        return {key: product for product in found for key in (product.id, product.slug)}

    async def load_counts(session: ReadSession, ids: list[UUID]) -> dict[UUID, int]:
        return dict.fromkeys(ids, 0) | await service.count_published(session, ids)

    async def load_review_pages(
        session: ReadSession, keys: list[ReviewsKey]
    ) -> dict[ReviewsKey, Page[Review]]:
        asked: dict[tuple[str, ReviewSort, PageRequest], list[UUID]] = {}
        for owner, owner_id, sort, request in keys:
            asked.setdefault((owner, sort, request), []).append(owner_id)
        return {
            (owner, owner_id, sort, request): page
            for (owner, sort, request), ids in asked.items()
            for owner_id, page in (
                await service.reviews.list_published(session, owner, ids, sort, request)
            ).items()
        }

    async def load_review_counts(
        session: ReadSession, keys: list[tuple[str, UUID]]
    ) -> dict[tuple[str, UUID], int]:
        return {
            (owner, owner_id): count
            for owner in dict.fromkeys(owner for owner, _ in keys)
            for owner_id, count in (
                await service.reviews.count_published(
                    session, owner, [key for name, key in keys if name == owner]
                )
            ).items()
        }

    return Loaders(
        products=build_finder(load_products, read),
        categories=build_finder(service.find_categories, read),
        children=build_getter(service.list_children, read),
        counts=build_getter(load_counts, read),
        shelves=build_getter(for_each_rest(service.list_shelves), read),
        shelf_facets=build_getter(service.count_shelf_facets, read),
        reviews=build_finder(service.reviews.find_reviews, read),
        review_pages=build_getter(load_review_pages, read),
        review_counts=build_getter(load_review_counts, read),
        prices=build_getter(_of_first(service.reviews.list_prices), read),
        related=build_getter(_of_first(service.list_related), read),
    )


def _of_first(list_first: ListFirst[Item]) -> Callable[..., Awaitable[dict[FirstKey, list[Item]]]]:
    """What loads the first few of each product's list: all of them with the longest of what was asked for."""

    async def load(session: ReadSession, keys: list[FirstKey]) -> dict[FirstKey, list[Item]]:
        count_max = max(count for _, count in keys)
        found = await list_first(session, {product_id for product_id, _ in keys}, count_max)
        return {(product_id, count): found[product_id][:count] for product_id, count in keys}

    return load
