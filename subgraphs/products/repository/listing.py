"""Lists of products: conditions, search, sort and keyset pages.

A page is the rows after (or before) a place in a total order: the sort's columns, then the id.

A search finds what full text finds in name, features and description (stemmed, without accents, the last word also as the
beginning of one), and names that have a word alike to what was typed: typing errors. Who excludes words or asks for a phrase
knows what is meant: nothing is guessed then.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Float,
    Numeric,
    Row,
    Select,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import REGCONFIG

from subgraphs.common.errors import BadUserInputError
from subgraphs.common.keyset import (
    FOREIGN_CURSOR,
    KeysetColumn,
    id_column,
    minor_column,
    select_page,
    text_column,
    time_column,
)
from subgraphs.common.owners import read_pages
from subgraphs.common.pagination import CursorValues, PageRequest
from subgraphs.products.domain import Hit, ProductQuery, SortField, SortKey
from subgraphs.products.models import CategoryRow, ProductRow
from subgraphs.products.repository import AnySession
from subgraphs.products.repository.products import COLUMNS, read_product

_ENGLISH = cast(literal("english"), REGCONFIG)
_SCORE_DIGITS = 6
_SCORE_STEP = Decimal(1).scaleb(-_SCORE_DIGITS)
"""What a score is rounded to, so that a cursor holds exactly what Postgres compares it with."""
_PREFIX = re.compile(r"(?:.*\s)?(\w{3,})", re.DOTALL)
"""Ends in what may be the beginning of a word; shorter ones are the beginning of too many."""
_OPERATORS = re.compile(r'"|(?<!\S)-\S')
"""What `websearch_to_tsquery` reads as more than words."""
_SNIPPET = "StartSel=**, StopSel=**, MaxWords=30, MinWords=10"

Expression = Any
"""A SQL expression; SQLAlchemy's own types say no more of one that is made of parts."""


async def list_products(session: AnySession, query: ProductQuery, request: PageRequest) -> list[Hit]:
    """At most `request.limit` products, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    columns = _columns(query)
    return [_hit(row, columns) for row in await session.execute(_page(query, columns, request))]


async def list_shelves(
    session: AnySession, category_ids: Collection[UUID], query: ProductQuery, request: PageRequest
) -> dict[UUID, list[Hit]]:
    """For each category, at most `request.limit` products of `query` that stand in it, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    columns = _columns(query)
    page = _page(query, columns, request)
    return await read_pages(
        session, ProductRow.category_id, category_ids, page, lambda row: _hit(row, columns)
    )


async def count_products(session: AnySession, query: ProductQuery) -> int:
    """How many products the whole list holds."""
    statement = select(func.count()).select_from(ProductRow).where(*build_conditions(query))
    return (await session.execute(statement)).scalar_one()


def build_cursor_values(query: ProductQuery, hit: Hit) -> CursorValues:
    """What a cursor of the list says of `hit`: the order that it belongs to, the sort values, the id."""
    return (_order_name(query), *hit.sort_values, str(hit.product.id))


def _selected(query: ProductQuery, columns: Sequence[KeysetColumn]) -> Select[Any]:
    sorts = [cast(item.expression, item.type).label(f"sort_{i}") for i, item in enumerate(columns[:-1])]
    if query.search is None:
        return select(*COLUMNS, *sorts)
    score = cast(_score(query.search), Float).label("score")
    text = func.coalesce(ProductRow.description, ProductRow.name)
    snippet = func.ts_headline(_ENGLISH, text, _text_query(query.search), _SNIPPET).label("snippet")
    return select(*COLUMNS, *sorts, score, snippet)


def _page(query: ProductQuery, columns: Sequence[KeysetColumn], request: PageRequest) -> Select[Any]:
    name = _order_name(query)
    here = replace(request, after=_read_place(request.after, name), before=_read_place(request.before, name))
    return select_page(_selected(query, columns).where(*build_conditions(query)), columns, here)


def _read_place(cursor: CursorValues | None, order_name: str) -> CursorValues | None:
    if cursor is not None and cursor[0] != order_name:
        raise BadUserInputError(FOREIGN_CURSOR)
    return None if cursor is None else cursor[1:]


def _columns(query: ProductQuery) -> list[KeysetColumn]:
    columns = [column for key in query.sort for column in _columns_of(key, query.search or "")]
    # The id runs as the last column does, so that a sort by one column stays one comparison of rows.
    return [*columns, id_column(ProductRow.id, descending=columns[-1].descending)]


def _columns_of(key: SortKey, search: str) -> list[KeysetColumn]:
    descending = key.descending
    match key.field:
        case SortField.NAME:
            return [text_column(func.lower(ProductRow.name), descending=descending)]
        case SortField.PRICE:
            # Amounts in different currencies do not compare: each currency is a stretch of its own.
            return [
                text_column(ProductRow.currency, descending=descending),
                minor_column(ProductRow.price_minor, descending=descending),
            ]
        case SortField.CREATED_AT:
            return [time_column(ProductRow.created_at, descending=descending)]
        case SortField.RELEVANCE:
            return [_score_column(_score(search), descending=not descending)]
        case SortField.RATING:
            return [
                _score_column(ProductRow.rating_average, descending=descending),
                minor_column(ProductRow.review_count, descending=descending),
            ]
        case SortField.BEST_SELLING:
            return [minor_column(ProductRow.units_sold, descending=descending)]


def _order_name(query: ProductQuery) -> str:
    return " ".join(f"{key.field}{'-' if key.descending else '+'}" for key in query.sort)


def _score_column(expression: Expression, *, descending: bool) -> KeysetColumn:
    return KeysetColumn(expression, Numeric(), _read_score, descending)


def _read_score(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise TypeError
    try:
        # Also a bound: what has more digits than a Decimal's precision is no score.
        score = Decimal(value).quantize(_SCORE_STEP)
    except InvalidOperation:
        raise ValueError from None
    if not score.is_finite():
        raise ValueError
    return score


def build_conditions(query: ProductQuery) -> list[Expression]:
    """What holds of each product of the list."""
    conditions: list[Expression] = [ProductRow.status == query.status]
    if query.search is not None:
        conditions.append(_match(query.search))
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
        # An array, found once: the list is read as one of ids is, whatever Postgres makes of how many there are.
        conditions.append(
            ProductRow.category_id == any_(func.array(with_slug.scalar_subquery(), type_=ARRAY(Uuid)))
        )
    return conditions


def _match(search: str) -> Expression:
    found = ProductRow.searchable.op("@@")
    if _OPERATORS.search(search):
        return found(_text_query(search))
    words = _text_query(search)
    if ending := _PREFIX.fullmatch(search.rstrip()):
        beginning = func.quote_literal(func.plain_text(ending[1])).concat(":*")
        rest = _text_query(search.rstrip()[: ending.start(1)])
        words = words.op("||")(rest.op("&&")(func.to_tsquery(_ENGLISH, beginning)))
    alike = func.plain_text(ProductRow.name).op("%>")(func.plain_text(search))
    return or_(found(words), alike)


def _text_query(search: str) -> Expression:
    return func.websearch_to_tsquery(_ENGLISH, func.plain_text(search))


def _score(search: str) -> Expression:
    """How well a product matches: the words found, and a word of the name alike, twice if all of the name was typed."""
    typed, name = func.plain_text(search), ProductRow.plain_name
    share = cast(func.length(typed), Float) / func.greatest(func.length(name), 1)
    likeness = func.word_similarity(typed, name) * (1 + func.least(share, 1.0))
    return func.round(
        cast(func.ts_rank(ProductRow.searchable, _text_query(search)) + likeness, Numeric), _SCORE_DIGITS
    )


def _hit(row: Row[Any], columns: Sequence[KeysetColumn]) -> Hit:
    mapping = row._mapping  # noqa: SLF001 -- the public way to read a column by a computed name
    return Hit(
        product=read_product(row),
        sort_values=tuple(mapping[f"sort_{i}"] for i in range(len(columns) - 1)),
        score=mapping.get("score"),
        snippet=mapping.get("snippet"),
    )
