"""Chance that falls the same way on every machine, and ids made of names."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import TypeVar
from uuid import UUID

_Choice = TypeVar("_Choice")


class Dice:
    """Throws that follow from a name alone.

    Of Python's generator only `random()` is used: its sequence is promised to stay the same in every version.
    """

    __slots__ = ("_throw",)

    def __init__(self, *name: object) -> None:
        self._throw = Random("/".join(map(str, name))).random  # noqa: S311 -- a story, not a secret

    def chance(self, probability: float) -> bool:
        """True as often as `probability` says."""
        return self._throw() < probability

    def fraction(self) -> float:
        """A number from 0 to 1, without 1."""
        return self._throw()

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._throw() * (high - low + 1))

    def pick(self, choices: Sequence[_Choice]) -> _Choice:
        """One of the choices, each as likely."""
        return choices[int(self._throw() * len(choices))]

    def pick_early(self, choices: Sequence[_Choice]) -> _Choice:
        """One of the choices, the first ones much more often than the last."""
        throw = self._throw()
        # Products of IEEE numbers are the same everywhere; powers are not promised to be.
        return choices[int(throw * throw * len(choices))]

    def weigh(self, choices: Sequence[tuple[_Choice, float]]) -> _Choice:
        """One of the choices, by weights that add up to 1."""
        left = self._throw()
        for choice, weight in choices:
            left -= weight
            if left < 0:
                return choice
        return choices[-1][0]


def build_id(kind: str, name: str, at: datetime) -> UUID:
    """The id of a thing of the story: a UUID of version 7, whose random part is a digest of the name.

    Spec: RFC 9562, 5.7.
    """
    digest = int.from_bytes(hashlib.sha256(f"demo:{kind}:{name}".encode()).digest()[:10])
    at_ms = int(at.timestamp() * 1_000)
    bits = (at_ms << 80 | digest) & ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=bits | 0x7 << 76 | 0x2 << 62)
