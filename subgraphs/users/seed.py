"""The profiles of the demo people, with the ids that auth's seed gives their accounts."""

from datetime import UTC, datetime
from uuid import UUID

from subgraphs.users.service import UsersService

_REGISTERED_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_ADDRESS = {
    "line1": "1 Market Square",
    "line2": None,
    "city": "Berlin",
    "region": None,
    "postal_code": "10115",
    "country_code": "DE",
}
_PEOPLE = (
    (
        "01890000-0000-7000-8000-000000000001",
        "demo@marketplace.test",
        "Demo Customer",
        "USER",
        _ADDRESS,
        "+49 30 1234567",
    ),
    ("01890000-0000-7000-8000-000000000002", "admin@marketplace.test", "Demo Admin", "ADMIN", None, None),
    ("01890000-0000-7000-8000-000000000003", "other@marketplace.test", "Other Customer", "USER", None, None),
)


async def seed(service: UsersService) -> None:
    """Store those of the profiles that are missing.

    Their `account_version` is 0, older than any account: what auth says of them replaces the copies.
    """
    await service.profiles.insert(
        {
            "id": UUID(user_id),
            "full_name": full_name,
            "display_name": full_name,
            "phone": phone,
            "address": address,
            "email": email,
            "email_verified": True,
            "role": role,
            "status": "ACTIVE",
            "account_version": 0,
            "created_at": _REGISTERED_AT,
        }
        for user_id, email, full_name, role, address, phone in _PEOPLE
    )
