"""What `import router` gives: compose, plan, serve in a few lines."""

import httpx
import pytest
from graphql import GraphQLError

import router
from router import SubgraphSource, Supergraph, compose, create_app, plan
from router.config.problems import ConfigurationError
from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphRequest
from tests.support.stub_subgraph import SchemaSubgraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])'
SDLS = {
    "books": f'{LINK} type Query {{ book: Book }} type Book @key(fields: "id") {{ id: ID! title: String }}',
    "stock": f'{LINK} type Book @key(fields: "id") {{ id: ID! count: Int }}',
}


@pytest.fixture(scope="module")
def supergraph():
    composition = compose(SDLS)
    assert composition.errors == ()
    return Supergraph.read(composition.supergraph_sdl)


def test_what_does_not_compose_is_told_and_not_raised():
    composition = compose({"a": 'type Query { a: Int } type A @key(fields: "x") { id: ID! }'})
    assert composition.supergraph_sdl is None
    assert [error.code for error in composition.errors] == ["KEY_INVALID_FIELDS"]


def test_sources_have_urls():
    composition = compose([SubgraphSource(name, f"http://{name}/", sdl) for name, sdl in SDLS.items()])
    assert {each.url for each in Supergraph.read(composition.supergraph_sdl).subgraphs} == {
        "http://books/",
        "http://stock/",
    }


def test_an_operation_is_planned_and_an_invalid_one_refused(supergraph):
    assert "Flatten" in str(plan(supergraph, "{ book { count } }"))
    with pytest.raises(GraphQLError):
        plan(supergraph, "{ nope }")


async def test_a_router_in_a_few_lines(supergraph, tmp_path):
    books = SchemaSubgraph(
        "type Query { book: Book } type Book { id: ID! title: String }", {"book": {"id": "1", "title": "T"}}
    )
    stock = SchemaSubgraph(
        "type Query { x: Int } type Book { id: ID! count: Int }", {}, {"Book": lambda _: {"count": 3}}
    )
    (tmp_path / "s.graphql").write_text(supergraph.sdl)
    for given in (supergraph, supergraph.sdl, tmp_path / "s.graphql"):
        app = create_app(given, transport=MemoryTransport({"books": books, "stock": stock}))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            answer = await client.post("/", json={"query": "{ book { title count } }"})
        assert answer.json() == {"data": {"book": {"title": "T", "count": 3}}}
        await app.close()


def serve_graphql(subgraph, path):
    """A subgraph as an ASGI application, at one path."""

    async def application(scope, receive, send):
        assert scope["path"] == path
        body = (await receive())["body"]
        answer = await subgraph(SubgraphRequest("", body))
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    return application


async def test_subgraphs_in_the_same_process_are_mounted_beside_others():
    composition = compose(
        [SubgraphSource(name, f"http://{name}.invalid/{name}", sdl) for name, sdl in SDLS.items()]
    )
    books = SchemaSubgraph(
        "type Query { book: Book } type Book { id: ID! title: String }", {"book": {"id": "1", "title": "T"}}
    )
    stock = SchemaSubgraph(
        "type Query { x: Int } type Book { id: ID! count: Int }", {}, {"Book": lambda _: {"count": 3}}
    )
    supergraph = Supergraph.read(composition.supergraph_sdl)
    mounted = {"books": serve_graphql(books, "/books")}
    for app, count in (
        (create_app(supergraph, mounted=mounted, transport=MemoryTransport({"stock": stock})), 3),
        (create_app(supergraph, mounted={**mounted, "stock": serve_graphql(stock, "/stock")}), 3),
        (create_app(supergraph, mounted=mounted), None),
    ):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            answer = await client.post("/", json={"query": "{ book { title count } }"})
        assert answer.json()["data"] == {"book": {"title": "T", "count": count}}
        await app.close()
    with pytest.raises(ConfigurationError, match='Did you mean "books"'):
        create_app(supergraph, mounted={"boks": mounted["books"]})


async def test_a_protected_key_serves_the_router_and_not_the_anonymous_caller():
    link = LINK.replace('"@key"', '"@key", "@authenticated"')
    composition = compose(
        {
            "a": f"{link} type Query {{ me: User all: [Named] }} interface Named {{ mail: String }} "
            'type User implements Named @key(fields: "mail") { mail: String @authenticated }',
            "b": f'{link} type User @key(fields: "mail") {{ mail: String name: String }}',
        }
    )
    assert composition.errors == ()
    user = {"__typename": "User", "mail": "secret@example.org"}
    a = SchemaSubgraph(
        "type Query { me: User all: [Named] } interface Named { mail: String } type User implements Named { mail: String }",
        {"me": user, "all": [user]},
    )
    b = SchemaSubgraph(
        "type Query { x: Int } type User { mail: String name: String }", {}, {"User": lambda _: {"name": "N"}}
    )
    app = create_app(composition.supergraph_sdl, transport=MemoryTransport({"a": a, "b": b}))
    query = "{ me { mail name } all { mail ... on User { m: mail name } } }"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post("/", json={"query": query})
    assert answer.json()["data"] == {
        "me": {"mail": None, "name": "N"},
        "all": [{"mail": None, "m": None, "name": "N"}],
    }
    assert "secret" not in answer.text
    assert len(answer.json()["errors"]) == 3
    await app.close()


def test_a_wrong_configuration_is_refused_at_once(supergraph):
    with pytest.raises(ConfigurationError, match="Did you mean"):
        create_app(supergraph, config={"supergraf": {}})


def test_a_setting_of_a_subgraph_that_is_not_there_is_told_and_has_no_effect(supergraph, caplog):
    create_app(supergraph, config={"override_subgraph_url": {"book": "http://x"}})
    told = 'override_subgraph_url.book has no effect: there is no such subgraph. Did you mean "books"?'
    assert [record.getMessage() for record in caplog.records] == [told]


def test_nothing_else_is_public():
    with pytest.raises(AttributeError):
        _ = router.nothing
