"""Old and new elements side by side, by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Pairs(Generic[_T]):
    """What is gone, what is new, and what is on both sides, each in the order of its schema."""

    removed: Mapping[str, _T]
    added: Mapping[str, _T]
    kept: Mapping[str, tuple[_T, _T]]


def pair(old: Mapping[str, _T], new: Mapping[str, _T]) -> Pairs[_T]:
    """Put elements of the same name side by side."""
    return Pairs(
        {name: item for name, item in old.items() if name not in new},
        {name: item for name, item in new.items() if name not in old},
        {name: (item, new[name]) for name, item in old.items() if name in new},
    )


def pair_names(old: Iterable[str], new: Iterable[str]) -> Pairs[str]:
    """The same for elements that are nothing but names."""
    return pair({name: name for name in old}, {name: name for name in new})
