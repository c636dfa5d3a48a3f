"""Who sees what of whom, also by `_entities` straight to users; what it costs; what happens without auth."""

from uuid import UUID

import pytest

from tests.subgraph.users.conftest import (
    ADA,
    ADMIN,
    ADMIN_SCOPES,
    BOB,
    NOBODY,
    Users,
    token_of,
)

PUBLIC = "query($r: [_Any!]!) { _entities(representations: $r) { ... on User { id displayName avatarUrl } } }"
PRIVATE = """query($r: [_Any!]!) { _entities(representations: $r) {
  ... on User { fullName locale createdAt updatedAt phone address { city } } } }"""
NULLABLE = (
    """query($r: [_Any!]!) { _entities(representations: $r) { ... on User { phone address { city } } } }"""
)
MOVE = """mutation { updateProfile(input: {phone: "+49 30 1234567", address: {
  line1: "1 Main Street", city: "Berlin", postalCode: "10115", countryCode: "de"}}) { errors { __typename } } }"""


def represent(*ids: object) -> list[dict[str, object]]:
    return [{"__typename": "User", "id": str(one)} for one in ids]


async def test_anybody_sees_the_public_fields_of_anybody(users: Users) -> None:
    answer = await users.ask(PUBLIC, r=represent(BOB, ADA))
    assert answer["data"]["_entities"] == [
        {"id": str(BOB), "displayName": "Bob K.", "avatarUrl": None},
        {"id": str(ADA), "displayName": "Ada L.", "avatarUrl": None},
    ]
    assert "errors" not in answer


async def test_nobody_and_nonsense_are_null_in_their_places(users: Users) -> None:
    answer = await users.ask(PUBLIC, r=represent(NOBODY, ADA, "nonsense", "' OR 1=1", ADA))
    names = [entity and entity["displayName"] for entity in answer["data"]["_entities"]]
    assert names == [None, "Ada L.", None, None, "Ada L."]


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "User"},
        {"__typename": "Ghost", "id": str(ADA)},
        {"id": str(ADA)},
        {"__typename": "User", "id": None},
    ],
)
async def test_a_bad_representation_spoils_no_other(users: Users, representation: dict[str, object]) -> None:
    answer = await users.ask(PUBLIC, r=[representation, *represent(ADA)])
    first, second = answer["data"]["_entities"]
    assert first is None
    assert second["displayName"] == "Ada L."


@pytest.mark.parametrize("token", [token_of(ADA), token_of(ADMIN, ADMIN_SCOPES)])
async def test_the_owner_and_administrators_see_the_private_fields(users: Users, token: str) -> None:
    await users.ask(MOVE, token_of(ADA))
    answer = await users.ask(PRIVATE, token, r=represent(ADA))
    (entity,) = answer["data"]["_entities"]
    assert "errors" not in answer
    assert (entity["fullName"], entity["locale"], entity["phone"]) == ("Ada Lovelace", "en", "+49 30 1234567")
    assert entity["createdAt"] == "2026-03-01T12:00:00Z"
    assert entity["address"] == {"city": "Berlin"}


@pytest.mark.parametrize("name", ["fullName", "locale", "createdAt", "updatedAt"])
@pytest.mark.parametrize(("token", "code"), [(token_of(BOB), "FORBIDDEN"), (None, "UNAUTHENTICATED")])
async def test_a_private_field_that_cannot_be_null_is_an_error_for_others(
    users: Users, name: str, token: str | None, code: str
) -> None:
    query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on User {{ {name} }} }} }}"
    answer = await users.ask(query, token, r=represent(ADA))
    assert answer["data"]["_entities"] == [None]
    assert answer["errors"][0]["extensions"]["code"] == code
    assert "Ada" not in str(answer)


async def test_a_private_field_that_can_be_null_is_null_for_others(users: Users) -> None:
    await users.ask(MOVE, token_of(ADA))
    answer = await users.ask(NULLABLE, token_of(BOB), r=represent(ADA))
    assert answer["data"]["_entities"] == [{"phone": None, "address": None}]
    assert "errors" not in answer
    anonymous = await users.ask(NULLABLE, r=represent(ADA))
    assert anonymous["data"]["_entities"] == [{"phone": None, "address": None}]
    assert {error["extensions"]["code"] for error in anonymous["errors"]} == {"UNAUTHENTICATED"}


async def test_a_thousand_known_users_are_one_statement_and_no_call(users: Users) -> None:
    ids = [UUID(int=ADA.int + number) for number in range(1000, 2000)]
    for number, user_id in enumerate(ids):
        users.auth.add(user_id, f"User{number} Name")
    await users.ask(PUBLIC, r=represent(*ids))
    users.auth.lookups.clear()
    with users.service.database.record_statements() as statements:
        answer = await users.ask(PUBLIC, r=represent(*reversed(ids)))
    assert [entity["id"] for entity in answer["data"]["_entities"]] == [str(one) for one in reversed(ids)]
    assert len(statements) == 1
    assert users.auth.lookups == []


async def test_a_thousand_missing_users_are_one_call_of_auth(users: Users) -> None:
    ids = [UUID(int=ADA.int + number) for number in range(1000, 2000)]
    for number, user_id in enumerate(ids):
        users.auth.add(user_id, f"User{number} Name")
    with users.service.database.record_statements() as statements:
        answer = await users.ask(PUBLIC, r=represent(*ids))
    assert all(answer["data"]["_entities"])
    assert len(users.auth.lookups) == 1
    assert len(statements) == 3


async def test_a_thousand_unknown_users_are_one_statement_and_one_call(users: Users) -> None:
    ids = [UUID(int=number) for number in range(1000)]
    with users.service.database.record_statements() as statements:
        answer = await users.ask(PUBLIC, r=represent(*ids))
    assert answer["data"]["_entities"] == [None] * 1000
    assert (len(statements), len(users.auth.lookups)) == (1, 1)


async def test_without_auth_those_who_are_known_are_answered_all_the_same(users: Users) -> None:
    await users.ask(PUBLIC, r=represent(ADA))
    users.auth.is_down = True
    answer = await users.ask(PUBLIC, r=represent(ADA, BOB))
    assert [entity and entity["displayName"] for entity in answer["data"]["_entities"]] == ["Ada L.", None]
    (error,) = answer["errors"]
    assert error["path"][:2] == ["_entities", 1]
    assert error["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"
    assert "auth is down" not in str(answer)


async def test_somebody_whom_auth_has_deleted_before_is_a_tombstone(users: Users) -> None:
    users.auth.add(NOBODY, "Deleted user", status="DELETED", email=f"deleted-{NOBODY}@deleted.invalid")
    answer = await users.ask(PUBLIC, r=represent(NOBODY))
    assert answer["data"]["_entities"][0]["displayName"] == "Deleted user"
