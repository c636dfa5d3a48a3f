"""What products knows of one person: read as a whole, and forgotten."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from subgraphs.common.database import WriteSession
from subgraphs.common.erasure import ErasedCustomers
from subgraphs.products.domain.reviews import Review, ReviewStatus
from subgraphs.products.models import Base, ProductRow, ReviewRow, VoteRow, WishRow
from subgraphs.products.repository import AnySession
from subgraphs.products.repository.reviews import read_review

ERASED = ErasedCustomers(Base.metadata.tables["erased_customers"])


async def drop_unpublished(session: WriteSession, author_id: UUID) -> None:
    """Drop what an author wrote and nobody reads; what is published stays, by an author who has no name any more."""
    await session.execute(
        delete(ReviewRow).where(ReviewRow.author_id == author_id, ReviewRow.status != ReviewStatus.PUBLISHED)
    )


async def drop_votes(session: WriteSession, user_id: UUID) -> None:
    """Drop what a user found helpful; the reviews count one less each."""
    await session.execute(delete(VoteRow).where(VoteRow.user_id == user_id))


async def drop_wishes(session: WriteSession, user_id: UUID) -> None:
    """Drop a wishlist."""
    await session.execute(delete(WishRow).where(WishRow.user_id == user_id))


async def list_reviews(session: AnySession, author_id: UUID, limit: int) -> list[tuple[Review, str]]:
    """An author's newest reviews, published or not, each with the name of its product."""
    rows = await session.execute(
        select(ReviewRow, ProductRow.name)
        .join(ProductRow, ProductRow.id == ReviewRow.product_id)
        .where(ReviewRow.author_id == author_id)
        .order_by(ReviewRow.created_at.desc(), ReviewRow.id.desc())
        .limit(limit)
    )
    return [(read_review(row), name) for row, name in rows]


async def list_wishes(session: AnySession, user_id: UUID, limit: int) -> list[tuple[str, datetime]]:
    """The names of the products that a user wishes for, and since when; the newest wish first."""
    rows = await session.execute(
        select(ProductRow.name, WishRow.created_at)
        .join(ProductRow, ProductRow.id == WishRow.product_id)
        .where(WishRow.user_id == user_id)
        .order_by(WishRow.created_at.desc(), WishRow.product_id.desc())
        .limit(limit)
    )
    return [(name, since) for name, since in rows]


async def list_votes(session: AnySession, user_id: UUID, limit: int) -> list[tuple[UUID, datetime]]:
    """The reviews that a user finds helpful, and since when; the newest vote first."""
    statement = (
        select(VoteRow.review_id, VoteRow.created_at)
        .where(VoteRow.user_id == user_id)
        .order_by(VoteRow.created_at.desc(), VoteRow.review_id.desc())
        .limit(limit)
    )
    return [(review_id, since) for review_id, since in await session.execute(statement)]
