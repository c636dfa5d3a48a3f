"""Keyset pages as SQL: the rows past a place in a total order, one comparison of rows that a B-tree answers."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BIGINT, Select, Text, Uuid, column, func, literal, tuple_
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.sql.selectable import TableValuedAlias

from subgraphs.common.errors import BadUserInputError
from subgraphs.common.money import MINOR_MAX
from subgraphs.common.pagination import CursorValues, PageRequest


@dataclass(frozen=True, slots=True)
class KeysetColumn:
    """A column of the order; `read` gives the value that a cursor holds, or raises ValueError or TypeError."""

    expression: Any
    type: Any
    read: Callable[[Any], Any]


def select_page(
    statement: Select[Any], columns: Sequence[KeysetColumn], request: PageRequest, *, descending: bool
) -> Select[Any]:
    """`statement` for at most `request.limit` rows, nearest first; the last column is unique.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    here = tuple_(*(column.expression for column in columns))
    for cursor, is_before in ((request.after, False), (request.before, True)):
        if cursor is not None:
            there = tuple_(*_read_cursor(cursor, columns))
            statement = statement.where(here < there if descending != is_before else here > there)
    runs_down = descending != request.backward
    order = (column.expression.desc() if runs_down else column.expression for column in columns)
    return statement.order_by(*order).limit(request.limit)


def build_owners(ids: Collection[UUID]) -> TableValuedAlias:
    """The owners of lists as a table `owners` with their `id`: a page of each is a LATERAL join with it."""
    array = literal([*ids], ARRAY(Uuid))
    return func.unnest(array).table_valued(column("id", Uuid), name="owners").render_derived()


def _read_cursor(cursor: CursorValues, columns: Sequence[KeysetColumn]) -> list[Any]:
    try:
        pairs = zip(columns, cursor, strict=True)
        return [literal(column.read(value), column.type) for column, value in pairs]
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise BadUserInputError("This cursor belongs to another list or another sort.") from None


def id_column(expression: Any) -> KeysetColumn:
    """A UUID."""
    return KeysetColumn(expression, Uuid(), UUID)


def time_column(expression: Any) -> KeysetColumn:
    """A time with its zone."""
    return KeysetColumn(expression, TIMESTAMP(timezone=True), _read_time)


def text_column(expression: Any) -> KeysetColumn:
    """A text."""
    return KeysetColumn(expression, Text(), _read_text)


def minor_column(expression: Any) -> KeysetColumn:
    """An amount in minor units."""
    return KeysetColumn(expression, BIGINT(), _read_minor)


def _read_time(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    # Raises OverflowError for a moment that UTC cannot express, which the driver could not send.
    return moment.astimezone(UTC)


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _read_minor(value: Any) -> int:
    if not isinstance(value, int) or abs(value) > MINOR_MAX:
        raise ValueError
    return value
