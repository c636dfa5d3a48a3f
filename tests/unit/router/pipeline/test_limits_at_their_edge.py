"""What is just within a limit is served. What is past it is in tests/contract/golden/refusals.yaml."""

import httpx
import pytest

from tests.support.small_graph import SmallGraph

DEEP = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"


async def post(config, body):
    app = SmallGraph().build_app(config)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        response = await client.post("/", json=body, headers={"accept": "*/*"})
    await app.close()
    return response


@pytest.mark.parametrize(
    ("limit", "query"),
    [
        ({"parser_max_tokens": 7}, "{ me { id } }"),
        ({"parser_max_recursion": 2}, "{ me { id } }"),
        ({"max_depth": 2}, "{ me { id } }"),
        ({"max_height": 2}, "{ me { id } }"),
        ({"max_root_fields": 2}, "{ me { id } products { id } }"),
        ({"max_aliases": 2}, "{ a: me { b: id } }"),
        ({"max_repeats": 2}, "{ a: me { id } b: me { id } }"),
        ({"introspection_max_depth": False}, DEEP),
        ({"http_max_response_bytes": len('{"data":{"me":{"id":"u1"}}}')}, "{ me { id } }"),
        ({"http_max_request_bytes": len('{"query":"{ me { id } }"}')}, "{ me { id } }"),
    ],
    ids=str,
)
async def test_what_is_just_within_a_limit_is_served(limit, query):
    response = await post({"limits": limit}, {"query": query})
    assert response.status_code == 200
    assert response.json()["data"]
