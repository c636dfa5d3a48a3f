"""What clients say about lists of payments."""

import datetime as dt
from uuid import UUID

import strawberry

from subgraphs.common.graphql_types import parse_id
from subgraphs.payments import domain


@strawberry.input
class PaymentFilter:
    """Conditions that all must hold."""

    statuses: list[domain.PaymentStatus] | None = strawberry.UNSET
    methods: list[domain.PaymentMethod] | None = strawberry.UNSET
    order_id: strawberry.ID | None = strawberry.UNSET
    reference: str | None = strawberry.UNSET
    created_from: dt.datetime | None = strawberry.UNSET
    created_to: dt.datetime | None = strawberry.UNSET


NOTHING = UUID(int=0)
"""The id of no order: what an id that is no UUID stands for in a filter."""


def read_filter(given: PaymentFilter | None) -> domain.PaymentFilter:
    """The filter as the service knows it; an id that is no UUID matches nothing."""
    if not given:
        return domain.PaymentFilter()
    return domain.PaymentFilter(
        statuses=tuple(given.statuses) if isinstance(given.statuses, list) else None,
        methods=tuple(given.methods) if isinstance(given.methods, list) else None,
        order_id=parse_id(given.order_id) or NOTHING if isinstance(given.order_id, str) else None,
        reference=given.reference if isinstance(given.reference, str) else None,
        created_from=given.created_from or None,
        created_to=given.created_to or None,
    )
