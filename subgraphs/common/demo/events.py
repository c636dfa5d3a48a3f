"""What the story consists of: purchases, and what happened to them and to their money."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Line:
    """A product that was bought; `unit_minor` is what it cost then."""

    id: UUID
    product_id: UUID
    product_name: str
    unit_minor: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Happening:
    """A move of an order to `status` by somebody, or so much of it paid back in all (`refunded_minor`)."""

    at: datetime
    status: str
    actor_type: str
    actor_id: UUID | None = None
    cancel_reason: str | None = None
    payment_id: UUID | None = None
    refunded_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Money that went back."""

    id: UUID
    minor: int
    reason: str
    at: datetime
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """A payment of the whole order: `steps` are the states that it went through after its first, with their times.

    `told` is when orders heard that the money came and what it answered, ACCEPTED or REJECTED; None: no money came.
    """

    id: UUID
    method: str
    begun_at: datetime
    steps: tuple[tuple[datetime, str], ...]
    told: tuple[datetime, str] | None = None
    failure: tuple[str, str] | None = None
    returns: tuple[Return, ...] = ()


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that somebody placed, and all that became of it, in time's order."""

    id: UUID
    number: str
    customer_id: UUID
    placed_at: datetime
    pay_until: datetime
    currency: str
    lines: tuple[Line, ...]
    happenings: tuple[Happening, ...]
    charges: tuple[Charge, ...]

    @property
    def total_minor(self) -> int:
        """What it cost."""
        return sum(line.unit_minor * line.quantity for line in self.lines)

    @property
    def final_status(self) -> str:
        """How far it came."""
        return self.happenings[-1].status
