"""What a walk has looked at already, so that each path is followed only while it can show something new."""

from dataclasses import dataclass
from typing import TypeAlias

from router.composition.satisfiability.places import Place
from router.composition.satisfiability.situation import Situation
from router.query_graph import Node

PATHS_MAX = 1_000_000
"""How many positions are followed in all; Apollo's bound."""
# Comparing with so many earlier visits costs as much as following one position.
_COMPARISONS_PER_PATH = 64


class TooManyPathsError(Exception):
    """There are more positions than are followed."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What there is at the end of a path.

    Attributes:
        known: the positions where the data is or can be taken by keys.
        full: those of them that resolve every field that they have: they can be entered again with a requirement.
    """

    known: int
    full: int
    situation: Situation

    def covers(self, other: "Visit") -> bool:
        """Whether whatever is answered here is answered with `other` too, which has more, or as much."""
        return (
            self.known & ~other.known == 0
            and self.full & ~other.full == 0
            and self.situation.labels <= other.situation.labels
            and self.situation.contexts <= other.situation.contexts
        )


_End: TypeAlias = tuple[str, tuple[Node, ...], Situation]


class Visited:
    """The visits of one walk, and those of walks before it that found nothing wrong."""

    def __init__(self) -> None:
        self._visits: dict[Place, list[Visit]] = {}
        self._good: dict[Place, list[Visit]] = {}
        self._ends: set[_End] = set()
        self._good_ends: set[_End] = set()
        self._cost = 0

    def begin(self) -> None:
        """Forget the walk before, but for what it has kept."""
        self._visits = {}
        self._ends = set()

    def keep(self) -> None:
        """Keep the visits of a walk that found nothing wrong."""
        for place, visits in self._visits.items():
            self._good.setdefault(place, []).extend(visits)
        self._good_ends |= self._ends

    def is_new_end(self, type_name: str, tails: tuple[Node, ...], situation: Situation) -> bool:
        """Note where a field leads; whether it had not been noted before."""
        end = (type_name, tails, situation)
        if end in self._ends or end in self._good_ends:
            return False
        self._ends.add(end)
        return True

    def is_new(self, place: Place, visit: Visit) -> bool:
        """Note a visit; whether no earlier one covers it.

        Raises:
            TooManyPathsError: there have been too many.
        """
        good, visits = self._good.get(place, []), self._visits.setdefault(place, [])
        self.spend((len(good) + len(visits)) // _COMPARISONS_PER_PATH)
        if any(known.covers(visit) for known in good) or any(known.covers(visit) for known in visits):
            return False
        self.spend(visit.known.bit_count())
        visits.append(visit)
        return True

    def spend(self, paths: int) -> None:
        """Count paths that are followed.

        Raises:
            TooManyPathsError: there have been too many.
        """
        self._cost += paths
        if self._cost > PATHS_MAX:
            raise TooManyPathsError
