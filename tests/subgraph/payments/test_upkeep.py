"""What payments does by itself, and that it comes to the right end wherever a process is killed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from subgraphs.common.database import Database, WriteSession
from subgraphs.payments.domain import PaymentMethod, PaymentStatus, RefundReason
from subgraphs.payments.service import PaymentRequest, PaymentsService, RefundRequest, Upkeep
from subgraphs.payments.service.gateway import Charge
from tests.subgraph.orders.client import ADA, ADMIN, new_key
from tests.subgraph.payments.conftest import Payments
from tests.subgraph.payments.test_refunds import read_ledger

STEPS_MAX = 40


async def keep_up(payments: Payments, after: timedelta = timedelta(hours=2), rounds: int = 4) -> None:
    """Let the upkeep run some times, the first after a while."""
    for number in range(1, rounds + 1):
        later = datetime.now(UTC) + after * number
        await Upkeep(payments.service, lambda at=later: at).run_once()  # type: ignore[misc]


async def statuses(payments: Payments) -> list[tuple[Any, ...]]:
    return await payments.rows("SELECT status, order_outcome FROM payments")


async def test_a_payment_that_nobody_verifies_is_verified(payments: Payments) -> None:
    begun = await payments.started("BANK_TRANSFER")
    await keep_up(payments, timedelta(0), rounds=1)
    assert await statuses(payments) == [("REQUIRES_ACTION", None)], "it is too early to ask"
    await keep_up(payments)
    assert await statuses(payments) == [("SUCCEEDED", "ACCEPTED")]
    assert payments.orders.orders[begun["order"]["id"]]["status"] == "PAID"
    assert await payments.rows("SELECT next_check_at FROM payments") == [(None,)]


async def test_what_is_not_paid_in_time_expires_and_late_money_goes_back(payments: Payments) -> None:
    order_id = payments.orders.add(paymentDeadline=(datetime.now(UTC) + timedelta(minutes=30)).isoformat())
    await payments.initiate(order_id, "BANK_TRANSFER")
    payments.orders.orders[order_id] |= {"status": "CANCELLED", "isPayable": False}
    await keep_up(payments, rounds=1)
    assert await statuses(payments) == [("EXPIRED", None)]
    payments.gateway.answers = [Charge("late", PaymentStatus.SUCCEEDED)]
    await keep_up(payments, timedelta(hours=4))
    assert await statuses(payments) == [("REFUNDED", "REJECTED")]
    assert await read_ledger(payments) == {"gateway:development": 0, "sales": 0}


async def test_a_gateway_that_is_down_is_asked_again(payments: Payments) -> None:
    await payments.started("BANK_TRANSFER")
    payments.gateway.is_down = True
    await keep_up(payments, rounds=2)
    assert await statuses(payments) == [("REQUIRES_ACTION", None)]
    payments.gateway.is_down = False
    await keep_up(payments, timedelta(days=1))
    assert await statuses(payments) == [("SUCCEEDED", "ACCEPTED")]


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Fuse:
    """Ends the process at the given step boundary."""

    left: int

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class FusedDatabase:
    """A database whose transactions have a step boundary before and behind them."""

    def __init__(self, database: Database, fuse: Fuse) -> None:
        self._database, self._fuse = database, fuse
        self.read = database.read

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        self._fuse.burn()
        async with self._database.write() as session:
            yield session
            self._fuse.burn()
        self._fuse.burn()


class Fused:
    """A neighbour, with a step boundary before and behind each call."""

    def __init__(self, neighbour: Any, fuse: Fuse) -> None:
        self._neighbour, self._fuse, self.name = neighbour, fuse, "development"

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any) -> Any:
            self._fuse.burn()
            answer = await getattr(self._neighbour, name)(*arguments)
            self._fuse.burn()
            return answer

        return call


def fused(payments: Payments, fuse: Fuse) -> PaymentsService:
    database: Any = FusedDatabase(payments.database, fuse)
    orders: Any = Fused(payments.orders, fuse)
    gateway: Any = Fused(payments.gateway, fuse)
    return replace(payments.service, database=database, orders=orders, gateway=gateway)


async def pay(service: PaymentsService, order_id: str, *, cancel: Callable[[], None] | None = None) -> Any:
    request = PaymentRequest(ADA, new_key(), UUID(order_id), PaymentMethod.CREDIT_CARD, None, None)
    payment = await service.initiate(request)
    if cancel is not None:
        cancel()
    return await service.verify(payment)


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_killed_at_any_step_of_paying(payments: Payments, is_cancelled: bool) -> None:
    for step in range(1, STEPS_MAX):
        await payments.execute("TRUNCATE payments, refunds, ledger_entries CASCADE")
        order_id = payments.orders.add()
        order = payments.orders.orders[order_id]

        def cancel(order: dict[str, Any] = order) -> None:
            order |= {"status": "CANCELLED", "isPayable": False}

        try:
            await pay(fused(payments, Fuse(step)), order_id, cancel=cancel if is_cancelled else None)
        except Killed:
            was_killed = True
        else:
            was_killed = False
        if is_cancelled:
            cancel()
        await keep_up(payments)
        found = await statuses(payments)
        if is_cancelled:
            assert found in ([], [("REFUNDED", "REJECTED")]), step
            assert set((await read_ledger(payments)).values()) <= {0}, step
        else:
            # Asked again, since its answer was lost, orders says that it knows.
            assert found in ([], [("SUCCEEDED", "ACCEPTED")], [("SUCCEEDED", "ALREADY")]), step
            assert order["status"] == ("PAID" if found else "PENDING"), step
            assert sum((await read_ledger(payments)).values()) == 0, step
        if not was_killed:
            return
    raise AssertionError("there are more steps than were tried")


async def test_killed_at_any_step_of_a_refund(payments: Payments) -> None:
    for step in range(1, STEPS_MAX):
        await payments.execute("TRUNCATE payments, refunds, ledger_entries CASCADE")
        order_id = payments.orders.add()
        payment = await pay(payments.service, order_id)
        request = RefundRequest(ADMIN, new_key(), payment.id, None, RefundReason.OTHER, None)
        try:
            await fused(payments, Fuse(step)).refunds.refund(request)
        except Killed:
            was_killed = True
        else:
            was_killed = False
        await keep_up(payments)
        refunds = await payments.rows("SELECT status, next_try_at FROM refunds")
        assert refunds in ([], [("SUCCEEDED", None)]), step
        assert await statuses(payments) == [("REFUNDED" if refunds else "SUCCEEDED", "ACCEPTED")], step
        assert payments.orders.orders[order_id]["refunded"] == (1999 if refunds else 0), step
        assert await payments.count("ledger_entries") == [4 if refunds else 2], step
        if not was_killed:
            return
    raise AssertionError("there are more steps than were tried")


async def test_two_that_keep_up_at_once_do_it_once(payments: Payments) -> None:
    for _ in range(10):
        await payments.started("BANK_TRANSFER")
    await asyncio.gather(*(keep_up(payments, rounds=1) for _ in range(5)))
    assert await statuses(payments) == [("SUCCEEDED", "ACCEPTED")] * 10
    assert len(payments.gateway.looked_up) == len(payments.orders.told) == 10
