"""What is counted on the way of one fetch, where somebody wants to be told: it is noted deep below who tells of it."""

from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class FetchTally:
    """What became of one fetch so far.

    Attributes:
        lookups: how much the response cache had (True), and had not (False), by types.
        resends: how often the request was sent again.
    """

    lookups: dict[tuple[str, bool], int] = field(default_factory=dict)
    resends: int = 0


_current: ContextVar[FetchTally | None] = ContextVar("_current", default=None)


def begin_tally() -> FetchTally:
    """The tally of the fetch that this task begins."""
    tally = FetchTally()
    _current.set(tally)
    return tally


def note_lookups(type_name: str, is_hit: bool, count: int) -> None:
    """The response cache has, or has not, what the fetch under way asks for of one type."""
    tally = _current.get()
    if tally is not None:
        tally.lookups[type_name, is_hit] = tally.lookups.get((type_name, is_hit), 0) + count


def note_resend() -> None:
    """The request of the fetch under way is sent again."""
    tally = _current.get()
    if tally is not None:
        tally.resends += 1
