"""Products' tables. The migration makes them, with the indexes and the search functions that only SQL can express."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, CheckConstraint, FetchedValue, ForeignKey, Integer, Numeric, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, JSONB, TIMESTAMP, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.common.changes import ChangeColumns, ChangesHeadColumns
from subgraphs.common.erasure import ErasedCustomerColumns
from subgraphs.products.domain import Availability, ProductStatus


class Base(DeclarativeBase):
    """All of products' tables; text has no length (the domain's rules do), times are aware."""

    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy's own protocol
        str: Text,
        datetime: TIMESTAMP(timezone=True),
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
    }


class CategoryRow(Base):
    """A category; the demo's are flat, `parent_id` lets a shop have a tree."""

    __tablename__ = "categories"
    __table_args__ = (CheckConstraint("parent_id <> id", name="categories_not_own_parent"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ReviewRow(Base):
    """What a customer says of a product."""

    __tablename__ = "reviews"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    author_id: Mapped[UUID]
    rating: Mapped[int]
    title: Mapped[str | None]
    body: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="PUBLISHED")
    helpful_count: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class VoteRow(Base):
    """That a customer finds a review helpful; the database counts them."""

    __tablename__ = "review_votes"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class WishRow(Base):
    """A product on somebody's wishlist."""

    __tablename__ = "wishes"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PricePointRow(Base):
    """What a product costs from a time on; written by the database."""

    __tablename__ = "price_points"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    price_minor: Mapped[int] = mapped_column(BIGINT)
    currency: Mapped[str] = mapped_column(CHAR(3))
    since: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ProductRow(Base):
    """A product; `version` counts its changes, of which the rankings' columns are none.

    Postgres computes `searchable` and `plain_name` from the texts, keeps how many published reviews give each number of
    stars, and computes `review_count` and `rating_average` from those. `units_sold` is by the last news of orders.
    """

    __tablename__ = "products"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str | None]
    category_id: Mapped[UUID] = mapped_column(ForeignKey("categories.id"))
    price_minor: Mapped[int] = mapped_column(BIGINT)
    currency: Mapped[str] = mapped_column(CHAR(3))
    unit_cost_minor: Mapped[int | None] = mapped_column(BIGINT)
    unit_cost_currency: Mapped[str | None] = mapped_column(CHAR(3))
    features: Mapped[list[str]]
    attributes: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(server_default=ProductStatus.DRAFT)
    availability: Mapped[str] = mapped_column(server_default=Availability.AVAILABLE)
    license_limit: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    version: Mapped[int] = mapped_column(server_default=text("1"))
    searchable: Mapped[str] = mapped_column(TSVECTOR, FetchedValue(), deferred=True)
    plain_name: Mapped[str] = mapped_column(FetchedValue(), deferred=True)
    rating_counts: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{0,0,0,0,0}'"))
    review_count: Mapped[int] = mapped_column(FetchedValue())
    rating_average: Mapped[Decimal] = mapped_column(Numeric(3, 2), FetchedValue())
    units_sold: Mapped[int] = mapped_column(BIGINT, server_default=text("0"))
    sales_version: Mapped[int] = mapped_column(BIGINT, server_default=text("0"))


class ErasedCustomerRow(ErasedCustomerColumns, Base):
    """A customer who is forgotten."""


class ChangeRow(ChangeColumns, Base):
    """What subscriptions tell."""


class ChangesHeadRow(ChangesHeadColumns, Base):
    """The last position that a change was given."""


class ProductSalesHeardRow(Base):
    """The version up to which everything was heard of sales; there is one row."""

    __tablename__ = "product_sales_heard"

    is_the_one: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    version: Mapped[int] = mapped_column(BIGINT, server_default="0")
