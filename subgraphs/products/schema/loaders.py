"""Loaders: what many resolvers of one request ask for one by one, read in one statement."""

from dataclasses import dataclass
from uuid import UUID

from aiodataloader import DataLoader

from subgraphs.common.database import ReadSession
from subgraphs.common.loaders import Reading, build_finder, build_getter
from subgraphs.common.pagination import Page, PageRequest
from subgraphs.products.domain import Category, Hit, Product
from subgraphs.products.service import ProductsService

ProductKey = UUID | str
"""A product's id, or its slug."""
ShelfKey = tuple[UUID, PageRequest]
"""A category, and which page of its products."""


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request; what is not there loads as None, an empty list or 0."""

    products: DataLoader[ProductKey, Product | None]
    categories: DataLoader[UUID, Category | None]
    children: DataLoader[UUID, list[Category]]
    counts: DataLoader[UUID, int]
    shelves: DataLoader[ShelfKey, Page[Hit]]


def build_loaders(service: ProductsService, read: Reading) -> Loaders:
    """The loaders of one request, which read in sessions that `read` opens."""

    async def load_products(session: ReadSession, keys: list[ProductKey]) -> dict[ProductKey, Product]:
        ids = [key for key in keys if isinstance(key, UUID)]
        slugs = [key for key in keys if isinstance(key, str)]
        found = await service.find_products(session, ids, slugs)
        return {key: product for product in found for key in (product.id, product.slug)}

    async def load_shelves(session: ReadSession, keys: list[ShelfKey]) -> dict[ShelfKey, Page[Hit]]:
        # Keys of one field of the operation share their page request: one statement for each such field.
        asked: dict[PageRequest, list[UUID]] = {}
        for category_id, request in keys:
            asked.setdefault(request, []).append(category_id)
        return {
            (category_id, request): page
            for request, ids in asked.items()
            for category_id, page in (await service.list_shelves(session, ids, request)).items()
        }

    async def load_counts(session: ReadSession, ids: list[UUID]) -> dict[UUID, int]:
        return dict.fromkeys(ids, 0) | await service.count_published(session, ids)

    return Loaders(
        products=build_finder(load_products, read),
        categories=build_finder(service.find_categories, read),
        children=build_getter(service.list_children, read),
        counts=build_getter(load_counts, read),
        shelves=build_getter(load_shelves, read),
    )
