"""Operations that nest deep: answered as far as the parser lets them pass, refused with a clear error beyond."""

import pytest

from router.app import create_app
from router.kit.json import read_json, write_json
from router.pipeline.request import Request
from router.pipeline.stages import answer
from tests.support.federation_plans import Federation
from tests.support.federation_world import World, world_transport

PARSED_MAX = 498
"""Levels below the root's that the parser lets pass."""

_FEDERATION = Federation(
    {
        "a": "type Query { t: N } interface N { id: ID! t: N } "
        'type T implements N @key(fields: "id") { id: ID! t: N x: Int w: Int } type V implements N @key(fields: "id") { id: ID! t: N x: Int }',
        "b": 'type T @key(fields: "id") { id: ID! b: T y: Int w: Int @external r: Int @requires(fields: "w") }',
    }
)


@pytest.fixture
async def generation():
    transport, _ = world_transport(World(_FEDERATION.supergraph), _FEDERATION.subgraphs)
    app = create_app(_FEDERATION.composition.supergraph_sdl, transport=transport)
    yield app._server._generation
    await app.close()


def nest(opening: str, levels: int, inside: str) -> str:
    return opening * levels + inside + " }" * ((opening.count("{") - opening.count("}")) * levels)


@pytest.mark.parametrize(
    "query",
    [
        f"{{ {nest('t { ', PARSED_MAX, 'id')} }}",
        f"{{ t {{ ... on T {{ {nest('b { y ', PARSED_MAX - 2, 'x r')} }} }} }}",
        f"{{ t {{ ... on T {{ {nest('b { r x ', 60, 'x r')} }} }} }}",
        f"{{ {nest('t { ... on T { y } ', PARSED_MAX, 'id')} }}",
    ],
)  # fmt: skip
async def test_what_the_parser_lets_pass_is_answered(generation, query) -> None:
    # Repeated, since a plan is compiled after some runs.
    for _ in range(3):
        response = await answer(Request(query), generation)
        assert response.status == 200
        body = read_json(write_json(response.body))
        assert body.get("errors") is None
        assert body["data"]["t"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (f"{{ {nest('t { ', 510, 'id')} }}", "parser recursion limit reached"),
        (f"{{ {nest('t { ', 3_000, 'id')} }}", "parser recursion limit reached"),
        ("{ t(x: " + "[" * 510 + "]" * 510 + ") { id } }", "parser recursion limit reached"),
        (
            "{ t { ...F0 } } "
            + " ".join(f"fragment F{n} on T {{ b {{ ...F{n + 1} }} }}" for n in range(600))
            + " fragment F600 on T { y }",
            "nests too deeply",
        ),
    ],
)
async def test_what_nests_deeper_is_refused(generation, query, message) -> None:
    response = await answer(Request(query), generation)
    assert response.status == 400
    assert message in response.body["errors"][0]["message"]
