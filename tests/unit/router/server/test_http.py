"""What the router says over HTTP: statuses, media types, pages, browsers' questions."""

import json
import weakref

import httpx
import pytest

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.server.landing_page import answer_asset
from tests.support.small_graph import SmallGraph

QUERY = {"query": "{ me { name } }"}


@pytest.fixture
async def connect(tmp_path):
    opened = []

    def open_client(config=None, **more):
        config = {"sandbox": {"studio": str(tmp_path)}, **(config or {})}
        supergraph = {"introspection": True, "path": "/graphql", **config.pop("supergraph", {})}
        app = SmallGraph().build_app({"supergraph": supergraph, **config})
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router", **more)
        opened.append((client, app))
        return client

    yield open_client
    for client, app in opened:
        await client.aclose()
        await app.close()


def code(response):
    return response.json()["errors"][0]["extensions"]["code"]


async def test_post_and_get_answer_alike(connect):
    client = connect()
    posted = await client.post("/graphql", json=QUERY)
    got = await client.get("/graphql", params=QUERY, headers={"apollo-require-preflight": "1"})
    assert posted.json() == got.json() == {"data": {"me": {"name": "Ann"}}}
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["x-content-type-options"] == "nosniff"


async def test_get_reads_variables_and_operation_name(connect):
    parameters = {
        "query": "query A { me { id } } query B($n: Int) { products(first: $n) { id } }",
        "operationName": "B",
        "variables": '{"n":1}',
    }
    response = await connect().get("/graphql", params=parameters, headers={"apollo-require-preflight": "1"})
    assert response.json() == {"data": {"products": [{"id": "p1"}]}}


@pytest.mark.parametrize(
    "query_string",
    [
        "query={me{id}}&variables={",
        "query={me{id}}&variables=[]",
        "query={me{id}}&extensions=1",
        "query=%ff",
        "",
        "x=1",
        "&".join(f"a{i}=1" for i in range(200)),
    ],
)
async def test_a_get_that_is_no_request_is_400(connect, query_string):
    response = await connect().get(f"/graphql?{query_string}", headers={"apollo-require-preflight": "1"})
    assert (response.status_code, code(response)) == (400, "INVALID_GRAPHQL_REQUEST")


@pytest.mark.parametrize(
    "more", ["", "&variables=", "&variables=null", "&operationName=", "&extensions={}", "&query={x}", "&x=1"]
)
async def test_what_a_get_leaves_empty_or_says_twice_counts_for_nothing(connect, more):
    response = await connect().get(
        f"/graphql?query={{me{{name}}}}{more}", headers={"apollo-require-preflight": "1"}
    )
    assert response.json() == {"data": {"me": {"name": "Ann"}}}


async def test_a_mutation_over_get_is_405_with_allow_post(connect):
    response = await connect().get(
        "/graphql",
        params={"query": 'mutation { rename(id: "p1", name: "N") { id } }'},
        headers={"apollo-require-preflight": "1"},
    )
    assert (response.status_code, response.headers["allow"], code(response)) == (
        405,
        "POST",
        "MUTATION_FORBIDDEN",
    )
    assert response.json()["errors"][0]["message"] == "Mutations can only be sent over HTTP POST"


async def test_other_methods_are_405(connect):
    for method in ("PUT", "DELETE", "PATCH"):
        response = await connect().request(method, "/graphql", json=QUERY)
        assert (response.status_code, response.headers["allow"]) == (405, "GET, POST, OPTIONS")


@pytest.mark.parametrize(
    "content_type", ["application/xml", "application/jsonx", "application/json; charset=latin1"]
)
async def test_other_content_types_are_415(connect, content_type):
    response = await connect().post("/graphql", content=b"{}", headers={"content-type": content_type})
    assert (response.status_code, code(response)) == (415, "INVALID_CONTENT_TYPE_HEADER")


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "application/graphql-response+json"],
)
async def test_json_is_taken(connect, content_type):
    response = await connect().post(
        "/graphql", content=json.dumps(QUERY), headers={"content-type": content_type}
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        ("application/graphql-response+json", "application/graphql-response+json"),
        ("application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json"),
        ("application/graphql-response+json;q=0.5, application/json", "application/json"),
        ("multipart/mixed;deferSpec=20220824, application/json", "application/json"),
        ("*/*, application/graphql-response+json", "application/json"),
        ("application/graphql-response+json, */*", "application/graphql-response+json"),
        ("text/html, application/graphql-response+json;q=0.1", "application/graphql-response+json"),
        ("application/json;q=0, */*", "application/graphql-response+json"),
        ("application/graphql-response+json;q=0, */*;q=0.1", "application/json"),
        ("*/*;q=0, application/json", "application/json"),
        ("application/*;q=0, multipart/mixed", "application/json"),
        ("APPLICATION/GraphQL-Response+JSON; Q=1", "application/graphql-response+json"),
        (
            'application/json; charset="utf-8"; q=0.2, application/graphql-response+json;q=0.1',
            "application/json",
        ),
        ("", "application/json"),
    ],
)
async def test_the_media_type_is_the_one_that_the_client_prefers(connect, accept, expected):
    response = await connect().post("/graphql", json=QUERY, headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, expected)


@pytest.mark.parametrize(
    "accept",
    [
        "text/plain",
        "image/*",
        "application/json;q=0",
        "application/*;q=0, */*",
        "*/*;q=0",
        "application/json;q=x",
        "application/json;q=nan",
        "application/json;q=inf",
        "application/json;q=-1",
        ";;,,=;",
    ],
)
async def test_nothing_that_we_have_is_406(connect, accept):
    response = await connect().post("/graphql", json=QUERY, headers={"accept": accept})
    assert (response.status_code, code(response)) == (406, "INVALID_ACCEPT_HEADER")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'"x"',
        b"3",
        b'{"query":1}',
        b'{"query":"{me{id}}","variables":[]}',
        b'{"query":"{me{id}}","extensions":1}',
        b'{"query":"{me{id}}","operationName":1}',
        b"\xff",
        b'{"query":"{me{id}}\xff"}',
        b'\xef\xbb\xbf{"query":"{me{id}}"}',
        b"[" * 100_000,
        b'{"query":"{me{id}}","variables":{"a":NaN}}',
        b'{"query":"{me{id}}","variables":{"a":1e999}}',
        b'{"query":"{me{id}}","variables":{"a":%b}}' % (b"9" * 5000),
        b'{"query":"{me{id}}","variables":{"a":"\\ud800"}}',
        b'{"query":"{me{id}}"} {}',
        b"null",
        b"{}",
        b'{"query":null}',
    ],
)
async def test_bodies_that_are_no_request_are_400(connect, body):
    response = await connect().post("/graphql", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, code(response)) == (400, "INVALID_GRAPHQL_REQUEST")
    assert response.json()["errors"][0]["message"] == "Invalid GraphQL request"


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{"},
        {"query": "{ nope }"},
        {"query": "{ me { id } }", "operationName": "X"},
        {"query": "query Q($n: Int!) { products(first: $n) { id } }", "variables": {"n": "x"}},
    ],
)
async def test_a_faulty_operation_is_200_only_for_who_asks_for_plain_json(connect, body):
    client = connect()
    statuses = {}
    for accept in ("application/json", "application/graphql-response+json", "*/*"):
        response = await client.post("/graphql", json=body, headers={"accept": accept})
        statuses[accept] = response.status_code
        assert "data" not in response.json()
    assert list(statuses.values()) == [200, 400, 400]


async def test_plain_json_keeps_the_status_of_what_is_no_request(connect):
    client = connect()
    headers = {"accept": "application/json"}
    for body in ({}, {"query": 1}, {"query": ""}, {"query": "subscription { ticked }"}):
        assert (await client.post("/graphql", json=body, headers=headers)).status_code >= 400


async def test_null_members_count_as_left_out(connect):
    body = {**QUERY, "variables": None, "operationName": None, "extensions": None}
    assert (await connect().post("/graphql", json=body)).status_code == 200


async def test_batches_are_refused(connect):
    response = await connect().post("/graphql", json=[QUERY])
    assert (response.status_code, code(response)) == (400, "BATCHING_NOT_ENABLED")


@pytest.mark.parametrize("length", ["9" * 19, "9" * 5_000])
async def test_a_length_that_no_body_has_is_too_large(connect, length):
    """Ours is not the only server that may run the application."""
    headers = {"content-type": "application/json", "content-length": length}
    response = await connect().post("/graphql", content=b"{}", headers=headers)
    assert (response.status_code, code(response)) == (413, "INVALID_GRAPHQL_REQUEST")


async def test_the_body_may_be_as_long_as_the_bound_and_no_longer(connect):
    body = json.dumps(QUERY).encode()
    client = connect({"limits": {"http_max_request_bytes": len(body)}})
    headers = {"content-type": "application/json"}
    assert (await client.post("/graphql", content=body, headers=headers)).status_code == 200
    response = await client.post("/graphql", content=body + b" ", headers=headers)
    assert (response.status_code, code(response)) == (413, "INVALID_GRAPHQL_REQUEST")

    async def chunks():
        yield body
        yield b" "

    response = await client.post("/graphql", content=chunks(), headers=headers)
    assert response.status_code == 413


async def test_what_a_foreign_page_could_send_unasked_is_blocked(connect):
    client = connect()
    for headers in (
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {},
    ):
        response = await client.post("/graphql", content=json.dumps(QUERY), headers=headers)
        assert (response.status_code, code(response)) == (400, "CSRF_ERROR")
    assert (await client.get("/graphql", params=QUERY)).status_code == 400
    named = {"x-apollo-operation-name": "x"}
    assert (await client.get("/graphql", params=QUERY, headers=named)).status_code == 200
    off = connect({"csrf": {"unsafe_disabled": True}})
    assert (await off.get("/graphql", params=QUERY)).status_code == 200
    own = connect({"csrf": {"required_headers": ["X-Mine"]}})
    for headers, status in (({"x-mine": "1"}, 200), (named, 400), ({"x-mine": ""}, 400)):
        assert (await own.get("/graphql", params=QUERY, headers=headers)).status_code == status


async def test_permitted_origins_may_ask_and_others_may_not(connect):
    client = connect(
        {
            "cors": {
                "policies": [{"origins": ["https://a.example"], "allow_credentials": True, "max_age": "1h"}]
            }
        }
    )
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    allowed = await client.options("/graphql", headers={"origin": "https://a.example", **asks})
    assert allowed.headers["access-control-allow-origin"] == "https://a.example"
    assert allowed.headers["access-control-allow-credentials"] == "true"
    assert allowed.headers["access-control-allow-headers"] == "content-type"
    assert allowed.headers["access-control-max-age"] == "3600"
    refused = await client.options("/graphql", headers={"origin": "https://b.example", **asks})
    assert "access-control-allow-origin" not in refused.headers
    assert allowed.headers["vary"] == refused.headers["vary"] == "origin"
    posted = await client.post("/graphql", json=QUERY, headers={"origin": "https://a.example"})
    assert posted.headers["access-control-allow-origin"] == "https://a.example"


CREDENTIALS = "access-control-allow-credentials"


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("https://a.example", True),
        ("https://shop.b.example", True),
        ("https://evil-a.example", False),
        ("https://a.example.evil.org", False),
        ("https://a.example, https://evil.org", False),
        ("https://a.example:444", False),
        ("http://a.example", False),
        ("https://evilb.example", False),
        ("https://shop.b.example.evil.org", False),
        ("https://xshop.b.example https://shop.b.example", False),
        ("https://evil.org https://shop.b.example", False),
        ("null", False),
        ("*", False),
        ("", False),
    ],
)
async def test_an_origin_is_compared_as_a_whole(connect, origin, is_allowed):
    policy = {"origins": ["https://a.example"], "match_origins": [r"https://[a-z]+\.b\.example"]}
    client = connect({"cors": {"policies": [{**policy, "allow_credentials": True}]}})
    asks = {"access-control-request-method": "POST"}
    for answer in (
        await client.options("/graphql", headers={"origin": origin, **asks}),
        await client.post("/graphql", json=QUERY, headers={"origin": origin}),
    ):
        told = answer.headers.get("access-control-allow-origin")
        assert told == (origin if is_allowed else None)
        assert answer.headers.get(CREDENTIALS) == ("true" if is_allowed else None)
        assert "origin" in answer.headers["vary"]


POLICY = {
    "allow_headers": (["x-a", "x-b"], "access-control-allow-headers", "x-a, x-b"),
    "methods": (["POST"], "access-control-allow-methods", "POST"),
    "max_age": ("2h", "access-control-max-age", "7200"),
    "allow_credentials": (True, CREDENTIALS, "true"),
    "expose_headers": (["x-c"], "access-control-expose-headers", "x-c"),
}


@pytest.mark.parametrize("option", POLICY)
async def test_what_a_policy_does_not_say_all_policies_say(connect, option):
    value, header, told = POLICY[option]
    own, whole = {"origins": ["https://a.example"], option: value}, {"origins": ["https://b.example"]}
    asks = {"access-control-request-method": "POST"}
    for cors, expected in (
        ({"policies": [own, whole]}, {"a": told}),
        ({option: value, "policies": [whole]}, {"b": told}),
    ):
        client = connect({"cors": cors})
        for name in "ab":
            answer = await client.options("/graphql", headers={"origin": f"https://{name}.example", **asks})
            assert (answer.headers.get(header) == told) == (name in expected)


def test_a_pattern_for_any_page_is_told_where_it_lets_pages_act_for_their_visitors():
    for patterns, is_told in (([".*"], True), ([".*\\.example"], False)):
        policy = {"match_origins": patterns, "allow_credentials": True}
        warnings = read_router_config({"cors": {"policies": [policy]}}, {}).warnings
        assert any("match_origins" in each for each in warnings) == is_told


@pytest.mark.parametrize(
    ("access", "asked", "expected"),
    [
        ({}, "true", {"access-control-allow-private-network": "true"}),
        (
            {"access_id": "01:23:45:67:89:0A", "access_name": "shop"},
            "true",
            {
                "access-control-allow-private-network": "true",
                "private-network-access-id": "01:23:45:67:89:0A",
                "private-network-access-name": "shop",
            },
        ),
        ({"access_name": "shop"}, None, {}),
        (None, "true", {}),
    ],
)
async def test_pages_of_public_networks_may_reach_a_private_one_where_that_is_set(
    connect, access, asked, expected
):
    policy = {"origins": ["https://a.example"]}
    if access is not None:
        policy["private_network_access"] = access
    client = connect({"cors": {"policies": [policy]}})
    headers = {"origin": "https://a.example", "access-control-request-method": "POST"}
    if asked is not None:
        headers["access-control-request-private-network"] = asked
    answer = await client.options("/graphql", headers=headers)
    assert {name: value for name, value in answer.headers.items() if "private-network" in name} == expected


@pytest.mark.parametrize(
    "access", [{"access_id": "1"}, {"access_name": "Shop"}, {"access_name": "a\r\nb: c"}]
)
def test_a_name_that_no_browser_takes_is_told(connect, access):
    policy = {"origins": ["https://a.example"], "private_network_access": access}
    with pytest.raises(ConfigurationError, match="private_network_access"):
        connect({"cors": {"policies": [policy]}})


async def test_any_origin_is_a_star(connect):
    client = connect({"cors": {"allow_any_origin": True}})
    response = await client.post("/graphql", json=QUERY, headers={"origin": "https://x.example"})
    assert response.headers["access-control-allow-origin"] == "*"


async def test_health_says_up(connect):
    client = connect()
    for path in ("/health", "/health?live", "/health?ready"):
        response = await client.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "UP"})
    client._transport.app.start_draining()
    assert (await client.get("/health?READY")).status_code == 503
    assert (await client.get("/health?live")).status_code == 200


HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_a_browser_gets_the_studio_and_a_program_gets_graphql(connect, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<html>studio</html>")
    (tmp_path / "assets" / "a-1.js").write_text("1")
    client = connect()
    page = await client.get("/graphql", headers=HTML)
    assert (page.status_code, page.text) == (200, "<html>studio</html>")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    asset = await client.get("/graphql/assets/a-1.js")
    assert (asset.status_code, asset.text) == (200, "1")
    assert asset.headers["content-type"].startswith("text/javascript")
    root = await client.get("/", headers=HTML)
    assert (root.status_code, root.headers["location"]) == (307, "/graphql")
    assert (await client.post("/graphql", json=QUERY, headers={"accept": "*/*"})).status_code == 200


async def test_without_a_built_studio_the_page_says_how_to_get_it(connect):
    page = await connect().get("/graphql", headers=HTML)
    assert page.status_code == 200
    assert "make studio" in page.text


async def test_pages_can_be_switched_off(connect):
    client = connect({"homepage": {"enabled": False}})
    assert (await client.get("/graphql", headers=HTML)).headers["content-type"] == "application/json"
    assert (await client.get("/", headers=HTML)).status_code == 404


def test_assets_are_files_of_the_assets_folder_and_nothing_else(tmp_path):
    assets = tmp_path / "assets"
    (assets / "inner").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("s")
    (assets / "inner" / "x.css").write_text("c")
    (assets / "link").symlink_to(tmp_path / "secret.txt")
    assert answer_asset(tmp_path, "inner/x.css").status == 200
    for name in (
        "../secret.txt",
        "..%2fsecret.txt",
        str(tmp_path / "secret.txt"),
        "",
        "inner",
        "none",
        "link",
        "a\0b",
        "x" * 5000,
    ):
        assert answer_asset(tmp_path, name).status == 404, name


async def test_unknown_paths_are_404(connect):
    assert (await connect().get("/nothing")).status_code == 404


async def test_the_app_can_be_mounted_in_another(connect):
    from fastapi import FastAPI

    outer = FastAPI()
    app = SmallGraph().build_app({"supergraph": {"path": "/graphql"}})
    outer.mount("/api", app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(outer), base_url="http://router") as client:
        response = await client.post("/api/graphql", json=QUERY)
        assert response.json() == {"data": {"me": {"name": "Ann"}}}
        page = await client.get("/api/", headers=HTML)
        assert page.headers["location"] == "/api/graphql"
    await app.close()


async def test_nothing_is_left_in_memory_of_what_a_reload_has_replaced():
    app = SmallGraph().build_app()
    old = weakref.ref(app._server.generation.api_schema)
    app.swap(SmallGraph().build_app()._server)
    await app.close()
    assert old() is None


async def test_a_reload_swaps_the_server_and_lets_the_old_one_finish():
    app = SmallGraph().build_app({"supergraph": {"path": "/old"}})
    old = app._server
    new = SmallGraph().build_app({"supergraph": {"path": "/new"}})
    app.swap(new._server)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        assert (await client.post("/new", json=QUERY)).status_code == 200
        assert (await client.post("/old", json=QUERY)).status_code == 404
    await app.close()
    with pytest.raises(RuntimeError):
        old._generation.caches.plans._thread.submit(print)
