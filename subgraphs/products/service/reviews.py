"""Reviews by who has bought, the ratings that they add up to, and wishes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from subgraphs.common.bulk import loading
from subgraphs.common.database import Database, ReadSession
from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError, UnavailableError
from subgraphs.common.internal import InternalPeer, PeerError
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.products.domain import Hit, Product, is_visible
from subgraphs.products.domain.facets import Facets
from subgraphs.products.domain.reviews import (
    NotPurchasedError,
    PricePoint,
    Review,
    ReviewSort,
    ReviewStatus,
    check_review,
)
from subgraphs.products.repository import facets, people, products, reviews
from subgraphs.products.repository.reviews import UNKNOWN_PRODUCT

UNKNOWN = "There is no such review."


@dataclass(frozen=True, slots=True)
class NewReview:
    """A review that is to be stored; checked."""

    product_id: UUID
    author_id: UUID
    rating: int
    title: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Reviews:
    """The reviews in one database; `orders` knows who has bought what."""

    database: Database
    orders: InternalPeer

    async def find_reviews(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Review]:
        """Those of the reviews that exist, by id; callers decide who may see them."""
        return {review.id: review for review in await reviews.find_reviews(session, ids)}

    async def list_published(
        self, session: ReadSession, owner: str, ids: Collection[UUID], sort: ReviewSort, request: PageRequest
    ) -> dict[UUID, Page[Review]]:
        """The page `request` of the published reviews of each product (`product_id`), or by each author (`author_id`).

        Raises:
            BadUserInputError: a cursor of another list.
        """
        found = await reviews.list_published(session, owner, ids, sort, request)
        return {
            owner_id: build_page(request, rows, lambda review: reviews.build_cursor_values(sort, review))
            for owner_id, rows in found.items()
        }

    async def count_published(
        self, session: ReadSession, owner: str, ids: Collection[UUID]
    ) -> dict[UUID, int]:
        """How many published reviews each product or author has."""
        return await reviews.count_published(session, owner, ids)

    async def list_prices(
        self, session: ReadSession, ids: Collection[UUID], count_max: int
    ) -> dict[UUID, list[PricePoint]]:
        """The last prices of each product, the newest first."""
        return await reviews.list_prices(session, ids, count_max)

    async def create(self, new: NewReview) -> Review:
        """Publish a review of what its author has bought.

        Raises:
            ObjectNotFoundError: no such product.
            NotPurchasedError: the author does not own it.
            InvalidInputError: the author has reviewed it before.
            UnavailableError: orders does not answer.
            ForbiddenError: the author was forgotten.
        """
        async with self.database.read() as session:
            found = await products.find_products(session, [new.product_id])
        if not found or not is_visible(found[0], by_id=True, sees_all=False):
            raise ObjectNotFoundError(UNKNOWN_PRODUCT, ("input", "productId"))
        # Asked outside of the transaction: no row is locked while another service is waited for.
        try:
            body = {"userId": str(new.author_id), "productId": str(new.product_id)}
            answer = await self.orders.post("/internal/orders/owned", body)
        except PeerError as error:
            raise UnavailableError("Orders cannot be asked just now. Try again soon.") from error
        if answer is None or answer.get("isOwned") is not True:
            raise NotPurchasedError
        async with self.database.write() as session:
            review = await reviews.insert_review(
                session, new.product_id, new.author_id, new.rating, new.title, new.body
            )
            await people.ERASED.refuse(session, new.author_id)
            return review

    async def import_reviews(self, given: Sequence[Review]) -> int:
        """Store reviews that were written elsewhere or before, by people who had bought; return how many are new.

        Those of products that are not here, and of authors who are forgotten, are left out.

        Raises:
            InvalidInputError: something of one is out of bounds.
        """
        for review in given:
            check_review(review.rating, review.title, review.body)
        async with loading(self.database) as session:
            here = await products.find_ids(session, {review.product_id for review in given})
            gone = await people.ERASED.find(session, {review.author_id for review in given})
            wanted = [one for one in given if one.product_id in here and one.author_id not in gone]
            return await reviews.insert_missing(session, wanted)

    async def import_wishes(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Store wishes that were made elsewhere or before, for products that are here, by who is not forgotten; return how many are new."""
        async with loading(self.database) as session:
            here = await products.find_ids(session, {row["product_id"] for row in rows})
            gone = await people.ERASED.find(session, {row["user_id"] for row in rows})
            wanted = [row for row in rows if row["product_id"] in here and row["user_id"] not in gone]
            return await reviews.insert_missing_wishes(session, wanted)

    async def moderate(self, review_id: UUID, status: ReviewStatus) -> Review:
        """Publish or hide a review.

        Raises:
            ObjectNotFoundError: no such review.
        """
        async with self.database.write() as session:
            review = await reviews.set_review_status(session, review_id, status)
        if review is None:
            raise ObjectNotFoundError(UNKNOWN, ("id",))
        return review

    async def vote(self, review_id: UUID, user_id: UUID, *, is_helpful: bool) -> Review:
        """Count a customer among those who find a review helpful, or not any more; done before, it changes nothing.

        Raises:
            ObjectNotFoundError: no such review, or not one that everybody sees.
            InvalidInputError: it is the customer's own.
            ForbiddenError: the customer was forgotten.
        """
        async with self.database.write() as session:
            found = await reviews.find_reviews(session, [review_id])
            if not found or found[0].status is not ReviewStatus.PUBLISHED:
                raise ObjectNotFoundError(UNKNOWN, ("id",))
            if found[0].author_id == user_id:
                raise InvalidInputError("This is your own review.", ("id",), ErrorCode.FORBIDDEN)
            if is_helpful:
                await reviews.insert_vote(session, review_id, user_id)
                await people.ERASED.refuse(session, user_id)
            else:
                await reviews.delete_vote(session, review_id, user_id)
        # Read again, outside: who votes at the same time is counted too.
        async with self.database.read() as reading:
            return (await reviews.find_reviews(reading, [review_id]))[0]

    async def add_wish(self, user_id: UUID, product_id: UUID) -> Product:
        """Put a product on a wishlist, where it may be already.

        Raises:
            ObjectNotFoundError: no such product.
            ForbiddenError: the user was forgotten.
        """
        async with self.database.write() as session:
            found = await products.find_products(session, [product_id])
            if not found or not is_visible(found[0], by_id=True, sees_all=False):
                raise ObjectNotFoundError(UNKNOWN_PRODUCT, ("productId",))
            await reviews.insert_wish(session, user_id, product_id)
            await people.ERASED.refuse(session, user_id)
            return found[0]

    async def remove_wish(self, user_id: UUID, product_id: UUID) -> Product | None:
        """Take a product off a wishlist; gives it, if it can be seen."""
        async with self.database.write() as session:
            await reviews.delete_wish(session, user_id, product_id)
            found = await products.find_products(session, [product_id])
        return found[0] if found and is_visible(found[0], by_id=True, sees_all=False) else None

    async def list_wishes(self, session: ReadSession, user_id: UUID, request: PageRequest) -> Page[Hit]:
        """A page of the products that a user wishes for, the last wish first.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        rows = await reviews.list_wishes(session, user_id, request)
        hits = [Hit(product, cursor, None, None) for product, cursor in rows]
        return build_page(request, hits, lambda hit: hit.sort_values)

    async def count_wishes(self, session: ReadSession, user_id: UUID) -> int:
        """How many products a user wishes for."""
        return await reviews.count_wishes(session, user_id)

    async def count_wish_facets(self, session: ReadSession, user_id: UUID) -> Facets:
        """What the products are that a user wishes for."""
        return await facets.count_wish_facets(session, user_id)
