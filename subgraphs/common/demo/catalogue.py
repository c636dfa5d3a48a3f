"""The catalogue: 776 real desktop apps at invented prices (THIRD-PARTY.md names the source and its licence)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from subgraphs.common.demo.dice import Dice, build_id
from subgraphs.common.demo.scope import Scope

CATALOGUE = Path(__file__).parent / "catalogue.json"
_CHANGES_MAX = 3
_EDITIONS = ("Lite", "Pro", "Team", "Studio", "Server", "Classic", "Next", "Education", "Mobile", "Cloud")


@dataclass(frozen=True, slots=True)
class App:
    """A product; `prices` are what it costs from a time on, minor units, oldest first.

    `facts` is its entry in the catalogue file.
    """

    id: UUID
    slug: str
    name: str
    currency: str
    added_at: datetime
    prices: tuple[tuple[datetime, int], ...]
    facts: dict[str, Any]

    def price_at(self, at: datetime) -> int:
        """What it cost then, minor units."""
        return [minor for since, minor in self.prices if since <= at][-1]


@lru_cache(maxsize=2)
def read_catalogue(scope: Scope) -> tuple[App, ...]:
    """The apps of a scope, the most popular first: those of the file, or else so many editions of them."""
    entries = orjson.loads(CATALOGUE.read_bytes())
    if scope.products is None:
        apps = [_build_app(entry, scope) for entry in entries]
    else:
        places = range(scope.products)
        apps = [_build_edition(entries[i % len(entries)], i // len(entries), scope) for i in places]
    return tuple(sorted(apps, key=lambda app: hashlib.sha256(app.slug.encode()).digest()))


def _build_app(entry: dict[str, Any], scope: Scope) -> App:
    added_at = datetime.fromisoformat(entry["addedOn"]).replace(tzinfo=UTC)
    prices = _build_prices(entry["slug"], entry["priceMinor"], added_at, scope)
    id_ = build_id("product", entry["slug"], added_at)
    return App(id_, entry["slug"], entry["name"], entry["currency"], added_at, prices, entry)


def _build_edition(entry: dict[str, Any], number: int, scope: Scope) -> App:
    edition = f"{_EDITIONS[number % len(_EDITIONS)]} {number // len(_EDITIONS) + 1}"
    slug = f"{entry['slug'][:60].rstrip('-')}-{edition.lower().replace(' ', '-')}"
    name = f"{entry['name'][:100].rstrip()} {edition}"
    dice = Dice("edition", slug)
    minor = entry["priceMinor"] + 100 * dice.number(-1, 20)
    added_at = datetime.fromisoformat(entry["addedOn"]).replace(tzinfo=UTC) + timedelta(
        minutes=dice.number(1, 500_000)
    )
    facts = entry | {"slug": slug, "name": name, "priceMinor": minor}
    prices = _build_prices(slug, minor, added_at, scope)
    return App(build_id("product", slug, added_at), slug, name, entry["currency"], added_at, prices, facts)


def _build_prices(
    slug: str, minor: int, added_at: datetime, scope: Scope
) -> tuple[tuple[datetime, int], ...]:
    """The prices up to today's: half of the apps never changed theirs, some had a sale or two."""
    dice = Dice("prices", slug)
    if minor == 0 or added_at >= scope.begin or dice.chance(0.5):
        return ((added_at, minor),)
    count = dice.number(1, _CHANGES_MAX)
    step = scope.days / (count + 1)
    changes = [
        scope.begin + timedelta(minutes=int((i + dice.fraction()) * step * 1_440)) for i in range(count)
    ]
    before: list[int] = []
    follower = minor
    for _ in changes:
        # A price that did not change would be no change: it is a sale's end, or a rise.
        follower = max(99, int(follower * dice.pick((0.7, 0.8, 0.9, 1.1, 1.25, 1.5))) // 100 * 100 + 99)
        while follower == (before or [minor])[-1]:
            follower += 100
        before.append(follower)
    return tuple(zip([added_at, *changes], [*reversed(before), minor], strict=True))
