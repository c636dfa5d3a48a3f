"""Where answers are kept, and by which names they are thrown away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

ENTRY_BYTES_MAX = 1_000_000
"""A larger answer is not kept: it would throw out hundreds of others."""

TAGS_MAX = 100
TAG_LENGTH_MAX = 256


@dataclass(frozen=True, slots=True)
class Entry:
    """One root field's or entity's data.

    Attributes:
        value: JSON text.
        expires_at_s: on the clock of `time.time`.
        is_private: whether it is kept for one caller.
        tags: names by which it can be thrown away.
    """

    value: bytes
    expires_at_s: float
    is_private: bool = False
    tags: tuple[str, ...] = ()


class Store(Protocol):
    """Keeps entries. What it cannot do it does not do, and raises nothing."""

    async def find(self, keys: Sequence[str]) -> list[Entry | None]:
        """The entries of `keys` that have not expired."""
        ...

    async def put(self, entries: Sequence[tuple[str, Entry]]) -> None:
        """Keep entries."""
        ...

    async def invalidate(self, tags: Sequence[str]) -> int:
        """Throw away every entry that has one of `tags`; gives how many there were."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def tag_of_subgraph(subgraph: str) -> str:
    """The tag of everything that a subgraph has answered."""
    return f"subgraph:{subgraph}"


def tag_of_type(subgraph: str, typename: str) -> str:
    """The tag of a subgraph's entities of one type; `Query` stands for root fields."""
    return f"type:{subgraph}:{typename}"


def tag_of_tag(subgraph: str, tag: str) -> str:
    """The tag that a subgraph itself has given."""
    return f"tag:{subgraph}:{tag}"
