"""What a product is and which changes of it are allowed. Pure: no SQL, no GraphQL.

Input is checked here and nowhere else: `check_*` gives the value as it is stored, or raises `InvalidInputError` with
the path of the field.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID

from subgraphs.common.errors import DomainError, ErrorCode, InvalidInputError
from subgraphs.common.money import Money
from subgraphs.common.text import check_line, check_text

NAME_CHARACTERS_MAX = 120
SLUG_CHARACTERS_MAX = 80
DESCRIPTION_CHARACTERS_MAX = 10_000
FEATURES_MAX = 50
FEATURE_CHARACTERS_MAX = 60
ATTRIBUTES_BYTES_MAX = 16_384
ATTRIBUTES_DEPTH_MAX = 16
LICENSE_LIMIT_MAX = 1_000_000_000
"""Fits the column, an INTEGER."""
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


class ProductStatus(StrEnum):
    """Whether a product is on sale: published from draft, archived for ever or published again."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    ARCHIVED = "ARCHIVED"


class Availability(StrEnum):
    """Whether a published product can be bought now."""

    AVAILABLE = "AVAILABLE"
    SOLD_OUT = "SOLD_OUT"
    COMING_SOON = "COMING_SOON"


NEXT_STATUSES: Mapping[ProductStatus, frozenset[ProductStatus]] = {
    ProductStatus.DRAFT: frozenset({ProductStatus.PUBLISHED, ProductStatus.ARCHIVED}),
    # Never back to draft: orders refer to what was published, and a draft answers to nobody.
    ProductStatus.PUBLISHED: frozenset({ProductStatus.ARCHIVED}),
    ProductStatus.ARCHIVED: frozenset({ProductStatus.PUBLISHED}),
}


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the catalogue; shelves may stand in another."""

    id: UUID
    slug: str
    name: str
    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product as stored; `features` in the seller's order, `rating_counts` of the published reviews by 1 to 5 stars."""

    id: UUID
    slug: str
    name: str
    description: str | None
    category_id: UUID
    price: Money
    unit_cost: Money | None
    features: tuple[str, ...]
    attributes: Mapping[str, Any]
    status: ProductStatus
    availability: Availability
    license_limit: int | None
    created_at: datetime
    updated_at: datetime
    version: int
    rating_counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product that is to be stored; checked."""

    name: str
    slug: str | None
    description: str | None
    category_id: UUID
    price: Money
    features: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    status: ProductStatus = ProductStatus.DRAFT
    license_limit: int | None = None


class ProductChanges(TypedDict, total=False):
    """The fields of a product that a change sets, checked; what is not there stays."""

    name: str
    slug: str
    description: str | None
    category_id: UUID
    price: Money
    features: tuple[str, ...]
    attributes: Mapping[str, Any]
    status: ProductStatus
    license_limit: int | None


class SortField(StrEnum):
    """What a list of products can be sorted by; RELEVANCE ascending is the best match first.

    RATING is the average, then the number of reviews; what has no review counts as 0.
    """

    RELEVANCE = "RELEVANCE"
    NAME = "NAME"
    PRICE = "PRICE"
    CREATED_AT = "CREATED_AT"
    RATING = "RATING"
    BEST_SELLING = "BEST_SELLING"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One level of a sort."""

    field: SortField
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuery:
    """Which products a list holds, and in which order; None is no condition, an empty list matches nothing."""

    search: str | None = None
    ids: tuple[UUID, ...] | None = None
    category_ids: tuple[UUID, ...] | None = None
    category_slugs: tuple[str, ...] | None = None
    price_min: Money | None = None
    price_max: Money | None = None
    features: tuple[str, ...] = ()
    rating_min: Decimal | None = None
    status: ProductStatus = ProductStatus.PUBLISHED
    created_after: datetime | None = None
    sort: tuple[SortKey, ...] = (SortKey(SortField.NAME),)


@dataclass(frozen=True, slots=True)
class Hit:
    """A product in a list: its sort values for the cursor; score and snippet when there was a search."""

    product: Product
    sort_values: tuple[Any, ...]
    score: float | None
    snippet: str | None


class SlugTakenError(DomainError):
    """Another product or category has the slug."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__("This slug is taken. Choose another.", ErrorCode.NOT_UNIQUE, path)


class VersionConflictError(DomainError):
    """The product was changed since it was read."""

    def __init__(self, current_version: int) -> None:
        super().__init__(
            "The product was changed meanwhile. Read it again, then repeat the change.",
            ErrorCode.CONFLICT,
            ("expectedVersion",),
        )
        self.current_version = current_version


def is_visible(product: Product, *, by_id: bool, sees_all: bool) -> bool:
    """Whether a caller may have the product that it named, by its id or by its slug.

    An archived product answers to its id: orders refer to it. `sees_all` is for who writes the catalogue.
    """
    if sees_all or product.status is ProductStatus.PUBLISHED:
        return True
    return by_id and product.status is ProductStatus.ARCHIVED


def check_transition(current: ProductStatus, wanted: ProductStatus, path: tuple[str, ...]) -> ProductStatus:
    """The wanted status, which must be the current one or may follow it.

    Raises:
        InvalidInputError: it may not, with the code INVALID_STATE.
    """
    if wanted is not current and wanted not in NEXT_STATUSES[current]:
        raise InvalidInputError(
            f"A product that is {current.lower()} cannot become {wanted.lower()}.",
            path,
            ErrorCode.INVALID_STATE,
        )
    return wanted


def check_name(name: str, path: tuple[str, ...]) -> str:
    """The name without outer white space; one line.

    Raises:
        InvalidInputError: it is empty, too long, or has control characters.
    """
    return check_line(name, NAME_CHARACTERS_MAX, path)


def check_slug(slug: str, path: tuple[str, ...]) -> str:
    """The slug as given.

    Raises:
        InvalidInputError: it is not lower-case words joined by hyphens, or too long.
    """
    if len(slug) > SLUG_CHARACTERS_MAX or _SLUG.fullmatch(slug) is None:
        raise InvalidInputError(
            f"A slug is 1 to {SLUG_CHARACTERS_MAX} characters: a to z, 0 to 9, and single hyphens between.",
            path,
        )
    return slug


def build_slug(name: str) -> str:
    """A slug for a name: accents dropped, all else than letters and digits made hyphens.

    A name without any Latin letter or digit gives `item`.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    # Room is left for a number behind it.
    return words[: SLUG_CHARACTERS_MAX - 8].strip("-") or "item"


def number_slug(slug: str, taken: frozenset[str]) -> str:
    """`slug`, or the first of slug-2, slug-3... that is not taken."""
    number, candidate = 1, slug
    while candidate in taken:
        number += 1
        candidate = f"{slug}-{number}"
    return candidate


def check_description(description: str | None, path: tuple[str, ...]) -> str | None:
    """The description without outer white space; None when nothing is left.

    Raises:
        InvalidInputError: see `check_text`.
    """
    return check_text(description or "", DESCRIPTION_CHARACTERS_MAX, path)


def check_features(features: list[str] | None, path: tuple[str, ...]) -> tuple[str, ...]:
    """The features, each once, in the given order.

    Raises:
        InvalidInputError: too many, or one that is empty, too long, or has control characters.
    """
    given = features or []
    if len(given) > FEATURES_MAX:
        raise InvalidInputError(f"A product has at most {FEATURES_MAX} features.", path)
    return tuple(
        dict.fromkeys(
            check_line(text, FEATURE_CHARACTERS_MAX, (*path, str(i))) for i, text in enumerate(given)
        )
    )


def check_price(price: Money, path: tuple[str, ...]) -> Money:
    """The price as given; zero is a free product.

    Raises:
        InvalidInputError: it is negative.
    """
    if price.minor < 0:
        raise InvalidInputError("A price cannot be negative.", (*path, "amount"))
    return price


def check_license_limit(limit: int | None, path: tuple[str, ...]) -> int | None:
    """How many licences can be sold in all; None is any number.

    Raises:
        InvalidInputError: it is not positive, or too large.
    """
    if limit is not None and not 0 < limit <= LICENSE_LIMIT_MAX:
        raise InvalidInputError(f"A licence limit is 1 to {LICENSE_LIMIT_MAX}.", path)
    return limit


def check_attributes(attributes: object, path: tuple[str, ...]) -> dict[str, Any]:
    """The attributes as a JSON object; none is an empty one.

    Raises:
        InvalidInputError: no object, too large, too deep, or with a number that JSON does not have.
    """
    if attributes is None:
        return {}
    if not isinstance(attributes, dict):
        raise InvalidInputError("Attributes are a JSON object.", path)
    if not _is_shallow(attributes, ATTRIBUTES_DEPTH_MAX):
        raise InvalidInputError(f"Attributes nest at most {ATTRIBUTES_DEPTH_MAX} deep.", path)
    try:
        size = len(json.dumps(attributes, allow_nan=False).encode())
    except ValueError:
        raise InvalidInputError("Attributes hold a number that JSON does not have.", path) from None
    if size > ATTRIBUTES_BYTES_MAX:
        raise InvalidInputError(f"Attributes have at most {ATTRIBUTES_BYTES_MAX} bytes as JSON.", path)
    return attributes


def _is_shallow(value: object, depth_max: int) -> bool:
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        return depth_max > 0 and all(_is_shallow(item, depth_max - 1) for item in value)
    return True
