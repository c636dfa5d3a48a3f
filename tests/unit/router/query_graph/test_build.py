"""Which steps exist: not those that would be answered wrongly."""

from router.query_graph import build_query_graph
from tests.support.federation_plans import Federation


def test_external_and_overridden_fields_are_no_edges() -> None:
    graph = build_query_graph(
        Federation(
            {
                "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") moved: Int }',
                "b": 'type T @key(fields: "id") { id: ID! x: Int moved: Int @override(from: "a") }',
            }
        ).supergraph
    )
    assert sorted(graph.nodes["T", "A"].fields) == ["id", "y"]
    assert graph.nodes["T", "A"].fields["y"].requires
    assert sorted(graph.nodes["T", "B"].fields) == ["id", "moved", "x"]
    assert [edge.target.graph for edge in graph.keys_into("T")] == ["A", "B"]


def test_a_label_opens_one_side_of_an_override_and_closes_the_other() -> None:
    graph = build_query_graph(
        Federation(
            {
                "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! v: Int }',
                "b": 'type T @key(fields: "id") { id: ID! v: Int @override(from: "a", label: "new") }',
            }
        ).supergraph
    )
    source, target = graph.nodes["T", "A"].fields["v"], graph.nodes["T", "B"].fields["v"]
    assert (source.is_open(frozenset()), target.is_open(frozenset())) == (True, False)
    assert (source.is_open(frozenset({"new"})), target.is_open(frozenset({"new"}))) == (False, True)


def test_provided_fields_exist_on_their_path_only() -> None:
    graph = build_query_graph(
        Federation(
            {
                "a": 'type Query { top: T @provides(fields: "name") all: T } type T @key(fields: "id") { id: ID! name: String @external }',
                "b": 'type T @key(fields: "id") { id: ID! name: String @shareable }',
            }
        ).supergraph
    )
    root = graph.roots["query"][0]
    top, other = root.fields["top"].tail, root.fields["all"].tail
    assert top is not None
    assert other is not None
    assert "name" in top.fields
    assert "name" not in other.fields


def test_a_field_that_leads_on_from_a_view_provides_as_well() -> None:
    graph = build_query_graph(
        Federation(
            {
                "a": 'type Query { top: T @provides(fields: "x") } '
                'type T @key(fields: "id") { id: ID! x: Int @external y: Int @external next: T @provides(fields: "y") again: T @provides(fields: "again { x }") }',
                "b": 'type T @key(fields: "id") { id: ID! x: Int @shareable y: Int @shareable }',
            }
        ).supergraph
    )
    top = graph.nodes["Query", "A"].fields["top"].tail
    assert top is not None
    following = top.fields["next"].tail
    assert following is not None
    assert sorted(top.fields) == ["again", "id", "next", "x"]
    assert sorted(following.fields) == ["again", "id", "next", "y"]
    assert following.fields["next"].tail is following
    again = following.fields["again"].tail
    assert again is not None
    assert sorted(again.fields) == ["again", "id", "next"]
    assert again.fields["again"].tail is not None
    assert sorted(again.fields["again"].tail.fields) == ["again", "id", "next", "x"]


def test_an_interfaces_field_is_an_edge_only_where_all_its_types_resolve_it() -> None:
    graph = build_query_graph(
        Federation(
            {
                "a": "type Query { n: N } interface N { id: ID! t: Int } "
                'type X implements N @key(fields: "id") { id: ID! t: Int } '
                'type Y implements N @key(fields: "id") { id: ID! t: Int @external }',
                "b": 'type Y @key(fields: "id") { id: ID! t: Int }',
            }
        ).supergraph
    )
    assert sorted(graph.nodes["N", "A"].fields) == ["id"]
    assert sorted(graph.nodes["N", "A"].casts) == ["X", "Y"]


def test_an_interface_object_can_be_entered_by_every_implementation() -> None:
    graph = build_query_graph(
        Federation(
            {
                "a": 'type Query { u: U } interface U @key(fields: "id") { id: ID! } type Ad implements U @key(fields: "id") { id: ID! }',
                "b": 'type U @key(fields: "id") @interfaceObject { id: ID! score: Int }',
            }
        ).supergraph
    )
    assert [str(edge.target).split("#")[0] for edge in graph.keys_into("Ad")] == ["Ad@A", "U@B"]
    assert graph.nodes["U", "B"].is_interface_object
    assert not graph.nodes["U", "B"].is_abstract
