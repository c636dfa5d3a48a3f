"""Who bought what, and when.

A purchase follows from its scope and its number alone, so any part of the story can be told by itself. All of it ends
before the scope does: nothing waits for money, so what runs beside a marketplace finds nothing to do in it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise

from subgraphs.common.demo.catalogue import App, read_catalogue
from subgraphs.common.demo.dice import Dice, build_id
from subgraphs.common.demo.events import Line, Purchase
from subgraphs.common.demo.fates import PAYMENT_WINDOW, Placed, tell_fate
from subgraphs.common.demo.people import ACCOUNTS, DEMO, Person, read_people
from subgraphs.common.demo.scope import Scope

_BY_WEEKDAY = (1.05, 1.1, 1.1, 1.05, 1.15, 0.8, 0.75)
_BY_HOUR = ((0.0, 0.0), (7.0, 0.06), (12.0, 0.4), (18.0, 0.72), (23.4, 1.0))
"""Up to which hour of UTC which part of a day's orders is placed; the last of them can still be paid on their day."""
_LINES = ((1, 0.68), (2, 0.2), (3, 0.08), (4, 0.04))
_QUANTITIES = ((1, 0.93), (2, 0.03), (3, 0.02), (5, 0.01), (10, 0.01))
_DEMO_SHARE = 0.008


def tell_purchases(scope: Scope, begin: int = 0, end: int | None = None) -> Iterator[Purchase]:
    """The purchases from number `begin` up to but not including `end`, oldest first."""
    for number in range(begin, scope.orders if end is None else min(end, scope.orders)):
        yield _tell_purchase(scope, number)


def _tell_purchase(scope: Scope, number: int) -> Purchase:
    dice = Dice(scope.name, "order", number)
    name = f"{scope.name}-{number}"
    placed_at = _choose_time(scope, number, dice)
    lines = tuple(
        Line(
            build_id("line", f"{name}-{app.slug}", placed_at),
            app.id,
            app.name,
            app.price_at(placed_at),
            quantity,
        )
        for app, quantity in _choose_apps(scope, dice)
    )
    customer = _choose_customer(scope, placed_at, dice)
    total = sum(line.unit_minor * line.quantity for line in lines)
    largest = max(line.unit_minor for line in lines)
    placed = Placed(name, placed_at, customer.id, total, min(largest, total), scope.end)
    happenings, charges = tell_fate(placed, dice)
    return Purchase(
        id=build_id("order", name, placed_at),
        # The story's name keeps these numbers apart from those that orders counts up.
        number=f"PAM-{placed_at.year}-{scope.name.upper()}-{number + 1:06d}",
        customer_id=customer.id,
        placed_at=placed_at,
        pay_until=placed_at + PAYMENT_WINDOW,
        currency=read_catalogue(scope)[0].currency,
        lines=lines,
        happenings=happenings,
        charges=charges,
    )


@lru_cache(maxsize=2)
def _count_up(scope: Scope) -> tuple[int, ...]:
    """How many orders are placed up to the end of each day of the scope."""
    weights = [_BY_WEEKDAY[(scope.begin + timedelta(days=day)).weekday()] for day in range(scope.days)]
    total = sum(weights)
    counts = [int(scope.orders * weight / total) for weight in accumulate(weights)]
    return (*counts[:-1], scope.orders)


@lru_cache(maxsize=2)
def _days(scope: Scope) -> tuple[int, ...]:
    """The day of each order."""
    counts = _count_up(scope)
    befores = (0, *counts[:-1])
    return tuple(
        day
        for day, (before, after) in enumerate(zip(befores, counts, strict=True))
        for _ in range(after - before)
    )


def _choose_time(scope: Scope, number: int, dice: Dice) -> datetime:
    """A time after that of the order before; whole seconds, so that no machine rounds it otherwise."""
    day, counts = _days(scope)[number], _count_up(scope)
    before = counts[day - 1] if day else 0
    part = (number - before + dice.fraction()) / (counts[day] - before)
    for (hour, share), (next_hour, next_share) in pairwise(_BY_HOUR):
        if part <= next_share:
            hours = hour + (next_hour - hour) * (part - share) / (next_share - share)
            break
    return scope.begin + timedelta(days=day, seconds=int(hours * 3_600))


def _choose_customer(scope: Scope, placed_at: datetime, dice: Dice) -> Person:
    people = read_people(scope)
    if people[0] is DEMO:
        if dice.chance(_DEMO_SHARE):
            return DEMO
        people = people[len(ACCOUNTS) :]
    person = dice.pick_early(people)
    while person.registered_at >= placed_at:
        person = dice.pick(people)
    return person


def _choose_apps(scope: Scope, dice: Dice) -> list[tuple[App, int]]:
    catalogue, chosen = read_catalogue(scope), dict[str, tuple[App, int]]()
    for _ in range(dice.weigh(_LINES)):
        app = dice.pick_early(catalogue)
        chosen[app.slug] = (app, dice.weigh(_QUANTITIES))
    return [*chosen.values()]
