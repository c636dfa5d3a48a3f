"""Headers to subgraphs and back to clients: every rule at its edge, through the whole router."""

import httpx
import pytest

from router.executor.http_pool.transport import HttpPoolTransport
from router.executor.transport import SubgraphAnswer, SubgraphRequest, TransportError
from router.hooks import Plugin
from router.kit.json import write_json
from router.kit.json_path import read_json_path
from tests.support.listening import listening
from tests.support.small_graph import SmallGraph

BOTH = "{ products(first: 1) { name seller { name } } }"


class Recording:
    """Subgraphs that remember headers, and answer with given ones."""

    def __init__(self, **answered):
        self.inner = SmallGraph().transport
        self.sent = {}
        self.answered = answered

    async def send(self, request):
        self.sent[request.subgraph] = list(request.headers)
        answer = await self.inner.send(request)
        headers = {**answer.headers, **self.answered.get(request.subgraph, {})}
        return SubgraphAnswer(answer.status, answer.body, headers)

    async def close(self):
        pass


async def ask(headers, *, transport=None, client=(), query="{ me { name } }", plugins=None, **body):
    transport = transport or Recording()
    app = SmallGraph().build_app({"headers": headers}, transport=transport, plugins=plugins)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as http:
        answer = await http.post("/", json={"query": query, **body}, headers=list(client))
    await app.close()
    return answer, transport.sent


async def sent_to(subgraph, rules, **more):
    _, sent = await ask({"all": {"request": rules}}, **more)
    return sent[subgraph]


async def test_nothing_goes_to_subgraphs_by_itself():
    assert await sent_to("users", [], client=[("authorization", "B"), ("cookie", "c")]) == []


async def test_matching_is_found_anywhere_in_the_name_as_in_apollo():
    rules = [{"propagate": {"matching": "tenant"}}]
    client = [("x-tenant-id", "1"), ("tenant", "2"), ("other", "3")]
    assert await sent_to("users", rules, client=client) == [("x-tenant-id", "1"), ("tenant", "2")]
    assert await sent_to("users", [{"propagate": {"matching": "^tenant$"}}], client=client) == [
        ("tenant", "2")
    ]


async def test_a_header_may_be_renamed_and_have_a_default():
    rules = [
        {"propagate": {"named": "x-none", "rename": "x-id"}},
        {"propagate": {"named": "X-A", "rename": "X-Id", "default": "d"}},
        {"propagate": {"named": "host", "rename": "x-forwarded-host"}},
    ]
    assert await sent_to("users", rules, client=[("x-a", "1")]) == [
        ("x-id", "1"),
        ("x-forwarded-host", "router"),
    ]
    assert ("x-id", "d") in await sent_to("users", rules)


async def test_what_is_inserted_holds_whatever_the_client_sends():
    insert = {"insert": {"name": "x-a", "value": "ours"}}
    for propagate in ({"named": "x-a"}, {"named": "x-b", "rename": "x-a"}, {"matching": "."}):
        client = [("x-b" if "rename" in propagate else "x-a", "theirs")]
        for rules in ([insert, {"propagate": propagate}], [{"propagate": propagate}, insert]):
            sent = await sent_to("users", rules, client=client)
            assert [value for name, value in sent if name == "x-a"] == ["ours"]


async def test_repeated_values_stay_apart():
    rules = [{"propagate": {"named": "x-a"}}]
    assert await sent_to("users", rules, client=[("x-a", "1"), ("x-a", "2")]) == [("x-a", "1"), ("x-a", "2")]


@pytest.mark.parametrize(
    "name",
    [
        *("content-length", "transfer-encoding", "host", "te", "connection", "accept-encoding"),
        *("expect", "proxy-connection"),
    ],
)
async def test_headers_of_the_connection_are_never_passed_on(name):
    rules = [{"propagate": {"named": name}}, {"propagate": {"matching": ".*"}}]
    assert name not in dict(await sent_to("users", rules, client=[(name, "5")] if name != "host" else []))


async def test_rules_of_one_subgraph_come_after_those_for_all():
    headers = {
        "all": {
            "request": [
                {"insert": {"name": "x-a", "value": "all"}},
                {"insert": {"name": "x-b", "value": "b"}},
            ]
        },
        "subgraphs": {
            "users": {
                "request": [{"remove": {"named": "X-B"}}, {"insert": {"name": "x-a", "value": "users"}}]
            }
        },
    }
    _, sent = await ask(headers, query=BOTH)
    assert sent == {"products": [("x-a", "all"), ("x-b", "b")], "users": [("x-a", "users")]}


async def test_remove_matching_takes_what_is_found():
    rules = [
        {"insert": {"name": "x-secret-a", "value": "1"}},
        {"insert": {"name": "x-open", "value": "2"}},
        {"remove": {"matching": "secret"}},
    ]
    assert await sent_to("users", rules) == [("x-open", "2")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("t1", "t1"),
        (3, "3"),
        (True, "true"),
        ({"a": 1}, '{"a":1}'),
        (None, None),
        ("a\r\nb: c", None),
        ("ü\u4e2d", None),
    ],
)
async def test_a_value_of_the_context_is_inserted(value, expected):
    async def put(request):
        request.context.entries["shop::tenant"] = value

    rules = [{"insert": {"name": "x-tenant", "from_context": "shop::tenant"}}]
    sent = dict(await sent_to("users", rules, plugins={"p": Plugin(supergraph_request=put)}))
    assert sent.get("x-tenant") == expected


async def test_the_context_is_there_without_hooks():
    rules = [{"insert": {"name": "x-op", "from_context": "apollo::supergraph::operation_name"}}]
    assert await sent_to("users", rules, query="query Q { me { name } }") == [("x-op", "Q")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".operationName", "Q"),
        (".variables.a.b[1]", "y"),
        ('.extensions["k-1"]', "2"),
        (".variables.none", "d"),
        (".variables.a.b[9]", "d"),
        (".query.x", "d"),
    ],
)
async def test_a_value_of_the_request_is_inserted(path, expected):
    rules = [{"insert": {"name": "x-v", "path": path, "default": "d"}}]
    body = {"operationName": "Q", "variables": {"a": {"b": ["x", "y"]}}, "extensions": {"k-1": 2}}
    assert await sent_to("users", rules, query="query Q { me { name } }", **body) == [("x-v", expected)]


async def test_what_a_client_smuggles_into_a_value_is_not_sent():
    rules = [{"insert": {"name": "x-v", "path": ".variables.v"}}]
    body = {"variables": {"v": "1\r\ncontent-length: 0\r\n\r\nPOST /admin HTTP/1.1"}}
    assert await sent_to("users", rules, **body) == []


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\rb", "a\0b"])
async def test_the_pool_writes_no_header_that_would_end_itself(value):
    connected = []

    async def accept(reader, _writer):
        connected.append(await reader.read(1))

    async with listening(accept) as port:
        transport = HttpPoolTransport({"a": f"http://127.0.0.1:{port}/"})
        with pytest.raises(TransportError, match="cannot be sent"):
            await transport.send(SubgraphRequest("a", b"{}", (("x-a", value),)))
        await transport.close()
    assert connected == []


@pytest.mark.parametrize("path", ["", "name", ".a..b", ".a[-1]", ".a[x]", ".a b", "." + "a" * 3 + "\n"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match=r"path|step"):
        read_json_path(path)


def respond(*rules, **subgraphs):
    return {"all": {"response": list(rules)}, "subgraphs": {k: {"response": v} for k, v in subgraphs.items()}}


async def test_nothing_of_an_answer_goes_to_clients_by_itself():
    answer, _ = await ask({}, transport=Recording(users={"x-a": "1", "set-cookie": "a=1"}))
    assert "x-a" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("algorithm", "expected"), [("first", "p"), ("last", "u"), ("append", "p, u")])
async def test_a_header_of_several_answers(algorithm, expected):
    transport = Recording(products={"x-a": "p"}, users={"x-a": "u"})
    rule = {"propagate": {"named": "X-A", "algorithm": algorithm}}
    answer, _ = await ask(respond(rule), transport=transport, query=BOTH)
    assert answer.headers["x-a"] == expected


@pytest.mark.parametrize("algorithm", ["first", "last", "append"])
@pytest.mark.parametrize(
    ("products", "users", "expected"),
    [(None, "u", "u"), ("p", None, "p"), (None, None, "d"), ("", None, "")],
)
async def test_a_default_is_for_what_no_answer_has(products, users, expected, algorithm):
    given = {"products": products, "users": users}
    transport = Recording(**{name: {"x-a": value} for name, value in given.items() if value is not None})
    rule = {"propagate": {"named": "x-a", "algorithm": algorithm, "default": "d"}}
    answer, _ = await ask(respond(rule), transport=transport, query=BOTH)
    assert answer.headers["x-a"] == expected


async def test_cookies_are_each_a_header_of_their_own():
    transport = Recording(
        products={"set-cookie": "a=1; expires=Wed, 21 Oct 2015 07:28:00 GMT\nb=2"},
        users={"set-cookie": "c=3"},
    )
    answer, _ = await ask(respond({"propagate": {"named": "set-cookie"}}), transport=transport, query=BOTH)
    assert answer.headers.get_list("set-cookie") == [
        "a=1; expires=Wed, 21 Oct 2015 07:28:00 GMT",
        "b=2",
        "c=3",
    ]


async def test_renamed_defaulted_matched_removed_and_inserted():
    transport = Recording(users={"x-a": "1", "x-b": "2", "x-secret": "3"})
    rules = [
        {"propagate": {"matching": "^x-"}},
        {"remove": {"named": "x-secret"}},
        {"propagate": {"named": "x-a", "rename": "x-renamed"}},
        {"propagate": {"named": "x-none", "default": "d"}},
        {"insert": {"name": "x-router", "value": "r"}},
    ]
    answer, _ = await ask(respond(*rules), transport=transport)
    chosen = {name: value for name, value in answer.headers.items() if name.startswith("x-")}
    chosen.pop("x-content-type-options")
    assert chosen == {"x-a": "1", "x-b": "2", "x-renamed": "1", "x-none": "d", "x-router": "r"}


async def test_rules_may_be_for_one_subgraph():
    transport = Recording(products={"x-a": "p"}, users={"x-a": "u"})
    headers = respond(products=[{"propagate": {"named": "x-a"}}])
    answer, _ = await ask(headers, transport=transport, query=BOTH)
    assert answer.headers["x-a"] == "p"


@pytest.mark.parametrize(
    ("products", "users", "expected"),
    [
        ("max-age=60", "max-age=5, private", "max-age=5,private"),
        ("max-age=60", None, "no-store"),
        ("max-age=60", "no-store", "no-store"),
        ("max-age=60", "max-age=90", "max-age=60,public"),
    ],
)
async def test_cache_control_is_that_of_the_strictest(products, users, expected):
    given = {"products": products, "users": users}
    transport = Recording(**{name: {"cache-control": value} for name, value in given.items() if value})
    rule = {"propagate": {"named": "cache-control"}}
    answer, _ = await ask(respond(rule), transport=transport, query=BOTH)
    assert answer.headers["cache-control"] == expected


async def test_an_answer_with_errors_is_not_to_be_kept():
    class Failing(Recording):
        async def send(self, request):
            if request.subgraph == "users":
                return SubgraphAnswer(200, write_json({"errors": [{"message": "down"}]}))
            return await super().send(request)

    transport = Failing(products={"cache-control": "max-age=60"})
    answer, _ = await ask(respond({"propagate": {"named": "cache-control"}}), transport=transport, query=BOTH)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["content-length", "transfer-encoding", "connection", "content-encoding", "upgrade"]
)
async def test_a_subgraph_cannot_change_how_the_response_is_framed(name):
    rule = {"propagate": {"matching": ".*"}}
    answer, _ = await ask(respond(rule), transport=Recording(users={name: "1"}))
    assert answer.headers.get(name) in {None, str(len(answer.content))}
    assert answer.headers.get_list("content-length") == [str(len(answer.content))]


async def test_a_value_that_would_end_the_header_is_left_out():
    rule = {"propagate": {"named": "x-a"}}
    answer, _ = await ask(respond(rule), transport=Recording(users={"x-a": "1\r\nset-cookie: admin=1"}))
    assert answer.status_code == 200
    assert not answer.headers.get("x-a")
    assert "set-cookie" not in answer.headers


async def test_compiled_plans_and_mounted_subgraphs_pass_on_the_same():
    transport = Recording(users={"x-a": "1"})
    app = SmallGraph().build_app({"headers": respond({"propagate": {"named": "x-a"}})}, transport=transport)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as http:
        answers = [(await http.post("/", json={"query": "{ me { name } }"})) for _ in range(5)]
    assert [answer.headers["x-a"] for answer in answers] == ["1"] * 5
