"""What only administrators do: listing, counting, deleting."""

import asyncio
import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.subgraph.users.conftest import (
    ADA,
    ADMIN,
    ADMIN_SCOPES,
    BOB,
    NOBODY,
    Users,
    admin_token,
    token_of,
)

LIST = """query($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilter, $sort: [UserSort!]) {
  users(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) {
    nodes { id fullName } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }"""
STATISTICS = """query($interval: Interval!, $from: DateTime!, $to: DateTime!) { userStatistics {
  totalUsers verifiedUsers activeLast30Days byRole { role count }
  registrations(interval: $interval, from: $from, to: $to) { at count } } }"""
DELETE = """mutation($id: ID!, $reason: String) { deleteUser(id: $id, reason: $reason) {
  request { id userId status requestedAt completedAt steps { service doneAt } }
  errors { __typename ... on UserError { code path message } } } }"""
NAMES = [
    ("Zoe Adams", "USER"),
    ("adam Young", "USER"),
    ("Percent % Sign", "SUPPORT"),
    ("Under_score One", "USER"),
    ("Zoe Adams", "USER"),
]


async def fill(users: Users) -> list[UUID]:
    ids = []
    for number, (name, role) in enumerate(NAMES):
        user_id = UUID(int=ADA.int + 100 + number)
        created_at = datetime(2026, 5, 1 + number, tzinfo=UTC).isoformat()
        account = users.auth.add(user_id, name, role=role, createdAt=created_at)
        account["email"] = f"user{number}@example.com"
        assert await users.tell(account) == 200
        ids.append(user_id)
    return ids


async def list_users(users: Users, **variables: Any) -> dict[str, Any]:
    answer = await users.ask(LIST, token_of(ADMIN, "users:read"), **variables)
    assert "errors" not in answer, answer
    connection: dict[str, Any] = answer["data"]["users"]
    return connection


async def names_of(users: Users, **variables: Any) -> list[str]:
    return [node["fullName"] for node in (await list_users(users, **variables))["nodes"]]


async def test_the_youngest_come_first(users: Users) -> None:
    ids = await fill(users)
    connection = await list_users(users)
    assert [node["id"] for node in connection["nodes"]] == [str(one) for one in reversed(ids)]
    assert connection["totalCount"] == 5


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"search": "ADAM"}, ["adam Young", "Zoe Adams", "Zoe Adams"]),
        ({"search": "%"}, ["Percent % Sign"]),
        ({"search": "_"}, ["Under_score One"]),
        ({"search": "\\"}, []),
        ({"search": "'; DROP TABLE profiles; --"}, []),
        ({"search": "user3@"}, ["Under_score One"]),
        ({"search": "  "}, ["adam Young", "Percent % Sign", "Under_score One", "Zoe Adams", "Zoe Adams"]),
        ({"role": "SUPPORT"}, ["Percent % Sign"]),
        ({"createdFrom": "2026-05-04T00:00:00Z"}, ["Under_score One", "Zoe Adams"]),
        ({"createdTo": "2026-05-02T00:00:00Z"}, ["Zoe Adams"]),
    ],
)
async def test_a_filter_finds_just_those(users: Users, wanted: dict[str, Any], names: list[str]) -> None:
    await fill(users)
    order = [{"field": "FULL_NAME", "direction": "ASC"}]
    assert await names_of(users, filter=wanted, sort=order) == names
    assert (await list_users(users, filter=wanted))["totalCount"] == len(names)


@pytest.mark.parametrize(
    "order",
    [
        [{"field": "FULL_NAME", "direction": "ASC"}],
        [{"field": "FULL_NAME", "direction": "DESC"}],
        [{"field": "FULL_NAME", "direction": "DESC"}, {"field": "CREATED_AT", "direction": "ASC"}],
        [{"field": "EMAIL", "direction": "DESC"}],
        [{"field": "CREATED_AT", "direction": "ASC"}],
        [],
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_of_any_size_in_any_order_make_up_the_list_both_ways(
    users: Users, order: list[dict[str, str]], size: int
) -> None:
    await fill(users)
    whole = [node["id"] for node in (await list_users(users, first=100, sort=order))["nodes"]]
    forward: list[str] = []
    after = None
    while True:
        page = await list_users(users, first=size, after=after, sort=order)
        forward += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    backward: list[str] = []
    before = None
    while True:
        page = await list_users(users, last=size, before=before, sort=order)
        backward = [edge["node"]["id"] for edge in page["edges"]] + backward
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert len(whole) == 5
    assert forward == backward == whole


async def test_a_second_criterion_orders_those_who_are_equal_by_the_first(users: Users) -> None:
    ids = await fill(users)
    order = [{"field": "FULL_NAME", "direction": "ASC"}, {"field": "CREATED_AT", "direction": "DESC"}]
    nodes = (await list_users(users, sort=order))["nodes"]
    assert [node["id"] for node in nodes if node["fullName"] == "Zoe Adams"] == [str(ids[4]), str(ids[0])]
    assert nodes[0]["fullName"] == "adam Young", "names are ordered without regard to case"


def cursor(text_: str) -> str:
    return base64.urlsafe_b64encode(text_.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "variables",
    [
        {"first": -1},
        {"first": 101},
        {"first": 5, "last": 5},
        {"after": "?"},
        {"after": cursor("[1, 2]")},
        {"after": cursor('["yesterday", "01890000-0000-7000-8000-000000000001"]')},
        {"after": cursor('["2026-01-01T00:00:00Z", "x"]')},
        {"after": cursor('["2026-01-01T00:00:00Z"]')},
        {"after": cursor('["0001-01-01T00:00:00+23:59", "01890000-0000-7000-8000-000000000001"]')},
        {"after": cursor('["a\\u0000", "x"]'), "sort": [{"field": "EMAIL"}]},
        {"filter": {"search": "x" * 101}},
        {"filter": {"search": "a\x00b"}},
        {"filter": {"role": "GOD"}},
        {"filter": {"createdFrom": "yesterday"}},
        {"sort": [{"field": "EMAIL"}, {"field": "EMAIL"}]},
        {"sort": [{"field": "EMAIL"}] * 50},
    ],
)
async def test_a_bad_list_is_a_clear_error(users: Users, variables: dict[str, Any]) -> None:
    await fill(users)
    answer = await users.ask(LIST, admin_token(), **variables)
    assert answer["errors"][0]["extensions"]["code"] in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}, (
        answer
    )
    assert answer["status"] < 500


@pytest.mark.parametrize(("token", "code"), [(None, "UNAUTHENTICATED"), (token_of(BOB), "FORBIDDEN")])
@pytest.mark.parametrize("query", ["{ users { nodes { id } } }", "{ userStatistics { totalUsers } }"])
async def test_only_who_may_read_users_lists_and_counts(
    users: Users, query: str, token: str | None, code: str
) -> None:
    answer = await users.ask(query, token)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_the_figures_count_the_living_by_role(users: Users) -> None:
    await fill(users)
    await users.tell({**users.auth.add(NOBODY, "Gone Girl"), "status": "DELETED", "version": 2})
    variables = {"interval": "DAY", "from": "2026-05-01T12:00:00Z", "to": "2026-05-04T00:00:00Z"}
    answer = await users.ask(STATISTICS, admin_token(), **variables)
    statistics = answer["data"]["userStatistics"]
    assert (statistics["totalUsers"], statistics["verifiedUsers"], statistics["activeLast30Days"]) == (
        5,
        5,
        2,
    )
    assert statistics["byRole"] == [{"role": "SUPPORT", "count": 1}, {"role": "USER", "count": 4}]
    assert [(point["at"], point["count"]) for point in statistics["registrations"]] == [
        ("2026-05-01T00:00:00Z", 0),
        ("2026-05-02T00:00:00Z", 1),
        ("2026-05-03T00:00:00Z", 1),
    ]


@pytest.mark.parametrize(
    ("interval", "points"),
    [
        ("HOUR", [("2026-05-03T00:00:00Z", 1)]),
        ("WEEK", [("2026-04-27T00:00:00Z", 1)]),
        ("MONTH", [("2026-05-01T00:00:00Z", 1)]),
    ],
)
async def test_registrations_are_counted_by_any_interval(
    users: Users, interval: str, points: list[Any]
) -> None:
    await fill(users)
    variables = {"interval": interval, "from": "2026-05-03T00:00:00Z", "to": "2026-05-03T01:00:00Z"}
    answer = await users.ask(STATISTICS, admin_token(), **variables)
    registrations = answer["data"]["userStatistics"]["registrations"]
    assert [(point["at"], point["count"]) for point in registrations] == points


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-05-02T00:00:00Z", "2026-05-02T00:00:00Z"),
        ("2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"),
    ],
)
async def test_an_impossible_or_endless_series_is_a_clear_error(users: Users, start: str, end: str) -> None:
    answer = await users.ask(STATISTICS, admin_token(), interval="HOUR", **{"from": start, "to": end})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_other_figures_do_not_need_auth(users: Users) -> None:
    await fill(users)
    users.auth.is_down = True
    answer = await users.ask("{ userStatistics { totalUsers byRole { count } } }", admin_token())
    assert answer["data"]["userStatistics"]["totalUsers"] == 5
    answer = await users.ask("{ userStatistics { activeLast30Days } }", admin_token())
    assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"


async def delete(users: Users, user_id: object, reason: str | None = None) -> dict[str, Any]:
    answer = await users.ask(DELETE, admin_token(), id=str(user_id), reason=reason)
    assert "errors" not in answer, answer
    payload: dict[str, Any] = answer["data"]["deleteUser"]
    return payload


async def test_a_deleted_user_is_a_tombstone_with_a_proof(users: Users) -> None:
    change = (
        'mutation { updateProfile(input: {phone: "+49 30 1234567", displayName: "ada"}) { user { id } } }'
    )
    await users.ask(change, token_of(ADA))

    payload = await delete(users, ADA, "asked by letter")

    assert payload["errors"] == []
    request = payload["request"]
    assert (request["userId"], request["status"]) == (str(ADA), "COMPLETED")
    assert request["completedAt"] is not None
    assert [step["service"] for step in request["steps"]] == [
        "auth",
        "orders",
        "payments",
        "products",
        "users",
    ]
    assert all(step["doneAt"] for step in request["steps"])
    assert users.auth.accounts[ADA]["status"] == "DELETED"
    row = await users.row(ADA)
    assert (row.full_name, row.display_name, row.phone, row.address) == (
        "Deleted user",
        "Deleted user",
        None,
        None,
    )
    assert row.email == f"deleted-{ADA}@deleted.invalid"
    assert "ada" not in str(row).lower()
    shown = await users.ask(
        "query($id: ID!) { user(id: $id) { displayName fullName phone } }", admin_token(), id=str(ADA)
    )
    assert shown["data"]["user"] == {"displayName": "Deleted user", "fullName": "Deleted user", "phone": None}


async def test_deleting_twice_is_deleting_once(users: Users) -> None:
    first, second = await delete(users, ADA), await delete(users, ADA)
    assert first == second
    answers = await asyncio.gather(*(delete(users, BOB) for _ in range(5)))
    assert len({answer["request"]["id"] for answer in answers}) == 1
    assert {answer["request"]["status"] for answer in answers} == {"COMPLETED"}


async def test_a_deletion_that_auth_did_not_answer_goes_on_when_asked_again(
    users: Users,
) -> None:
    await users.ask("{ me { id } }", token_of(ADA))
    users.auth.is_down = True
    failed = (await delete(users, ADA))["request"]
    assert (failed["status"], failed["completedAt"]) == ("RUNNING", None)
    assert [step["doneAt"] for step in failed["steps"]] == [None] * 5
    assert (await users.row(ADA)).full_name == "Ada Lovelace"

    users.auth.is_down = False
    done = (await delete(users, ADA))["request"]
    assert (done["id"], done["status"]) == (failed["id"], "COMPLETED")


async def test_a_deletion_that_was_cut_off_goes_on_when_asked_again(users: Users) -> None:
    await users.ask("{ me { id } }", token_of(ADA))
    await users.auth.post(f"/internal/users/{ADA}/disable", {})
    async with users.service.database.write() as session:
        statement = (
            "INSERT INTO erasure_requests (user_id, requested_by, status) VALUES (:id, :id, 'RUNNING')"
        )
        await session.execute(text(statement), {"id": ADA})
    assert (await users.row(ADA)).full_name == "Ada Lovelace"

    request = (await delete(users, ADA))["request"]

    assert request["status"] == "COMPLETED"
    assert all(step["doneAt"] for step in request["steps"])
    assert (await users.row(ADA)).full_name == "Deleted user"


async def test_late_news_does_not_bring_a_deleted_user_back(users: Users) -> None:
    before = dict(users.auth.accounts[ADA])
    await delete(users, ADA)
    await users.tell(before)
    await users.tell({**before, "version": 2, "role": "ADMIN"})
    row = await users.row(ADA)
    assert (row.status, row.full_name, row.role) == ("DELETED", "Deleted user", "USER")


async def test_a_deleted_user_is_listed_only_on_demand_and_cannot_be_changed(users: Users) -> None:
    ids = await fill(users)
    await delete(users, ids[0])
    assert (await list_users(users))["totalCount"] == 4
    assert (await list_users(users, filter={"includeDeleted": True}))["totalCount"] == 5
    change = """mutation($id: ID!) { updateUser(id: $id, input: {fullName: "Back Again"}) { errors { __typename } } }"""
    answer = await users.ask(change, admin_token(), id=str(ids[0]))
    assert answer["data"]["updateUser"]["errors"] == [{"__typename": "NotFoundError"}]


@pytest.mark.parametrize("user_id", [NOBODY, "nonsense", "' OR 1=1"])
async def test_nobody_cannot_be_deleted(users: Users, user_id: object) -> None:
    payload = await delete(users, user_id)
    assert payload["request"] is None
    assert payload["errors"][0]["__typename"] == "NotFoundError"


async def test_nobody_deletes_the_account_in_use(users: Users) -> None:
    payload = await delete(users, ADMIN)
    assert (payload["errors"][0]["code"], payload["errors"][0]["path"]) == ("INVALID_STATE", ["id"])
    assert users.auth.accounts[ADMIN]["status"] == "ACTIVE"


async def test_what_auth_refuses_is_refused_and_nothing_is_scrubbed(users: Users) -> None:
    users.auth.refusal = "This is the last administrator."
    payload = await delete(users, ADA)
    assert payload["errors"][0]["message"] == "This is the last administrator."
    assert (await users.row(ADA)).full_name == "Ada Lovelace"


@pytest.mark.parametrize("reason", ["x" * 501, "a\u202eb"])
async def test_a_bad_reason_is_refused(users: Users, reason: str) -> None:
    payload = await delete(users, ADA, reason)
    assert payload["errors"][0]["path"] == ["reason"]
    assert users.auth.accounts[ADA]["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "UNAUTHENTICATED"),
        (token_of(BOB, mfa_at=time.time()), "FORBIDDEN"),
        (token_of(ADMIN, ADMIN_SCOPES), "FORBIDDEN"),
        (
            token_of(ADMIN, ADMIN_SCOPES, mfa_at=(datetime.now(UTC) - timedelta(minutes=11)).timestamp()),
            "FORBIDDEN",
        ),
    ],
)
async def test_deleting_needs_the_scope_and_a_fresh_second_factor(
    users: Users, token: str | None, code: str
) -> None:
    answer = await users.ask(DELETE, token, id=str(ADA))
    assert answer["errors"][0]["extensions"]["code"] == code
    async with users.service.database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM erasure_requests"))).scalar_one() == 0
