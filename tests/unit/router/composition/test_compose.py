"""The recipe: stages, order, what a composition tells."""

from itertools import permutations

import pytest

from router.composition import SubgraphSource, compose
from tests.unit.router.composition.composing import LINK, codes, compose_subgraphs, supergraph

USERS = 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }'
POSTS = 'type Query { posts: [Post!]! } type Post { author: User } type User @key(fields: "id") { id: ID! posts: [Post!]! }'
TAGS = "type Query { tags: [Tag!]! } enum Tag { OLD NEW }"


def test_the_order_of_the_subgraphs_does_not_matter():
    sources = [SubgraphSource(n, "", LINK + s) for n, s in {"u": USERS, "p": POSTS, "t": TAGS}.items()]
    results = [compose(order) for order in permutations(sources)]
    assert results[0].supergraph_sdl is not None
    assert all(result == results[0] for result in results)


def test_two_subgraphs_of_one_name_are_a_callers_mistake():
    with pytest.raises(ValueError, match="name of its own"):
        compose([SubgraphSource("a", "", USERS), SubgraphSource("a", "", POSTS)])


def test_no_subgraphs_give_no_queries():
    assert [error.code for error in compose([]).errors] == ["NO_QUERIES"]


def test_subgraphs_without_a_query_are_refused():
    assert codes(a="type User { id: ID }") == ["NO_QUERIES"]


def test_the_faults_of_all_subgraphs_are_told_with_their_places():
    errors = compose_subgraphs(a="type Query { x: Missing }", b="type Query { x: Missing }").errors
    assert [(error.code, error.subgraphs) for error in errors] == [
        ("INVALID_GRAPHQL", ("a",)),
        ("INVALID_GRAPHQL", ("b",)),
    ]
    assert errors[0].message.startswith("[a] ")
    assert (errors[0].locations[0].subgraph, errors[0].locations[0].line) == ("a", 2)


def test_nothing_is_told_of_the_others_while_one_cannot_be_parsed():
    errors = compose_subgraphs(a="type Query { x: Missing }", b="type Query {").errors
    assert [(error.code, error.subgraphs) for error in errors] == [("INVALID_GRAPHQL", ("b",))]


def test_the_rules_of_a_subgraph_are_checked_though_another_is_invalid():
    wrong = 'type Query { x: Int } type T @key(fields: "missing") { x: Int }'
    errors = compose_subgraphs(a=wrong, b="type Query { x: Missing }").errors
    assert [(error.code, error.subgraphs) for error in errors] == [
        ("KEY_INVALID_FIELDS", ("a",)),
        ("INVALID_GRAPHQL", ("b",)),
    ]


def test_a_stage_with_errors_is_the_last():
    found = codes(a="type Query { x: Int }", b="type Query { x: String y: Missing }")
    assert found == ["INVALID_GRAPHQL"]


def test_sdl_that_nests_too_deeply_is_refused_not_crashed_on():
    assert codes(a=f"type Query {{ x: {'[' * 5000}Int{']' * 5000} }}") == ["INVALID_GRAPHQL"]


@pytest.mark.parametrize(
    "sdl", ["", "   ", "# nothing", "query { a }", "type Query { a: Int } { b }", "\x00", "type"]
)
def test_what_is_no_schema_is_refused(sdl):
    assert compose([SubgraphSource("a", "", sdl)]).errors != ()


def test_federations_own_fields_and_types_are_not_merged():
    sdl = supergraph(
        a="""
        type Query { a: Int _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
        type _Service { sdl: String } scalar _Any union _Entity = User type User @key(fields: "id") { id: ID! }
        """
    )
    assert "_Service" not in sdl
    assert "_entities" not in sdl


def test_root_types_get_their_default_names():
    sdl = supergraph(a="schema { query: Root } type Root { again: Root a: Int }", b="type Query { b: Int }")
    assert "again: Query" in sdl
    assert "Root" not in sdl.replace("join__", "")


@pytest.mark.parametrize("kind", ["query", "mutation", "subscription"])
def test_a_roots_default_name_may_not_be_another_types(kind):
    other = "" if kind == "query" else "query: Query"
    query = "" if kind == "query" else "type Query { q: Int }"
    sdl = f"schema {{ {other} {kind}: Root }} {query} type Root {{ a: Int }} type {kind.title()} {{ b: Int }}"
    assert codes(a=sdl.replace("schema {", "schema {")) == [f"ROOT_{kind.upper()}_USED"]


@pytest.mark.parametrize("reason", ["RED", "1", "[]", "{}"])
def test_a_reason_that_is_no_text_is_refused(reason):
    assert codes(a=f"type Query {{ a: Int @deprecated(reason: {reason}) }}") == ["INVALID_GRAPHQL"]


def test_a_field_typed_by_federations_own_scalar_is_refused():
    assert codes(a="type Query { a: FieldSet }") == ["INVALID_GRAPHQL"]


def test_a_field_typed_by_the_links_own_types_is_refused():
    assert codes(a="type Query { a: link__Purpose }") == ["REFERENCED_INACCESSIBLE"]


def test_a_default_of_what_is_no_input_type_is_refused():
    assert codes(a="type Query { a(t: [T!] = A): Int } type T { x: Int }") == ["INVALID_GRAPHQL"]
