"""Options that each are tested alone, in pairs: what one keeps, refuses or counts while another reshapes the request."""

import json

import httpx
import pytest
from redis.asyncio import Redis
from starlette.responses import JSONResponse

from router import compose, create_app
from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer
from router.hooks import Plugin
from router.hooks.context import JWT_CLAIMS
from router.kit.json import read_json
from router.pipeline.automatic_queries import hash_text
from tests.support.json_server import serving
from tests.support.small_graph import SmallGraph
from tests.support.streamed_requests import ACCEPT as ACCEPTED

ME, DEFERRED = "{ me { name } }", "query D { me { id ... @defer { name email } } }"
RENAME = 'mutation M { rename(id: "p1", name: "N") { id } }'
DEAR = "query B { products { id seller { name } } }"
ACCEPT = {"accept": ACCEPTED}
ANN = {"data": {"me": {"name": "Ann"}}}
BATCHING = {"batching": {"enabled": True}}
PREFLIGHT = {"apollo-require-preflight": "1"}


def name(identity, **more):
    """A request by an id or a hash."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": identity}}, **more}


def connect(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router")


async def ask(config, *bodies, headers=(), app=None):
    """The answers to requests, one after the other."""
    own = app or SmallGraph().build_app(config)
    async with connect(own) as client:
        answers = [await client.post("/", json=body, headers=dict(headers)) for body in bodies]
    if app is None:
        await own.close()
    return answers


def find_codes(answer):
    """The first error's code of each answer in a batch; None where there is none."""
    return [("errors" in each and each["errors"][0]["extensions"]["code"]) or None for each in answer.json()]


def read_parts(answer):
    """What the parts of an answer say together: the first part's data, and those that came later."""
    assert answer.headers["content-type"].startswith("multipart/mixed")
    texts = [part.partition("\r\n\r\n")[2] for part in answer.text.split("--graphql") if "{" in part]
    first, *later = [json.loads(text) for text in texts]
    return first["data"], [each for part in later for each in part.get("incremental", ())]


@pytest.fixture
def manifest(tmp_path):
    """`persisted_queries` with these operations under short names."""
    texts = {"me": ME, "d": DEFERRED, "m": RENAME, "dear": DEAR}
    operations = [{"id": each, "name": each, "type": "query", "body": text} for each, text in texts.items()]
    document = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    return {"enabled": True, "local_manifests": [str(tmp_path / "manifest.json")]}


async def test_a_text_that_defers_is_known_by_its_hash_in_the_other_router_too(redis_url):
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()
    config = {"apq": {"router": {"cache": {"redis": {"urls": [redis_url], "timeout": "20s"}}}}}
    hashed = hash_text(DEFERRED)
    (first,) = await ask(config, name(hashed, query=DEFERRED), headers=ACCEPT)
    second, other = await ask(config, name(hashed), name(hash_text(ME)), headers=ACCEPT)
    assert read_parts(first)[0] == read_parts(second)[0] == {"me": {"id": "u1"}}
    assert [each["data"]["name"] for each in read_parts(second)[1]] == ["Ann"]
    assert other.json()["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_a_batch_may_be_of_ids(manifest):
    requests = [name("me"), name("nope"), {"query": ME}, name("d"), name("me")]
    (answer,) = await ask({**BATCHING, "persisted_queries": manifest}, requests, headers=ACCEPT)
    deferred = "BATCHING_DEFER_UNSUPPORTED"
    assert find_codes(answer) == [None, "PERSISTED_QUERY_NOT_FOUND", None, deferred, None]
    assert (answer.json()[0], answer.json()[2], answer.json()[4]) == (ANN, ANN, ANN)


async def test_a_safelist_is_for_each_request_of_a_batch(manifest):
    safe = {**manifest, "safelist": {"enabled": True}}
    config = {**BATCHING, "apq": {"enabled": False}, "persisted_queries": safe}
    (answer,) = await ask(config, [{"query": ME}, {"query": "{ me { id } }"}, name("me")])
    assert find_codes(answer) == [None, "QUERY_NOT_IN_SAFELIST", None]


async def test_a_mutation_is_forbidden_by_whatever_name_it_comes(manifest):
    config = {**BATCHING, "persisted_queries": manifest, "forbid_mutations": True}
    single, batch, known = await ask(
        config, name("m"), [name("me"), name("m"), {"query": RENAME}], name("me")
    )
    assert (single.status_code, single.json()["errors"][0]["extensions"]["code"]) == (
        400,
        "MUTATION_FORBIDDEN",
    )
    assert find_codes(batch) == [None, "MUTATION_FORBIDDEN", "MUTATION_FORBIDDEN"]
    assert known.json() == ANN


async def test_nor_does_a_mutation_come_by_get(manifest):
    app = SmallGraph().build_app({"persisted_queries": manifest})
    async with connect(app) as client:
        parameters = {"extensions": json.dumps(name("m")["extensions"])}
        answer = await client.get("/", params=parameters, headers=PREFLIGHT)
    await app.close()
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_what_is_too_dear_is_so_by_its_id_and_in_a_batch(manifest):
    strategy = {"static_estimated": {"list_size": 10, "max": 20}}
    demand = {"enabled": True, "mode": "enforce", "strategy": strategy}
    config = {**BATCHING, "persisted_queries": manifest, "demand_control": demand}
    single, batch = await ask(config, name("dear"), [name("me"), name("dear"), {"query": DEAR}, name("me")])
    dear = "COST_ESTIMATED_TOO_EXPENSIVE"
    assert single.json()["errors"][0]["extensions"]["code"] == dear
    # Each request has a cost of its own: cheap ones beside dear ones are answered.
    assert find_codes(batch) == [None, dear, dear, None]


async def test_a_batch_is_one_request_of_its_client():
    limit = {"client_rate_limit": {"capacity": 2, "interval": "1h"}}
    config = {**BATCHING, "traffic_shaping": {"router": limit}}
    answers = await ask(config, *[[{"query": ME}] * 3] * 3)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].json() == [ANN] * 3


HASHED = json.dumps(name(hash_text(ME))["extensions"])


@pytest.mark.parametrize(
    ("headers", "csrf", "status"),
    [
        ({}, {}, 400),
        ({"content-type": "text/plain"}, {}, 400),
        (PREFLIGHT, {}, 200),
        ({"x-apollo-operation-name": "x"}, {}, 200),
        ({"content-type": "application/json"}, {}, 200),
        ({}, {"unsafe_disabled": True}, 200),
        (PREFLIGHT, {"required_headers": ["x-ours"]}, 400),
        ({"x-ours": "1"}, {"required_headers": ["X-Ours"]}, 200),
    ],
)
async def test_a_hash_by_get_is_no_way_around_csrf(headers, csrf, status):
    app = SmallGraph().build_app({"csrf": csrf})
    async with connect(app) as client:
        await client.post("/", json=name(hash_text(ME), query=ME))
        answer = await client.get("/", params={"extensions": HASHED}, headers=headers)
    await app.close()
    assert answer.status_code == status
    assert status == 400 or answer.json() == ANN


class Shop:
    """A router whose cache may keep everything for everybody; a header says whether its caller is known."""

    def __init__(self, **config):
        self.graph, self.asked = SmallGraph(), []

        async def let_in(request):
            if request.headers.get("x-user"):
                request.context.entries[JWT_CLAIMS] = {"sub": request.headers["x-user"][0]}

        cache = {"response_cache": {"enabled": True}}
        transport = MemoryTransport({"users": self.users, "products": self.graph.products})
        plugins = {"p": Plugin(router_request=let_in)}
        self.app = self.graph.build_app({**cache, **config}, transport=transport, plugins=plugins)

    async def users(self, request):
        self.asked.append(read_json(request.body)["query"])
        answer = await self.graph.users(request)
        return SubgraphAnswer(
            answer.status, answer.body, {**answer.headers, "cache-control": "public, max-age=60"}
        )

    async def ask(self, query, user=""):
        headers = ({"x-user": user} if user else {}) | ACCEPT
        (answer,) = await ask({}, {"query": query}, headers=headers, app=self.app)
        return answer


async def test_what_the_cache_keeps_opens_nothing_to_who_may_not_see_it():
    shop, query = Shop(), "{ me { name email } }"
    known = await shop.ask(query, "ann")
    assert known.json()["data"] == {"me": {"name": "Ann", "email": "ann@example.org"}}
    anonymous = await shop.ask(query)
    assert anonymous.json()["data"] == {"me": {"name": "Ann", "email": None}}
    assert (await shop.ask(query, "ann")).json() == known.json()
    # What each may ask for was asked once.
    assert len(shop.asked) == 2
    await shop.app.close()


async def test_nor_does_what_it_keeps_for_a_later_part():
    shop = Shop()
    for user, email in (("ann", "ann@example.org"), ("", None), ("ann", "ann@example.org"), ("", None)):
        data, later = read_parts(await shop.ask(DEFERRED, user))
        assert data == {"me": {"id": "u1"}}
        assert [each["data"] for each in later] == [{"name": "Ann", "email": email}]
    # Both ask for `me` alike, and then for what each may have.
    assert len(shop.asked) == 3
    await shop.app.close()


async def test_a_coprocessor_is_told_each_request_of_a_batch_and_the_batch_once():
    told = []

    async def answer(request):
        message = json.loads(await request.body())
        told.append(message["stage"])
        if message["stage"] == "SupergraphRequest" and "id" in message["body"]["query"]:
            message["control"] = {"break": 403}
            message["body"] = {"errors": [{"message": "no", "extensions": {"code": "NO"}}]}
        return JSONResponse(message)

    async with serving(answer) as url:
        stages = {
            "router": {"request": {"body": True}, "response": {"body": True}},
            "supergraph": {"request": {"body": True}},
        }
        config = {**BATCHING, "coprocessor": {"url": url, **stages}}
        (batch,) = await ask(config, [{"query": ME}, {"query": "{ me { id } }"}, {"query": ME}])
    assert find_codes(batch) == [None, "NO", None]
    assert sorted(told) == ["RouterRequest", "RouterResponse", *["SupergraphRequest"] * 3]


ALBUM = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
scalar Upload
type Query { look(file: Upload!): Picture }
type Picture @key(fields: "id") { id: ID! }
"""
NOTES = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Picture @key(fields: "id") { id: ID! note: String }
"""
LOOK = "query($f: Upload!) { look(file: $f) { id ... @defer { note } } }"


async def test_a_file_may_come_with_an_operation_that_defers_and_never_in_a_batch():
    files = []

    async def album(request):
        files.append(b"content" in request.body)
        return SubgraphAnswer(200, b'{"data":{"look":{"__typename":"Picture","id":"1"}}}')

    async def notes(_request):
        return SubgraphAnswer(200, b'{"data":{"_entities":[{"__typename":"Picture","note":"n"}]}}')

    def write(operations, place):
        parts = {"operations": json.dumps(operations), "map": json.dumps({"0": [place]})}
        return {"data": parts, "files": {"0": ("a.txt", b"content")}, "headers": {**PREFLIGHT, **ACCEPT}}

    sdl = compose({"album": ALBUM, "notes": NOTES}).supergraph_sdl
    config = {**BATCHING, "preview_file_uploads": {"enabled": True}}
    app = create_app(sdl, config=config, transport=MemoryTransport({"album": album, "notes": notes}))
    operation = {"query": LOOK, "variables": {"f": None}}
    async with connect(app) as client:
        single = await client.post("/", **write(operation, "variables.f"))
        batch = await client.post("/", **write([operation], "0.variables.f"))
    await app.close()
    assert read_parts(single) == ({"look": {"id": "1"}}, [{"data": {"note": "n"}, "path": ["look"]}])
    assert files == [True]
    assert batch.status_code == 400
    assert batch.json()["errors"][0]["extensions"]["code"] == "INVALID_GRAPHQL_REQUEST"
