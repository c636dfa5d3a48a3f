"""Auth's part of the demo story: the people's accounts."""

from subgraphs.auth.domain import Role
from subgraphs.auth.service import AuthService, SeedPerson
from subgraphs.common.demo.people import Person, read_people
from subgraphs.common.demo.scope import Scope


async def seed(service: AuthService, scope: Scope) -> int:
    """Store those of the people who are missing; return how many were."""
    return await service.seed_accounts({person.id: build_account(person) for person in read_people(scope)})


def build_account(person: Person) -> SeedPerson:
    """The account that a person has."""
    return SeedPerson(
        person.email, person.password, person.full_name, Role(person.role), person.registered_at
    )
