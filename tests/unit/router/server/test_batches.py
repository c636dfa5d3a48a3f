"""Batches: a list in, a list out in its order; refusals as Apollo Router's."""

import asyncio

import httpx
import pytest

from router.pipeline.request import Request
from router.pipeline.stages import BATCH_CONCURRENCY, answer_batch
from tests.support.small_graph import SmallGraph

ME, PRODUCTS = {"query": "{ me { name } }"}, {"query": "{ products(first: 1) { id } }"}


async def post(body, batching=None):
    app = SmallGraph().build_app({"batching": batching or {"enabled": True, "mode": "batch_http_link"}})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        response = await client.post("/", json=body)
    await app.close()
    return response


async def test_answers_come_in_the_order_of_requests():
    response = await post([PRODUCTS, ME, {"query": "{ nope }"}])
    answers = response.json()
    assert response.status_code == 200
    assert answers[:2] == [{"data": {"products": [{"id": "p1"}]}}, {"data": {"me": {"name": "Ann"}}}]
    assert answers[2]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_one_request_alone_needs_no_list_and_a_list_of_one_stays_a_list():
    assert (await post(ME)).json() == {"data": {"me": {"name": "Ann"}}}
    assert (await post([ME])).json() == [{"data": {"me": {"name": "Ann"}}}]


@pytest.mark.parametrize(
    ("body", "batching", "status", "code", "details"),
    [
        ([ME], {"enabled": False}, 400, "BATCHING_NOT_ENABLED", "batching not enabled"),
        (
            [ME, ME, ME],
            {"enabled": True, "maximum_size": 2},
            422,
            "BATCH_LIMIT_EXCEEDED",
            "Batch limits exceeded: you provided a batch with 3 entries, but the configured maximum router batch size is 2",
        ),
        ([], None, 400, "INVALID_GRAPHQL_REQUEST", "a batch must have one request at least"),
        ([ME, 3], None, 400, "INVALID_GRAPHQL_REQUEST", "each request of a batch must be a JSON object"),
        ([ME, [ME]], None, 400, "INVALID_GRAPHQL_REQUEST", "each request of a batch must be a JSON object"),
        ([ME, {"query": 3}], None, 400, "INVALID_GRAPHQL_REQUEST", "`query` must be a string"),
    ],
)
async def test_a_batch_that_is_not_taken(body, batching, status, code, details):
    response = await post(body, batching)
    error = response.json()["errors"][0]
    assert (response.status_code, error["message"]) == (status, "Invalid GraphQL request")
    assert error["extensions"] == {"code": code, "details": details}


async def test_a_batch_of_the_size_that_is_allowed_and_a_long_one():
    assert len((await post([ME, ME], {"enabled": True, "maximum_size": 2})).json()) == 2
    long = {"enabled": True, "maximum_size": None}
    assert (await post([ME] * 200, long)).json() == [{"data": {"me": {"name": "Ann"}}}] * 200


async def test_a_batch_is_bounded_also_where_no_size_is_given():
    assert len((await post([ME] * 100)).json()) == 100
    assert (await post([ME] * 101)).status_code == 422


async def test_waiting_for_a_place_is_part_of_a_requests_time():
    class Silent:
        async def send(self, _request):
            await asyncio.Event().wait()

        async def close(self):
            pass

    app = SmallGraph().build_app({"traffic_shaping": {"router": {"timeout": "50ms"}}}, transport=Silent())
    requests = [Request(ME["query"])] * (BATCH_CONCURRENCY + 1)
    async with asyncio.timeout(10):
        answers = await answer_batch(requests, app._server._generation)
    assert {each.status for each in answers} == {504}
    await app.close()
