"""The catalogue: one method a use. Callers own the session."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import ObjectNotFoundError
from subgraphs.common.internal import InternalPeer
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.common.upkeep import Upkeep
from subgraphs.products.domain import (
    Category,
    Hit,
    NewProduct,
    Product,
    ProductChanges,
    ProductQuery,
    ProductStatus,
    VersionConflictError,
    build_slug,
    check_transition,
    is_visible,
    number_slug,
)
from subgraphs.products.domain.facets import Facets
from subgraphs.products.repository import categories, discovery, facets, listing, lock_slug, products
from subgraphs.products.service.reviews import Reviews
from subgraphs.products.service.sales import SalesCopy

SHELF = ProductQuery()
"""What a category shows: published products by name."""


@dataclass(frozen=True, slots=True)
class ProductsService:
    """The catalogue in one database."""

    database: Database
    orders: InternalPeer

    @property
    def reviews(self) -> Reviews:
        """What customers say of products, and wish for."""
        return Reviews(self.database, self.orders)

    @property
    def upkeep(self) -> Upkeep:
        """What goes on beside the requests."""
        return Upkeep((self.sales_copy.follow,))

    @property
    def sales_copy(self) -> SalesCopy:
        """What orders knows of sales."""
        return SalesCopy(self.database, self.orders)

    async def find_products(
        self, session: ReadSession, ids: Collection[UUID], slugs: Collection[str] = ()
    ) -> list[Product]:
        """The products with one of the ids or slugs, of any status: `domain.is_visible` decides who may see them."""
        return await products.find_products(session, ids, slugs)

    async def list_products(
        self, session: ReadSession, query: ProductQuery, request: PageRequest
    ) -> Page[Hit]:
        """A page of the products of `query`.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        return _page(query, request, await listing.list_products(session, query, request))

    async def count_products(self, session: ReadSession, query: ProductQuery) -> int:
        """How many products the whole list holds."""
        return await listing.count_products(session, query)

    async def list_shelves(
        self, session: ReadSession, category_ids: Collection[UUID], request: PageRequest
    ) -> dict[UUID, Page[Hit]]:
        """The page `request` of each category's published products.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        shelves = await listing.list_shelves(session, category_ids, SHELF, request)
        return {category_id: _page(SHELF, request, hits) for category_id, hits in shelves.items()}

    async def count_facets(self, session: ReadSession, query: ProductQuery) -> Facets:
        """What the whole list holds, by category, price and feature."""
        return await facets.count_facets(session, query)

    async def count_shelf_facets(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Facets]:
        """What each category's published products are."""
        return await facets.count_shelf_facets(session, ids, SHELF)

    async def suggest_names(self, session: ReadSession, typed: str, count_max: int) -> list[str]:
        """Names of published products that `typed` may become, or be meant for; the likeliest first."""
        return await discovery.suggest_names(session, typed, count_max) if typed else []

    async def list_related(
        self, session: ReadSession, ids: Collection[UUID], count_max: int
    ) -> dict[UUID, list[Product]]:
        """For each product, at most `count_max` published ones that are like it."""
        return await discovery.list_related(session, ids, count_max)

    async def list_categories(self, session: ReadSession) -> list[Category]:
        """All categories by name."""
        return await categories.list_categories(session)

    async def find_categories(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Category]:
        """Those of the categories that exist, by id."""
        return await categories.find_categories(session, ids)

    async def find_category_by_slug(self, session: ReadSession, slug: str) -> Category | None:
        """The category with a slug."""
        return await categories.find_category_by_slug(session, slug)

    async def list_children(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Category]]:
        """The categories directly below each of `ids`, by name."""
        children: dict[UUID, list[Category]] = {category_id: [] for category_id in ids}
        for child in await categories.list_children(session, ids):
            if child.parent_id is not None:
                children[child.parent_id].append(child)
        return children

    async def count_published(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, int]:
        """How many published products each category holds; one without any is not there."""
        return await categories.count_published(session, ids)

    async def create_product(self, session: WriteSession, product: NewProduct) -> Product:
        """Store a product; without a slug it gets one made of its name.

        Raises:
            SlugTakenError: the slug has another owner.
            ObjectNotFoundError: no such category.
        """
        slug = product.slug
        if slug is None:
            made = build_slug(product.name)
            await lock_slug(session, made)
            slug = number_slug(made, await products.find_slugs_like(session, made))
        return await products.insert_product(session, product, slug)

    async def update_product(
        self, session: WriteSession, product_id: UUID, expected_version: int | None, changes: ProductChanges
    ) -> Product:
        """Change a product; with `expected_version` only if it is still that version.

        Raises:
            ObjectNotFoundError: no such product, or no such category.
            VersionConflictError: it was changed meanwhile.
            InvalidInputError: its status may not become the wanted one.
            SlugTakenError: the slug has another owner.
        """
        product = await _lock(session, product_id)
        if expected_version is not None and expected_version != product.version:
            raise VersionConflictError(product.version)
        check_transition(product.status, changes.get("status", product.status), ("status",))
        return await products.update_product(session, product_id, changes)

    async def archive_product(self, session: WriteSession, product_id: UUID) -> Product:
        """Take a product out of the catalogue for good; done before, it changes nothing.

        Raises:
            ObjectNotFoundError: no such product.
        """
        product = await _lock(session, product_id)
        if product.status is ProductStatus.ARCHIVED:
            return product
        return await products.update_product(session, product_id, {"status": ProductStatus.ARCHIVED})

    async def create_category(
        self, session: WriteSession, name: str, slug: str | None, parent_id: UUID | None
    ) -> Category:
        """Store a category; without a slug it gets one made of its name.

        Raises:
            SlugTakenError: the slug has another owner.
            ObjectNotFoundError: no such parent.
        """
        if slug is None:
            made = build_slug(name)
            await lock_slug(session, made)
            slug = number_slug(made, await categories.find_slugs_like(session, made))
        return await categories.insert_category(session, slug, name, parent_id)

    async def quote(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Product]:
        """The products that an order may name, by id, archived ones too: the order tells its customer why not."""
        found = await products.find_products(session, ids)
        return {product.id: product for product in found if is_visible(product, by_id=True, sees_all=False)}

    async def import_catalogue(
        self,
        session: WriteSession,
        category_rows: Sequence[Mapping[str, Any]],
        product_rows: Sequence[Mapping[str, Any]],
        prices: Mapping[UUID, Sequence[tuple[datetime, int]]],
    ) -> None:
        """Store what is not there yet of a catalogue that comes with its ids.

        A category that somebody else made under the same slug takes the place of the catalogue's. `prices` are what a
        product cost after its row's, from a time on in minor units, oldest first; only new products get them.
        """
        await categories.insert_missing(session, category_rows)
        stored = await categories.find_ids_by_slug(session, [row["slug"] for row in category_rows])
        stored_ids = {row["id"]: stored[row["slug"]] for row in category_rows}
        rows = [{**row, "category_id": stored_ids[row["category_id"]]} for row in product_rows]
        new = await products.insert_missing(session, rows)
        for step in count():
            changes = [
                {"id": id_, "updated_at": later[step][0], "price_minor": later[step][1]}
                for id_, later in prices.items()
                if id_ in new and len(later) > step
            ]
            if not changes:
                return
            await products.change_prices(session, changes)


async def _lock(session: WriteSession, product_id: UUID) -> Product:
    product = await products.lock_product(session, product_id)
    if product is None:
        raise ObjectNotFoundError("There is no such product.", ("id",))
    return product


def _page(query: ProductQuery, request: PageRequest, hits: Sequence[Hit]) -> Page[Hit]:
    return build_page(request, hits, lambda hit: listing.build_cursor_values(query, hit))
