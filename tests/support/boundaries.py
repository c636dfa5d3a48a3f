"""The law of crashes: whoever dies at whichever boundary of an operation, it comes to the same end, and the books agree."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from stack.provider.messages import Manners
from tests.support.customer import Customer, audit, settle
from tests.support.operations import Operation
from tests.support.shop import Shop
from tests.support.wire import Boundary, Fate, Protocol

SILENT = Manners(lose_every=1)
"""The provider tells nothing by itself: an operation says when."""
DRIVEN = {"DRIVEN": "1"}


class Fault(StrEnum):
    """What happens at a boundary."""

    KILL_NEAR = "kill -9 of who asks"
    KILL_FAR = "kill -9 of who is asked"
    KILL_POSTMASTER = "kill -9 of Postgres"
    KILL_BACKEND = "kill -9 of one process of Postgres"
    LOSE = "the connection breaks"
    DOUBLE = "the request arrives twice"


FREQUENT = (Fault.KILL_NEAR, Fault.KILL_FAR, Fault.LOSE, Fault.DOUBLE)
"""Those that take no second to get over."""


def applies(fault: Fault, boundary: Boundary, shop: Shop) -> bool:
    """Whether it can happen there."""
    match fault:
        case Fault.KILL_NEAR:
            return boundary.near in shop.ports
        case Fault.KILL_FAR:
            return boundary.far in shop.ports
        case Fault.KILL_POSTMASTER:
            return boundary.protocol is Protocol.POSTGRES
        case Fault.KILL_BACKEND:
            return boundary.backend is not None
        case Fault.LOSE:
            return True
        case Fault.DOUBLE:
            return boundary.protocol is Protocol.HTTP and not boundary.is_answer


@dataclass
class Striker:
    """Lets things happen at the boundaries with the numbers, once each; what cannot happen there, at the next where it can."""

    shop: Shop
    faults: Mapping[int, Fault]
    seen: list[Boundary] = field(default_factory=list)
    done: Counter[Fault] = field(default_factory=Counter)
    due: Fault | None = None

    async def judge(self, boundary: Boundary) -> Fate:
        self.seen.append(boundary)
        fault = self.faults.get(boundary.number, self.due)
        if fault is None or not applies(fault, boundary, self.shop):
            self.due = fault
            return Fate.PASS
        self.due = None
        self.done[fault] += 1
        match fault:
            case Fault.KILL_NEAR:
                self.shop.strike(boundary.near)
            case Fault.KILL_FAR:
                self.shop.strike(boundary.far)
            case Fault.KILL_POSTMASTER:
                self.shop.kill_postgres(None)
            case Fault.KILL_BACKEND:
                self.shop.kill_postgres(boundary.backend)
            case Fault.LOSE | Fault.DOUBLE:
                pass
        return Fate.DOUBLE if fault is Fault.DOUBLE else Fate.LOSE


Story = list[Any]


async def suffer(operation: Operation, striker: Striker) -> Story:
    """Do an operation while things happen; gives what came of it, once everything is settled and repeated."""
    shop = striker.shop
    customer = Customer(shop)
    await operation(customer, partial(shop.wires.arm, striker.judge))
    shop.wires.judge = None
    book = shop.provider.book
    for charge in book.list_charges(0, float("inf")):
        book.decide(charge, is_approved=True)
    await settle(shop)
    await customer.repeat()
    await settle(shop)
    await audit(shop)
    return await tell(customer)


async def tell(customer: Customer) -> Story:
    """What there is of a customer: nothing in it depends on who died meanwhile."""
    rows = customer.shop.rows
    return [
        await rows(
            "orders",
            """SELECT status, cancel_reason, total_minor, refunded_minor,
                (SELECT array_agg(type || ' ' || to_status ORDER BY sequence) FROM order_events WHERE order_id = orders.id),
                (SELECT array_agg(status ORDER BY line_id) FROM licenses WHERE order_id = orders.id)
            FROM orders WHERE customer_id = $1 ORDER BY id""",
            customer.id,
        ),
        # An answer of orders that was lost is ALREADY when it is asked again; a payment may expire before it is called off.
        await rows(
            "payments",
            """SELECT method, replace(status, 'EXPIRED', 'CANCELLED'), is_late, replace(order_outcome, 'ALREADY', 'ACCEPTED'), refunded_minor, refunding_minor,
                payment_token IS NULL, return_url IS NULL
            FROM payments WHERE payer_id = $1 ORDER BY id""",
            customer.id,
        ),
        await rows(
            "payments",
            """SELECT refunds.status, refunds.amount_minor, reason
            FROM refunds JOIN payments ON payments.id = payment_id WHERE payer_id = $1 ORDER BY refunds.id""",
            customer.id,
        ),
    ]
