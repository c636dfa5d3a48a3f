"""Orders' mutations: each is one transaction, and presents the outcome or the refusal."""

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import is_owner_or, require_scope, require_user, require_verified_email
from subgraphs.common.errors import DomainError, ObjectNotFoundError
from subgraphs.common.graphql_types import MoneyInput, build_cost, errors_of, parse_id
from subgraphs.common.text import check_idempotency_key, check_text
from subgraphs.orders.domain import (
    NOTE_CHARACTERS_MAX,
    Actor,
    ActorType,
    CancelReason,
    Item,
    OrderStatus,
)
from subgraphs.orders.schema.context import WRITE_SCOPE, OrdersInfo
from subgraphs.orders.schema.filters import NOBODY
from subgraphs.orders.schema.payloads import CreateOrderPayload, LicensePayload, OrderPayload
from subgraphs.orders.schema.types import License, Order, find_visible
from subgraphs.orders.service.licenses import UNKNOWN as UNKNOWN_LICENSE
from subgraphs.orders.service.order_request import OrderRequest
from subgraphs.orders.service.orders import UNKNOWN
from subgraphs.orders.service.quoting import UNKNOWN as UNKNOWN_PRODUCT


@strawberry.input
class OrderItemInput:
    """A product, and how many of it."""

    product_id: strawberry.ID
    quantity: int = 1


@strawberry.input
class CreateOrderInput:
    """What to order; with expectedTotal only if that is the total, the coupon taken off."""

    items: list[OrderItemInput]
    expected_total: MoneyInput | None = UNSET
    coupon_code: str | None = UNSET

    def read_items(self) -> tuple[Item, ...]:
        """The items with their ids read.

        Raises:
            ObjectNotFoundError: an id is no id.
        """
        items = []
        for position, given in enumerate(self.items):
            product_id = parse_id(given.product_id)
            if product_id is None:
                raise ObjectNotFoundError(UNKNOWN_PRODUCT, ("input", "items", str(position), "productId"))
            items.append(Item(product_id, given.quantity, position))
        return tuple(items)


async def create_order(
    info: OrdersInfo,
    idempotency_key: strawberry.ID,
    input: CreateOrderInput,  # noqa: A002 -- the schema's name
) -> CreateOrderPayload:
    """Order products at their prices of now; once, however often one idempotencyKey is sent."""
    principal = require_verified_email(info.context.principal)
    try:
        expected = input.expected_total.read(("input", "expectedTotal")) if input.expected_total else None
        request = OrderRequest(
            principal.user_id,
            check_idempotency_key(idempotency_key),
            input.read_items(),
            expected,
            input.coupon_code or None,
        )
        order = await info.context.service.create_order(request)
    except DomainError as refusal:
        return CreateOrderPayload(order=None, errors=errors_of(refusal))
    info.context.forget()
    return CreateOrderPayload(order=Order.of(order), errors=[])


async def cancel_order(
    info: OrdersInfo,
    id: strawberry.ID,  # noqa: A002 -- the schema's name
    note: str | None = UNSET,
) -> OrderPayload:
    """Cancel an order that is not paid yet."""
    principal = require_user(info.context.principal)
    try:
        message = check_text(note or "", NOTE_CHARACTERS_MAX, ("note",))
        order_id = parse_id(id)
        found = await info.context.loaders.orders.load(order_id) if order_id is not None else None
        if found is None or not is_owner_or(principal, found.customer_id, WRITE_SCOPE):
            raise ObjectNotFoundError(UNKNOWN, ("id",))
        is_owner = principal.user_id == found.customer_id
        actor = Actor(ActorType.CUSTOMER if is_owner else ActorType.ADMIN, principal.user_id)
        reason = CancelReason.CUSTOMER if is_owner else CancelReason.ADMIN
        async with info.context.write() as session:
            order = await info.context.service.cancel_order(session, found, actor, reason, message)
    except DomainError as refusal:
        return OrderPayload(order=None, errors=errors_of(refusal))
    info.context.forget()
    return OrderPayload(order=Order.of(order), errors=[])


async def update_order_status(
    info: OrdersInfo,
    id: strawberry.ID,  # noqa: A002 -- the schema's name
    status: OrderStatus,
    note: str | None = UNSET,
) -> OrderPayload:
    """Move an order along."""
    principal = require_scope(info.context.principal, WRITE_SCOPE)
    try:
        message = check_text(note or "", NOTE_CHARACTERS_MAX, ("note",))
        order_id = parse_id(id)
        if order_id is None:
            raise ObjectNotFoundError(UNKNOWN, ("id",))
        actor = Actor(ActorType.ADMIN, principal.user_id)
        async with info.context.write() as session:
            order = await info.context.service.move_order(session, order_id, status, actor, message)
    except DomainError as refusal:
        return OrderPayload(order=None, errors=errors_of(refusal))
    info.context.forget()
    return OrderPayload(order=Order.of(order), errors=[])


async def activate_license(info: OrdersInfo, key: str, label: str) -> LicensePayload:
    """Use a licence of the caller's in one more place; once, however often one label is sent."""
    principal = require_user(info.context.principal)
    try:
        found = await info.context.service.licenses.activate(principal.user_id, key, label)
    except DomainError as refusal:
        return LicensePayload(license=None, errors=errors_of(refusal))
    info.context.forget()
    return LicensePayload(license=License.of(found), errors=[])


async def deactivate_license(
    info: OrdersInfo, license_id: strawberry.ID, activation_id: strawberry.ID
) -> LicensePayload:
    """End the use of a licence of the caller's in one place."""
    principal = require_user(info.context.principal)
    try:
        found = await find_visible(info, license_id)
        if found is None or found.customer_id != principal.user_id:
            raise ObjectNotFoundError(UNKNOWN_LICENSE, ("licenseId",))
        await info.context.service.licenses.deactivate(found, parse_id(activation_id) or NOBODY)
    except DomainError as refusal:
        return LicensePayload(license=None, errors=errors_of(refusal))
    info.context.forget()
    return LicensePayload(license=License.of(found), errors=[])


async def revoke_license(
    info: OrdersInfo, license_id: strawberry.ID, reason: str | None = UNSET
) -> LicensePayload:
    """End a licence for good."""
    principal = require_scope(info.context.principal, WRITE_SCOPE)
    try:
        message = check_text(reason or "", NOTE_CHARACTERS_MAX, ("reason",))
        actor = Actor(ActorType.ADMIN, principal.user_id)
        found = await info.context.service.revoke_license(parse_id(license_id) or NOBODY, actor, message)
    except DomainError as refusal:
        return LicensePayload(license=None, errors=errors_of(refusal))
    info.context.forget()
    return LicensePayload(license=License.of(found), errors=[])


@strawberry.type
class Mutation:
    """Making and moving orders."""

    create_order: CreateOrderPayload = federation.field(
        resolver=create_order, authenticated=True, policy=[["verified_email"]], directives=[build_cost(20)]
    )
    cancel_order: OrderPayload = federation.field(resolver=cancel_order, authenticated=True)
    update_order_status: OrderPayload = federation.field(
        resolver=update_order_status,
        requires_scopes=[[WRITE_SCOPE]],
        description="Only the moves of the state machine, PAID and REFUNDED excepted: those come from payments.",
    )
    activate_license: LicensePayload = federation.field(resolver=activate_license, authenticated=True)
    deactivate_license: LicensePayload = federation.field(resolver=deactivate_license, authenticated=True)
    revoke_license: LicensePayload = federation.field(
        resolver=revoke_license, requires_scopes=[[WRITE_SCOPE]]
    )
