"""What can be cut off: each operation of the marketplace that must be done once or not at all, as a coroutine.

It prepares what it needs and calls `begin` where the part begins at whose every boundary somebody may die.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from stack.provider.messages import SIGNATURE_HEADER, sign
from subgraphs.payments.service.reconciliation import DAY, SETTLED_AFTER
from tests.support.crashing import HOURLY
from tests.support.customer import Customer, settle
from tests.support.shop import GATEWAY_SECRET
from tests.support.shop_world import LIMITED

Operation = Callable[[Customer, Callable[[], None]], Awaitable[None]]


async def create(customer: Customer, begin: Callable[[], None]) -> None:
    """The first of its customer."""
    begin()
    await customer.order()


async def create_with_coupon(customer: Customer, begin: Callable[[], None]) -> None:
    """Of a limited product, with a coupon, and not for more than expected."""
    code = uuid4().hex[:12].upper()
    await customer.shop.rows(
        "orders", "INSERT INTO coupons (code, percent, uses_max) VALUES ($1, 30, 1)", code
    )
    begin()
    # 30 % of 39.98 are 11.994, of which 11.99 go off.
    expected = {"amount": "27.99", "currency": "USD"}
    items = [{"productId": LIMITED, "quantity": 2}]
    await customer.order(items=items, couponCode=code, expectedTotal=expected)


async def create_for_nothing(customer: Customer, begin: Callable[[], None]) -> None:
    """With a coupon that takes all off, and paid."""
    code = uuid4().hex[:12].upper()
    await customer.shop.rows("orders", "INSERT INTO coupons (code, percent) VALUES ($1, 100)", code)
    begin()
    payload = await customer.pay(await customer.order(couponCode=code))
    await customer.verify(payload["payment"]["reference"])
    await settle(customer.shop)


def initiate(method: str) -> Operation:
    async def initiate(customer: Customer, begin: Callable[[], None]) -> None:
        order_id = await customer.order()
        begin()
        await customer.pay(order_id, method)

    return initiate


def verify(method: str) -> Operation:
    async def verify(customer: Customer, begin: Callable[[], None]) -> None:
        _, payment = await _begin_paying(customer, method)
        _approve(customer, payment)
        begin()
        await customer.verify(payment["reference"])

    return verify


async def be_declined(customer: Customer, begin: Callable[[], None]) -> None:
    """With one card, and pay with another."""
    order_id = await customer.order()
    begin()
    assert (await customer.pay(order_id, card="tok_declined"))["errors"]
    await customer.pay(order_id)


async def hear_of_money(customer: Customer, begin: Callable[[], None]) -> None:
    """The provider's message twice, and all that follows from it."""
    _, payment = await _begin_paying(customer, "E_WALLET")
    _approve(customer, payment)
    begin()
    await _tell(customer, payment)
    await settle(customer.shop)


async def hear_of_both_payments(customer: Customer, begin: Callable[[], None]) -> None:
    """Of an order that was paid twice: of the newer first, then of the older, and of the newer again."""
    order_id, older = await _begin_paying(customer, "BANK_TRANSFER")
    await customer.cancel_payment(older["id"])
    newer = (await customer.pay(order_id, "E_WALLET"))["payment"]
    _approve(customer, newer)
    _pay_late(customer, older)
    begin()
    for payment in (newer, older, newer):
        await _tell(customer, payment)
        await settle(customer.shop)


async def cancel(customer: Customer, begin: Callable[[], None]) -> None:
    """An order whose payment is open."""
    order_id, _ = await _begin_paying(customer, "BANK_TRANSFER")
    begin()
    assert await customer.cancel(order_id)
    await settle(customer.shop)


async def cancel_when_money_came(customer: Customer, begin: Callable[[], None]) -> None:
    """Of which payments has not heard: it goes back."""
    order_id, payment = await _begin_paying(customer, "E_WALLET")
    _approve(customer, payment)
    begin()
    assert await customer.cancel(order_id)
    await customer.verify(payment["reference"])
    await settle(customer.shop)


async def cancel_payment(customer: Customer, begin: Callable[[], None]) -> None:
    """And begin another one."""
    order_id, payment = await _begin_paying(customer, "VIRTUAL_ACCOUNT")
    begin()
    await customer.cancel_payment(payment["id"])
    await customer.pay(order_id, "E_WALLET")


def refund(amount: str | None) -> Operation:
    async def refund(customer: Customer, begin: Callable[[], None]) -> None:
        _, payment = await _pay(customer)
        begin()
        assert (await customer.refund(payment["id"], amount))["errors"] == []
        await settle(customer.shop)

    return refund


async def refund_in_parts(customer: Customer, begin: Callable[[], None]) -> None:
    """What was paid for a part of with a coupon: to the last cent of what came, and no more."""
    code = uuid4().hex[:12].upper()
    await customer.shop.rows("orders", "INSERT INTO coupons (code, percent) VALUES ($1, 33)", code)
    payload = await customer.pay(await customer.order(couponCode=code))
    await customer.verify(payload["payment"]["reference"])
    await settle(customer.shop)
    begin()
    for amount in ("0.01", "20.07", None):
        assert (await customer.refund(payload["payment"]["id"], amount))["errors"] == []
    await settle(customer.shop)


async def expire(customer: Customer, begin: Callable[[], None]) -> None:
    """An order past its deadline, and its payment."""
    order_id, payment = await _begin_paying(customer, "BANK_TRANSFER")
    await customer.shop.rows("orders", "UPDATE orders SET payment_deadline = now() WHERE id = $1", order_id)
    await customer.shop.rows(
        "payments", "UPDATE payments SET expires_at = now() WHERE reference = $1", payment["reference"]
    )
    begin()
    await settle(customer.shop)


async def take_late_money(customer: Customer, begin: Callable[[], None]) -> None:
    """Of a payment that was called off: it pays the order, beside another payment that was begun for it."""
    order_id, payment = await _begin_paying(customer, "BANK_TRANSFER")
    await customer.cancel_payment(payment["id"])
    await customer.pay(order_id, "E_WALLET")
    _pay_late(customer, payment)
    begin()
    await _tell(customer, payment)
    await settle(customer.shop)


async def return_late_money(customer: Customer, begin: Callable[[], None]) -> None:
    """For an order that was cancelled."""
    order_id, payment = await _begin_paying(customer, "BANK_TRANSFER")
    await customer.cancel(order_id)
    await settle(customer.shop)
    _pay_late(customer, payment)
    begin()
    await _tell(customer, payment)
    await settle(customer.shop)


async def reconcile(customer: Customer, begin: Callable[[], None]) -> None:
    """A day of which a payment was missed: it is found, and paid with."""
    _, payment = await _begin_paying(customer, "VIRTUAL_ACCOUNT")
    await customer.cancel_payment(payment["id"])
    _pay_late(customer, payment)
    # The last day that is compared by now, which in the first hour of a day is the one before yesterday.
    noon = (datetime.now(UTC) - SETTLED_AFTER - DAY).replace(hour=12)
    shop = customer.shop
    await shop.rows("payments", "DELETE FROM reconciliation_reports")
    await shop.rows("payments", "ALTER TABLE payments DISABLE TRIGGER payments_guard")
    await shop.rows(
        "payments", "UPDATE payments SET created_at = $1 WHERE reference = $2", noon, payment["reference"]
    )
    await shop.rows("payments", "ALTER TABLE payments ENABLE TRIGGER payments_guard")
    shop.provider.book._database.execute(
        "UPDATE charges SET at = ? WHERE id = ?", (noon.timestamp(), payment["id"])
    )
    begin()
    while not await shop.rows("payments", "SELECT FROM reconciliation_reports"):
        await shop.drive(HOURLY)
    await settle(shop)


async def forget(customer: Customer, begin: Callable[[], None]) -> None:
    """Somebody who has paid for one order, has not for another, and has had money back for a third."""
    await _pay(customer)
    _, payment = await _pay(customer)
    await customer.refund(payment["id"])
    await _begin_paying(customer, "E_WALLET")
    # The keys are forgotten with the person.
    customer.asked.clear()
    begin()
    await customer.be_forgotten()
    await settle(customer.shop)


async def _begin_paying(customer: Customer, method: str) -> tuple[str, Any]:
    order_id = await customer.order()
    payload = await customer.pay(order_id, method)
    assert payload["errors"] == []
    return order_id, payload["payment"]


async def _pay(customer: Customer) -> tuple[str, Any]:
    order_id, payment = await _begin_paying(customer, "CREDIT_CARD")
    await customer.verify(payment["reference"])
    await settle(customer.shop)
    return order_id, payment


def _approve(customer: Customer, payment: Any) -> None:
    book = customer.shop.provider.book
    record = book.find(payment["id"])
    assert record is not None
    book.decide(record, is_approved=True)


def _pay_late(customer: Customer, payment: Any) -> None:
    book = customer.shop.provider.book
    record = book.find(payment["id"])
    assert record is not None
    book.pay_late(record)


async def _tell(customer: Customer, payment: Any) -> None:
    """Have payments told by the provider, twice, until it has taken it."""
    event = {"id": f"evt_{uuid4().hex}", "type": "charge.updated", "data": {"chargeId": payment["id"]}}
    body = orjson.dumps(event)
    headers = {SIGNATURE_HEADER: sign(GATEWAY_SECRET, body, int(datetime.now(UTC).timestamp()))}
    for _ in range(2):
        await customer.insist_on("payments", "/webhooks/gateway", body, headers)


METHODS = ("CREDIT_CARD", "BANK_TRANSFER", "E_WALLET", "VIRTUAL_ACCOUNT")
OPERATIONS: dict[str, Operation] = {
    "create": create,
    "create with a coupon": create_with_coupon,
    "create for nothing": create_for_nothing,
    **{f"initiate {method}": initiate(method) for method in METHODS},
    **{f"verify {method}": verify(method) for method in METHODS},
    "be declined": be_declined,
    "hear of money": hear_of_money,
    "hear of both payments": hear_of_both_payments,
    "cancel": cancel,
    "cancel when money came": cancel_when_money_came,
    "cancel a payment": cancel_payment,
    "refund a part": refund("5.00"),
    "refund all": refund(None),
    "refund in parts": refund_in_parts,
    "expire": expire,
    "take late money": take_late_money,
    "return late money": return_late_money,
    "reconcile": reconcile,
    "forget": forget,
}
