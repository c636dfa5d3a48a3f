"""The form of a supergraph: what Apollo's router and gateway read."""

from graphql import build_schema

from router.composition.context import name_graphs
from router.supergraph.write import name_order
from tests.unit.router.composition.composing import supergraph


def test_a_small_supergraph_as_text():
    sdl = supergraph(
        accounts='type Query { me: User } type User @key(fields: "id") { id: ID! name: String @tag(name: "pii") }'
    )
    head, _, rest = sdl.partition("\n\n")
    assert head == (
        "schema\n"
        '  @link(url: "https://specs.apollo.dev/link/v1.0")\n'
        '  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)\n'
        '  @link(url: "https://specs.apollo.dev/tag/v0.3")\n'
        "{\n  query: Query\n}"
    )
    assert 'enum join__Graph {\n  ACCOUNTS @join__graph(name: "accounts", url: "")\n}' in rest
    assert "type Query\n  @join__type(graph: ACCOUNTS)\n{\n  me: User\n}" in rest
    assert rest.endswith(
        'type User\n  @join__type(graph: ACCOUNTS, key: "id")\n{\n  id: ID!\n  name: String @tag(name: "pii")\n}\n'
    )


def test_it_is_valid_graphql():
    assert (
        build_schema(supergraph(a="type Query { a: Int @authenticated @cost(weight: 2) }")).query_type
        is not None
    )


def test_the_version_of_join_is_that_of_the_newest_subgraph():
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.{}") type Query {{ a{}: Int }}'
    assert "join/v0.3" in supergraph(a=link.format(0, 1), b=link.format(6, 2))
    assert "join/v0.4" in supergraph(a=link.format(0, 1), b=link.format(7, 2))
    assert "join/v0.5" in supergraph(a=link.format(0, 1), b=link.format(8, 2))


def test_graph_names_are_graphql_names_and_differ():
    assert name_graphs(["a-b", "a_b", "1x", "x_1", "userService"]) == {
        "a-b": "A_B_1",
        "a_b": "A_B_2",
        "1x": "_1X",
        "x_1": "X_1_",
        "userService": "USERSERVICE",
    }


def test_names_are_sorted_as_apollo_sorts_them():
    assert sorted(["b", "B", "a1", "a_", "aB", "_z", "A"], key=name_order) == [
        "_z",
        "A",
        "a_",
        "a1",
        "aB",
        "b",
        "B",
    ]


def test_outer_braces_of_a_key_are_not_printed():
    sdl = supergraph(a='type Query { t: T } type T @key(fields: "{ id }") { id: ID! }')
    assert 'key: " id "' in sdl or 'key: "id"' in sdl


def test_requirements_and_provisions_are_printed():
    sdl = supergraph(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! w: Int @shareable }',
        b='type Query { p: T @provides(fields: "w") } type T @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "w") }',
    )
    assert 'p: T @join__field(graph: B, provides: "w")' in sdl
    assert 'r: Int @join__field(graph: B, requires: "w")' in sdl
    assert "w: Int @join__field(graph: A) @join__field(graph: B, external: true)" in sdl
