"""The people: three accounts with known passwords, 500 customers from 33 countries, or mixtures of them where a scope wants more.

Names and addresses are invented, distilled from what the Python package mimesis 22.2 (MIT licence) makes with one seed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from subgraphs.common.demo.dice import Dice, build_id
from subgraphs.common.demo.scope import Scope

PEOPLE = Path(__file__).parent / "people.json"
PASSWORD = "demo-password-1"  # noqa: S105 -- everybody may know it: only the development profile has these people
_REGISTERED_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account and a profile; `address` by the names of the profile's fields."""

    id: UUID
    email: str
    full_name: str
    registered_at: datetime
    role: str = "USER"
    password: str = PASSWORD
    locale: str = "en"
    phone: str | None = None
    address: dict[str, Any] | None = None


DEMO = Person(
    UUID("01890000-0000-7000-8000-000000000001"),
    "demo@marketplace.test",
    "Demo Customer",
    _REGISTERED_AT,
    phone="+49 30 1234567",
    address={
        "line1": "1 Market Square",
        "line2": None,
        "city": "Berlin",
        "region": None,
        "postal_code": "10115",
        "country_code": "DE",
    },
)
ADMIN = Person(
    UUID("01890000-0000-7000-8000-000000000002"),
    "admin@marketplace.test",
    "Demo Admin",
    _REGISTERED_AT,
    role="ADMIN",
    password="admin-password-1",  # noqa: S106 -- as above
)
OTHER = Person(
    UUID("01890000-0000-7000-8000-000000000003"),
    "other@marketplace.test",
    "Other Customer",
    _REGISTERED_AT,
    password="other-password-1",  # noqa: S106 -- as above
)
ACCOUNTS = (DEMO, ADMIN, OTHER)


@lru_cache(maxsize=2)
def read_people(scope: Scope) -> tuple[Person, ...]:
    """Everybody in a scope: the three accounts and those of the file, or else so many mixtures of these."""
    entries = orjson.loads(PEOPLE.read_bytes())
    if scope.people is None:
        return (*ACCOUNTS, *(_build_person(entry, scope) for entry in entries))
    return tuple(_build_mixture(entries, i, scope) for i in range(scope.people))


def _build_person(entry: dict[str, Any], scope: Scope) -> Person:
    registered_at = _register(entry["handle"], scope)
    return Person(
        id=build_id("person", entry["handle"], registered_at),
        email=f"{entry['handle']}@marketplace.test",
        full_name=entry["name"],
        registered_at=registered_at,
        locale=entry["locale"],
        phone=entry["phone"],
        address={
            "line1": entry["line1"],
            "line2": None,
            "city": entry["city"],
            "region": entry["region"],
            "postal_code": entry["postalCode"],
            "country_code": entry["country"],
        },
    )


def _build_mixture(entries: list[dict[str, Any]], number: int, scope: Scope) -> Person:
    """Somebody with one person's first words and another's last one."""
    dice = Dice(scope.name, "mixture", number)
    home, other = dice.pick(entries), dice.pick(entries)
    first, last = home["name"].split()[0], other["name"].split()[-1]
    return _build_person(home | {"handle": f"{scope.name}.{number}", "name": f"{first} {last}"}, scope)


def _register(handle: str, scope: Scope) -> datetime:
    """Most people were here before the first order; the others came meanwhile."""
    dice = Dice("registered", handle)
    if dice.chance(0.7):
        return scope.begin - timedelta(minutes=dice.number(1, 400 * 1_440))
    return scope.begin + timedelta(minutes=dice.number(0, (scope.days - 2) * 1_440))
