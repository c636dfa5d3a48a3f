"""What goes on by itself: erasures, exports, the comparison with auth."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import jwt
import pytest
from sqlalchemy import text

from subgraphs.users.repository import erasures, exports
from tests.subgraph.users.conftest import ADA, ADMIN, BOB, KEY, KEY_ID, PASSWORD, Users, admin_token, token_of

SAGA = """{ request { id userId status completedAt steps { service doneAt } }
  errors { __typename ... on UserError { message code path } } }"""
DELETE = f"mutation($id: ID!) {{ deleteUser(id: $id) {SAGA} }}"
REQUEST = f"mutation($password: String!) {{ requestAccountDeletion(password: $password) {SAGA} }}"
CANCEL = f"mutation {{ cancelAccountDeletion {SAGA} }}"
EXPORT = """mutation { requestDataExport { export { id status downloadUrl expiresAt }
  errors { __typename ... on UserError { code } } } }"""


STEPS = ["auth", "orders", "payments", "products", "users"]


class KilledError(BaseException):
    """Stands for a kill -9: nobody catches it."""


async def run(users: Users, operation: str, token: str, **variables: Any) -> dict[str, Any]:
    answer = await users.ask(operation, token, **variables)
    assert "errors" not in answer, answer
    (payload,) = answer["data"].values()
    return payload


async def stored(users: Users, user_id: UUID = ADA) -> tuple[str, dict[str, Any]]:
    """Give the status of an erasure and when each step was done."""
    async with users.service.database.read() as session:
        found = await erasures.find_erasure(session, user_id)
    assert found is not None
    return found.status.value, {step.service: step.done_at for step in found.steps}


async def meet(users: Users) -> None:
    await users.ask("{ me { id } }", token_of(ADA))


async def test_an_erasure_goes_on_by_itself_when_auth_answers_again(users: Users) -> None:
    await meet(users)
    users.auth.is_down = True
    assert (await run(users, DELETE, admin_token(), id=str(ADA)))["request"]["status"] == "RUNNING"
    assert await users.service.erasures.run_due() == 0, "not before its time"
    waits = []
    for _ in range(4):
        while await users.service.erasures.run_due() == 0:
            users.clock.advance(seconds=5)
            waits.append(5)
    assert sum(waits) >= 5 + 10 + 20
    users.auth.is_down = False
    users.clock.advance(hours=1)
    await users.service.erasures.run_due()
    assert (await stored(users))[0] == "COMPLETED"
    assert (await users.row(ADA)).full_name == "Deleted user"


@pytest.mark.parametrize(
    "point",
    [
        "insert_erasure_steps",
        "list_open_steps",
        "finish_erasure_step",
        "lock_erasure",
        "set_erasure_status",
        "disable",
        "orders",
        "payments",
        "products",
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_any_point_nothing_is_lost_and_nothing_is_done_twice(
    users: Users, monkeypatch: pytest.MonkeyPatch, point: str, when: str
) -> None:
    await run(users, REQUEST, token_of(ADA), password=PASSWORD)
    users.clock.advance(days=15)
    owner: Any = users.service.erasures._auth if point == "disable" else erasures
    name = point
    if point in users.keepers:
        owner, name = users.keepers[point], "post"
    real = getattr(owner, name)
    calls = 0

    async def die(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        result = await real(*args) if when == "after" else None
        if calls == 1 or when == "before":
            raise KilledError
        return result

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, die)
        with pytest.raises(KilledError):
            await users.service.erasures.run_due()
    status, before = await stored(users)
    assert status == "RUNNING"

    assert await users.service.erasures.run_due() == 0, "somebody may still be working on it"
    users.clock.advance(seconds=31)
    assert await users.service.erasures.run_due() == 1

    status, done = await stored(users)
    assert (status, [*done]) == ("COMPLETED", STEPS)
    assert all(done.values())
    assert all(done[service] == at for service, at in before.items() if at), "a proof is written once"
    assert (await users.row(ADA)).full_name == "Deleted user"
    assert users.auth.accounts[ADA]["version"] == 2
    assert all({*keeper.erased} == {ADA} for keeper in users.keepers.values())
    assert await users.service.erasures.run_due() == 0


@pytest.mark.parametrize("silent", STEPS[1:4])
async def test_a_service_that_does_not_answer_keeps_no_other_from_forgetting(
    users: Users, silent: str
) -> None:
    await meet(users)
    users.keepers[silent].is_down = True
    assert (await run(users, DELETE, admin_token(), id=str(ADA)))["request"]["status"] == "RUNNING"
    status, before = await stored(users)
    assert (status, [service for service, at in before.items() if not at]) == ("RUNNING", [silent])
    assert (await users.row(ADA)).full_name == "Deleted user"
    users.keepers[silent].is_down = False
    users.clock.advance(minutes=1)
    assert await users.service.erasures.run_due() == 1
    status, after = await stored(users)
    assert status == "COMPLETED"
    assert {**after, silent: None} == before, "a proof is written once"
    assert all(keeper.erased == [ADA] for keeper in users.keepers.values()), "each is asked once"


async def test_an_older_service_that_cannot_forget_yet_is_asked_again(users: Users) -> None:
    users.keepers["orders"].post = lambda *_: asyncio.sleep(0, None)  # type: ignore[method-assign]
    assert (await run(users, DELETE, admin_token(), id=str(ADA)))["request"]["status"] == "RUNNING"
    assert (await stored(users))[1]["orders"] is None


async def test_of_many_workers_one_takes_an_erasure(users: Users) -> None:
    for user_id in (ADA, BOB):
        await run(users, REQUEST, token_of(user_id), password=PASSWORD)
    users.clock.advance(days=15)
    counts = await asyncio.gather(*(users.service.erasures.run_due() for _ in range(5)))
    assert sum(counts) == 2
    assert sorted(users.auth.disabled) == sorted([ADA, BOB])


async def test_the_own_account_is_deleted_after_the_time_to_think_again(users: Users) -> None:
    payload = await run(users, REQUEST, token_of(ADA), password=PASSWORD)
    assert (payload["request"]["status"], payload["request"]["steps"]) == ("SCHEDULED", [])
    again = await run(users, REQUEST, token_of(ADA), password=PASSWORD)
    assert again["request"]["id"] == payload["request"]["id"]
    users.clock.advance(days=13)
    assert await users.service.erasures.run_due() == 0
    users.clock.advance(days=1)
    assert await users.service.erasures.run_due() == 1
    assert (await stored(users))[0] == "COMPLETED"


async def test_a_deletion_is_called_off_and_asked_for_again(users: Users) -> None:
    await run(users, REQUEST, token_of(ADA), password=PASSWORD)
    assert (await run(users, CANCEL, token_of(ADA)))["request"]["status"] == "CANCELLED"
    again = await run(users, CANCEL, token_of(ADA))
    assert (again["request"], again["errors"][0]["__typename"]) == (None, "NotFoundError")
    users.clock.advance(days=30)
    assert await users.service.erasures.run_due() == 0
    assert (await run(users, REQUEST, token_of(ADA), password=PASSWORD))["request"]["status"] == "SCHEDULED"
    users.clock.advance(days=13)
    assert await users.service.erasures.run_due() == 0, "the time begins anew"


async def test_cancelling_while_it_begins_is_one_or_the_other(users: Users) -> None:
    await run(users, REQUEST, token_of(ADA), password=PASSWORD)
    users.clock.advance(days=15)
    payload, _ = await asyncio.gather(run(users, CANCEL, token_of(ADA)), users.service.erasures.run_due())
    is_cancelled = payload["request"] is not None
    assert (await stored(users))[0] == ("CANCELLED" if is_cancelled else "COMPLETED")
    assert (users.auth.disabled == []) is is_cancelled


@pytest.mark.parametrize("password", ["", "wrong", "x" * 100_000, "пароль 山"])
async def test_the_own_deletion_needs_the_password(users: Users, password: str) -> None:
    payload = await run(users, REQUEST, token_of(ADA), password=password)
    assert payload["errors"][0]["path"] == ["password"]
    assert payload["request"] is None


async def test_what_auth_refuses_ends_the_erasure(users: Users) -> None:
    await run(users, REQUEST, token_of(ADMIN), password=PASSWORD)
    users.auth.refusal = "This is the last administrator."
    users.clock.advance(days=15)
    await users.service.erasures.run_due()
    assert (await stored(users, ADMIN))[0] == "FAILED"
    assert await users.service.erasures.run_due() == 0


async def fetch(users: Users, url: str) -> Any:
    parts = urlsplit(url)
    return await users.client.get(f"{parts.path}?{parts.query}")


async def test_an_export_has_ones_own_data_behind_a_link_for_a_day(users: Users) -> None:
    change = 'mutation { updateProfile(input: {fullName: "Ada Ñ 山 👩‍🚀", phone: "+49 30 1234567"}) { user { id } } }'
    await users.ask(change, token_of(ADA))
    export = (await run(users, EXPORT, token_of(ADA)))["export"]
    assert export["status"] == "COMPLETED"
    response = await fetch(users, export["downloadUrl"])
    assert response.json()["profile"]["fullName"] == "Ada Ñ 山 👩‍🚀"
    assert response.json()["account"] == {"email": "ada@example.com"}
    assert [response.json()[name] for name in users.keepers] == [{"things": [str(ADA)]}] * 3
    assert response.headers["cache-control"] == "private, no-store"
    assert (await run(users, EXPORT, token_of(ADA)))["export"] == export
    other = (await run(users, EXPORT, token_of(BOB)))["export"]
    assert other["id"] != export["id"]
    forged = export["downloadUrl"].replace(export["id"], other["id"])
    for url in (forged, export["downloadUrl"][:-1], f"http://x/exports/{export['id']}"):
        assert (await fetch(users, url)).status_code == 404
    users.clock.advance(days=1)
    assert (await fetch(users, export["downloadUrl"])).status_code == 404
    await users.service.exports.run_due()
    async with users.service.database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM data_exports"))).scalar_one() == 0


async def test_an_export_is_gathered_when_auth_answers_again(users: Users) -> None:
    await meet(users)
    users.auth.is_down = True
    export = (await run(users, EXPORT, token_of(ADA)))["export"]
    assert (export["status"], export["downloadUrl"]) == ("RUNNING", None)
    users.auth.is_down = False
    users.clock.advance(seconds=31)
    await users.service.upkeep.run_once()
    assert (await run(users, EXPORT, token_of(ADA)))["export"]["status"] == "COMPLETED"


async def test_an_export_is_whole_or_not_there(users: Users) -> None:
    users.keepers["products"].is_down = True
    assert (await run(users, EXPORT, token_of(ADA)))["export"]["status"] == "RUNNING"
    users.keepers["products"].is_down = False
    users.clock.advance(seconds=31)
    await users.service.upkeep.run_once()
    assert (await run(users, EXPORT, token_of(ADA)))["export"]["status"] == "COMPLETED"


async def test_an_erasure_takes_the_export_too(users: Users) -> None:
    url = (await run(users, EXPORT, token_of(ADA)))["export"]["downloadUrl"]
    await run(users, DELETE, admin_token(), id=str(ADA))
    assert (await fetch(users, url)).status_code == 404
    assert (await run(users, EXPORT, token_of(ADA)))["errors"][0]["__typename"] == "NotFoundError"


async def test_what_is_gathered_while_its_owner_is_deleted_is_not_kept(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = users.keepers["products"]
    tell = keeper.post

    async def tell_too_late(path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if path.endswith("export"):
            await run(users, DELETE, admin_token(), id=str(ADA))
            async with users.service.database.write() as session:
                # Of a request whose transaction was open meanwhile.
                now = users.clock()
                later = now + timedelta(days=1)
                await exports.insert_export(session, ADA, now, later, later)
        return await tell(path, body)

    monkeypatch.setattr(keeper, "post", tell_too_late)
    assert (await run(users, EXPORT, token_of(ADA)))["errors"][0]["__typename"] == "NotFoundError"
    async with users.service.database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM data_exports"))).scalar_one() == 0


async def test_news_that_never_arrived_arrives_with_the_comparison(users: Users) -> None:
    await meet(users)
    users.auth.accounts[ADA] |= {"role": "ADMIN", "version": 5}
    users.auth.accounts[BOB] |= {"role": "ADMIN"}
    await users.service.upkeep.run_once()
    assert (await users.row(ADA)).role == "ADMIN"
    lookups = len(users.auth.lookups)
    await users.service.upkeep.run_once()
    assert len(users.auth.lookups) == lookups, "once an hour"
    users.clock.advance(hours=1)
    await users.service.upkeep.run_once()
    assert len(users.auth.lookups) == lookups + 1


@pytest.mark.parametrize("operation", [REQUEST, CANCEL, EXPORT])
async def test_an_api_key_and_nobody_are_kept_out(users: Users, operation: str) -> None:
    claims = jwt.decode(token_of(ADA), options={"verify_signature": False}) | {"akid": "a key"}
    of_a_key = jwt.encode(claims, KEY, algorithm="EdDSA", headers={"kid": KEY_ID})
    variables = {"password": PASSWORD} if operation is REQUEST else {}
    for token, code in ((of_a_key, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
        answer = await users.ask(operation, token, **variables)
        assert answer["errors"][0]["extensions"]["code"] == code
