"""Reading and changing profiles, and copies of what auth says."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from subgraphs.common.demo.people import read_people
from subgraphs.common.demo.scope import read_demo_scope
from subgraphs.users.domain import ProfileChange
from subgraphs.users.repository import profiles
from subgraphs.users.seed import seed
from tests.subgraph.users.conftest import ADA, ADMIN, BOB, NOBODY, Users, admin_token, token_of

ME = "{ me { id displayName fullName phone address { line1 line2 city countryCode } locale } }"
USER = "query($id: ID!) { user(id: $id) { id fullName } }"
ERRORS = "errors { __typename ... on UserError { code path } }"
UPDATE = f"""mutation($input: UpdateProfileInput!) {{ updateProfile(input: $input) {{
  user {{ fullName displayName phone address {{ line1 city countryCode }} locale }} {ERRORS} }} }}"""
UPDATE_USER = f"""mutation($id: ID!, $input: UpdateProfileInput!) {{ updateUser(id: $id, input: $input) {{
  user {{ id fullName }} {ERRORS} }} }}"""
ADDRESS = {"line1": " 1  Main Street", "city": "London", "postalCode": "sw1a 1aa", "countryCode": "gb"}


async def test_a_new_user_reads_its_own_profile_at_once(users: Users) -> None:
    me = (await users.ask(ME, token_of(ADA)))["data"]["me"]
    assert me == {
        "id": str(ADA),
        "displayName": "Ada L.",
        "fullName": "Ada Lovelace",
        "phone": None,
        "address": None,
        "locale": "en",
    }


async def test_many_first_reads_at_once_make_one_profile(users: Users) -> None:
    answers = await asyncio.gather(*(users.ask(ME, token_of(ADA)) for _ in range(8)))
    assert {answer["data"]["me"]["id"] for answer in answers} == {str(ADA)}


async def test_me_needs_a_login(users: Users) -> None:
    answer = await users.ask(ME)
    assert answer["data"] == {"me": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_token_of_somebody_who_never_was_is_nobody(users: Users) -> None:
    assert (await users.ask(ME, token_of(NOBODY)))["data"] == {"me": None}


async def test_a_garbage_token_is_refused(users: Users) -> None:
    answer = await users.ask(ME, "garbage")
    assert (answer["status"], answer["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_user_finds_itself_and_an_administrator_anybody(users: Users) -> None:
    for token in (token_of(ADA), admin_token()):
        answer = await users.ask(USER, token, id=str(ADA))
        assert answer["data"]["user"] == {"id": str(ADA), "fullName": "Ada Lovelace"}


@pytest.mark.parametrize("user_id", [str(ADA), str(NOBODY), "nonsense", "", "' OR 1=1", "9" * 5000])
async def test_others_are_null_whether_or_not_they_exist(users: Users, user_id: str) -> None:
    answer = await users.ask(USER, token_of(BOB), id=user_id)
    assert answer["data"] == {"user": None}
    assert "errors" not in answer


async def test_a_profile_is_changed_and_normalised(users: Users) -> None:
    change = {"fullName": " Ada  King", "displayName": "ada", "phone": "+44 20 7946 0000", "locale": "EN_gb"}
    payload = (await users.ask(UPDATE, token_of(ADA), input={**change, "address": ADDRESS}))["data"][
        "updateProfile"
    ]
    assert payload["errors"] == []
    assert payload["user"] == {
        "fullName": "Ada King",
        "displayName": "ada",
        "phone": "+44 20 7946 0000",
        "address": {"line1": "1 Main Street", "city": "London", "countryCode": "GB"},
        "locale": "en-GB",
    }
    assert (await users.ask(ME, token_of(ADA)))["data"]["me"]["fullName"] == "Ada King"


async def test_auth_is_told_a_new_full_name_and_nothing_else(users: Users) -> None:
    await users.ask(UPDATE, token_of(ADA), input={"fullName": "Ada  King"})
    await users.ask(UPDATE, token_of(ADA), input={"displayName": "ada"})
    assert users.auth.names == [(ADA, "Ada King")]


async def test_a_profile_is_changed_while_auth_is_down(users: Users) -> None:
    await users.ask(ME, token_of(ADA))
    users.auth.is_down = True
    payload = (await users.ask(UPDATE, token_of(ADA), input={"fullName": "Ada King"}))["data"][
        "updateProfile"
    ]
    assert payload["user"]["fullName"] == "Ada King"
    users.auth.is_down = False
    for _ in range(2):
        await users.service.upkeep.run_once()
        assert users.auth.names == [(ADA, "Ada King")], "what auth has missed it hears with the comparison"
        users.auth.accounts[ADA]["fullName"] = "Ada King"
        users.clock.advance(hours=1)


async def test_of_two_changes_at_once_the_last_is_the_youngest(users: Users) -> None:
    await users.ask(ME, token_of(ADA))
    async with users.service.database.write() as session:
        # Its time would be from now, if a transaction's time were taken.
        await session.execute(text("SELECT now()"))
        await users.ask(UPDATE, token_of(ADA), input={"fullName": "Ada King"})
        before = (await users.row(ADA)).updated_at
        await profiles.change_profile(session, ADA, ProfileChange({"full_name": "Ada Byron"}))
    row = await users.row(ADA)
    assert (row.full_name, row.updated_at > before) == ("Ada Byron", True)


async def test_what_a_change_leaves_out_stays_and_null_takes_away(users: Users) -> None:
    await users.ask(UPDATE, token_of(ADA), input={"phone": "+44 20 7946 0000", "address": ADDRESS})
    await users.ask(UPDATE, token_of(ADA), input={"phone": None})
    me = (await users.ask(ME, token_of(ADA)))["data"]["me"]
    assert me["phone"] is None
    assert me["address"]["city"] == "London"
    await users.ask(UPDATE, token_of(ADA), input={"address": None})
    assert (await users.ask(ME, token_of(ADA)))["data"]["me"]["address"] is None
    assert (await users.ask(UPDATE, token_of(ADA), input={}))["data"]["updateProfile"]["errors"] == []


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"fullName": " "}, "REQUIRED", ["input", "fullName"]),
        ({"fullName": None}, "REQUIRED", ["input", "fullName"]),
        ({"fullName": "x" * 100_000}, "INVALID", ["input", "fullName"]),
        ({"displayName": "a\nb"}, "INVALID", ["input", "displayName"]),
        ({"phone": "<script>"}, "INVALID", ["input", "phone"]),
        ({"locale": "xx-yy-zz"}, "INVALID", ["input", "locale"]),
        ({"phone": None, "avatarFileId": "f1"}, "NOT_FOUND", ["input", "avatarFileId"]),
        ({"address": {**ADDRESS, "countryCode": "QQ"}}, "INVALID", ["input", "address", "countryCode"]),
        ({"address": {**ADDRESS, "city": ""}}, "REQUIRED", ["input", "address", "city"]),
    ],
)
async def test_a_bad_change_is_refused_as_data_and_writes_nothing(
    users: Users, change: dict[str, Any], code: str, path: list[str]
) -> None:
    before = (await users.ask(ME, token_of(ADA)))["data"]
    payload = (await users.ask(UPDATE, token_of(ADA), input=change))["data"]["updateProfile"]
    assert payload["user"] is None
    assert payload["errors"] == [{"__typename": "ValidationError", "code": code, "path": path}]
    assert (await users.ask(ME, token_of(ADA)))["data"] == before


async def test_all_that_is_wrong_is_told_at_once(users: Users) -> None:
    change = {"fullName": " ", "phone": "x", "address": {**ADDRESS, "city": "", "countryCode": "QQ"}}
    payload = (await users.ask(UPDATE, token_of(ADA), input=change))["data"]["updateProfile"]
    assert [(error["code"], error["path"][1:]) for error in payload["errors"]] == [
        ("REQUIRED", ["fullName"]),
        ("INVALID", ["phone"]),
        ("REQUIRED", ["address", "city"]),
        ("INVALID", ["address", "countryCode"]),
    ]


async def test_text_with_a_nul_is_a_clear_error(users: Users) -> None:
    answer = await users.ask(UPDATE, token_of(ADA), input={"fullName": "a\x00b"})
    assert answer["status"] < 500
    assert "INTERNAL" not in str(answer)


async def test_changing_a_profile_needs_a_login(users: Users) -> None:
    answer = await users.ask(UPDATE, input={"fullName": "Eve"})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_administrator_changes_anybody(users: Users) -> None:
    payload = (await users.ask(UPDATE_USER, admin_token(), id=str(ADA), input={"fullName": "Ada King"}))[
        "data"
    ]
    assert payload["updateUser"] == {"user": {"id": str(ADA), "fullName": "Ada King"}, "errors": []}


@pytest.mark.parametrize("user_id", [str(NOBODY), "nonsense"])
async def test_nobody_cannot_be_changed(users: Users, user_id: str) -> None:
    answer = await users.ask(UPDATE_USER, admin_token(), id=user_id, input={"fullName": "Eve"})
    assert [error["__typename"] for error in answer["data"]["updateUser"]["errors"]] == ["NotFoundError"]


@pytest.mark.parametrize(("token", "code"), [(None, "UNAUTHENTICATED"), (token_of(BOB), "FORBIDDEN")])
async def test_only_an_administrator_changes_others(users: Users, token: str | None, code: str) -> None:
    answer = await users.ask(UPDATE_USER, token, id=str(ADA), input={"fullName": "Eve"})
    assert answer["errors"][0]["extensions"]["code"] == code
    assert await users.row(ADA) is None


async def test_news_of_an_account_is_copied_in_whatever_order_it_comes(users: Users) -> None:
    account = users.auth.accounts[ADA]
    newer = {**account, "role": "SUPPORT", "version": 3, "email": "ada@new.example"}
    older = {**account, "role": "ADMIN", "version": 2}
    for news in (newer, older, newer, account):
        assert await users.tell(news) == 200
    row = await users.row(ADA)
    assert (row.role, row.email, row.account_version) == ("SUPPORT", "ada@new.example", 3)


async def test_news_of_an_account_leaves_the_profile_alone(users: Users) -> None:
    await users.ask(UPDATE, token_of(ADA), input={"fullName": "Ada King"})
    await users.tell({**users.auth.accounts[ADA], "version": 2})
    assert (await users.row(ADA)).full_name == "Ada King"


async def test_news_of_a_deletion_scrubs_the_profile(users: Users) -> None:
    await users.ask(UPDATE, token_of(ADA), input={"phone": "+44 20 7946 0000", "address": ADDRESS})
    await users.tell(
        {**users.auth.accounts[ADA], "version": 2, "status": "DELETED", "email": "x@deleted.invalid"}
    )
    row = await users.row(ADA)
    assert (row.full_name, row.display_name, row.phone, row.address) == (
        "Deleted user",
        "Deleted user",
        None,
        None,
    )


@pytest.mark.parametrize("fault", [{"id": "x"}, {"version": "x"}, {"createdAt": "yesterday"}, {"email": ...}])
async def test_news_in_another_form_is_refused(users: Users, fault: dict[str, Any]) -> None:
    news = {key: value for key, value in {**users.auth.accounts[ADA], **fault}.items() if value is not ...}
    assert await users.tell(news) == 422


async def test_news_without_a_signature_is_refused(users: Users) -> None:
    response = await users.client.post("/internal/users/changed", json={"user": users.auth.accounts[ADA]})
    assert response.status_code == 401
    assert await users.row(ADA) is None


async def test_the_demo_people_have_profiles_that_auth_may_renew(users: Users) -> None:
    people = read_people(read_demo_scope({}))
    for _ in range(2):
        await seed(users.service, read_demo_scope({}))
    admin = token_of(ADMIN, "users:read")
    answer = await users.ask('{ users(filter: {role: "ADMIN"}) { nodes { fullName } } }', admin)
    assert answer["data"]["users"]["nodes"] == [{"fullName": "Demo Admin"}]
    query = "query($id: ID!) { user(id: $id) { fullName address { city } } users { totalCount } }"
    for person in (people[0], people[-1]):
        data = (await users.ask(query, admin, id=str(person.id)))["data"]
        assert data["user"]["fullName"] == person.full_name
        assert data["user"]["address"] == {"city": (person.address or {})["city"]}
        assert data["users"]["totalCount"] == len(people)
