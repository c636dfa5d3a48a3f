"""The refunds of an order, as payments tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.common.money import Money


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund of an order: what had gone back in all with it, and when. Who tells it may not know which and when."""

    total: Money
    refund_id: UUID | None = None
    at: datetime | None = None


def list_news(known: Money, total: Money, refunds: Sequence[Refunded]) -> list[Refunded]:
    """Those of an order's refunds that lead from what is `known` to have gone back to the `total`, oldest first.

    The last one leads there in any case: who tells of the total may not know of the refunds.
    """
    between = {
        refund.total.minor: refund for refund in refunds if known.minor < refund.total.minor <= total.minor
    }
    between.setdefault(total.minor, Refunded(total))
    return [between[minor] for minor in sorted(between)]
