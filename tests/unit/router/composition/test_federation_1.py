"""Subgraphs of federation 1, by themselves and beside federation 2."""

from router.composition import SubgraphSource, compose
from tests.unit.router.composition.composing import LINK, compose_federation_1

USERS = 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }'


def found(**sdls):
    return [error.code for error in compose_federation_1(**sdls).errors]


def test_an_extension_adds_fields_to_the_type_of_another():
    composition = compose_federation_1(
        users=USERS,
        posts='extend type User @key(fields: "id") { id: ID! @external posts: [Post] } type Post { id: ID }',
    )
    assert composition.errors == ()
    assert '@join__type(graph: POSTS, key: "id", extension: true)' in (composition.supergraph_sdl or "")
    assert "  posts: [Post] @join__field(graph: POSTS)\n" in (composition.supergraph_sdl or "")


def test_an_extension_of_what_nobody_defines_is_refused():
    assert found(users=USERS, posts='extend type Gone @key(fields: "id") { id: ID! @external }') == [
        "EXTENSION_WITH_NO_BASE"
    ]


def test_value_types_are_shared_without_saying():
    assert found(a="type Query { v: V } type V { x: Int }", b="type V { x: Int }") == []


def test_an_external_field_that_nothing_uses_disappears():
    composition = compose_federation_1(
        users=USERS,
        posts='extend type User @key(fields: "id") { id: ID! @external name: String @external n: Int }',
    )
    assert composition.errors == ()
    assert "  name: String @join__field(graph: USERS)\n" in (composition.supergraph_sdl or "")


def test_both_federations_mix():
    result = compose(
        [
            SubgraphSource("users", "", USERS),
            SubgraphSource("posts", "", LINK + 'type User @key(fields: "id") { id: ID! posts: Int }'),
        ]
    )
    assert result.errors == ()
    assert '@link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)' in (result.supergraph_sdl or "")


def test_federation_2_directives_need_the_link_and_the_message_says_so():
    error = compose_federation_1(a="type Query { a: Int @shareable }").errors[0]
    assert error.code == "INVALID_GRAPHQL"
    assert "federation 1 schema" in error.message
