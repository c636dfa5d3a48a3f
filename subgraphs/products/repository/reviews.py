"""Reviews, ratings, wishes and former prices."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.exc import IntegrityError

from subgraphs.common.database import WriteSession
from subgraphs.common.erasure import lock_customer
from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError
from subgraphs.common.keyset import KeysetColumn, id_column, minor_column, select_page, time_column
from subgraphs.common.money import Money
from subgraphs.common.owners import read_counts, read_pages
from subgraphs.common.pagination import CursorValues, PageRequest
from subgraphs.products.domain import Product, ProductStatus
from subgraphs.products.domain.reviews import RATING_MAX, PricePoint, Review, ReviewSort, ReviewStatus
from subgraphs.products.models import (
    PricePointRow,
    ProductRow,
    ReviewRow,
    VoteRow,
    WishRow,
)
from subgraphs.products.repository import AnySession
from subgraphs.products.repository.products import COLUMNS, read_product

_REVIEWS = ReviewRow.__table__.c
UNKNOWN_PRODUCT = "There is no such product."


async def insert_review(
    session: WriteSession, product_id: UUID, author_id: UUID, rating: int, title: str | None, body: str | None
) -> Review:
    """Store a review; nothing else is written in its author's name until this transaction ends.

    Raises:
        InvalidInputError: the author has reviewed the product before.
    """
    statement = (
        insert(ReviewRow)
        .values(product_id=product_id, author_id=author_id, rating=rating, title=title, body=body)
        .returning(ReviewRow, lock_customer(author_id))
    )
    try:
        return read_review((await session.scalars(statement)).one())
    except IntegrityError as error:
        if getattr(error.driver_exception, "constraint_name", None) != "reviews_one_per_author":
            raise
        message = "You have reviewed this product. There is one review for each customer."
        raise InvalidInputError(message, ("input", "productId"), ErrorCode.NOT_UNIQUE) from None


async def insert_missing(session: WriteSession, given: Sequence[Review]) -> int:
    """Store those of the reviews whose author has none of the product, and whose id is new; return how many."""
    if not given:
        return 0
    # In the order of the products, whose rows are locked one by one to be counted.
    rows = [asdict(review) for review in sorted(given, key=lambda review: review.product_id)]
    statement = postgres_insert(ReviewRow).values(rows).on_conflict_do_nothing().returning(ReviewRow.id)
    return len((await session.execute(statement)).all())


async def insert_missing_wishes(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store those of the wishes that are not there; return how many."""
    if not rows:
        return 0
    statement = postgres_insert(WishRow).values([*rows]).on_conflict_do_nothing().returning(WishRow.user_id)
    return len((await session.execute(statement)).all())


async def set_review_status(session: WriteSession, review_id: UUID, status: ReviewStatus) -> Review | None:
    """Publish or hide a review; None if there is none."""
    statement = update(ReviewRow).where(ReviewRow.id == review_id).values(status=status).returning(ReviewRow)
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_review(row)


async def insert_vote(session: WriteSession, review_id: UUID, user_id: UUID) -> None:
    """Note that a customer finds a review helpful; it may be noted already."""
    await session.execute(
        postgres_insert(VoteRow)
        .values(review_id=review_id, user_id=user_id)
        .on_conflict_do_nothing()
        .returning(lock_customer(user_id))
    )


async def delete_vote(session: WriteSession, review_id: UUID, user_id: UUID) -> None:
    """Forget that a customer finds a review helpful; there may be nothing to forget."""
    await session.execute(delete(VoteRow).where(VoteRow.review_id == review_id, VoteRow.user_id == user_id))


async def find_reviews(session: AnySession, ids: Collection[UUID]) -> list[Review]:
    """Those of the reviews that exist."""
    statement = select(ReviewRow).where(ReviewRow.id == any_(literal([*ids], ARRAY(Uuid))))
    return [read_review(row) for row in await session.scalars(statement)]


async def list_published(
    session: AnySession, owner: str, ids: Collection[UUID], sort: ReviewSort, request: PageRequest
) -> dict[UUID, list[Review]]:
    """The published reviews of each product, or by each author (`owner` is the column): a page, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    published = select(*_REVIEWS).where(ReviewRow.status == ReviewStatus.PUBLISHED)
    keys, descending = _keys(sort)
    page = select_page(published, keys, request, descending=descending)
    return await read_pages(session, _REVIEWS[owner], ids, page, read_review)


async def count_published(session: AnySession, owner: str, ids: Collection[UUID]) -> dict[UUID, int]:
    """How many published reviews each product or author has."""
    statement = (
        select(_REVIEWS[owner], func.count())
        .where(_REVIEWS[owner].in_(ids), ReviewRow.status == ReviewStatus.PUBLISHED)
        .group_by(_REVIEWS[owner])
    )
    return await read_counts(session, ids, statement)


async def list_prices(
    session: AnySession, product_ids: Collection[UUID], count_max: int
) -> dict[UUID, list[PricePoint]]:
    """The last prices of each product, the newest first."""
    until = func.lead(PricePointRow.since).over(
        partition_by=PricePointRow.product_id, order_by=(PricePointRow.since, PricePointRow.id)
    )
    place = func.row_number().over(
        partition_by=PricePointRow.product_id, order_by=(PricePointRow.since.desc(), PricePointRow.id.desc())
    )
    points = (
        select(PricePointRow, until.label("until"), place.label("place"))
        .where(PricePointRow.product_id == any_(literal([*product_ids], ARRAY(Uuid))))
        .subquery()
    )
    statement = select(points).where(points.c.place <= count_max).order_by(points.c.place)
    found: dict[UUID, list[PricePoint]] = {product_id: [] for product_id in product_ids}
    for row in await session.execute(statement):
        found[row.product_id].append(PricePoint(Money(row.price_minor, row.currency), row.since, row.until))
    return found


async def insert_wish(session: WriteSession, user_id: UUID, product_id: UUID) -> None:
    """Put a product on a wishlist; it may be there.

    Raises:
        ObjectNotFoundError: no such product.
    """
    statement = postgres_insert(WishRow).values(user_id=user_id, product_id=product_id)
    try:
        await session.execute(statement.on_conflict_do_nothing().returning(lock_customer(user_id)))
    except IntegrityError:
        raise ObjectNotFoundError(UNKNOWN_PRODUCT, ("productId",)) from None


async def delete_wish(session: WriteSession, user_id: UUID, product_id: UUID) -> None:
    """Take a product off a wishlist; it may not be there."""
    await session.execute(delete(WishRow).where(WishRow.user_id == user_id, WishRow.product_id == product_id))


async def list_wishes(
    session: AnySession, user_id: UUID, request: PageRequest
) -> list[tuple[Product, CursorValues]]:
    """A page of the products that a user wishes for, the last wish first, with their cursors' values.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    wished = (
        select(*COLUMNS, WishRow.created_at.label("wished_at"))
        .join(ProductRow, ProductRow.id == WishRow.product_id)
        .where(WishRow.user_id == user_id, _is_shown())
    )
    keys = [time_column(WishRow.created_at), id_column(WishRow.product_id)]
    rows = await session.execute(select_page(wished, keys, request, descending=True))
    return [(read_product(row), (row.wished_at.isoformat(), str(row.id))) for row in rows]


async def count_wishes(session: AnySession, user_id: UUID) -> int:
    """How many products a user wishes for."""
    statement = (
        select(func.count())
        .select_from(WishRow)
        .join(ProductRow, and_(ProductRow.id == WishRow.product_id, _is_shown()))
        .where(WishRow.user_id == user_id)
    )
    return (await session.execute(statement)).scalar_one()


def _is_shown() -> Any:
    return ProductRow.status != ProductStatus.DRAFT


def build_cursor_values(sort: ReviewSort, review: Review) -> CursorValues:
    """What a cursor of a list of reviews says of one."""
    match sort:
        case ReviewSort.NEWEST:
            return (review.created_at.isoformat(), str(review.id))
        case ReviewSort.HELPFUL:
            return (review.helpful_count, str(review.id))
        case ReviewSort.HIGHEST | ReviewSort.LOWEST:
            return (review.rating, str(review.id))


def _keys(sort: ReviewSort) -> tuple[list[KeysetColumn], bool]:
    if sort is ReviewSort.NEWEST:
        return [time_column(ReviewRow.created_at), id_column(ReviewRow.id)], True
    if sort is ReviewSort.HELPFUL:
        return [minor_column(ReviewRow.helpful_count), id_column(ReviewRow.id)], True
    rating = KeysetColumn(ReviewRow.rating, ReviewRow.rating.type, _read_rating)
    return [rating, id_column(ReviewRow.id)], sort is ReviewSort.HIGHEST


def _read_rating(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= RATING_MAX:
        raise ValueError
    return value


def read_review(row: Any) -> Review:
    """The review in a row, or in anything with its columns."""
    return Review(
        id=row.id,
        product_id=row.product_id,
        author_id=row.author_id,
        rating=row.rating,
        title=row.title,
        body=row.body,
        status=ReviewStatus(row.status),
        helpful_count=row.helpful_count,
        created_at=row.created_at,
    )
