"""Situations that plans are judged by: small federations, a query each, and the size of a good plan."""

from dataclasses import dataclass, field

from router.kit.json import JsonObject
from tests.support.federation_plans import Federation


@dataclass(frozen=True)
class Situation:
    """A federation and a query.

    Attributes:
        fetches: how many requests a good plan makes.
        depth: how many of them run one after the other.
    """

    name: str
    subgraphs: dict[str, str]
    query: str
    fetches: int
    depth: int
    variables: JsonObject = field(default_factory=dict)
    labels: frozenset[str] = frozenset()

    @property
    def federation(self) -> Federation:
        """The subgraphs, composed once."""
        return _federation(tuple(self.subgraphs.items()))


_FEDERATIONS: dict[tuple[tuple[str, str], ...], Federation] = {}


def _federation(subgraphs: tuple[tuple[str, str], ...]) -> Federation:
    if subgraphs not in _FEDERATIONS:
        _FEDERATIONS[subgraphs] = Federation(dict(subgraphs))
    return _FEDERATIONS[subgraphs]
