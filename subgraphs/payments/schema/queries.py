"""Payments' root query fields."""

import datetime as dt

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_scope, require_user
from subgraphs.common.connections import Connection
from subgraphs.common.errors import BadUserInputError, ObjectNotFoundError
from subgraphs.common.graphql_types import MoneyType, Node, build_list_size, id_of, parse_id
from subgraphs.common.pagination import PAGE_SIZE, encode_cursor, read_page_request
from subgraphs.payments.domain import PaymentMethod
from subgraphs.payments.schema.context import READ_SCOPE, PaymentsInfo
from subgraphs.payments.schema.types import (
    Payment,
    PaymentFilter,
    User,
    list_own,
    read_filter,
)

METHODS = 5
"""How many methods there are as a rule, for the cost of an operation."""
LABELS = {
    PaymentMethod.CREDIT_CARD: "Credit or debit card",
    PaymentMethod.BANK_TRANSFER: "Bank transfer",
    PaymentMethod.E_WALLET: "E-wallet",
    PaymentMethod.VIRTUAL_ACCOUNT: "Virtual account",
}


@strawberry.type
class PaymentMethodOption:
    """A way to pay an order; without bounds where the gateway sets none."""

    method: PaymentMethod
    label: str
    min_amount: MoneyType | None
    max_amount: MoneyType | None


async def get_payment(
    info: PaymentsInfo,
    id: strawberry.ID | None = UNSET,  # noqa: A002 -- the schema's name
    reference: str | None = UNSET,
) -> Payment | None:
    """The payment with the id or the reference, if the caller may see it; say just one of them."""
    require_user(info.context.principal)
    if bool(id) == bool(reference):
        raise BadUserInputError("Name the payment by its id or by its reference, and only by one of them.")
    return await Payment.resolve_reference(info, id or None, reference or None)


async def list_my_payments(
    info: PaymentsInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = UNSET,
    filter: PaymentFilter | None = UNSET,  # noqa: A002 -- the schema's name
) -> Connection[Payment]:
    """The caller's payments, newest first."""
    return await list_own(User.of(require_user(info.context.principal).user_id), info, first, after, filter)


async def list_payments(
    info: PaymentsInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    filter: PaymentFilter | None = UNSET,  # noqa: A002 -- the schema's name
) -> Connection[Payment]:
    """Everybody's payments, newest first."""
    require_scope(info.context.principal, READ_SCOPE)
    last = None if last is UNSET else last
    request = read_page_request(first=first, after=after or None, last=last, before=before or None)
    wanted, service = read_filter(filter), info.context.service
    async with info.context.read() as session:
        page = await service.list_payments(session, wanted, request)

    async def count() -> int:
        async with info.context.read() as session:
            return await service.count_payments(session, wanted)

    return Connection.of(page, Payment.of, count)


async def list_methods(info: PaymentsInfo, order_id: strawberry.ID) -> list[PaymentMethodOption]:
    """How the caller can pay an order; empty for one that is not the caller's or cannot be paid."""
    principal = require_user(info.context.principal)
    key = parse_id(order_id)
    try:
        order = await info.context.service.get_payable(key, principal.user_id) if key is not None else None
    except ObjectNotFoundError:
        order = None
    if order is None or not order.is_payable:
        return []
    return [
        PaymentMethodOption(method=method, label=label, min_amount=None, max_amount=None)
        for method, label in LABELS.items()
    ]


@strawberry.type
class ReconciliationReport(Node):
    """See `domain.ReconciliationReport`."""

    gateway: str
    from_: dt.datetime = strawberry.field(name="from")
    to: dt.datetime
    matched: int
    missing_here: int
    missing_at_gateway: int
    amount_mismatch: int


async def list_reports(
    info: PaymentsInfo, first: int | None = PAGE_SIZE, after: str | None = UNSET
) -> list[ReconciliationReport]:
    """What comparing each day with the gateway has found, newest first; `after` is the id of a report."""
    require_scope(info.context.principal, READ_SCOPE)
    # A plain list has no cursors: the id of its last report says where the next page begins.
    cursor = encode_cursor((after,)) if after else None
    async with info.context.read() as session:
        found = await info.context.service.reconciliation.list_reports(
            session, read_page_request(first=first, after=cursor)
        )
    return [
        ReconciliationReport(
            id=id_of(report.id),
            gateway=report.gateway,
            from_=report.from_time,
            to=report.to_time,
            matched=report.matched,
            missing_here=report.missing_here,
            missing_at_gateway=report.missing_at_gateway,
            amount_mismatch=report.amount_mismatch,
        )
        for report in found
    ]


@strawberry.type
class Query:
    """Payments, for their payers and for who looks after them."""

    payment: Payment | None = federation.field(resolver=get_payment, authenticated=True)
    my_payments: Connection[Payment] = federation.field(
        resolver=list_my_payments,
        authenticated=True,
        directives=[build_list_size(slicing_arguments=["first"], sized_fields=["edges", "nodes"])],
    )
    payments: Connection[Payment] = federation.field(
        resolver=list_payments,
        requires_scopes=[[READ_SCOPE]],
        directives=[build_list_size(slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"])],
    )
    payment_methods: list[PaymentMethodOption] = federation.field(
        resolver=list_methods, authenticated=True, directives=[build_list_size(assumed_size=METHODS)]
    )
    reconciliation_reports: list[ReconciliationReport] = federation.field(
        resolver=list_reports,
        requires_scopes=[[READ_SCOPE]],
        directives=[build_list_size(slicing_arguments=["first"])],
    )
