"""Details of orders and licences, which lead nowhere else."""

import datetime as dt
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.orders import domain

strawberry.enum(domain.OrderStatus)
strawberry.enum(domain.CancelReason)
strawberry.enum(domain.RefundStatus)
strawberry.enum(domain.OrderAction)
strawberry.enum(domain.ActorType)
strawberry.enum(domain.OrderSortField)
strawberry.enum(domain.LicenseStatus)


def id_of(value: UUID) -> strawberry.ID:
    """The GraphQL form of an id."""
    return strawberry.ID(str(value))


@strawberry.type
class OrderEvent:
    """A change of an order's status."""

    id: strawberry.ID
    at: dt.datetime
    type: str
    from_: domain.OrderStatus | None = strawberry.field(name="from")
    to: domain.OrderStatus | None
    actor_type: domain.ActorType
    message: str | None

    @classmethod
    def of(cls, record: domain.Event) -> Self:
        """The event; who may see the order may see it."""
        return cls(
            id=id_of(record.id),
            at=record.at,
            type=record.type,
            from_=record.from_status,
            to=record.to_status,
            actor_type=record.actor_type,
            message=record.message,
        )


@strawberry.type
class Activation:
    """See `domain.Activation`."""

    id: strawberry.ID
    label: str
    created_at: dt.datetime
