"""Which orders a list holds, and how it is sorted."""

import datetime as dt
from uuid import UUID

import strawberry

from subgraphs.common.graphql_types import SortDirection, parse_id
from subgraphs.orders import domain

strawberry.enum(domain.OrderSortField)


@strawberry.input
class OrderFilter:
    """Conditions that all must hold."""

    statuses: list[domain.OrderStatus] | None = strawberry.UNSET
    created_from: dt.datetime | None = strawberry.UNSET
    created_to: dt.datetime | None = strawberry.UNSET
    number: str | None = strawberry.UNSET
    customer_id: strawberry.ID | None = strawberry.UNSET
    product_id: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class OrderSort:
    """How a list is sorted."""

    field: domain.OrderSortField
    direction: SortDirection = SortDirection.DESC


NOBODY = UUID(int=0)
"""The owner of nothing: what an id that is no UUID stands for in a filter."""


def read_filter(given: OrderFilter | None) -> domain.OrderFilter:
    """The filter as the service knows it; an id that is no UUID matches nothing."""
    if not given:
        return domain.OrderFilter()
    return domain.OrderFilter(
        # Each once: a statement has no room for 33,000.
        statuses=tuple(dict.fromkeys(given.statuses)) if isinstance(given.statuses, list) else None,
        created_from=given.created_from or None,
        created_to=given.created_to or None,
        number=given.number if isinstance(given.number, str) else None,
        customer_id=_read_wanted(given.customer_id),
        product_id=_read_wanted(given.product_id),
    )


def _read_wanted(given: object) -> UUID | None:
    return parse_id(given) or NOBODY if isinstance(given, str) else None
