"""Hooks at the four stages: what they see, what they change, and what becomes of their faults."""

import asyncio
import json
from hashlib import sha256

import httpx
import pytest
from starlette.responses import JSONResponse

from router import compose, create_app
from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer
from router.hooks import (
    ExecutionResponse,
    Plugin,
    RouterResponse,
    SubgraphResponse,
    SupergraphResponse,
)
from router.hooks.context import CLIENT_NAME, JWT_CLAIMS, OPERATION_KIND, OPERATION_NAME
from router.pipeline.override import CHOSEN, UNRESOLVED
from tests.support.json_server import serving
from tests.support.small_graph import SUPERGRAPH, SmallGraph

QUERY = "query Q { me { name } }"
BOTH = "{ products(first: 1) { name seller { name } } }"
STAGES = ("router", "supergraph", "execution", "subgraph")


async def ask(query=QUERY, *plugins, graph=None, config=None, headers=(), transport=None, **body):
    graph = graph or SmallGraph()
    app = graph.build_app(
        config, transport=transport, plugins={f"p{i}": each for i, each in enumerate(plugins)}
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post("/", json={"query": query, **body}, headers=dict(headers))
    await app.close()
    return answer


def recorder(name, seen):
    def note(place):
        async def hook(message):
            seen.append(f"{name} {place}")

        return hook

    places = [f"{stage}_{kind}" for stage in STAGES for kind in ("request", "response")]
    return Plugin(**{place: note(place) for place in places})


async def test_requests_pass_plugins_in_order_and_responses_in_reverse():
    seen = []
    answer = await ask(QUERY, recorder("a", seen), recorder("b", seen))
    assert answer.json() == {"data": {"me": {"name": "Ann"}}}
    inwards = [f"{name} {stage}_request" for stage in STAGES for name in ("a", "b")]
    outwards = [f"{name} {stage}_response" for stage in reversed(STAGES) for name in ("b", "a")]
    assert seen == inwards + outwards


async def test_each_request_has_one_context_and_an_id_of_its_own():
    contexts = []

    async def note(message):
        contexts.append(message.context)

    plugin = Plugin(
        router_request=note, supergraph_request=note, execution_request=note, subgraph_response=note
    )
    graph = SmallGraph()
    app = graph.build_app(plugins={"p": plugin})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        headers = {"apollographql-client-name": "app"}
        for _ in range(2):
            await client.post("/", json={"query": QUERY}, headers=headers)
    first, second = contexts[:4], contexts[4:]
    assert all(each is first[0] for each in first)
    assert first[0] is not second[0]
    assert first[0].id != second[0].id
    assert first[0].entries == {CLIENT_NAME: "app", OPERATION_NAME: "Q", OPERATION_KIND: "query"}


async def test_the_router_stage_sees_and_changes_bytes():
    seen = {}

    async def rewrite(request):
        seen.update(method=request.method, path=request.path, body=request.body)
        request.body = request.body.replace(b"name", b"email")
        request.headers["x-added"] = ["1"]

    async def note(response):
        seen.update(status=response.status, answer=response.body)
        response.body = b'{"data":{}}'
        response.status = 201
        response.headers["x-hook"] = ["a", "b"]

    async def look(request):
        seen["added"] = request.headers["x-added"]

    answer = await ask(
        "{me{name}}", Plugin(router_request=rewrite, router_response=note, supergraph_request=look)
    )
    assert seen["method"] == "POST"
    assert seen["path"] == "/"
    assert seen["body"] == b'{"query":"{me{name}}"}'
    assert b"email" in seen["answer"]
    assert (seen["added"], seen["status"]) == (["1"], 200)
    assert (answer.status_code, answer.json()) == (201, {"data": {}})
    assert answer.headers.get_list("x-hook") == ["a", "b"]
    assert answer.headers["content-length"] == "11"


async def test_the_supergraph_stage_changes_query_variables_and_response():
    async def rewrite(request):
        assert request.body == {
            "query": QUERY,
            "operationName": "Q",
            "variables": {"n": 2},
            "extensions": {"e": 1},
        }
        request.body = {"query": "query ($n: Int) { products(first: $n) { id } }", "variables": {"n": 1}}

    async def note(response):
        response.body["extensions"] = {"seen": response.body["data"]}
        response.headers["x-a"] = ["1"]

    plugin = Plugin(supergraph_request=rewrite, supergraph_response=note)
    answer = await ask(QUERY, plugin, operationName="Q", variables={"n": 2}, extensions={"e": 1})
    data = {"products": [{"id": "p1"}]}
    assert answer.json() == {"data": data, "extensions": {"seen": data}}
    assert answer.headers["x-a"] == "1"


async def test_refusals_are_responses_that_hooks_see():
    seen = []

    async def note(response):
        seen.append((response.status, response.body["errors"][0]["extensions"]["code"]))

    answer = await ask("{ nope }", Plugin(supergraph_response=note))
    assert seen == [(400, "GRAPHQL_VALIDATION_FAILED")]
    assert answer.status_code == 400


async def test_what_a_hook_says_of_the_caller_is_what_permissions_go_by():
    async def vouch(request):
        request.context.entries[JWT_CLAIMS] = {"scope": "risk"}

    query = "{ me { name risk } }"
    assert (await ask(query)).json()["data"] == {"me": {"name": "Ann", "risk": None}}
    for place in ("router_request", "supergraph_request"):
        answer = await ask(query, Plugin(**{place: vouch}))
        assert answer.json() == {"data": {"me": {"name": "Ann", "risk": 7}}}


@pytest.mark.parametrize("stage", ["router", "supergraph"])
async def test_a_hook_decides_which_named_overrides_are_on(stage):
    seen = []

    async def decide(request):
        seen.append(request.context.entries[UNRESOLVED])
        if ("x-beta", ["yes"]) in request.headers.items():
            request.context.entries[CHOSEN] = ["beta"]

    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@override"]) type Query '
    sdls = {
        "old": link + "{ a: String }",
        "new": link
        + '{ a: String @override(from: "old", label: "beta") b: String @override(from: "old", label: "percent(0)") }',
    }
    transport = MemoryTransport({name: _name_itself(name) for name in sdls})
    app = create_app(
        compose(sdls).supergraph_sdl,
        transport=transport,
        plugins={"p": Plugin(**{f"{stage}_request": decide})},
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        for beta, subgraph in (("no", "old"), ("yes", "new"), ("no", "old")):
            answer = await client.post("/", json={"query": "{ a }"}, headers={"x-beta": beta})
            assert answer.json() == {"data": {"a": subgraph}}
    await app.close()
    assert seen == [["beta"]] * 3


def _name_itself(name):
    async def answer(_request):
        return SubgraphAnswer(200, b'{"data":{"a":"%s"}}' % name.encode())

    return answer


async def test_the_execution_stage_sees_the_plan_and_may_change_variables():
    seen = []

    async def change(request):
        seen.append(request.plan["node"]["kind"])
        request.body["variables"] = {"n": 1}

    query = "query ($n: Int) { products(first: $n) { id } }"
    answer = await ask(query, Plugin(execution_request=change), variables={"n": 2})
    assert seen == ["Fetch"]
    assert answer.json() == {"data": {"products": [{"id": "p1"}]}}


async def test_the_subgraph_stage_changes_headers_and_bodies():
    seen = []

    async def rewrite(request):
        seen.append(request.subgraph)
        request.headers["x-tenant"] = ["t1"]
        request.body["query"] = request.body["query"].replace("name", "name: email")

    async def rename(response):
        response.body["data"]["me"]["name"] = response.body["data"]["me"]["name"].upper()

    graph = SmallGraph()
    headers = []
    inner = graph.transport

    class Transport:
        async def send(self, request):
            headers.append(request.headers)
            return await inner.send(request)

        async def close(self):
            pass

    plugin = Plugin(subgraph_request=rewrite, subgraph_response=rename)
    answer = await ask(QUERY, plugin, graph=graph, transport=Transport())
    assert answer.json() == {"data": {"me": {"name": "ANN@EXAMPLE.ORG"}}}
    assert (seen, headers) == (["users"], [(("x-tenant", "t1"),)])


async def test_hooks_see_an_answer_that_is_mended_as_it_is_told():
    async def hide(response):
        response.body["data"]["me"]["name"] += " is hidden"

    transport = MemoryTransport({"users": say_half_a_character})
    answer = await ask(QUERY, Plugin(subgraph_response=hide), transport=transport)
    assert answer.json() == {"data": {"me": {"name": "\ufffd is hidden"}}}


async def say_half_a_character(_request):
    return SubgraphAnswer(200, b'{"data":{"me":{"name":"\\ud83d"}}}')


async def test_a_compiled_plan_passes_the_same_hooks():
    seen = []

    async def count(request):
        seen.append(request.subgraph)

    app = SmallGraph().build_app(plugins={"p": Plugin(subgraph_request=count)})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answers = [(await client.post("/", json={"query": BOTH})).json() for _ in range(5)]
    assert answers == [answers[0]] * 5
    assert seen == ["products", "users"] * 5


ANSWERS = {
    "router": lambda message: RouterResponse(message.context, 401, {"x-a": ["1"]}, b'{"data":1}'),
    "supergraph": lambda message: SupergraphResponse(message.context, {"data": 1}, 401, {"x-a": ["1"]}),
    "execution": lambda message: ExecutionResponse(message.context, {"data": 1}, 401, {"x-a": ["1"]}),
}


@pytest.mark.parametrize("stage", ANSWERS)
async def test_a_hook_that_answers_is_the_last_and_those_before_it_see_the_answer(stage):
    graph, seen = SmallGraph(), []

    async def refuse(message):
        return ANSWERS[stage](message)

    first, refusing, third = recorder("a", seen), Plugin(**{f"{stage}_request": refuse}), recorder("c", seen)
    answer = await ask(QUERY, first, refusing, third, graph=graph)
    assert (answer.status_code, answer.json(), answer.headers["x-a"]) == (401, {"data": 1}, "1")
    assert graph.users.requests == []
    assert f"a {stage}_response" in seen
    assert not any(each.startswith(f"c {stage}") for each in seen)


async def test_a_hook_may_stand_for_a_subgraph():
    graph = SmallGraph()

    async def stand_in(request):
        body = {"data": {"me": {"name": "Bob"}}}
        return SubgraphResponse(request.context, request.subgraph, body)

    answer = await ask(QUERY, Plugin(subgraph_request=stand_in), graph=graph)
    assert answer.json() == {"data": {"me": {"name": "Bob"}}}
    assert graph.users.requests == []


async def raise_(_message):
    raise RuntimeError("secret: 123")


async def hang(_message):
    await asyncio.Event().wait()


async def wait_for_what_is_cancelled(_message):
    other = asyncio.get_running_loop().create_future()
    other.cancel()
    await other


async def set_bad_header(message):
    message.headers["x-a"] = ["1\r\nx-b: 2"]


async def set_bad_body(message):
    message.body = {"query": object()}


async def set_text_as_headers(message):
    message.headers = {"x-a": "1"}


async def set_no_headers(message):
    message.headers = None


async def set_no_body(message):
    message.body = 3


async def set_status(message):
    if not hasattr(message, "status"):
        raise ValueError
    message.status = 99


LEFT = [set_text_as_headers, set_no_headers, set_no_body, set_status]


@pytest.mark.parametrize("fault", [raise_, hang, wait_for_what_is_cancelled, set_bad_header, *LEFT])
@pytest.mark.parametrize("stage", ["router", "supergraph", "execution"])
@pytest.mark.parametrize("kind", ["request", "response"])
async def test_the_fault_of_a_hook_is_an_error_response(fault, stage, kind):
    answer = await ask(QUERY, Plugin(**{f"{stage}_{kind}": fault}, timeout_s=0.05))
    assert answer.status_code == 500
    (error,) = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        "Internal server error",
        "INTERNAL_SERVER_ERROR",
    )
    assert "secret" not in answer.text


@pytest.mark.parametrize("stage", STAGES)
async def test_what_a_request_hook_gives_must_be_its_stages_response(stage):
    async def give(_message):
        return {"data": {}}

    answer = await ask(QUERY, Plugin(**{f"{stage}_request": give}))
    expected = (200, "SUBREQUEST_HTTP_ERROR") if stage == "subgraph" else (500, "INTERNAL_SERVER_ERROR")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == expected


@pytest.mark.parametrize(
    "fault", [raise_, hang, wait_for_what_is_cancelled, set_bad_header, set_bad_body, *LEFT]
)
@pytest.mark.parametrize("kind", ["request", "response"])
async def test_at_the_subgraph_stage_it_is_the_error_of_one_fetch(fault, kind):
    async def fail(message):
        if message.subgraph == "users":
            await fault(message)

    answer = await ask(BOTH, Plugin(**{f"subgraph_{kind}": fail}, timeout_s=0.05))
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] == {"products": [{"name": "One", "seller": {"name": None}}]}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["SUBREQUEST_HTTP_ERROR"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "connection"])
async def test_a_hook_cannot_change_how_a_message_is_framed(name):
    async def smuggle(message):
        message.headers[name] = ["3"]

    answer = await ask(QUERY, Plugin(router_response=smuggle, supergraph_response=smuggle))
    assert answer.headers.get_list("content-length") == [str(len(answer.content))]
    assert "transfer-encoding" not in answer.headers


async def test_csrf_and_sizes_are_checked_before_any_hook():
    seen = []
    app = SmallGraph().build_app(
        {"limits": {"http_max_request_bytes": 100}}, plugins={"a": recorder("a", seen)}
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        foreign = await client.post("/", content=b"{}", headers={"content-type": "text/plain"})
        large = await client.post("/", json={"query": "#" * 200})
    assert (foreign.status_code, large.status_code) == (400, 413)
    assert seen == []


async def test_plugins_are_closed_once_with_the_router_and_their_faults_keep_nobody():
    closed = []

    async def close():
        closed.append(1)
        raise RuntimeError("late")

    await ask(QUERY, Plugin(close=close), Plugin(close=close))
    assert closed == [1, 1]


async def test_requests_of_a_batch_know_the_same_and_share_nothing():
    seen = []

    async def begin(request):
        request.context.entries["shop::who"] = "ann"

    async def note(response):
        entries = response.context.entries
        seen.append((entries["shop::who"], entries[OPERATION_NAME]))
        entries["shop::who"] = "changed"

    app = SmallGraph().build_app(
        {"batching": {"enabled": True, "mode": "batch_http_link"}},
        plugins={"p": Plugin(router_request=begin, execution_response=note)},
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        batch = [{"query": f"query {name} {{ me {{ name }} }}"} for name in ("A", "B", "C")]
        answers = (await client.post("/", json=batch)).json()
    await app.close()
    assert answers == [{"data": {"me": {"name": "Ann"}}}] * 3
    assert sorted(seen) == [("ann", "A"), ("ann", "B"), ("ann", "C")]


async def test_a_request_to_a_subgraph_goes_where_a_hook_says_past_the_cache():
    asked = []

    async def answer(request):
        asked.append(request.url.path)
        body = {"data": {"me": {"name": request.url.path}}}
        return JSONResponse(body, headers={"cache-control": "public, max-age=60"})

    async def move(request):
        tenant = dict(request.context.headers).get("x-tenant")
        request.url = f"{url}/{tenant}" if tenant is not None else None

    async with serving(answer) as url:
        config = {
            "override_subgraph_url": {"users": f"{url}/own"},
            "response_cache": {"enabled": True},
            "traffic_shaping": {"all": {"deduplicate_query": True}},
        }
        app = create_app(SUPERGRAPH, config=config, plugins={"move": Plugin(subgraph_request=move)})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            tenants = [{}, {"x-tenant": "a"}, {"x-tenant": "b"}, {}, {"x-tenant": "a"}]
            answers = [await client.post("/", json={"query": QUERY}, headers=each) for each in tenants]
            both = [client.post("/", json={"query": QUERY}, headers=each) for each in tenants[1:3]]
            answers += await asyncio.gather(*both)
        await app.close()
    names = [each.json()["data"]["me"]["name"] for each in answers]
    assert names == ["/own", "/a", "/b", "/own", "/a", "/a", "/b"]
    assert asked.count("/own") == 1


async def test_a_subgraph_in_this_process_cannot_be_asked_elsewhere():
    async def move(request):
        request.url = "http://elsewhere.invalid/"

    answer = await ask(QUERY, Plugin(subgraph_request=move))
    assert "cannot be asked elsewhere" in answer.json()["errors"][0]["message"]


REQUIRED = "apollo::authorization::required_"


async def test_supergraph_hooks_are_told_what_is_asked_for_and_decide_on_its_policies():
    seen = []

    async def decide(request):
        entries = request.context.entries
        seen.append({key.removeprefix(REQUIRED): value for key, value in entries.items()})
        if entries.get(f"{REQUIRED}policies") == {"verified": None}:
            entries[f"{REQUIRED}policies"] = {"verified": True}

    document = 'query S { secret } mutation R { rename(id: "p1", name: "N") { id } }'
    hook = Plugin(supergraph_request=decide)
    answer = await ask(document, hook, operationName="R")
    assert answer.json() == {"data": {"rename": {"id": "p1"}}}
    for name in ("S", "T"):
        await ask(document, hook, operationName=name)
    assert seen == [
        {OPERATION_NAME: "R", OPERATION_KIND: "mutation", "policies": {"verified": None}},
        {OPERATION_NAME: "S", OPERATION_KIND: "query", "scopes": ["a", "b", "c"]},
        {},
    ]


async def test_hooks_see_an_operation_that_is_known_by_its_hash():
    seen = []

    async def note(request):
        seen.append((request.context.entries.get(OPERATION_NAME), request.body.get("query")))

    app = SmallGraph().build_app(plugins={"p": Plugin(supergraph_request=note, execution_request=note)})
    known = {"persistedQuery": {"version": 1, "sha256Hash": sha256(QUERY.encode()).hexdigest()}}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        for body in ({}, {"query": QUERY}, {}):
            await client.post("/", json={**body, "extensions": known})
    await app.close()
    assert seen == [(None, None), *[("Q", QUERY)] * 4]


async def test_to_be_shown_an_operation_with_an_id_makes_it_no_document_of_the_client(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"1": QUERY}))
    safelist = {"enabled": True, "require_id": True}
    manifests = {"enabled": True, "local_manifests": [str(tmp_path / "manifest.json")], "safelist": safelist}
    config = {"apq": {"enabled": False}, "persisted_queries": manifests}

    async def look(request):
        assert request.body["query"] == QUERY

    async def change(request):
        request.body["query"] = BOTH

    for hook, status in ((look, 200), (change, 400)):
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": "1"}}
        answer = await ask(None, Plugin(supergraph_request=hook), config=config, extensions=extensions)
        assert answer.status_code == status
