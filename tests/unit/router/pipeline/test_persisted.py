"""Operations by their ids: who registers them, who may send what, every refusal with its status, code and message."""

import json
from hashlib import sha256

import pytest

from router.config.problems import ConfigurationError
from router.hooks.context import Context
from router.pipeline.automatic_queries import LayeredQueryStore, MemoryQueryStore, hash_text
from router.pipeline.request import Request
from router.pipeline.shared_plans import KEPT_WEIGHT_MAX
from router.pipeline.stages import answer
from tests.support.small_graph import SmallGraph

QUERY = "{ me { name } }"
ANN = {"data": {"me": {"name": "Ann"}}}
BY_ID_ONLY = (
    "This endpoint does not allow freeform GraphQL requests; operations must be sent by ID in the persisted queries "
    "GraphQL extension."
)
NOT_CACHED = ("cache-control", "private, no-cache, must-revalidate")


def by_hash(key, **more):
    return {"persistedQuery": {"version": 1, "sha256Hash": key}, **more}


def key_of(text):
    return sha256(text.encode()).hexdigest()


class Client:
    """Asks one router."""

    def __init__(self, config=None):
        self.app = SmallGraph().build_app(config)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.app.close()

    async def ask(self, query, extensions=None, **more):
        request = Request(query, extensions=extensions or {}, **more)
        return await answer(request, self.app._server._generation)


def told(response):
    error = response.body["errors"][0]
    return response.status, error["extensions"]["code"], error["message"]


async def test_a_hash_that_nobody_knows_then_its_text_then_the_hash_alone():
    async with Client() as client:
        missed = await client.ask(None, by_hash(key_of(QUERY)))
        assert told(missed) == (200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        assert missed.body["data"] is None
        assert NOT_CACHED in missed.headers
        assert (await client.ask(QUERY, by_hash(key_of(QUERY)))).body == ANN
        assert (await client.ask(None, by_hash(key_of(QUERY).upper()))).body == ANN


async def test_what_became_of_a_hash_is_told_in_the_context():
    told_of = []
    async with Client() as client:
        for query in (None, QUERY, None):
            context = Context()
            await client.ask(query, by_hash(key_of(QUERY)), context=context)
            told_of.append({key: value for key, value in context.entries.items() if "::apq::" in key})
    assert told_of == [
        {"apollo::apq::cache_hit": False},
        {"apollo::apq::registered": True},
        {"apollo::apq::cache_hit": True},
    ]


async def test_a_hash_of_another_text_is_refused_and_not_kept():
    async with Client() as client:
        wrong = await client.ask(QUERY, by_hash(key_of("{ me { id } }")))
        assert told(wrong) == (400, "PERSISTED_QUERY_HASH_MISMATCH", "provided sha does not match query")
        missed = await client.ask(None, by_hash(key_of("{ me { id } }")))
        assert told(missed)[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_where_it_is_switched_off_clients_are_told_to_send_texts():
    async with Client({"apq": {"enabled": False}}) as client:
        for query in (None, QUERY):
            refused = await client.ask(query, by_hash(key_of(QUERY)))
            assert told(refused) == (200, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
        assert (await client.ask(QUERY)).body == ANN


@pytest.mark.parametrize(
    "extension", [None, "x", {}, {"version": 2, "sha256Hash": "x"}, {"version": 1, "sha256Hash": 3}, []]
)
async def test_an_extension_of_another_form_says_nothing(extension):
    async with Client() as client:
        assert (await client.ask(QUERY, {"persistedQuery": extension})).body == ANN
        assert told(await client.ask(None, {"persistedQuery": extension}))[1] == "INVALID_GRAPHQL_REQUEST"


@pytest.mark.parametrize("key", ["", "x", "../../etc/passwd", "A" * 64 + "\n", "0" * 1_000_000])
async def test_a_hash_that_is_none_is_not_found(key):
    async with Client() as client:
        assert told(await client.ask(None, by_hash(key)))[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_memory_is_bounded_in_texts_and_in_their_length():
    store = MemoryQueryStore(2)
    for text in ("a", "b", "c"):
        await store.put(text, text)
    assert [await store.find(key) for key in "abc"] == [None, "b", "c"]
    await store.put("l", "x" * KEPT_WEIGHT_MAX)
    await store.put("m", "x" * (KEPT_WEIGHT_MAX + 1))
    assert await store.find("l") is not None
    assert await store.find("m") is None


async def test_a_shared_store_is_believed_only_if_its_text_has_the_hash():
    near, far = MemoryQueryStore(9), MemoryQueryStore(9)
    both = LayeredQueryStore(near, far)
    await far.put(hash_text("{ a }"), "{ a }")
    await far.put(hash_text("{ b }"), "{ evil }")
    assert await both.find(hash_text("{ a }")) == "{ a }"
    assert await near.find(hash_text("{ a }")) == "{ a }"
    assert await both.find(hash_text("{ b }")) is None


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "manifest.json"
    operations = [
        {"id": "me", "name": "Me", "type": "query", "body": QUERY},
        {"id": "web", "name": "Web", "type": "query", "body": "{ me { id } }", "clientName": "web"},
    ]
    path.write_text(
        json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations})
    )
    return str(path)


def persisted(manifest, safelist=None, *, apq=False, **more):
    section = {"enabled": True, "local_manifests": [manifest], **more}
    if safelist:
        section["safelist"] = safelist
    return {"persisted_queries": section, "apq": {"enabled": apq}}


async def test_operations_of_a_manifest_are_asked_for_by_id(manifest):
    async with Client(persisted(manifest)) as client:
        assert (await client.ask(None, by_hash("me"))).body == ANN
        missing = await client.ask(None, by_hash("nope"), operation_name="Op")
        assert told(missing) == (
            404,
            "PERSISTED_QUERY_NOT_IN_LIST",
            "Persisted query 'nope' not found in the persisted query list",
        )
        assert missing.body["errors"][0]["extensions"]["operation_name"] == "Op"
        # Without a safelist anything else is served too.
        assert "errors" not in (await client.ask("{ me { id } }")).body


async def test_an_id_may_be_one_clients_own(manifest):
    async with Client(persisted(manifest)) as client:
        assert told(await client.ask(None, by_hash("web")))[0] == 404
        own = await client.ask(None, by_hash("web"), headers=(("apollographql-client-name", "web"),))
        assert own.body == {"data": {"me": {"id": "u1"}}}
    named = {**persisted(manifest), "telemetry": {"apollo": {"client_name_header": "x-app"}}}
    async with Client(named) as client:
        own = await client.ask(None, by_hash("web"), headers=(("x-app", "web"),))
        assert own.body == {"data": {"me": {"id": "u1"}}}


async def test_beside_automatic_ones_an_unknown_id_is_theirs(manifest):
    async with Client(persisted(manifest, apq=True)) as client:
        assert (await client.ask(None, by_hash("me"))).body == ANN
        assert told(await client.ask(None, by_hash("nope")))[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_safelist_serves_nothing_else(manifest):
    async with Client(persisted(manifest, {"enabled": True})) as client:
        assert (await client.ask("{ me{name} } # the same")).body == ANN
        refused = await client.ask("{ me { email } }")
        assert told(refused) == (
            403,
            "QUERY_NOT_IN_SAFELIST",
            "The operation body was not found in the persisted query safelist",
        )
        # Introspection is on in this graph.
        assert "errors" not in (await client.ask("{ __schema { queryType { name } } }")).body
        assert told(await client.ask("{ __schema { queryType { name } } me { id email } }"))[0] == 403


async def test_a_safelist_holds_for_introspection_where_that_is_off(manifest):
    config = {**persisted(manifest, {"enabled": True}), "supergraph": {"introspection": False}}
    async with Client(config) as client:
        assert told(await client.ask("{ __schema { queryType { name } } }"))[1] == "QUERY_NOT_IN_SAFELIST"


async def test_where_ids_are_required_bodies_are_refused(manifest):
    async with Client(persisted(manifest, {"enabled": True, "require_id": True})) as client:
        assert (await client.ask(None, by_hash("me"))).body == ANN
        assert told(await client.ask(QUERY)) == (
            400,
            "PERSISTED_QUERY_ID_REQUIRED",
            BY_ID_ONLY,
        )
        assert told(await client.ask(QUERY, by_hash("me"))) == (
            400,
            "CANNOT_SEND_PQ_ID_AND_BODY",
            "Sending a persisted query ID and a body in the same request is not allowed",
        )


async def test_unknown_operations_are_logged(manifest, caplog):
    async with Client(persisted(manifest, log_unknown=True)) as client:
        await client.ask(QUERY)
        await client.ask(None, by_hash("me"))
        assert caplog.records == []
        await client.ask("{ me { id } products { id } }")
    assert [record.getMessage() for record in caplog.records] == [
        "unknown operation: { me { id } products { id } }"
    ]


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (
            {"persisted_queries": {"enabled": True, "local_manifests": ["m"], "safelist": {"enabled": True}}},
            "apq",
        ),
        ({"persisted_queries": {"safelist": {"enabled": True}}, "apq": {"enabled": False}}, "enabled: true"),
        (
            {
                "persisted_queries": {
                    "enabled": True,
                    "local_manifests": ["m"],
                    "safelist": {"require_id": True},
                }
            },
            "safelist",
        ),
        ({"persisted_queries": {"enabled": True, "local_manifests": ["/nowhere.json"]}}, "No such file"),
        ({"persisted_queries": {"enabled": True, "local_manifests": [__file__]}}, "unexpected|JSON"),
        ({"apq": {"router": {"cache": {"in_memory": {"limit": 0}}}}}, "1 or more"),
        ({"apq": {"router": {"cache": {"redis": {"urls": ["http://x"]}}}}}, "redis://"),
        ({"apq": {"router": {"cache": {"redis": {"urls": ["redis://x"], "ttl": "10ms"}}}}}, "1s or more"),
    ],
)
def test_what_does_not_go_together_is_refused_at_the_start(config, problem):
    with pytest.raises(ConfigurationError, match=problem):
        SmallGraph().build_app(config)


def test_one_id_for_two_operations_is_refused(tmp_path):
    (tmp_path / "a.json").write_text('{"1": "{ a }"}')
    (tmp_path / "b.json").write_text('{"1": "{ b }"}')
    files = [str(tmp_path / "a.json"), str(tmp_path / "b.json")]
    with pytest.raises(ConfigurationError, match="1 is another operation elsewhere"):
        SmallGraph().build_app({"persisted_queries": {"enabled": True, "local_manifests": files}})
