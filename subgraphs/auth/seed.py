"""The people of the demonstration, with ids that the other subgraphs' seeds know."""

from uuid import UUID

from subgraphs.auth.domain import Role
from subgraphs.auth.service import AuthService, SeedPerson

PEOPLE = {
    UUID("01890000-0000-7000-8000-000000000001"): SeedPerson(
        "demo@marketplace.test",
        "demo-password-1",
        "Demo Customer",
        Role.USER,
    ),
    UUID("01890000-0000-7000-8000-000000000002"): SeedPerson(
        "admin@marketplace.test",
        "admin-password-1",
        "Demo Admin",
        Role.ADMIN,
    ),
    UUID("01890000-0000-7000-8000-000000000003"): SeedPerson(
        "other@marketplace.test",
        "other-password-1",
        "Other Customer",
        Role.USER,
    ),
}


async def seed(service: AuthService) -> int:
    """Store those of the people who are missing; return how many were."""
    known = {account.id for account in await service.lookup(PEOPLE)}
    missing = {account_id: person for account_id, person in PEOPLE.items() if account_id not in known}
    return sum([await service.seed_account(account_id, person) for account_id, person in missing.items()])
