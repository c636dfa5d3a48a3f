"""What a suite of the audit is: subgraphs as they are written, and questions with the answers that are right."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from router.kit.json import JsonObject

_IMPORTED = [
    "@key",
    "@requires",
    "@provides",
    "@external",
    "@shareable",
    "@override",
    "@inaccessible",
    "@interfaceObject",
    "@extends",
    "@tag",
]


@dataclass(frozen=True)
class Asked:
    """An operation that is answered as by the monolith, in at most `fetches` requests where that is said."""

    query: str
    fetches: int | None = None
    variables: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """An operation that is answered by errors alone."""

    query: str


@dataclass(frozen=True)
class Planned:
    """An operation that is planned with so many requests; what its subgraphs answer is up to them."""

    query: str
    fetches: int


@dataclass(frozen=True)
class Suite:
    """Subgraphs and operations.

    Attributes:
        never: fields (`subgraph Type.field`) and entities (`subgraph Type`) that no good plan asks for: the resolvers
            of the audit fail there.
    """

    name: str
    subgraphs: Mapping[str, str]
    cases: tuple[str | Asked | Planned | Refused, ...]
    never: frozenset[str] = frozenset()

    @property
    def questions(self) -> tuple[Asked | Planned | Refused, ...]:
        """The cases, those that are only a query too."""
        return tuple(Asked(case) if isinstance(case, str) else case for case in self.cases)


def fed2(sdl: str, version: str = "v2.3") -> str:
    """A subgraph's SDL with the federation specification linked, and imported what it uses of it."""
    names = ", ".join(f'"{name}"' for name in _IMPORTED if re.search(rf"{name}\b", sdl))
    return (
        f'extend schema @link(url: "https://specs.apollo.dev/federation/{version}", import: [{names}])\n{sdl}'
    )
