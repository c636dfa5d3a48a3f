"""The public gateway audit's classes where subgraphs answer what they should not, or less than was hoped for."""

from typing import Any

import pytest

from tests.support.federation_audit.suite import fed2
from tests.support.federation_plans import Federation
from tests.support.federation_resolvers import ResolvedSubgraph, resolved_transport


async def ask(query: str, *subgraphs: ResolvedSubgraph) -> tuple[Any, list[str]]:
    """The data and the errors' codes or messages."""
    federation = Federation({each.name: each.sdl for each in subgraphs}, is_complete=True)
    transport = resolved_transport(*subgraphs)
    result = await federation.run_plan(federation.plan(query), query, transport=transport)
    return result.data, [error.message for error in result.errors]


def fail(*_: object, **__: object) -> Any:
    raise AssertionError("this must not be asked")


_BOOKS = [{"__typename": "Book", "upc": f"b{n}"} for n in (1, 2, 3)]


async def test_an_object_that_one_subgraph_does_not_know_ends_its_chain_alone() -> None:
    a = ResolvedSubgraph(
        "a",
        fed2(
            'type Query { books: [Box!]! } type Box { book: Book } type Book @key(fields: "upc") { upc: ID! }'
        ),
        {"Query.books": lambda _: [{"book": book} for book in _BOOKS]},
    )
    b = ResolvedSubgraph(
        "b",
        fed2('type Book @key(fields: "upc") @key(fields: "id") { id: ID! upc: ID! }'),
        {},
        {"Book": lambda given: None if given["upc"] == "b3" else {**given, "id": f"c{given['upc'][1:]}"}},
    )

    def find_author(given: dict[str, Any]) -> Any:
        assert given.get("id"), "a representation without its key"
        return {**given, "author": {"id": "1", "name": f"of {given['id']}"}}

    c = ResolvedSubgraph(
        "c",
        fed2('type Book @key(fields: "id") { id: ID! author: Author } type Author { id: ID name: String }'),
        {},
        {"Book": find_author},
    )
    data, errors = await ask("{ books { book { author { name } } } }", a, b, c)

    authors = [{"author": {"name": "of c1"}}, {"author": {"name": "of c2"}}, {"author": None}]
    assert data == {"books": [{"book": book} for book in authors]}
    assert errors == []


@pytest.mark.parametrize("has_failed", [False, True])
async def test_an_enum_value_that_clients_do_not_see_is_null(has_failed: bool) -> None:
    def type_of(user: dict[str, Any]) -> str:
        if has_failed and user["id"] == "u1":
            raise ValueError("a failure of the subgraph's own")
        return "ANONYMOUS" if user["id"] == "u2" else "REGULAR"

    users = [{"id": "u1"}, {"id": "u2"}]
    a = ResolvedSubgraph(
        "a",
        fed2(
            'type Query { users: [User] } type User @key(fields: "id") { id: ID! type: T @shareable } enum T { REGULAR }'
        ),
        {"Query.users": fail},
    )
    b = ResolvedSubgraph(
        "b",
        fed2(
            'type Query { usersB: [User] } type User @key(fields: "id") { id: ID! type: T @shareable } enum T { REGULAR ANONYMOUS @inaccessible }'
        ),
        {"Query.usersB": lambda _: users, "User.type": type_of},
    )
    data, errors = await ask("{ usersB { id type } }", a, b)

    first = None if has_failed else "REGULAR"
    assert data == {"usersB": [{"id": "u1", "type": first}, {"id": "u2", "type": None}]}
    assert bool(errors) is has_failed


async def test_a_member_that_not_all_sources_know_stays_an_object_with_null_fields() -> None:
    acts = [{"__typename": "OnlyX", "x": 1}, {"__typename": "Both", "id": "2"}]
    a = ResolvedSubgraph(
        "a",
        fed2(
            'type Query { boxA: Box } type Box @key(fields: "id") { id: ID! wrap: Wrap @shareable } type Wrap @shareable { acts: [Act!]! } '
            "union Act = Both | OnlyX type Both @shareable { id: ID! } type OnlyX { x: Int }"
        ),
        {"Query.boxA": lambda _: {"id": "1", "wrap": {"acts": acts}}},
    )
    b = ResolvedSubgraph(
        "b",
        fed2('type Query { boxB: Box } type Box @key(fields: "id") { id: ID! wrap: Wrap @shareable yWrap: Wrap } type Wrap @shareable { acts: [Act!]! } '
             "union Act = Both | OnlyY type Both @shareable { id: ID! } type OnlyY { y: Int }"),
        {"Box.yWrap": lambda _: {"acts": [{"__typename": "OnlyY", "y": 7}]}},
    )  # fmt: skip
    asked = "acts { __typename ... on OnlyX { x } ... on OnlyY { y } ... on Both { id } }"
    data, errors = await ask(f"{{ boxA {{ wrap {{ {asked} }} yWrap {{ {asked} }} }} }}", a, b)

    assert data["boxA"]["wrap"]["acts"] == [
        {"__typename": "OnlyX", "x": None},
        {"__typename": "Both", "id": "2"},
    ]
    assert data["boxA"]["yWrap"]["acts"] == [{"__typename": "OnlyY", "y": 7}]
    assert errors == []


async def test_what_an_interface_object_says_of_its_type_is_not_believed() -> None:
    a = ResolvedSubgraph(
        "a",
        fed2('type Query { users: [Boss!]! } interface Boss @key(fields: "id") { id: ID! } '
             'type Chief implements Boss @key(fields: "id") { id: ID! rank: Int } type Clerk implements Boss @key(fields: "id") { id: ID! }'),
        {},
        {"Boss": lambda given: {**given, "__typename": "Chief" if given["id"] == "1" else "Clerk", "rank": 5}},
    )  # fmt: skip
    b = ResolvedSubgraph(
        "b",
        fed2(
            'type Query { byName: [Boss!]! } type Boss @key(fields: "id") @interfaceObject { id: ID! name: String! }'
        ),
        {
            "Query.byName": lambda _: [
                {"__typename": "Never", "id": each, "name": f"n{each}"} for each in "12"
            ]
        },
    )
    data, errors = await ask("{ byName { __typename name ... on Chief { rank } } }", a, b)

    assert data == {
        "byName": [{"__typename": "Chief", "name": "n1", "rank": 5}, {"__typename": "Clerk", "name": "n2"}]
    }
    assert errors == []


async def test_an_entity_that_is_gone_once_read_is_read_once() -> None:
    rows = {"1": {"id": "1", "name": "new", "price": 600.0}}
    a = ResolvedSubgraph(
        "a",
        fed2(
            'type Query { x: Int } type Mutation { add: Good! } type Good @key(fields: "id") { id: ID! name: String! price: Float! }'
        ),
        {"Mutation.add": lambda _: dict(rows["1"])},
        {"Good": fail},
    )
    b = ResolvedSubgraph(
        "b",
        fed2(
            'type Good @key(fields: "id") { id: ID! price: Float! @external costly: Boolean! @requires(fields: "price") available: Boolean! }'
        ),
        {"Good.costly": lambda good: good["price"] > 500, "Good.available": lambda _: True},
        {"Good": lambda given: {**given} if rows.pop(given["id"], None) else None},
    )
    data, errors = await ask("mutation { add { costly available name } }", a, b)

    assert data == {"add": {"costly": True, "available": True, "name": "new"}}
    assert errors == []


async def test_an_abstract_object_without_a_type_is_null_with_the_subgraphs_error() -> None:
    a = ResolvedSubgraph(
        "a",
        fed2(
            'type Query { knot: Knot snack: Snack } interface Knot @key(fields: "id") { id: ID! } type Snack @interfaceObject @key(fields: "id", resolvable: false) { id: ID! }'
        ),
        {"Query.knot": lambda _: {"id": "1", "__typename": "Knot"}, "Query.snack": lambda _: {"id": "2"}},
    )
    b = ResolvedSubgraph(
        "b",
        fed2('type Query { k: Knot } type Knot @interfaceObject @key(fields: "id", resolvable: false) { id: ID! extra: Int } '
             'interface Snack @key(fields: "id") { id: ID! } type Roll implements Snack @key(fields: "id") { id: ID! }'),
        {},
        {"Snack": lambda given: {**given, "__typename": "Roll"}},
    )  # fmt: skip
    data, errors = await ask("{ knot { id } snack { ... on Roll { id } } }", a, b)

    assert data == {"knot": None, "snack": {"id": "2"}}
    assert len(errors) == 1


async def test_an_id_that_is_sent_as_a_number_is_a_string() -> None:
    a = ResolvedSubgraph(
        "a",
        fed2('type Query { ware: Ware } type Ware @key(fields: "id") { id: ID! }'),
        {"Query.ware": lambda _: {"id": 3}},
    )
    data, _ = await ask("{ ware { id } }", a)

    assert data == {"ware": {"id": "3"}}


async def test_a_type_that_clients_do_not_see_is_fetched_for_others_and_shown_as_null() -> None:
    a = ResolvedSubgraph(
        "a",
        fed2(
            'type Query { h: H } type H @key(fields: "id") { id: ID! data: A } interface A { x: String } type Seen implements A { x: String } type Hidden implements A @inaccessible { x: String }'
        ),
        {"Query.h": lambda _: {"id": "1", "data": {"__typename": "Hidden", "x": "deep"}}},
    )
    b = ResolvedSubgraph(
        "b",
        fed2(
            'type H @key(fields: "id") { id: ID! data: A @external told: String @requires(fields: "data { x }") } interface A { x: String } type Seen implements A { x: String @external } type Hidden implements A @inaccessible { x: String @external }'
        ),
        {"H.told": lambda h: h["data"]["x"]},
    )
    data, errors = await ask("{ h { told data { __typename } } }", a, b)

    assert data == {"h": {"told": "deep", "data": None}}
    assert errors == []
