"""Requests that nobody answers in time."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest
import strawberry
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL

from subgraphs.common import deadline
from subgraphs.common.deadline import LATE_CODE, LATE_FIELD, Deadline
from subgraphs.common.schema import SubgraphSchema


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "REQUEST_S", 0.01)


class Stuck:
    """An application that waits for what does not come, and needs a while to tidy up."""

    def __init__(self) -> None:
        self.has_begun, self.may_end, self.has_ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.has_begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await self.may_end.wait()
            # Whatever it still says is not heard any more.
            await Response("late")(scope, receive, send)
            raise
        finally:
            self.has_ended.set()


async def ask(app: Any, content: Any = b"{}") -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        headers = {"content-type": "application/json"}
        return await client.post("/graphql", content=content, headers=headers)


async def test_who_waits_too_long_is_told_while_the_work_is_still_being_undone() -> None:
    stuck = Stuck()
    response = await ask(Deadline(stuck))
    assert not stuck.has_ended.is_set()
    assert response.status_code == 504
    assert response.headers["connection"] == "close"
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": LATE_CODE}
    stuck.may_end.set()
    await stuck.has_ended.wait()


async def test_a_body_that_never_ends_is_cut_off() -> None:
    async def read_all(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

    async def dribble() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0)

    assert (await ask(Deadline(read_all), dribble())).status_code == 504


async def test_what_is_in_time_is_passed_on_and_faults_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "REQUEST_S", 60.0)
    assert (await ask(Deadline(Response("done")))).text == "done"

    async def fail(*_: object) -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        await ask(Deadline(fail))


async def test_an_answer_that_has_begun_is_cut_and_not_mixed_with_another() -> None:
    async def begin() -> AsyncIterator[bytes]:
        yield b"begun"
        await asyncio.Event().wait()

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.Event().wait()

    scope = {"type": "http", "method": "GET", "path": "/", "asgi": {"spec_version": "2.4"}}
    await Deadline(StreamingResponse(begin()))(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


async def test_who_gives_up_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "REQUEST_S", 60.0)
    stuck = Stuck()
    stuck.may_end.set()
    asking = asyncio.ensure_future(ask(Deadline(stuck)))
    await stuck.has_begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(stuck.has_ended.wait(), 10)


async def test_sockets_have_no_end() -> None:
    ended = asyncio.Event()

    async def serve(*_: object) -> None:
        await asyncio.sleep(0.03)
        ended.set()

    await Deadline(serve)({"type": "websocket"}, None, None)  # type: ignore[arg-type]  # not used
    assert ended.is_set()


async def test_a_mutation_that_is_late_tells_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    is_stuck = asyncio.Event()

    async def wait_until_stuck(_work: object, timeout: float) -> None:  # noqa: ASYNC109  as asyncio's own
        assert timeout == deadline.REQUEST_S
        await is_stuck.wait()

    monkeypatch.setattr(deadline, "asyncio", SimpleNamespace(**vars(asyncio) | {"wait": wait_until_stuck}))

    @strawberry.type
    class Mutation:
        @strawberry.mutation
        async def buy(self, what: str) -> bool:
            done.append(what)
            if what == "slow":
                is_stuck.set()
                await asyncio.Event().wait()
            return True

    @strawberry.type
    class Query:
        nothing: bool = False

    app = Deadline(GraphQL(SubgraphSchema(query=Query, mutation=Mutation)))
    operation = 'mutation { a: buy(what: "quick") b: buy(what: "slow") c: buy(what: "last") }'
    response = await ask(app, orjson.dumps({"query": operation}))
    assert (response.status_code, done) == (504, ["quick", "slow"])
    (error,) = response.json()["errors"]
    assert (error["path"], LATE_FIELD in error["message"]) == (["b"], True)
