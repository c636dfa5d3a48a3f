"""The form of a supergraph: what Apollo's router and gateway read."""

import pytest
from graphql import Visitor, build_schema, parse, visit
from graphql.language.print_string import print_string
from graphql.validation.validate import validate_sdl

from router.composition import SubgraphSource, compose
from router.composition.context import name_graphs
from router.supergraph import Supergraph
from router.supergraph.write import name_order
from tests.unit.router.composition.composing import LINK, compose_subgraphs, supergraph


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


NASTY = 'a "b" \\ é\n  c """ d \t'


@pytest.mark.parametrize(
    "text", [NASTY, " lead", "trail ", "x\n", "\n x", "", 'q"', "\\", "a\n b\n  c", "\u2028\x7f"]
)
def test_every_description_is_read_back_as_it_was(text):
    written = print_string(text)
    sdl = f"""
    {written} schema {{ query: Query }}
    {written} directive @d({written} a: Int) on FIELD
    {written} type Query {{ {written} a({written} x: I): E }}
    {written} enum E {{ {written} A }}
    {written} input I {{ {written} x: Int }}
    """
    document = parse(supergraph(a=LINK + sdl))
    found: list[str] = []

    class Collector(Visitor):
        def enter(self, node, *_):
            description = getattr(node, "description", None)
            if (
                description is not None
                and "SECURITY" not in description.value
                and "EXECUTION" not in description.value
            ):
                found.append(description.value)

    visit(document, Collector())
    assert found == [text] * 10


def test_strings_are_escaped_wherever_they_are_written():
    name, url, tag = 'a"b\\c\nd', 'http://x/"q"\\', print_string(NASTY)
    sdl = f'''
        type Query {{ t(s: String = """b "x" """): T @tag(name: {tag}) @deprecated(reason: {tag}) }}
        type T @key(fields: """id
          s {{ x }}""") {{ id: ID! s: S! }}
        type S {{ x: Int }}
    '''
    composition = compose([SubgraphSource(name, url, LINK + sdl)])
    assert composition.errors == ()
    assert composition.supergraph_sdl is not None
    (subgraph,) = Supergraph.read(composition.supergraph_sdl).subgraphs
    assert (subgraph.name, subgraph.url) == (name, url)
    schema = build_schema(composition.supergraph_sdl)
    assert schema.query_type is not None
    assert schema.query_type.fields["t"].deprecation_reason == NASTY


def test_the_text_reads_back_as_the_same_api():
    composition = compose_subgraphs(
        a="""
        "the schema" schema { query: Q mutation: M }
        type Q { a(x: [I!] = [{e: A}]): U @cost(weight: 2) @deprecated } type M { m: E! @authenticated }
        input I { e: E = A h: Int @inaccessible } enum E { A B @tag(name: "x") } union U = V type V { x: S @inaccessible y: S }
        scalar S @specifiedBy(url: "http://s") directive @d(e: E) repeatable on FIELD
        """
    )
    assert composition.supergraph_sdl is not None
    assert validate_sdl(parse(composition.supergraph_sdl)) == []
    assert Supergraph.read(composition.supergraph_sdl).api_sdl == composition.api_sdl


def test_the_definitions_of_connectors_come_with_their_spec():
    sdl = """
        extend schema
          @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key"])
          @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@connect", "@source", {name: "ConnectHTTP", as: "H"}])
          @source(name: "s", http: {baseURL: "http://x", headers: [{name: "a", value: "b"}]})
        type Query { a: Int @connect(source: "s", http: {GET: "/"}, selection: "$") }
    """
    composition = compose_subgraphs(a=sdl)
    assert composition.supergraph_sdl is not None
    assert 'args: {source: "s", http: {GET: "/"}, selection: "$"})' in composition.supergraph_sdl
    assert composition.api_sdl == "type Query {\n  a: Int\n}"
    (hint,) = composition.hints
    assert (hint.code, hint.subgraphs) == ("IMPLICITLY_UPGRADED_FEDERATION_VERSION", ("a",))
    assert "v2.8 and a specification that needs v2.10" in hint.message
    for wrong in (sdl.replace("http: {GET", "http: {LOOK"), sdl.replace('"ConnectHTTP"', '"Nothing"')):
        assert compose_subgraphs(a=wrong).errors != ()


def test_connectors_stand_in_join_directive_under_their_own_names():
    link = """
        extend schema
          @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
          @link(url: "https://specs.apollo.dev/connect/v0.2", import: [{name: "@connect", as: "@call"}, "@source"])
          @source(name: "s", http: {baseURL: "http://x"})
    """
    definitions = """
        directive @source(name: String!, http: HTTP) repeatable on SCHEMA scalar HTTP
        directive @call(source: String, http: HTTP, selection: String!) repeatable on FIELD_DEFINITION | OBJECT
    """
    body = 'type Query {{ {}: Int @call(source: "s", http: {{GET: "/"}}, selection: "$") }}'
    sdl = supergraph(a=link + definitions + body.format("a"), b=link + definitions + body.format("b"))
    assert '@link(url: "https://specs.apollo.dev/connect/v0.3", for: EXECUTION)' in sdl
    head = sdl[: sdl.index("{\n  query")]
    assert (
        '@join__directive(graphs: [A, B], name: "link", args: {url: "https://specs.apollo.dev/connect/v0.2", '
        in head
    )
    assert (
        '@join__directive(graphs: [A, B], name: "source", args: {name: "s", http: {baseURL: "http://x"}})'
        in head
    )
    assert (
        '@join__directive(graphs: [B], name: "call", args: {source: "s", http: {GET: "/"}, selection: "$"})'
        in sdl
    )
