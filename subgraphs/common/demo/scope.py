"""How much of the story there is, and when it happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from subgraphs.common.settings import SettingsError

DEMO_DAY = date(2026, 11, 1)
"""The day on which the demo story ends, unless MARKETPLACE_DEMO_DAY names another.

Fixed rather than today's, so that every installation has the same ids and a second start changes nothing.
"""
DEMO_DAYS = 90
DEMO_ORDERS = 2_500
BULK_DAYS = 720
BULK_ORDERS_MAX = 5_000_000
_BULK_MIN = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """A story: `orders` in the `days` before `last_day`; `name` is part of each id, so stories do not mix.

    Attributes:
        people: how many there are; None: those of `people.json`, and the accounts.
        products: how many there are; None: those of `catalogue.json`.
    """

    name: str
    last_day: date
    days: int
    orders: int
    people: int | None = None
    products: int | None = None

    @property
    def begin(self) -> datetime:
        """The first moment at which something is bought."""
        return self.end - timedelta(days=self.days)

    @property
    def end(self) -> datetime:
        """The moment before which everything happens."""
        return datetime.combine(self.last_day, time(), UTC)


def read_demo_scope(environ: Mapping[str, str]) -> Scope:
    """The story of the demo data.

    Raises:
        SettingsError: MARKETPLACE_DEMO_DAY is no day.
    """
    return Scope("demo", _read_day(environ), DEMO_DAYS, DEMO_ORDERS)


def build_bulk_scope(orders: int, environ: Mapping[str, str]) -> Scope:
    """A story of very many orders, of people and products of its own.

    Raises:
        SettingsError: `orders` is out of bounds, or MARKETPLACE_DEMO_DAY is no day.
    """
    if not 1 <= orders <= BULK_ORDERS_MAX:
        raise SettingsError(f"bulk data have 1 to {BULK_ORDERS_MAX:,} orders, not {orders:,}")
    people, products = max(_BULK_MIN, orders // 5), max(_BULK_MIN, orders // 10)
    # A story of another length is another story: the two stand side by side.
    return Scope(f"bulk{orders}", _read_day(environ), BULK_DAYS, orders, people, products)


def _read_day(environ: Mapping[str, str]) -> date:
    text = environ.get("MARKETPLACE_DEMO_DAY") or DEMO_DAY.isoformat()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"MARKETPLACE_DEMO_DAY must be a day such as 2026-11-01, not {text[:40]!r}"
        ) from None
