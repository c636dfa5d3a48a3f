"""Users' part of the demo story: the people's profiles, with the ids that auth's seed gives their accounts."""

from subgraphs.common.bulk import split
from subgraphs.common.demo.people import Person, read_people
from subgraphs.common.demo.scope import Scope
from subgraphs.users.domain import Address, ProfileChange, clean_change, default_display_name
from subgraphs.users.service import UsersService


async def seed(service: UsersService, scope: Scope) -> None:
    """Store those of the profiles that are missing.

    Their `account_version` is 0, older than any account: what auth says of them replaces the copies.
    """
    for part in split(read_people(scope)):
        await service.profiles.insert([build_profile(person) for person in part])


def build_profile(person: Person) -> dict[str, object]:
    """The row of a person's profile, by the rules that everybody's is changed by.

    Raises:
        ValueError: it breaks one of them.
    """
    given: dict[str, str | Address | None] = {
        "full_name": person.full_name,
        "display_name": default_display_name(person.full_name),
        "phone": person.phone,
        "locale": person.locale,
        "address": None if person.address is None else Address(**person.address),
    }
    change, faults = clean_change(ProfileChange({k: v for k, v in given.items() if v is not None}))
    if faults:
        raise ValueError(f"{person.email}: {faults}")
    return change.values | {
        "id": person.id,
        "phone": change.values.get("phone"),
        "address": person.address,
        "email": person.email,
        "email_verified": True,
        "role": person.role,
        "status": "ACTIVE",
        "account_version": 0,
        "created_at": person.registered_at,
    }
