"""The coprocessor protocol over a real socket: what is sent at each stage, and what the answers do."""

import asyncio
import json
import re

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from router.coprocessor.protocol import WIRE_NAMES
from router.executor.options import TrafficOptions
from router.executor.transports import build_http_transport
from tests.support.json_server import serving
from tests.support.listening import listening, read_http
from tests.support.small_graph import SUPERGRAPH, SmallGraph
from tests.support.streamed_requests import ACCEPT, SELLERS, read_parts

QUERY = "query Q { me { name } }"
EVERYTHING = {
    "router": {
        "request": {
            "headers": True,
            "body": True,
            "context": "all",
            "sdl": True,
            "path": True,
            "method": True,
        },
        "response": {"headers": True, "body": True, "context": "all", "sdl": True, "status_code": True},
    },
    "supergraph": {
        "request": {"headers": True, "body": True, "context": "all", "sdl": True, "method": True},
        "response": {"headers": True, "body": True, "context": "all", "sdl": True, "status_code": True},
    },
    "execution": {
        "request": {"headers": True, "body": True, "context": "all", "method": True, "query_plan": True},
        "response": {"headers": True, "body": True, "context": "all", "status_code": True},
    },
    "subgraph": {
        "all": {
            "request": {
                "headers": True,
                "body": True,
                "context": "all",
                "uri": True,
                "method": True,
                "service_name": True,
                "subgraph_request_id": True,
            },
            "response": {
                "headers": True,
                "body": True,
                "context": "all",
                "service_name": True,
                "status_code": True,
                "subgraph_request_id": True,
            },
        }
    },
}


async def ask(reply, stages, **more):
    """Ask a router whose coprocessor answers with `reply(message)`; the answer, and the messages it got."""
    (answer,), messages = await ask_each([reply], stages, **more)
    return answer, messages


async def ask_each(
    replies, stages, *, query=QUERY, graph=None, headers=(), transport=None, config=None, **options
):
    """Ask one router as often as there are `replies`; the answers, and the messages of all."""
    messages, reply = [], None

    async def answer(request):
        message = json.loads(await request.body())
        messages.append(json.loads(json.dumps(message)))
        given = reply(message)
        if asyncio.iscoroutine(given):
            given = await given
        if isinstance(given, Response):
            return given
        # What is the same in every answer.
        return JSONResponse({"version": 1, "stage": message["stage"], "control": "continue", **given})

    async with serving(answer) as url:
        app = (graph or SmallGraph()).build_app(
            {"coprocessor": {"url": url, **stages, **options}, **(config or {})}, transport=transport
        )
        answers = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            for each in replies:
                reply = each
                answers.append(await client.post("/", json={"query": query}, headers=dict(headers)))
        await app.close()
    return answers, messages


def same(message):
    return message


async def test_each_stage_is_asked_in_turn_with_what_is_selected():
    answer, messages = await ask(same, EVERYTHING)
    assert answer.json() == {"data": {"me": {"name": "Ann"}}}
    by_stage = {message["stage"]: message for message in messages}
    assert [message["stage"] for message in messages] == [
        "RouterRequest",
        "SupergraphRequest",
        "ExecutionRequest",
        "SubgraphRequest",
        "SubgraphResponse",
        "ExecutionResponse",
        "SupergraphResponse",
        "RouterResponse",
    ]
    always = {"version", "stage", "control", "id", "hasNext"}
    for message in messages:
        name, kind = re.findall("[A-Z][a-z]+", message["stage"])
        stage = EVERYTHING[name.lower()]
        assert {WIRE_NAMES.get(part, part) for part in stage.get("all", stage)[kind.lower()]} == {
            *message
        } - always
    assert {message["version"] for message in messages} == {1}
    assert len({message["id"] for message in messages}) == 1
    router = by_stage["RouterRequest"]
    assert (router["control"], router["path"], router["method"]) == ("continue", "/", "POST")
    assert json.loads(router["body"]) == {"query": QUERY}
    assert router["headers"]["content-type"] == ["application/json"]
    assert router["sdl"].strip() == SUPERGRAPH.strip()
    assert by_stage["SupergraphRequest"]["body"] == {"query": QUERY}
    assert by_stage["ExecutionRequest"]["query_plan"]["node"]["kind"] == "Fetch"
    subgraph = by_stage["SubgraphRequest"]
    assert (subgraph["serviceName"], subgraph["uri"]) == ("users", "http://users.invalid/graphql")
    assert "name" in subgraph["body"]["query"]
    assert subgraph["subgraphRequestId"] == by_stage["SubgraphResponse"]["subgraphRequestId"]
    assert by_stage["SubgraphResponse"]["body"] == {"data": {"me": {"name": "Ann"}}}
    assert by_stage["SupergraphResponse"]["hasNext"] is False
    assert "control" not in by_stage["SupergraphResponse"]
    assert (by_stage["RouterResponse"]["statusCode"], by_stage["RouterResponse"]["body"]) == (
        200,
        '{"data":{"me":{"name":"Ann"}}}',
    )


async def test_nothing_is_sent_that_is_not_selected_and_nothing_asked_that_is_not_named():
    _, messages = await ask(same, {"supergraph": {"request": {}}, "router": {"request": {"path": True}}})
    identity = messages[0]["id"]
    common = {"version": 1, "control": "continue", "id": identity}
    assert messages == [
        {**common, "stage": "RouterRequest", "path": "/"},
        {**common, "stage": "SupergraphRequest"},
    ]


CHANGES = {
    "RouterRequest": (
        "router",
        "request",
        {"body": json.dumps({"query": "{ me { id } }"})},
        {"me": {"id": "u1"}},
    ),
    "SupergraphRequest": (
        "supergraph",
        "request",
        {"body": {"query": "{ me { id } }"}},
        {"me": {"id": "u1"}},
    ),
    "SubgraphRequest": (
        "subgraph",
        "request",
        {"body": {"query": "{ me { name: id } }"}},
        {"me": {"name": "u1"}},
    ),
    "SubgraphResponse": (
        "subgraph",
        "response",
        {"body": {"data": {"me": {"name": "X"}}}},
        {"me": {"name": "X"}},
    ),
    "ExecutionResponse": ("execution", "response", {"body": {"data": {"a": 1}}}, {"a": 1}),
    "SupergraphResponse": ("supergraph", "response", {"body": {"data": {"a": 1}}}, {"a": 1}),
    "RouterResponse": ("router", "response", {"body": '{"data":{"a":1}}'}, {"a": 1}),
}


@pytest.mark.parametrize("stage", CHANGES)
async def test_bodies_are_changed_at_every_stage(stage):
    name, kind, change, data = CHANGES[stage]
    options = {kind: {"body": True}}
    answer, _ = await ask(
        lambda message: {**message, **change}, {name: {"all": options} if name == "subgraph" else options}
    )
    assert (answer.status_code, answer.json()) == (200, {"data": data})


async def test_headers_and_status_of_a_response_are_changed():
    def change(message):
        return {**message, "headers": {**message["headers"], "X-Co": ["a", "b"]}, "statusCode": 418}

    answer, _ = await ask(change, {"router": {"response": {"headers": True, "status_code": True}}})
    assert answer.status_code == 418
    assert answer.headers.get_list("x-co") == ["a", "b"]


@pytest.mark.parametrize(
    ("stage", "kind", "body"),
    [
        ("router", "request", '{"errors":[{"message":"no"}]}'),
        ("supergraph", "request", {"errors": [{"message": "no"}]}),
        ("execution", "request", {"errors": [{"message": "no"}]}),
    ],
)
async def test_a_break_is_the_answer_and_nothing_runs(stage, kind, body):
    graph = SmallGraph()
    reply = {"version": 1, "control": {"break": 401}, "headers": {"x-why": ["token"]}, "body": body}
    answer, _ = await ask(lambda _: reply, {stage: {kind: {}}}, graph=graph)
    assert (answer.status_code, answer.json()) == (401, {"errors": [{"message": "no"}]})
    assert answer.headers["x-why"] == "token"
    assert graph.users.requests == []


NO_RESPONSE = "couldn't deserialize coprocessor output body: it is no GraphQL response"


NO_RESPONSES = ({"errors": 1}, {"errors": [{"code": "x"}]}, {}, 3)


@pytest.mark.parametrize("stage", ["router", "supergraph", "execution"])
async def test_a_break_with_what_is_no_response_is_an_error_that_says_so(stage):
    bodies = ("not you", *NO_RESPONSES)
    replies = [lambda _, body=body: {"control": {"break": 403}, "body": body} for body in bodies]
    answers, _ = await ask_each(replies, {stage: {"request": {}}})
    for body, answer in zip(bodies, answers, strict=True):
        message = body if isinstance(body, str) else NO_RESPONSE
        error = {"message": message, "extensions": {"code": "ERROR"}}
        assert (answer.status_code, answer.json()) == (403, {"errors": [error]})
        assert answer.headers["content-type"] == "application/json"


async def test_a_break_without_a_body_is_an_error_too():
    for stage, message in (("router", ""), ("supergraph", NO_RESPONSE)):
        answer, _ = await ask(lambda _: {"control": "break"}, {stage: {"request": {}}})
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, message)


async def test_what_a_break_answers_is_not_looked_at_where_that_is_switched_off():
    reply = {"control": {"break": 403}, "body": {"mine": 1}}
    answer, _ = await ask(lambda _: reply, {"supergraph": {"request": {}}}, response_validation=False)
    assert (answer.status_code, answer.json()) == (403, {"mine": 1})


async def test_a_break_at_the_subgraph_stage_is_its_answer():
    reply = {"control": {"break": 200}, "body": {"data": {"me": {"name": "Bob"}}}}
    answer, _ = await ask(lambda _: reply, {"subgraph": {"all": {"request": {}}}})
    assert answer.json() == {"data": {"me": {"name": "Bob"}}}


async def test_the_status_of_a_break_at_the_subgraph_stage_is_no_failure_of_http():
    error = {"message": "no", "extensions": {"code": "X"}}
    reply = {"control": {"break": 401}, "body": {"errors": [error]}}
    answer, _ = await ask(lambda _: reply, {"subgraph": {"all": {"request": {}}}})
    assert answer.status_code == 200
    (told,) = answer.json()["errors"]
    assert (told["message"], told["extensions"]["code"]) == ("no", "X")


async def test_a_request_to_a_subgraph_goes_where_the_coprocessor_says():
    async def elsewhere(request):
        assert request.url.path == "/users"
        return JSONResponse({"data": {"me": {"name": "Bob"}}})

    async with serving(elsewhere) as url:
        told = lambda message: {**message, "uri": f"{url}/users"}  # noqa: E731 -- beside where it is used
        stages = {"subgraph": {"all": {"request": {"uri": True}}}}
        transport = build_http_transport({"users": "http://127.0.0.1:9/"}, TrafficOptions())
        answer, (message,) = await ask(told, stages, transport=transport)
    assert message["uri"] == "http://users.invalid/graphql"
    assert answer.json() == {"data": {"me": {"name": "Bob"}}}


async def test_a_uri_to_which_nothing_can_go_is_the_error_of_the_fetch():
    replies = [lambda _, uri=uri: {"uri": uri} for uri in ("ftp://x/", 3, "http://x/ y")]
    answers, _ = await ask_each(replies, {"subgraph": {"all": {"request": {}}}})
    for answer in answers:
        (error,) = answer.json()["errors"]
        assert "a URL that does not begin with" in error["message"]


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_it_decides_on_the_policies_that_an_operation_needs(is_allowed):
    def decide(message):
        policies = message["context"]["entries"]["apollo::authorization::required_policies"]
        assert policies == {"verified": None}
        policies["verified"] = is_allowed
        return message

    stages = {"supergraph": {"request": {"context": "all"}}}
    answer, _ = await ask(decide, stages, query='mutation { rename(id: "p1", name: "N") { id } }')
    assert answer.json()["data"] == ({"rename": {"id": "p1"}} if is_allowed else None)


async def test_a_condition_may_be_about_the_operation():
    condition = {"eq": [{"operation_name": "string"}, "Q"]}
    stages = {"supergraph": {"request": {"condition": condition}}}
    assert [len((await ask(same, stages, query=query))[1]) for query in (QUERY, "{ me { name } }")] == [1, 0]


async def test_the_context_goes_there_and_back_under_both_names():
    def change(message):
        entries = message["context"]["entries"]
        if message["stage"] == "SupergraphRequest":
            entries["apollo_authentication::JWT::claims"] = {"scope": "risk"}
            del entries["apollo_telemetry::client_name"]
        return message

    stages = {
        "supergraph": {"request": {"context": True}, "response": {"context": "all"}},
        "execution": {"request": {"context": {"selective": ["apollo::supergraph::operation_name"]}}},
    }
    headers = {"apollographql-client-name": "app"}
    answer, messages = await ask(change, stages, query="query R { me { risk } }", headers=headers)
    assert answer.json() == {"data": {"me": {"risk": 7}}}
    assert messages[0]["context"]["entries"] == {
        "apollo_telemetry::client_name": "app",
        "operation_name": "R",
        "operation_kind": "query",
        "apollo_authorization::authenticated::required": True,
        "apollo_authorization::scopes::required": ["risk"],
    }
    assert messages[1]["context"]["entries"] == {"apollo::supergraph::operation_name": "R"}
    entries = messages[2]["context"]["entries"]
    assert entries["apollo::authentication::jwt_claims"] == {"scope": "risk"}
    assert "apollo::telemetry::client_name" not in entries


@pytest.mark.parametrize(
    ("condition", "is_asked"),
    [
        (True, True),
        (False, False),
        ({"eq": [{"request_header": "X-Beta"}, "1"]}, True),
        ({"eq": [{"request_header": "x-beta"}, "2"]}, False),
        ({"not": {"exists": {"request_header": "x-none"}}}, True),
        ({"any": [{"exists": {"request_header": "x-none"}}, {"eq": ["a", "a"]}]}, True),
        ({"all": [{"exists": {"request_header": "x-beta"}}, {"eq": ["a", "b"]}]}, False),
        ({"eq": [{"request_method": True}, "POST"]}, True),
        ({"gt": [3, 2]}, True),
        ({"lt": [3, {"request_header": "x-none"}]}, False),
        ({"eq": [{"request_header": "x-none", "default": "d"}, {"static": "d"}]}, True),
        ({"eq": [{"request_context": "apollo::telemetry::client_name"}, "app"]}, True),
    ],
)
async def test_a_condition_decides_whether_it_is_asked(condition, is_asked):
    stages = {"router": {"request": {"condition": condition}}}
    headers = {"x-beta": "1", "apollographql-client-name": "app"}
    _, messages = await ask(same, stages, headers=headers)
    assert bool(messages) is is_asked


async def test_a_condition_at_a_response_sees_the_response_and_what_was_asked():
    seen = [
        {"eq": [{"response_status": "code"}, 200]},
        {"eq": [{"operation_name": "string"}, "Q"]},
        {"eq": [{"request_header": "x-beta"}, "1"]},
        {"eq": [{"on_graphql_error": True}, False]},
        {"not": {"exists": {"response_errors": "$[0]"}}},
        {"eq": [{"response_data": "$.me.name"}, "Ann"]},
        {"eq": [{"query": "string"}, QUERY]},
        {"eq": [{"is_primary_response": True}, True]},
    ]
    for stage in ("router", "supergraph", "execution"):
        options = {stage: {"response": {"condition": {"all": seen}}}}
        _, messages = await ask(same, options, headers={"x-beta": "1"})
        assert len(messages) == 1


async def test_a_condition_at_a_subgraphs_response_sees_the_fetch():
    seen = [
        {"eq": [{"subgraph_name": True}, "users"]},
        {"eq": [{"subgraph_operation_name": "string"}, "Q__users__0"]},
        {"eq": [{"subgraph_operation_kind": "string"}, "query"]},
        {"eq": [{"subgraph_request_header": "x-beta"}, "1"]},
        {"eq": [{"subgraph_response_status": "code"}, 200]},
        {"eq": [{"subgraph_response_data": "$.me.name"}, "Ann"]},
        {"eq": [{"subgraph_on_graphql_error": True}, False]},
        {"eq": [{"request_header": "x-beta"}, "1"]},
    ]
    rules = {"all": {"request": [{"propagate": {"named": "x-beta"}}]}}
    stages = {"subgraph": {"all": {"response": {"condition": {"all": seen}}}}}
    _, messages = await ask(same, stages, headers={"x-beta": "1"}, config={"headers": rules})
    assert len(messages) == 1


async def test_a_condition_may_choose_among_the_parts_of_an_answer():
    stages = {"supergraph": {"response": {"condition": {"eq": [{"is_primary_response": True}, False]}}}}
    _, messages = await ask(same, stages, query=SELLERS, headers={"accept": ACCEPT})
    assert [message["hasNext"] for message in messages] == [False]


async def test_a_get_is_told_as_it_came():
    messages = []

    async def answer(request):
        messages.append(json.loads(await request.body()))
        return JSONResponse(messages[-1])

    stages = {
        "router": {"request": {"path": True, "method": True}},
        **{stage: {"request": {"method": True}} for stage in ("supergraph", "execution")},
    }
    async with serving(answer) as url:
        app = SmallGraph().build_app({"coprocessor": {"url": url, **stages}})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            await client.get("/?query={me{id}}", headers={"apollo-require-preflight": "1"})
        await app.close()
    assert [message["method"] for message in messages] == ["GET"] * 3
    assert messages[0]["path"].startswith("/?query=")


async def wait_for_ever():
    await asyncio.sleep(30)


FAULTS = {
    "status": lambda _: JSONResponse({}, 503),
    "no JSON": lambda _: Response("{"),
    "no object": lambda _: JSONResponse([1]),
    "another version": lambda message: {**message, "version": 2},
    "no version": lambda message: JSONResponse({"stage": message["stage"], "control": "continue"}),
    "no stage": lambda message: JSONResponse({"version": 1, "control": "continue"}),
    "no control": lambda message: JSONResponse({"version": 1, "stage": message["stage"]}),
    "control misspelt": lambda message: {**message, "control": {"brake": 401}},
    "another stage": lambda message: {**message, "stage": "RouterResponse"},
    "control": lambda message: {**message, "control": "stop"},
    "break without status": lambda message: {**message, "control": {"break": "x"}},
    "break with another": lambda message: {**message, "control": {"break": 99}},
    "headers": lambda message: {**message, "headers": {"a": "b"}},
    "smuggled header": lambda message: {**message, "headers": {"a": ["b\r\nc: d"]}},
    "body": lambda message: {**message, "body": 3},
    "too slow": lambda _: wait_for_ever(),
}


async def test_a_coprocessor_that_does_not_do_its_part_is_an_internal_error():
    stages = {"supergraph": {"request": {"headers": True}}}
    answers, _ = await ask_each(FAULTS.values(), stages, timeout="300ms")
    for fault, answer in zip(FAULTS, answers, strict=True):
        assert answer.status_code == 500, fault
        assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


async def test_at_the_subgraph_stage_it_is_the_error_of_the_fetch():
    answer, _ = await ask(lambda _: JSONResponse({}, 503), {"subgraph": {"all": {"request": {}}}})
    assert answer.status_code == 200
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "SUBREQUEST_HTTP_ERROR"


async def test_one_that_is_not_there_is_an_internal_error():
    app = SmallGraph().build_app({"coprocessor": {"url": "http://127.0.0.1:9/", "router": {"request": {}}}})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        assert (await client.post("/", json={"query": QUERY})).status_code == 500
    await app.close()


@pytest.mark.parametrize("body", [{}, {"data": None, "errors": {}}, {"errors": [{"code": 1}]}, [1]])
async def test_a_changed_response_must_be_one_unless_that_is_switched_off(body):
    def change(message):
        return {**message, "body": body}

    stages = {"supergraph": {"response": {"body": True}}}
    assert (await ask(change, stages))[0].status_code == 500
    loose, _ = await ask(change, stages, response_validation=False)
    assert loose.status_code == (500 if isinstance(body, list) else 200)


def write_stages(of_stage):
    """A configuration with `of_stage(stage)` for each stage, by its name in messages."""
    stages = {
        name: {kind.lower(): of_stage(f"{name.capitalize()}{kind}") for kind in ("Request", "Response")}
        for name in ("router", "supergraph", "execution", "subgraph")
    }
    return {**stages, "subgraph": {"all": stages["subgraph"]}}


async def test_each_stage_may_have_a_url_of_its_own():
    asked = []

    async def answer(request):
        message = json.loads(await request.body())
        asked.append((request.url.path, message["stage"]))
        return JSONResponse(message)

    async with serving(answer) as url:
        coprocessor = {"url": f"{url}/all", **write_stages(lambda stage: {"url": f"{url}/{stage}"})}
        coprocessor["router"]["response"] = {}
        app = SmallGraph().build_app({"coprocessor": coprocessor})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            assert (await client.post("/", json={"query": QUERY})).status_code == 200
        await app.close()
    assert len(asked) == 8
    assert asked == [(f"/{stage}", stage) for _, stage in asked[:-1]] + [("/all", "RouterResponse")]


async def test_each_stage_may_have_a_condition_and_the_supergraph():
    _, messages = await ask(same, write_stages(lambda _: {"condition": False}))
    assert messages == []
    _, messages = await ask(same, write_stages(lambda _: {"condition": True}))
    assert len(messages) == 8
    assert not any("sdl" in message for message in messages)
    at_router = ("Router", "Supergraph", "Execution")
    _, messages = await ask(
        same, write_stages(lambda stage: {"sdl": True} if stage.startswith(at_router) else {})
    )
    assert [message["stage"].startswith(at_router) for message in messages] == [
        "sdl" in each for each in messages
    ]


async def test_a_coprocessor_may_be_at_a_unix_socket(tmp_path):
    heads = []

    async def answer(reader, writer):
        head, body = await read_http(reader)
        heads.append(head.split(b"\r\n")[0])
        told = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
        writer.write(told % (len(body), body))

    path = tmp_path / "c.sock"
    coprocessor = {"url": f"unix://{path}?path=/hooks", "router": {"request": {"body": True}}}
    app = SmallGraph().build_app({"coprocessor": coprocessor})
    async with (
        listening(answer, path=path),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client,
    ):
        answers = [await client.post("/", json={"query": QUERY}) for _ in range(2)]
        await app.close()
    assert [each.json() for each in answers] == [{"data": {"me": {"name": "Ann"}}}] * 2
    assert heads == [b"POST /hooks HTTP/1.1"] * 2


async def test_each_part_of_an_answer_is_told_and_may_be_changed():
    def reply(message):
        if message["stage"] == "SupergraphResponse" and not message["hasNext"]:
            return {"body": {**message["body"], "extensions": {"by": "coprocessor"}}}
        return {}

    stages = {stage: {"response": EVERYTHING[stage]["response"]} for stage in ("router", "supergraph")}
    answer, messages = await ask(reply, stages, query=SELLERS, headers={"accept": ACCEPT})
    first, later = read_parts(answer.content)
    assert "extensions" not in first
    assert later["extensions"] == {"by": "coprocessor"}
    told = [(message["stage"], message.get("hasNext")) for message in messages]
    assert told == [
        ("SupergraphResponse", True),
        ("RouterResponse", None),
        ("SupergraphResponse", False),
        ("RouterResponse", None),
    ]
    assert [message["body"] for message in messages if message["stage"] == "RouterResponse"] == [
        answer.text[: answer.text.index("--graphql", 5) + 9],
        answer.text[answer.text.index("--graphql", 5) + 9 :],
    ]
    # A later part has neither of its own.
    assert [("statusCode" in each, "headers" in each) for each in messages] == [(True, True)] * 2 + [
        (False, False)
    ] * 2


async def test_a_later_part_that_the_coprocessor_spoils_ends_the_answer():
    def reply(message):
        return {} if message["hasNext"] else {"body": {"incremental": []}}

    stages = {"supergraph": {"response": {"body": True}}}
    answer, _ = await ask(reply, stages, query=SELLERS, headers={"accept": ACCEPT})
    _, last = read_parts(answer.content)
    assert last["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
