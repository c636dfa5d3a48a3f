"""Payments' GraphQL types, and what it adds to Order and User.

A `Payment` is made only by `Payment.of`, whose callers have checked that the caller may see it.
"""

import datetime as dt
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry import Parent, federation

from subgraphs.common.auth import require_scope, require_user
from subgraphs.common.connections import Connection
from subgraphs.common.errors import BadUserInputError, ForbiddenError
from subgraphs.common.graphql_types import EntityStub, MoneyType, Node, build_list_size, id_of, parse_id
from subgraphs.common.money import Money, MoneyError
from subgraphs.common.pagination import PAGE_SIZE, read_page_request
from subgraphs.payments import domain
from subgraphs.payments.schema.actions import PaymentFailure, PaymentNextAction, build_next_action
from subgraphs.payments.schema.context import READ_SCOPE, PaymentsInfo

strawberry.enum(domain.PaymentMethod)
strawberry.enum(domain.PaymentStatus)
strawberry.enum(domain.RefundReason)
strawberry.enum(domain.RefundState)

PAYMENTS_OF_ORDER = 3
ATTEMPTS = 5
REFUNDS = 3
"""How many there are of each as a rule, for the cost of an operation."""


@strawberry.type
class PaymentAttempt:
    """See `domain.Attempt`."""

    id: strawberry.ID
    at: dt.datetime
    gateway_reference: str | None
    outcome: str


async def load_payments(root: Parent["Order"], info: PaymentsInfo) -> "list[Payment]":
    """An order's payments, those that the caller may see, oldest first."""
    require_user(info.context.principal)
    return [Payment.of(record) for record in await info.context.list_visible(root.key)]


async def compute_amount_due(root: Parent["Order"], info: PaymentsInfo) -> MoneyType:
    """What is left to pay, as far as the caller may know: payments of others do not count."""
    require_user(info.context.principal)
    due = root.get_total()
    for payment in await info.context.list_visible(root.key):
        if payment.status in domain.PAID and payment.amount.currency == due.currency:
            due -= payment.kept
    return MoneyType.of(due if due.minor > 0 else Money(0, due.currency))


def read_number(root: Parent["Order"]) -> str:
    """The number that is known here."""
    if not isinstance(root.given_number, str):
        raise BadUserInputError("An order's number is known here only if the representation tells it.")
    return root.given_number


def read_total(root: Parent["Order"]) -> MoneyType:
    """The total that came with the representation."""
    return MoneyType.of(root.get_total())


@federation.type(keys=["id"])
class Order:
    """An order; it belongs to orders, which gives number and total when they are needed here."""

    id: strawberry.ID
    key: strawberry.Private[UUID | None]
    given_number: strawberry.Private[Any]
    given_total: strawberry.Private[Any]
    number: str = federation.field(resolver=read_number, external=True)
    total: MoneyType = federation.field(resolver=read_total, external=True)
    payments: "list[Payment]" = federation.field(
        resolver=load_payments,
        authenticated=True,
        directives=[build_list_size(assumed_size=PAYMENTS_OF_ORDER)],
    )
    amount_due: MoneyType = federation.field(
        resolver=compute_amount_due,
        requires=["total { amount currency }"],
        authenticated=True,
        description="total less what succeeded and was not refunded.",
    )

    @classmethod
    def of(cls, order_id: UUID, number: str) -> Self:
        """The order with the id, whose number was copied when its payment began."""
        return cls(id=id_of(order_id), key=order_id, given_number=number, given_total=None)

    def get_total(self) -> Money:
        """The total that came with the representation.

        Raises:
            BadUserInputError: none came, or none that an order can have.
        """
        given = self.given_total
        try:
            total = Money.parse(given["amount"], given["currency"])
        except (KeyError, TypeError, AttributeError, MoneyError):
            total = None
        if total is None or total.minor < 0:
            raise BadUserInputError("An order's total is known here only if the representation tells it.")
        return total

    @classmethod
    def resolve_reference(
        cls,
        id: strawberry.ID,  # noqa: A002 -- the key's name
        number: Any = None,
        total: Any = None,
    ) -> Self:
        """The order with the id, whether there is one or not: orders knows."""
        return cls(id=id, key=parse_id(id), given_number=number, given_total=total)


async def load_attempts(root: Parent["Payment"], info: PaymentsInfo) -> list[PaymentAttempt]:
    """What the gateway answered, oldest first."""
    require_scope(info.context.principal, READ_SCOPE)
    return [
        PaymentAttempt(
            id=id_of(attempt.id),
            at=attempt.at,
            gateway_reference=attempt.gateway_reference,
            outcome=attempt.outcome,
        )
        for attempt in await info.context.loaders.attempts.load(root.record.id)
    ]


async def load_refunds(root: Parent["Payment"], info: PaymentsInfo) -> "list[Refund]":
    """What goes or went back, oldest first."""
    found = await info.context.loaders.refunds_of.load(root.record.id)
    return [Refund.of(refund, root.record) for refund in found]


@federation.type(keys=["id", "reference"])
class Payment(Node):
    """A payment of an order."""

    record: strawberry.Private[domain.Payment]
    reference: str = strawberry.field(description="Seed: payment_reference.")
    order: Order = federation.field(
        provides=["number"],
        description="The order number is copied into the payment (statement descriptor), so lists need no hop to orders.",
    )
    payer: "User"
    amount: MoneyType
    method: domain.PaymentMethod
    gateway: str
    status: domain.PaymentStatus
    next_action: PaymentNextAction | None
    failure: PaymentFailure | None
    refunds: "list[Refund]" = federation.field(
        resolver=load_refunds, directives=[build_list_size(assumed_size=REFUNDS)]
    )
    refundable_amount: MoneyType
    attempts: list[PaymentAttempt] = federation.field(
        resolver=load_attempts,
        requires_scopes=[[READ_SCOPE]],
        directives=[build_list_size(assumed_size=ATTEMPTS)],
    )
    verified_at: dt.datetime | None
    expires_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime

    @classmethod
    def of(cls, record: domain.Payment) -> Self:
        """The payment, for a caller who may see it."""
        return cls(
            id=id_of(record.id),
            record=record,
            reference=record.reference,
            order=Order.of(record.order_id, record.order_number),
            payer=User.of(record.payer_id),
            amount=MoneyType.of(record.amount),
            method=record.method,
            gateway=record.gateway,
            status=record.status,
            next_action=build_next_action(record),
            failure=PaymentFailure.of(record.failure),
            refundable_amount=MoneyType.of(record.refundable),
            verified_at=record.verified_at,
            expires_at=record.expires_at,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )

    @classmethod
    async def resolve_reference(
        cls,
        info: PaymentsInfo,
        id: strawberry.ID | None = None,  # noqa: A002 -- the key's name
        reference: str | None = None,
    ) -> Self | None:
        """The payment with one of the keys, if the caller may see it; the id counts when both are given.

        Raises:
            BadUserInputError: neither is given.
        """
        if id is None and reference is None:
            raise BadUserInputError("A representation of Payment has an id or a reference.")
        found = await find_visible(info, id, reference)
        return None if found is None else cls.of(found)


@federation.type(keys=["id"])
class Refund(Node):
    """Money that goes back to the payer."""

    payment: Payment
    amount: MoneyType
    reason: domain.RefundReason
    status: domain.RefundState
    created_at: dt.datetime
    completed_at: dt.datetime | None

    @classmethod
    def of(cls, record: domain.Refund, payment: domain.Payment) -> Self:
        """The refund, for a caller who may see its payment."""
        return cls(
            id=id_of(record.id),
            payment=Payment.of(payment),
            amount=MoneyType.of(record.amount),
            reason=record.reason,
            status=record.status,
            created_at=record.created_at,
            completed_at=record.completed_at,
        )

    @classmethod
    async def resolve_reference(
        cls,
        info: PaymentsInfo,
        id: strawberry.ID,  # noqa: A002 -- the key's name
    ) -> Self | None:
        """The refund with the id, if the caller may see its payment."""
        refund_id = parse_id(id)
        found = await info.context.loaders.refunds.load(refund_id) if refund_id is not None else None
        if found is None:
            return None
        payment = await find_visible(info, str(found.payment_id), None)
        return None if payment is None else cls.of(found, payment)


async def find_visible(
    info: PaymentsInfo, payment_id: str | None, reference: str | None
) -> domain.Payment | None:
    """The payment with one of the keys, if the caller may see it."""
    key = parse_id(payment_id) if payment_id is not None else reference
    if not isinstance(key, UUID | str):
        return None
    found = await info.context.loaders.payments.load(key)
    return found if found is not None and info.context.may_see(found) else None


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
        # Each once: a statement has no room for 33,000.
        statuses=tuple(dict.fromkeys(given.statuses)) if isinstance(given.statuses, list) else None,
        methods=tuple(dict.fromkeys(given.methods)) if isinstance(given.methods, list) else None,
        order_id=parse_id(given.order_id) or NOTHING if isinstance(given.order_id, str) else None,
        reference=given.reference if isinstance(given.reference, str) else None,
        created_from=given.created_from or None,
        created_to=given.created_to or None,
    )


async def list_own(
    root: Parent["User"],
    info: PaymentsInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
    filter: PaymentFilter | None = strawberry.UNSET,  # noqa: A002 -- the schema's name
) -> Connection[Payment]:
    """A user's payments, newest first; for the user, and for who may read all payments."""
    principal = require_user(info.context.principal)
    user_id = root.key
    if user_id is None or (principal.user_id != user_id and READ_SCOPE not in principal.scopes):
        raise ForbiddenError("These are somebody else's payments.")
    request = read_page_request(first=first, after=after or None)
    loaders, wanted = info.context.loaders, read_filter(filter)
    page = await loaders.histories.load((user_id, wanted, request))
    return Connection.of(page, Payment.of, lambda: loaders.counts.load((user_id, wanted)))


async def list_payments_of_user(
    root: Parent["User"],
    info: PaymentsInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
) -> Connection[Payment]:
    """A user's payments, newest first."""
    return await list_own(root, info, first, after)


@federation.type(keys=["id"])
class User(EntityStub):
    """A user; it belongs to auth and users."""

    payments: Connection[Payment] = federation.field(
        resolver=list_payments_of_user,
        authenticated=True,
        directives=[build_list_size(slicing_arguments=["first"], sized_fields=["edges", "nodes"])],
    )
