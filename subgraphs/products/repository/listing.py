"""Lists of products: conditions, search, sort and keyset pages.

A page is the rows after (or before) a place in a total order: the sort's columns, then the id. The condition is the
lexicographic comparison of the columns with the cursor's values. Where all columns run the same way it is one
comparison of rows, which a B-tree answers; else it is spelt out column by column.

A search finds what full text finds in name, features and description (stemmed, without accents), and names that have
a word alike to what was typed: typing errors and beginnings of words.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BIGINT,
    Float,
    Numeric,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, TIMESTAMP

from subgraphs.common.errors import BadUserInputError
from subgraphs.common.money import MINOR_MAX
from subgraphs.common.pagination import CursorValues, PageRequest
from subgraphs.products.domain import Hit, ProductQuery, SortField, SortKey
from subgraphs.products.models import CategoryRow, ProductRow
from subgraphs.products.repository import AnySession
from subgraphs.products.repository.products import COLUMNS, read_product

_ENGLISH = cast(literal("english"), REGCONFIG)
_SCORE_DIGITS = 6
_SCORE_STEP = Decimal(1).scaleb(-_SCORE_DIGITS)
"""What a score is rounded to, so that a cursor holds exactly what Postgres compares it with."""
_SNIPPET = "StartSel=**, StopSel=**, MaxWords=30, MinWords=10"

Expression = Any
"""A SQL expression; SQLAlchemy's own types say no more of one that is made of parts."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the order; `read` gives a cursor's value, or raises ValueError."""

    expression: Expression
    type: Any
    descending: bool
    read: Callable[[Any], Any]


async def list_products(session: AnySession, query: ProductQuery, request: PageRequest) -> list[Hit]:
    """At most `request.limit` products, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    statement = _paged(_selected(query).where(*build_conditions(query)), query, request)
    count = _count_columns(query)
    return [_hit(row, count) for row in await session.execute(statement)]


async def list_shelves(
    session: AnySession, category_ids: Collection[UUID], query: ProductQuery, request: PageRequest
) -> dict[UUID, list[Hit]]:
    """For each category, at most `request.limit` products of `query` that stand in it, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    shelves = (
        func.unnest(literal([*category_ids], ARRAY(Uuid)))
        .table_valued(column("id", Uuid), name="shelves")
        .render_derived()
    )
    on_shelf = _selected(query).where(ProductRow.category_id == shelves.c.id, *build_conditions(query))
    page = _paged(on_shelf, query, request).correlate(shelves).lateral("page")
    statement = select(shelves.c.id.label("shelf_id"), page).join_from(shelves, page, true())
    found: dict[UUID, list[Hit]] = {category_id: [] for category_id in category_ids}
    count = _count_columns(query)
    for row in await session.execute(statement):
        found[row.shelf_id].append(_hit(row, count))
    return found


async def count_products(session: AnySession, query: ProductQuery) -> int:
    """How many products the whole list holds."""
    statement = select(func.count()).select_from(ProductRow).where(*build_conditions(query))
    return (await session.execute(statement)).scalar_one()


def build_cursor_values(query: ProductQuery, hit: Hit) -> CursorValues:
    """What a cursor of the list says of `hit`: the order that it belongs to, the sort values, the id."""
    return (_order_name(query), *hit.sort_values, str(hit.product.id))


def _selected(query: ProductQuery) -> Select[Any]:
    sorts = [
        cast(item.expression, item.type).label(f"sort_{i}")
        for i, item in enumerate(_columns(query, backward=False)[:-1])
    ]
    if query.search is None:
        return select(*COLUMNS, *sorts)
    score = cast(_score(query.search), Float).label("score")
    text = func.coalesce(ProductRow.description, ProductRow.name)
    snippet = func.ts_headline(_ENGLISH, text, _text_query(query.search), _SNIPPET).label("snippet")
    return select(*COLUMNS, *sorts, score, snippet)


def _paged(statement: Select[Any], query: ProductQuery, request: PageRequest) -> Select[Any]:
    forward = _columns(query, backward=False)
    for cursor, backward in ((request.after, False), (request.before, True)):
        if cursor is not None:
            values = _read_cursor(cursor, forward, _order_name(query))
            statement = statement.where(_is_past(_columns(query, backward=backward), values))
    order = _columns(query, backward=request.backward)
    return statement.order_by(
        *(item.expression.desc() if item.descending else item.expression for item in order)
    ).limit(request.limit)


def _is_past(columns: Sequence[_Column], values: Sequence[Any]) -> Expression:
    bound = [literal(value, item.type) for item, value in zip(columns, values, strict=True)]
    if len({item.descending for item in columns}) == 1:
        here, there = tuple_(*(item.expression for item in columns)), tuple_(*bound)
        return here < there if columns[0].descending else here > there
    return or_(
        *(
            and_(
                *(before.expression == value for before, value in zip(columns[:i], bound[:i], strict=True)),
                item.expression < bound[i] if item.descending else item.expression > bound[i],
            )
            for i, item in enumerate(columns)
        )
    )


def _columns(query: ProductQuery, *, backward: bool) -> list[_Column]:
    columns = [item for key in query.sort for item in _columns_of(key, query.search or "", backward=backward)]
    # The id runs as the last column does, so that a sort by one column stays one comparison of rows.
    return [*columns, _Column(ProductRow.id, Uuid(), columns[-1].descending, UUID)]


def _columns_of(key: SortKey, search: str, *, backward: bool) -> list[_Column]:
    descending = key.descending != backward
    match key.field:
        case SortField.NAME:
            return [_Column(func.lower(ProductRow.name), Text(), descending, _read_text)]
        case SortField.PRICE:
            # Amounts in different currencies do not compare: each currency is a stretch of its own.
            return [
                _Column(ProductRow.currency, Text(), descending, _read_text),
                _Column(ProductRow.price_minor, BIGINT(), descending, _read_minor),
            ]
        case SortField.CREATED_AT:
            return [_Column(ProductRow.created_at, TIMESTAMP(timezone=True), descending, _read_time)]
        case SortField.RELEVANCE:
            return [_Column(_score(search), Numeric(), not descending, _read_score)]
        case SortField.RATING:
            return [
                _Column(ProductRow.rating_average, Numeric(), descending, _read_score),
                _Column(ProductRow.review_count, BIGINT(), descending, _read_minor),
            ]
        case SortField.BEST_SELLING:
            return [_Column(ProductRow.units_sold, BIGINT(), descending, _read_minor)]


def _order_name(query: ProductQuery) -> str:
    return " ".join(f"{key.field}{'-' if key.descending else '+'}" for key in query.sort)


def _read_cursor(cursor: CursorValues, columns: Sequence[_Column], order_name: str) -> list[Any]:
    name, *values = cursor
    try:
        if name != order_name:
            raise ValueError  # noqa: TRY301 -- every fault of a cursor is answered alike
        return [item.read(value) for item, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError, InvalidOperation):
        raise BadUserInputError("This cursor belongs to another list or another sort.") from None


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _read_minor(value: Any) -> int:
    if not isinstance(value, int) or abs(value) > MINOR_MAX:
        raise ValueError
    return value


def _read_time(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    # The extremes of the calendar have no UTC equivalent, which the driver would find out too late.
    return moment.astimezone(UTC)


def _read_score(value: Any) -> Decimal:
    # Also a bound: what has more digits than a Decimal's precision is no score.
    score = Decimal(_read_text(value)).quantize(_SCORE_STEP)
    if not score.is_finite():
        raise ValueError
    return score


def build_conditions(query: ProductQuery) -> list[Expression]:
    """What holds of each product of the list."""
    conditions: list[Expression] = [ProductRow.status == query.status]
    if query.search is not None:
        typed, name = func.plain_text(query.search), func.plain_text(ProductRow.name)
        found = ProductRow.searchable.op("@@")(_text_query(query.search))
        conditions.append(or_(found, name.op("%>")(typed)))
    if query.ids is not None:
        conditions.append(ProductRow.id == any_(literal([*query.ids], ARRAY(Uuid))))
    conditions += _category_conditions(query)
    if query.features:
        conditions.append(ProductRow.features.op("@>")(literal([*query.features], ARRAY(Text))))
    if query.rating_min is not None:
        conditions.append(ProductRow.rating_average >= query.rating_min)
    if query.created_after is not None:
        conditions.append(ProductRow.created_at > query.created_after)
    for bound in (query.price_min, query.price_max):
        if bound is not None:
            conditions.append(ProductRow.currency == bound.currency)
    if query.price_min is not None:
        conditions.append(ProductRow.price_minor >= query.price_min.minor)
    if query.price_max is not None:
        conditions.append(ProductRow.price_minor <= query.price_max.minor)
    return conditions


def _category_conditions(query: ProductQuery) -> list[Expression]:
    conditions: list[Expression] = []
    if query.category_ids is not None:
        conditions.append(ProductRow.category_id == any_(literal([*query.category_ids], ARRAY(Uuid))))
    if query.category_slugs is not None:
        slugs = literal([*query.category_slugs], ARRAY(Text))
        with_slug = select(CategoryRow.id).where(CategoryRow.slug == any_(slugs))
        conditions.append(ProductRow.category_id.in_(with_slug))
    return conditions


def _text_query(search: str) -> Expression:
    return func.websearch_to_tsquery(_ENGLISH, func.plain_text(search))


def _score(search: str) -> Expression:
    """How well a product matches: words found, a word of the name alike, the whole name alike; in `_SCORE_STEP`s."""
    typed, name = func.plain_text(search), ProductRow.plain_name
    total = (
        func.ts_rank(ProductRow.searchable, _text_query(search))
        + func.word_similarity(typed, name)
        + func.similarity(typed, name)
    )
    return func.round(cast(total, Numeric), _SCORE_DIGITS)


def _count_columns(query: ProductQuery) -> int:
    """How many columns sort a list before the id; asked once a list, since it builds their expressions."""
    return len(_columns(query, backward=False)) - 1


def _hit(row: Row[Any], count: int) -> Hit:
    mapping = row._mapping  # noqa: SLF001 -- the public way to read a column by a computed name
    return Hit(
        product=read_product(row),
        sort_values=tuple(mapping[f"sort_{i}"] for i in range(count)),
        score=mapping.get("score"),
        snippet=mapping.get("snippet"),
    )
