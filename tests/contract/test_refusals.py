"""Every way to say no, as clients see it, by the situations of golden/refusals.yaml.

Codes of Apollo Router's that no situation here gives, and why, are in `NOT_HERE`.
"""

import asyncio
import json
import re
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.responses import Response

from router.app import create_app
from router.errors import ErrorCode
from router.executor.transport import SubgraphRequest
from tests.support.json_server import serving
from tests.support.ports import free_ports
from tests.support.small_graph import SUPERGRAPH, SmallGraph

TABLE = yaml.safe_load((Path(__file__).parent / "golden/refusals.yaml").read_text())

NOT_HERE = {
    "ROUTER_FREE_PLAN_RATE_LIMIT_REACHED": "there is no plan to buy",
    "RESPONSE_VALIDATION_FAILED": "counted, never sent: clients get extensions.valueCompletion",
    "MISSING_QUERY_PARAM": "Hive Router's; a GET without a document is INVALID_GRAPHQL_REQUEST, as Apollo's",
    "SUBREQUEST_UNEXPECTED_PATCH_RESPONSE": "subgraphs are never asked for parts",
    "SUBREQUEST_WEBSOCKET_ERROR": "subscriptions are not served yet",
    "SUBSCRIPTION_BAD_HEADER": "subscriptions are refused before anybody asks how they are to be answered",
    "BATCHING_SUBSCRIPTION_UNSUPPORTED": "in a batch they are refused as such",
    "SUBSCRIPTION_MAX_LIMIT": "there are none",
    "SUBSCRIPTION_SCHEMA_RELOAD": "there are none",
    "SUBSCRIPTION_CONFIG_RELOAD": "there are none",
    "SUBSCRIPTION_JWT_EXPIRED": "there are none; DEFERRED_RESPONSE_JWT_EXPIRED is there",
    "SUBSCRIPTION_EXECUTION_ERROR": "there are none",
    "FILE_UPLOADS_OPERATION_CANNOT_STREAM": "files are read before they are sent on, so that their order does not matter",
    "CONNECTOR_FETCH": "REST sources are not asked",
    "CONNECTOR_RESPONSE_INVALID": "REST sources are not asked",
    "REQUEST_LIMIT_EXCEEDED": "it limits requests to REST sources",
    "EXECUTION_PATH_NOT_FOUND": "what does not fit the path of a fetch is null, with the subgraph's error",
    "VALIDATION_PLANNING_ERROR": "an operation that cannot be planned is QUERY_PLANNING_FAILED; composition leaves none",
    "MALFORMED_REQUEST": "Apollo's own types cannot be built wrongly here",
    "COST_ACTUAL_TOO_EXPENSIVE": "the actual cost is measured after the answer is made, as in Apollo Router: it refuses nothing",
    "COST_RESPONSE_TYPING_FAILURE": "an answer without a type costs what the operation says",
    "MIXED_INTROSPECTION": "introspection beside data is answered",
    "BATCHING_ERROR": "the requests of a batch do not depend on each other",
}
"""Codes that router-peers and Apollo's documentation name and that cannot come about here."""


def build_tokens():
    """Tokens by what is wrong with them, and the keys that they are checked with."""
    key = Ed25519PrivateKey.generate()
    now = int(time.time())

    def sign(signer=key, kid="1", **changes):
        claims = {"sub": "u", "iss": "iss", "aud": "aud", "exp": now + 3600, **changes}
        return jwt.encode(claims, signer, "EdDSA", headers={"kid": kid})

    tokens = {
        "forged": sign(Ed25519PrivateKey.generate()),
        "expired": sign(exp=now - 3600),
        "early": sign(nbf=now + 3600),
        "unknown": sign(kid="2"),
        "audience": sign(aud="other"),
        "issuer": sign(iss="other"),
        "none": jwt.encode({"sub": "u"}, None, "none", headers={"kid": "1"}),
    }
    public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    return tokens, {"keys": [{**public, "kid": "1"}]}


TOKENS, KEYS = build_tokens()


def fill(value, folder):
    """The row with its `$` names replaced."""
    text = json.dumps(value)
    for name, token in TOKENS.items():
        text = text.replace(f"$TOKEN_{name}", token)
    (folder / "jwks.json").write_text(json.dumps(KEYS))
    (folder / "manifest.json").write_text(json.dumps({"1": "query Top { products { id } }"}))
    text = text.replace("$JWKS", (folder / "jwks.json").as_uri())
    return json.loads(text.replace("$MANIFEST", str(folder / "manifest.json")))


def build_subgraphs(graph, users):
    """What the subgraphs answer over HTTP, each at a path of its name."""

    async def answer(request):
        name = request.url.path.strip("/")
        if name == "users" and users == "hang":
            await asyncio.sleep(5)
        elif name == "users" and isinstance(users, dict):
            return Response(users["body"], users["status"], media_type=users["type"])
        subgraph = {"products": graph.products, "users": graph.users}[name]
        given = await subgraph(SubgraphRequest(name, await request.body()))
        return Response(given.body, media_type="application/json")

    return answer


async def build(row, stack):
    """A client of a router in the row's situation."""
    graph, config = SmallGraph(), row.get("config", {})
    transport = None
    if "users" in row:
        url = await stack.enter_async_context(serving(build_subgraphs(graph, row["users"])))
        users = f"http://127.0.0.1:{free_ports(1)[0]}" if row["users"] == "refuse" else f"{url}/users"
        urls = {"products": f"{url}/products", "users": users}
        common = {"include_subgraph_errors": {"all": True}, "supergraph": {"introspection": True}}
        app = create_app(SUPERGRAPH, config={**common, "override_subgraph_url": urls, **config})
    else:
        app = graph.build_app(config, transport=transport)
    stack.push_async_callback(app.close)
    asgi = httpx.ASGITransport(app)
    return await stack.enter_async_context(httpx.AsyncClient(transport=asgi, base_url="http://router"))


async def ask(client, row):
    headers = {"accept": "*/*", **row.get("headers", {})}
    path = row.get("path", "/")
    if "get" in row:
        return await client.get(path, params=row["get"], headers=headers)
    content = row["text"] if "text" in row else json.dumps(row["body"])
    return await client.post(path, content=content, headers={"content-type": "application/json", **headers})


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
async def test_a_refusal_has_its_status_code_and_message(row, tmp_path):
    row = fill(row, tmp_path)
    async with AsyncExitStack() as stack:
        client = await build(row, stack)
        for _ in range(row.get("before", 0)):
            await ask(client, row)
        if row.get("beside"):
            answers = await asyncio.gather(ask(client, row), ask(client, row))
            answer = max(answers, key=lambda each: each.json()["errors"][0]["extensions"]["code"])
        else:
            answer = await ask(client, row)
    status, code, message = row["expected"]
    body = answer.json()[0] if row.get("batched") else answer.json()
    error = body["errors"][0]
    extensions = error.get("extensions", {})
    assert (answer.status_code, extensions.get("code")) == (status, code)
    if message.startswith("/"):
        assert re.search(message.strip("/"), error["message"])
    else:
        assert error["message"] == message
    assert {**extensions, **row.get("extensions", {})} == extensions
    assert error.get("path") == row.get("path_of_error", error.get("path"))
    for name, value in row.get("answered", {}).items():
        assert answer.headers[name] == value
    if "data" in row:
        assert body["data"] == row["data"]
    else:
        assert body.get("data") is None


def test_every_code_of_ours_is_in_the_table_or_it_is_said_why_not():
    shown = {row["expected"][1] for row in TABLE}
    assert {code.value for code in ErrorCode} - shown - set(NOT_HERE) - ELSEWHERE == set()
    assert shown & set(NOT_HERE) == set()


ELSEWHERE = {
    # Nothing that a test could ask for makes the router itself fail: test_stages.
    "INTERNAL_SERVER_ERROR",
    # A supergraph that cannot be planned does not compose: test_refusals of the planner.
    "QUERY_PLANNING_FAILED",
    # A batch of fetches that its subgraph answers wrongly: test_subgraph_batches.
    "SUBREQUEST_BATCHING_ERROR",
    # What is sent after the first part: test_defer_around.
    "DEFERRED_RESPONSE_JWT_EXPIRED",
    "DEFERRED_RESPONSE_TOO_LARGE",
    # graphql-core's own parser refuses first; test_demand_control.
    "COST_QUERY_PARSE_FAILURE",
}
"""Codes whose situation is no request and no configuration; the test that has it stands beside."""
