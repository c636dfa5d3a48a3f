"""What customers say of products, and what products cost before. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from subgraphs.common.errors import DomainError, ErrorCode, InvalidInputError
from subgraphs.common.money import Money
from subgraphs.common.text import check_line, check_text
from subgraphs.products.domain import NAME_CHARACTERS_MAX

RATING_MAX = 5
REVIEW_CHARACTERS_MAX = 5_000
_HUNDREDTH = Decimal("0.01")


class ReviewStatus(StrEnum):
    """Whether everybody sees a review."""

    PENDING = "PENDING"
    PUBLISHED = "PUBLISHED"
    REJECTED = "REJECTED"


class ReviewSort(StrEnum):
    """What a list of reviews is sorted by."""

    NEWEST = "NEWEST"
    HIGHEST = "HIGHEST"
    LOWEST = "LOWEST"
    HELPFUL = "HELPFUL"


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer says of a product."""

    id: UUID
    product_id: UUID
    author_id: UUID
    rating: int
    title: str | None
    body: str | None
    status: ReviewStatus
    created_at: datetime
    helpful_count: int = 0


@dataclass(frozen=True, slots=True)
class Rating:
    """How many published reviews give 1 to 5 stars."""

    counts: tuple[int, ...]

    @property
    def average(self) -> float | None:
        """To two digits, as the database rounds it for sorting; None without reviews."""
        count = sum(self.counts)
        stars = sum(number * stars for stars, number in enumerate(self.counts, 1))
        return float((Decimal(stars) / count).quantize(_HUNDREDTH, ROUND_HALF_UP)) if count else None


@dataclass(frozen=True, slots=True)
class PricePoint:
    """What a product cost for a while; `until` is None for today's price."""

    price: Money
    since: datetime
    until: datetime | None


class NotPurchasedError(DomainError):
    """Who has not bought a product does not review it."""

    def __init__(self) -> None:
        super().__init__("Only who has bought it reviews it.", ErrorCode.FORBIDDEN, ("input", "productId"))


def check_review(rating: int, title: str | None, body: str | None) -> tuple[int, str | None, str | None]:
    """Stars and words of a review.

    Raises:
        InvalidInputError: something of it is out of bounds.
    """
    if not 1 <= rating <= RATING_MAX:
        raise InvalidInputError(f"A rating is 1 to {RATING_MAX}.", ("input", "rating"))
    title = check_line(title, NAME_CHARACTERS_MAX, ("input", "title")) if title else None
    body = check_text(body or "", REVIEW_CHARACTERS_MAX, ("input", "body"))
    return rating, title, body
