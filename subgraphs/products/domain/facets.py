"""What a list of products holds, counted by category, price and feature. Pure."""

from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.money import EXPONENTS, Money

FEATURES_COUNTED_MAX = 20
"""The most frequent ones; a catalogue has thousands."""
PRICE_STEPS = (0, 1_000, 2_500, 5_000, 10_000)
"""Where ranges of prices begin, in hundredths of a currency's unit; in whole units where it has no smaller ones."""
EXPONENT_USUAL = 2


@dataclass(frozen=True, slots=True)
class PriceRange:
    """How many products cost `minimum` or more, and less than `maximum` (None: without a bound)."""

    minimum: Money
    maximum: Money | None
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The counts of a list: categories and features by their number of products, ranges of prices ascending."""

    categories: tuple[tuple[UUID, int], ...]
    price_ranges: tuple[PriceRange, ...]
    features: tuple[tuple[str, int], ...]


def build_price_range(currency: str, step: int, count: int) -> PriceRange:
    """The range that begins at the step of that number, from 1, in a currency."""
    scale = get_scale(currency)
    ends = (*PRICE_STEPS, None)[step]
    return PriceRange(
        Money(PRICE_STEPS[step - 1] * scale, currency),
        None if ends is None else Money(ends * scale, currency),
        count,
    )


def get_scale(currency: str) -> int:
    """How many minor units make one of `PRICE_STEPS`' in a currency."""
    return int(10 ** max(0, EXPONENTS[currency] - EXPONENT_USUAL))
