"""Keyset pages as SQL: the rows past a place in a total order, the lexicographic comparison of its columns.

Where all columns run the same way it is one comparison of rows, which a B-tree answers; else it is spelt out column by
column.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BIGINT,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    literal,
    or_,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from subgraphs.common.errors import BadUserInputError
from subgraphs.common.money import MINOR_MAX
from subgraphs.common.pagination import CursorValues, PageRequest

FOREIGN_CURSOR = "This cursor belongs to another list or another sort."


@dataclass(frozen=True, slots=True)
class KeysetColumn:
    """A column of the order; `read` gives the value that a cursor holds, or raises ValueError or TypeError."""

    expression: Any
    type: Any
    read: Callable[[Any], Any]
    descending: bool = False


def select_page(
    statement: Select[Any], columns: Sequence[KeysetColumn], request: PageRequest, *, descending: bool = False
) -> Select[Any]:
    """`statement` for at most `request.limit` rows, nearest first; the last column is unique.

    `descending` turns the order of the columns around.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    order = [(column.expression, column.descending != descending) for column in columns]
    for cursor, is_before in ((request.after, False), (request.before, True)):
        if cursor is not None:
            way = [(expression, runs_down != is_before) for expression, runs_down in order]
            statement = statement.where(_is_beyond(way, _read_cursor(cursor, columns)))
    ordered = (
        expression.desc() if runs_down != request.backward else expression for expression, runs_down in order
    )
    return statement.order_by(*ordered).limit(request.limit)


def _is_beyond(order: Sequence[tuple[Any, bool]], place: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """The rows that come after a place in an order of (column, whether it runs down) pairs."""
    (first, runs_down), *_ = order
    if len({way for _, way in order}) == 1:
        here, there = tuple_(*(expression for expression, _ in order)), tuple_(*place)
        return here < there if runs_down else here > there
    alternatives = [
        and_(
            *(before == value for (before, _), value in zip(order[:i], place[:i], strict=True)),
            expression < place[i] if way else expression > place[i],
        )
        for i, (expression, way) in enumerate(order)
    ]
    # What all alternatives have in common tells an index where to begin.
    return and_(first <= place[0] if runs_down else first >= place[0], or_(*alternatives))


def _read_cursor(cursor: CursorValues, columns: Sequence[KeysetColumn]) -> list[ColumnElement[Any]]:
    try:
        pairs = zip(columns, cursor, strict=True)
        return [literal(column.read(value), column.type) for column, value in pairs]
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise BadUserInputError(FOREIGN_CURSOR) from None


def id_column(expression: Any, *, descending: bool = False) -> KeysetColumn:
    """A UUID."""
    return KeysetColumn(expression, Uuid(), UUID, descending)


def time_column(expression: Any, *, descending: bool = False) -> KeysetColumn:
    """A time with its zone."""
    return KeysetColumn(expression, TIMESTAMP(timezone=True), _read_time, descending)


def text_column(expression: Any, *, descending: bool = False) -> KeysetColumn:
    """A text."""
    return KeysetColumn(expression, Text(), _read_text, descending)


def minor_column(expression: Any, *, descending: bool = False) -> KeysetColumn:
    """An amount in minor units."""
    return KeysetColumn(expression, BIGINT(), _read_minor, descending)


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
