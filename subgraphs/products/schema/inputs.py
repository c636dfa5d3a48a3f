"""Input objects, and how they become checked values of the domain."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import strawberry
from strawberry import UNSET

from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError, refuse_file
from subgraphs.common.graphql_types import JsonValue, MoneyInput, parse_id
from subgraphs.products.domain import (
    NewProduct,
    ProductChanges,
    ProductStatus,
    check_attributes,
    check_description,
    check_features,
    check_license_limit,
    check_name,
    check_price,
    check_slug,
)


@strawberry.input
class CreateProductInput:
    """A new product; without a slug it gets one made of its name."""

    name: str
    category_id: strawberry.ID
    price: MoneyInput
    slug: str | None = UNSET
    description: str | None = UNSET
    features: list[str] | None = UNSET
    attributes: JsonValue | None = UNSET
    image_file_id: strawberry.ID | None = UNSET
    status: ProductStatus | None = ProductStatus.DRAFT
    license_limit: int | None = UNSET

    def read(self) -> NewProduct:
        """The product to store.

        Raises:
            InvalidInputError: a field breaks a rule, or names a file.
            ObjectNotFoundError: the category's id is none.
        """
        refuse_file(self.image_file_id, ("imageFileId",))
        return NewProduct(
            name=check_name(self.name, ("name",)),
            slug=None if self.slug is None or self.slug is UNSET else check_slug(self.slug, ("slug",)),
            description=check_description(self.description or None, ("description",)),
            category_id=read_category_id(self.category_id, "categoryId"),
            price=check_price(self.price.read(("price",)), ("price",)),
            features=check_features(self.features or None, ("features",)),
            attributes=check_attributes(_or_none(self.attributes), ("attributes",)),
            status=self.status or ProductStatus.DRAFT,
            license_limit=check_license_limit(_or_none(self.license_limit), ("licenseLimit",)),
        )


@strawberry.input
class UpdateProductInput:
    """What to change of a product; a field that is left out stays, null empties what may be empty."""

    name: str | None = UNSET
    slug: str | None = UNSET
    description: str | None = UNSET
    category_id: strawberry.ID | None = UNSET
    price: MoneyInput | None = UNSET
    features: list[str] | None = UNSET
    attributes: JsonValue | None = UNSET
    image_file_id: strawberry.ID | None = UNSET
    status: ProductStatus | None = UNSET
    license_limit: int | None = UNSET

    def read(self) -> ProductChanges:
        """The changes to store.

        Raises:
            InvalidInputError: a field breaks a rule, names a file, or is null and must not be.
            ObjectNotFoundError: the category's id is none.
        """
        refuse_file(self.image_file_id, ("imageFileId",))
        changes = {
            field: read(_not_null(getattr(self, field), name) if needed else getattr(self, field), (name,))
            for field, name, needed, read in _CHANGES
            if getattr(self, field) is not UNSET
        }
        return cast("ProductChanges", changes)


def read_category_id(given: object, field: str) -> UUID:
    """The id in an argument.

    Raises:
        ObjectNotFoundError: it is no id, and so the id of nothing.
    """
    category_id = parse_id(given)
    if category_id is None:
        raise ObjectNotFoundError("There is no such category.", (field,))
    return category_id


def _read_price(given: MoneyInput, path: tuple[str, ...]) -> Any:
    return check_price(given.read(path), path)


def _read_category(given: object, path: tuple[str, ...]) -> Any:
    return read_category_id(given, path[0])


def _read_status(given: ProductStatus, _path: tuple[str, ...]) -> Any:
    return given


_CHANGES: tuple[tuple[str, str, bool, Callable[[Any, tuple[str, ...]], Any]], ...] = (
    ("name", "name", True, check_name),
    ("slug", "slug", True, check_slug),
    ("description", "description", False, check_description),
    ("category_id", "categoryId", True, _read_category),
    ("price", "price", True, _read_price),
    ("features", "features", False, check_features),
    ("attributes", "attributes", False, check_attributes),
    ("status", "status", True, _read_status),
    ("license_limit", "licenseLimit", False, check_license_limit),
)
"""Each field: its name here and in the schema, whether null is refused, and how it is checked."""


def _not_null(value: Any, name: str) -> Any:
    if value is None:
        raise InvalidInputError(
            "This must not be null; leave it out to keep it.", (name,), ErrorCode.REQUIRED
        )
    return value


def _or_none(value: Any) -> Any:
    return None if value is UNSET else value
