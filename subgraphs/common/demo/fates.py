"""What became of each order and of its money: kept, sent back, cancelled, forgotten, paid too late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from subgraphs.common.demo.dice import Dice, build_id
from subgraphs.common.demo.events import Charge, Happening, Return
from subgraphs.common.demo.people import ADMIN

PAYMENT_WINDOW = timedelta(hours=24)
"""How long an order of the story can be paid for: what orders gives by default."""
_FRESH = timedelta(days=3)
"""What is younger than this at the end is kept: a cancellation or a late payment might not be over by then."""
_FAILED_BEFORE = 0.03
_METHODS = (("CREDIT_CARD", 0.55), ("E_WALLET", 0.25), ("BANK_TRANSFER", 0.12), ("VIRTUAL_ACCOUNT", 0.08))
_QUICK_METHODS = (("CREDIT_CARD", 0.7), ("E_WALLET", 0.3))
_MINUTES = {
    "CREDIT_CARD": (1, 4),
    "E_WALLET": (1, 12),
    "BANK_TRANSFER": (90, 1_200),
    "VIRTUAL_ACCOUNT": (20, 600),
}
"""How long money takes by each method, at least and at most."""
_FAILURES = (
    ("card_declined", "The card was declined."),
    ("insufficient_funds", "There is not enough money on the account."),
    ("expired_card", "The card has expired."),
)
_REASONS = (
    ("CUSTOMER_REQUEST", 0.7),
    ("DUPLICATE", 0.15),
    ("PRODUCT_UNAVAILABLE", 0.1),
    ("FRAUDULENT", 0.05),
)
_SYSTEM = "SYSTEM"
Story = tuple[tuple[Happening, ...], tuple[Charge, ...]]


class Fate(StrEnum):
    """What becomes of an order."""

    KEPT = "KEPT"
    REFUNDED = "REFUNDED"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    PAID_TOO_LATE = "PAID_TOO_LATE"


_FATES = (
    (Fate.KEPT, 0.885),
    (Fate.CANCELLED, 0.03),
    (Fate.EXPIRED, 0.04),
    (Fate.REFUNDED, 0.02),
    (Fate.PARTLY_REFUNDED, 0.02),
    (Fate.PAID_TOO_LATE, 0.005),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order at its beginning; `unit_minor` is the price of one of its things, `end` when the story ends."""

    name: str
    at: datetime
    customer_id: UUID
    total_minor: int
    unit_minor: int
    end: datetime

    @property
    def is_fresh(self) -> bool:
        """Whether the story ends too soon after it for anything long."""
        return self.at >= self.end - _FRESH

    def charge_id(self, number: int, at: datetime) -> UUID:
        """The id of its payment with a number."""
        return build_id("payment", f"{self.name}-{number}", at)


def tell_fate(placed: Placed, dice: Dice) -> Story:
    """What happened to an order, and its payments."""
    fate = dice.weigh(_FATES)
    if fate is Fate.CANCELLED and not placed.is_fresh:
        return _tell_cancelled(placed, dice)
    if fate is Fate.EXPIRED and not placed.is_fresh:
        return _tell_expired(placed, dice)
    if fate is Fate.PAID_TOO_LATE and not placed.is_fresh:
        return _tell_late(placed)
    return _tell_paid(placed, fate, dice)


def _tell_paid(placed: Placed, fate: Fate, dice: Dice) -> Story:
    charges = []
    begun_at = placed.at + timedelta(seconds=dice.number(20, 90))
    if dice.chance(_FAILED_BEFORE):
        charges.append(_fail(placed, begun_at, dice))
        begun_at += timedelta(seconds=dice.number(60, 240))
    method = dice.weigh(_QUICK_METHODS if placed.is_fresh else _METHODS)
    money_at = begun_at + timedelta(minutes=dice.number(*_MINUTES[method]), seconds=dice.number(0, 50))
    told_at = money_at + timedelta(seconds=1)
    id_ = placed.charge_id(len(charges), begun_at)
    waits_at = begun_at + timedelta(seconds=1)
    waits = "PROCESSING" if method == "CREDIT_CARD" else "REQUIRES_ACTION"
    admin = ("ADMIN", ADMIN.id)
    processed_at = told_at + timedelta(minutes=dice.number(2, 700))
    completed_at = processed_at + timedelta(minutes=dice.number(5, 1_800))
    happenings = [
        Happening(told_at, "PAID", _SYSTEM, payment_id=id_),
        Happening(processed_at, "PROCESSING", *admin),
        Happening(completed_at, "COMPLETED", *admin),
    ]
    returns = _tell_returns(placed, fate, completed_at, dice)
    paid_back = 0
    for one in returns:
        paid_back += one.minor
        status = "REFUNDED" if paid_back == placed.total_minor else "COMPLETED"
        heard_at = one.completed_at + timedelta(seconds=2)
        happenings.append(Happening(heard_at, status, _SYSTEM, payment_id=id_, refunded_minor=paid_back))
    steps = ((waits_at, waits), (money_at, "SUCCEEDED"))
    charges.append(Charge(id_, method, begun_at, steps, (told_at, "ACCEPTED"), returns=returns))
    # What would happen after the end has not happened yet.
    return tuple(one for one in happenings if one.at < placed.end), tuple(charges)


def _tell_returns(placed: Placed, fate: Fate, completed_at: datetime, dice: Dice) -> tuple[Return, ...]:
    if fate not in {Fate.REFUNDED, Fate.PARTLY_REFUNDED}:
        return ()
    at = completed_at + timedelta(minutes=dice.number(60, 20_000))
    # One thing of several goes back, or half of its price out of goodwill.
    part = placed.unit_minor if placed.unit_minor < placed.total_minor else max(1, placed.total_minor // 2)
    amounts = [placed.total_minor]
    if fate is Fate.PARTLY_REFUNDED:
        amounts = [part]
    elif part < placed.total_minor and dice.chance(0.3):
        amounts = [part, placed.total_minor - part]
    returns: list[Return] = []
    for amount in amounts:
        done_at = at + timedelta(minutes=1)
        id_ = build_id("refund", f"{placed.name}-{len(returns)}", at)
        returns.append(Return(id_, amount, dice.weigh(_REASONS), at, done_at))
        at += timedelta(hours=dice.number(2, 40))
    # All of it or nothing: half of a story would be another one.
    return tuple(returns) if returns[-1].completed_at < placed.end - timedelta(minutes=5) else ()


def _tell_cancelled(placed: Placed, dice: Dice) -> Story:
    at = placed.at + timedelta(minutes=dice.number(5, 600))
    customer = ("CUSTOMER", placed.customer_id)
    actor = ("ADMIN", ADMIN.id) if (by_admin := dice.chance(0.25)) else customer
    reason = dice.pick(("ADMIN", "FRAUD")) if by_admin else "CUSTOMER"
    charges: tuple[Charge, ...] = ()
    if dice.chance(0.6):
        charges = (_give_up(placed, at + timedelta(seconds=1), "CANCELLED"),)
    return (Happening(at, "CANCELLED", *actor, cancel_reason=reason),), charges


def _tell_expired(placed: Placed, dice: Dice) -> Story:
    until = placed.at + PAYMENT_WINDOW
    expired = Happening(until + timedelta(seconds=1), "CANCELLED", _SYSTEM, cancel_reason="EXPIRED")
    charges: tuple[Charge, ...] = ()
    status = dice.weigh(((None, 0.3), ("FAILED", 0.35), ("EXPIRED", 0.35)))
    if status == "FAILED":
        charges = (_fail(placed, placed.at + timedelta(seconds=dice.number(20, 90)), dice),)
    elif status == "EXPIRED":
        charges = (_give_up(placed, until, status),)
    return (expired,), charges


def _tell_late(placed: Placed) -> Story:
    """A transfer that came when its order was cancelled already: it goes back by itself."""
    until = placed.at + PAYMENT_WINDOW
    expired = Happening(until + timedelta(seconds=1), "CANCELLED", _SYSTEM, cancel_reason="EXPIRED")
    given_up = _give_up(placed, until, "EXPIRED")
    money_at = until + timedelta(hours=6)
    told_at = money_at + timedelta(seconds=1)
    refund_id = build_id("refund", f"{placed.name}-0", told_at)
    back = Return(refund_id, placed.total_minor, "ORDER_CANCELLED", told_at, told_at + timedelta(seconds=30))
    late = Charge(
        given_up.id,
        given_up.method,
        given_up.begun_at,
        (*given_up.steps, (money_at, "SUCCEEDED")),
        (told_at, "REJECTED"),
        returns=(back,),
    )
    return (expired,), (late,)


def _fail(placed: Placed, begun_at: datetime, dice: Dice) -> Charge:
    steps = ((begun_at + timedelta(seconds=2), "FAILED"),)
    return Charge(placed.charge_id(0, begun_at), "CREDIT_CARD", begun_at, steps, failure=dice.pick(_FAILURES))


def _give_up(placed: Placed, at: datetime, status: str) -> Charge:
    begun_at = placed.at + timedelta(seconds=45)
    steps = ((begun_at + timedelta(seconds=1), "REQUIRES_ACTION"), (at, status))
    return Charge(placed.charge_id(0, begun_at), "BANK_TRANSFER", begun_at, steps)
