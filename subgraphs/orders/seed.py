"""Orders' part of the demo story: what the people ordered, and what became of it."""

import base64
import hashlib
import logging
from collections.abc import Iterator

from subgraphs.common.bulk import split
from subgraphs.common.demo.dice import build_id
from subgraphs.common.demo.events import Happening, Line, Purchase
from subgraphs.common.demo.purchases import tell_purchases
from subgraphs.common.demo.scope import Scope
from subgraphs.common.money import Money
from subgraphs.orders.domain import Actor, ActorType, CancelReason, OrderStatus, PricedItem
from subgraphs.orders.service import OrdersService
from subgraphs.orders.service.history import PastLine, PastMove, PastOrder, import_orders

_KEY_BYTES = 15
_KEY_GROUP = 6

_log = logging.getLogger(__name__)


async def seed(service: OrdersService, scope: Scope) -> None:
    """Store what is not there yet of the story."""
    done = 0
    for part in split(tell_purchases(scope)):
        await import_orders(service.database, [build_past(purchase) for purchase in part])
        done += len(part)
        _log.info("%d of %d orders", done, scope.orders)


def build_past(purchase: Purchase) -> PastOrder:
    """The order that a purchase is."""
    return PastOrder(
        id=purchase.id,
        number=purchase.number,
        customer_id=purchase.customer_id,
        placed_at=purchase.placed_at,
        payment_deadline=purchase.pay_until,
        lines=tuple(_build_lines(purchase)),
        moves=tuple(_build_move(happening, purchase.currency) for happening in purchase.happenings),
    )


def _build_lines(purchase: Purchase) -> Iterator[PastLine]:
    for line in purchase.lines:
        price = Money(line.unit_minor, purchase.currency)
        item = PricedItem(line.product_id, line.quantity, line.product_name, price)
        license_id = build_id("licence", str(line.id), purchase.happenings[0].at)
        yield PastLine(line.id, item, license_id, _build_key(line))


def _build_key(line: Line) -> str:
    """A licence key in the form that orders makes; that of a story has to be the same everywhere."""
    text = base64.b32encode(hashlib.sha256(b"licence" + line.id.bytes).digest()[:_KEY_BYTES]).decode()
    return "-".join(text[start : start + _KEY_GROUP] for start in range(0, len(text), _KEY_GROUP))


def _build_move(happening: Happening, currency: str) -> PastMove:
    minor, reason = happening.refunded_minor, happening.cancel_reason
    return PastMove(
        at=happening.at,
        status=OrderStatus(happening.status),
        actor=Actor(ActorType(happening.actor_type), happening.actor_id),
        cancel_reason=None if reason is None else CancelReason(reason),
        payment_id=happening.payment_id,
        refunded=None if minor is None else Money(minor, currency),
    )
