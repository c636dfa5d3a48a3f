"""HTTP's `Cache-Control`: read, and merged so that what holds for the whole holds for every part.

Spec: RFC 9111, 5.2.2 Response Directives.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PART = re.compile(r"[ \t]*([a-z0-9-]+)(?:=\"?([0-9]+)\"?)?[^,]*")
SECONDS_MAX = 2**31
TEXT_MAX = 1_000


@dataclass(frozen=True, slots=True)
class CacheControl:
    """What a response says of being kept.

    Attributes:
        max_age_s: `s-maxage` if it is there, else `max-age`; None if neither is.
        is_stored: False for `no-store`; `no-cache` too, as nobody here asks again whether something is still fresh.
        is_private: whether it is for one caller alone.
        is_shared: whether it says that it is for everybody, also where its request has credentials (RFC 9111, 3.5).
    """

    max_age_s: int | None = None
    is_stored: bool = True
    is_private: bool = False
    is_shared: bool = False

    def write(self) -> str:
        """The header's value. Where no age is known, none is promised."""
        if not self.is_stored or not self.max_age_s:
            return "no-store"
        return f"max-age={self.max_age_s},{'private' if self.is_private else 'public'}"


def read_cache_control(text: str | None, age: str | None = None) -> CacheControl | None:
    """What a header says, less the `Age` that the response already has; None if there is no header."""
    if text is None:
        return None
    ages: dict[str, int] = {}
    names: set[str] = set()
    for part in text[:TEXT_MAX].lower().split(","):
        found = _PART.fullmatch(part)
        if found is not None:
            names.add(found[1])
            if found[2] is not None:
                ages[found[1]] = min(int(found[2][:10]), SECONDS_MAX)
    seconds = ages.get("s-maxage", ages.get("max-age"))
    if seconds is not None and age is not None and age.strip().isascii() and age.strip().isdigit():
        seconds = max(0, seconds - int(age.strip()[:10]))
    return CacheControl(
        seconds,
        is_stored=names.isdisjoint({"no-store", "no-cache"}),
        is_private="private" in names,
        is_shared="private" not in names and not names.isdisjoint({"public", "s-maxage"}),
    )


def merge_cache_control(parts: Iterable[CacheControl | None]) -> CacheControl:
    """The strictest of all: the least age, private if one is, not kept if one is not to be or says nothing."""
    merged: CacheControl | None = None
    for part in parts:
        if part is None or not part.is_stored or part.max_age_s is None:
            return CacheControl(is_stored=False)
        if merged is None:
            merged = part
        else:
            assert merged.max_age_s is not None, "others have been sorted out"
            merged = CacheControl(
                min(merged.max_age_s, part.max_age_s),
                is_private=merged.is_private or part.is_private,
                is_shared=merged.is_shared and part.is_shared,
            )
    return merged or CacheControl(is_stored=False)
