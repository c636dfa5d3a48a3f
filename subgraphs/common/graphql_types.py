"""The GraphQL types that every subgraph defines alike: scalars, money, errors, paging.

They are shareable, so composition compares their definitions; one module makes them equal by construction.
"""

import datetime as dt
import enum
import re
from functools import singledispatch
from typing import Any, NewType, Self
from uuid import UUID

import strawberry
from strawberry import federation
from strawberry.federation.schema_directives import Cost, ListSize
from strawberry.types.scalar import ScalarDefinition

from subgraphs.common import money
from subgraphs.common.errors import (
    BadUserInputError,
    DomainError,
    ErrorCode,
    IdempotencyMismatchError,
    InvalidInputError,
    ObjectNotFoundError,
)
from subgraphs.common.pagination import Page

DecimalText = NewType("DecimalText", str)
CurrencyText = NewType("CurrencyText", str)
JsonValue = NewType("JsonValue", object)
_DECIMAL_CHARACTERS_MAX = 32
_CURRENCY = re.compile("[A-Z]{3}", re.ASCII)


def _parse_decimal(value: object) -> DecimalText:
    if not isinstance(value, str) or len(value) > _DECIMAL_CHARACTERS_MAX:
        raise BadUserInputError('A Decimal is a string such as "19.99".')
    return DecimalText(value)


def _parse_currency(value: object) -> CurrencyText:
    if not isinstance(value, str) or _CURRENCY.fullmatch(value) is None:
        raise BadUserInputError('A CurrencyCode is three capital letters such as "USD".')
    return CurrencyText(value)


def _parse_datetime(value: object) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        # A time without an offset is taken as UTC; the extremes of the calendar have no UTC equivalent.
        moment = moment and (
            moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
        )
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise BadUserInputError('A DateTime is ISO 8601 text such as "2026-01-31T12:00:00Z".')
    return moment


def _write_datetime(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _scalar(
    name: str, description: str | None, serialize: Any, parse_value: Any, origin: Any = None
) -> ScalarDefinition:
    return ScalarDefinition(
        name=name,
        description=description,
        specified_by_url=None,
        serialize=serialize,
        parse_value=parse_value,
        parse_literal=None,
        origin=origin,
    )


SCALARS: dict[object, ScalarDefinition] = {
    DecimalText: _scalar(
        "Decimal", 'Exact decimal as a string, never a float: "19.99".', str, _parse_decimal
    ),
    CurrencyText: _scalar("CurrencyCode", "ISO 4217 code.", str, _parse_currency),
    JsonValue: _scalar("JSON", None, lambda value: value, lambda value: value),
    dt.datetime: _scalar("DateTime", None, _write_datetime, _parse_datetime, dt.datetime),
}

strawberry.enum(ErrorCode)


@strawberry.enum
class SortDirection(enum.Enum):
    """Ascending or descending."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.interface
class Node:
    """An object with a global id."""

    id: strawberry.ID


@strawberry.interface
class UserError:
    """What every refusal tells."""

    message: str
    code: ErrorCode
    path: list[str] | None

    @classmethod
    def of(cls, refusal: DomainError, **more: Any) -> Self:
        """This type, filled from a refusal; `more` are the fields that the type adds."""
        return cls(message=refusal.message, code=refusal.code, path=list(refusal.path) or None, **more)


@federation.type(
    shareable=True, description="Input refused by validation; path points into the input object."
)
class ValidationError(UserError):
    """See `InvalidInputError`."""


@federation.type(shareable=True)
class NotFoundError(UserError):
    """See `ObjectNotFoundError`."""


@federation.type(shareable=True, description="The same idempotencyKey was used with other input.")
class IdempotencyError(UserError):
    """See `IdempotencyMismatchError`."""


@singledispatch
def build_user_error(refusal: DomainError) -> UserError:
    """The GraphQL object that tells a client of `refusal`; each subgraph registers its own kinds.

    Raises:
        DomainError: the refusal itself, when no type is registered for it: that is our mistake.
    """
    raise refusal


def errors_of(refusal: DomainError) -> list[Any]:
    """The `errors` of a payload for a refusal.

    The element type is the payload's union: which refusals can reach which mutation is the service's promise.
    """
    return [build_user_error(refusal)]


@build_user_error.register
def _(refusal: InvalidInputError) -> UserError:
    return ValidationError.of(refusal)


@build_user_error.register
def _(refusal: ObjectNotFoundError) -> UserError:
    return NotFoundError.of(refusal)


@build_user_error.register
def _(refusal: IdempotencyMismatchError) -> UserError:
    return IdempotencyError.of(refusal)


@federation.type(shareable=True, name="Money")
class MoneyType:
    """An amount as clients read it."""

    amount: DecimalText
    currency: CurrencyText

    @classmethod
    def of(cls, value: money.Money) -> "MoneyType":
        """The GraphQL form of an amount."""
        return cls(amount=DecimalText(value.amount), currency=CurrencyText(value.currency))


@strawberry.input
class MoneyInput:
    """An amount as clients write it."""

    amount: DecimalText
    currency: CurrencyText

    def read(self, path: tuple[str, ...]) -> money.Money:
        """The amount as a value.

        Raises:
            InvalidInputError: it is none; `path` tells where it stands in the input.
        """
        try:
            return money.Money.parse(self.amount, self.currency)
        except money.MoneyError as error:
            raise InvalidInputError(str(error), path) from None


@federation.type(shareable=True)
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None

    @classmethod
    def of(cls, page: Page[Any]) -> Self:
        """Where `page` stands."""
        return cls(
            has_next_page=page.has_next_page,
            has_previous_page=page.has_previous_page,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        )


def build_cost(weight: int) -> Cost:
    """`@cost(weight:)`."""
    return Cost(weight=weight)


def build_list_size(
    *,
    assumed_size: int | None = None,
    slicing_arguments: list[str] | None = None,
    sized_fields: list[str] | None = None,
) -> ListSize:
    """`@listSize`, either with an assumed size or with slicing arguments of which none is required."""

    def given(value: Any) -> Any:
        # None would be printed as null, which other composers do not survive.
        return strawberry.UNSET if value is None else value

    return ListSize(
        assumed_size=given(assumed_size),
        slicing_arguments=given(slicing_arguments),
        sized_fields=given(sized_fields),
        require_one_slicing_argument=strawberry.UNSET if slicing_arguments is None else False,
    )


def parse_id(value: object) -> UUID | None:
    """The UUID in an `ID`; None when it is no UUID, and so names nothing."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def id_of(value: UUID) -> strawberry.ID:
    """The GraphQL form of an id."""
    return strawberry.ID(str(value))


@strawberry.type
class EntityStub:
    """What an entity of another subgraph has here by itself: its id, as a key too where it is one."""

    id: strawberry.ID
    key: strawberry.Private[UUID | None]

    @classmethod
    def of(cls, key: UUID) -> Self:
        """The entity with the id."""
        return cls(id=id_of(key), key=key)

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Self:  # noqa: A002 -- the key's name
        """The entity with the id, whether there is one or not: its own subgraph knows."""
        return cls(id=id, key=parse_id(id))
