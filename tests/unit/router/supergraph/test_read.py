"""Supergraph SDL to model."""

import gc
from types import ModuleType

import pytest
from graphql import GraphQLDefaultInput, Node, print_schema

from router.supergraph import AccessRule, Supergraph, SupergraphError, TypeKind
from router.supergraph.field_set import FieldSelection, read_field_set, write_field_set

_HEAD = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
{ query: Query }
enum join__Graph { A @join__graph(name: "a-one", url: "http://a") B @join__graph(name: "b", url: "") }
scalar join__FieldSet
directive @join__field(graph: join__Graph) repeatable on FIELD_DEFINITION
directive @shout on FIELD
directive @stream on FIELD
"""

_SDL = (
    _HEAD
    + """
type Query @join__type(graph: A) @join__type(graph: B) { t: T @join__field(graph: A) u: U @join__field(graph: B) }
type T implements I
  @join__type(graph: A, key: "id") @join__type(graph: A, key: "k { a }", resolvable: false) @join__type(graph: B, key: "id")
  @join__implements(graph: A, interface: "I")
{
  id: ID!
  x(secret: Int @inaccessible, open: Int = 1): Int @join__field(graph: A) @join__field(graph: B, external: true)
  y: [[Int!]]! @join__field(graph: B, requires: "x(open: 2)", type: "[[Int]]") @authenticated
  z: Int @join__field(graph: B, override: "a-one", overrideLabel: "percent(5)") @join__field(graph: A, overrideLabel: "percent(5)")
  hidden: Int @inaccessible @join__field(graph: A)
}
interface I @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) { id: ID! }
union U @join__type(graph: B) @join__unionMember(graph: B, member: "T") = T | Gone
type Gone @join__type(graph: A) @inaccessible { id: ID! }
enum E @join__type(graph: A) { ON OFF @inaccessible }
type Secret @join__type(graph: A) @requiresScopes(scopes: [["a", "b"], ["c"]]) @policy(policies: [["p"]]) { e: E }
"""
)


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return Supergraph.read(_SDL)


def test_subgraphs_have_names_of_their_own(supergraph: Supergraph) -> None:
    assert [(s.name, s.graph, s.url) for s in supergraph.subgraphs] == [
        ("a-one", "A", "http://a"),
        ("b", "B", ""),
    ]


def test_a_type_is_recorded_for_each_subgraph(supergraph: Supergraph) -> None:
    info = supergraph.types["T"]
    assert info.kind is TypeKind.OBJECT
    assert [(write_field_set(key.fields), key.resolvable) for key in info.graphs["A"].keys] == [
        ("id", True),
        ("k { a }", False),
    ]
    assert info.graphs["A"].interfaces == {"I"}
    assert info.graphs["B"].interfaces == frozenset()
    assert supergraph.types["I"].graphs["B"].is_interface_object
    assert supergraph.types["U"].graphs["B"].members == ("T",)


def test_a_field_is_recorded_for_each_subgraph_that_mentions_it(supergraph: Supergraph) -> None:
    fields = supergraph.types["T"].fields
    assert set(fields["id"].graphs) == {"A", "B"}
    assert fields["x"].graphs["B"].external
    y = fields["y"]
    assert (y.type.name, y.type.list_depth, y.graphs["B"].type.text) == ("Int", 2, "[[Int]]")
    assert y.graphs["B"].requires == (FieldSelection("x", (("open", "2"),)),)
    assert (fields["z"].graphs["B"].override_from, fields["z"].graphs["A"].override_label) == (
        "a-one",
        "percent(5)",
    )


def test_possible_types_and_subtypes(supergraph: Supergraph) -> None:
    assert supergraph.possible_types("I") == ("T",)
    assert supergraph.possible_types("U") == ("T", "Gone")
    assert supergraph.possible_types("Nothing") == ()
    assert supergraph.is_subtype("T", "U")
    assert supergraph.is_subtype("T", "T")
    assert not supergraph.is_subtype("Gone", "I")


def test_the_api_schema_shows_neither_machinery_nor_what_is_hidden(supergraph: Supergraph) -> None:
    sdl = supergraph.api_sdl
    assert "join__" not in sdl
    assert "hidden" not in sdl
    assert "secret" not in sdl
    assert "Gone" not in sdl
    assert "OFF" not in sdl
    assert "x(open: Int = 1): Int" in sdl
    assert "directive @shout on FIELD" in sdl
    assert "@stream" not in sdl


def test_access_rules_are_an_or_of_ands(supergraph: Supergraph) -> None:
    assert supergraph.access.of_field("T", "y") == AccessRule(True, (), ())
    assert supergraph.access.of_type("Secret") == AccessRule(
        False, (frozenset({"a", "b"}), frozenset({"c"})), (frozenset({"p"}),)
    )
    assert supergraph.access.of_type("T") is None
    assert supergraph.access.of_field("T", "x") is None


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        ("type {", "not GraphQL"),
        ("type Query { a: Int }", "join__Graph"),
        (
            'schema @link(url: "https://example.com/vault/v1.0", for: SECURITY) { query: Query } enum join__Graph { A @join__graph(name: "a", url: "") }',
            "vault",
        ),
    ],
)
def test_what_is_no_supergraph_is_refused(sdl: str, message: str) -> None:
    with pytest.raises(SupergraphError, match=message):
        Supergraph.read(sdl)


def test_field_sets_are_equal_however_they_are_written() -> None:
    one = read_field_set('a b{c ... on T{d}} e(x:{k:1 j:[2]} y:"s")')
    other = read_field_set('e(y: "s", x: {j: [2], k: 1})\n b { ... on T { d } c } a')
    assert write_field_set(one) == write_field_set(other)
    assert read_field_set("... { a }") == (FieldSelection("a"),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("id id", "id"),
        ("a b a", "a b"),
        ("a { b } a { c }", "a { b c }"),
        ("a { b { c } } d a { e b { f } }", "a { b { c f } e } d"),
        ("... on T { a } ... on T { b a }", "... on T { a b }"),
        ("a ... { a b }", "a b"),
        ("a(x: {k: 1, j: 2}) a(x: {j: 2, k: 1})", "a(x: {j: 2, k: 1})"),
    ],
)
def test_what_a_field_set_says_twice_counts_once(written: str, meant: str) -> None:
    assert read_field_set(written) == read_field_set(meant)


def test_a_field_with_other_arguments_and_a_fragment_on_another_type_are_others() -> None:
    assert len(read_field_set("a(x: 1) a(x: 2) a ... on T { a } ... on U { a }")) == 5


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("x: I = {b: 1, a: 2}", "x: I = { a: 2, b: 1, e: A }"),
        ("x: [I!] = {}", "x: [I!] = [{ b: 7, e: A }]"),
        ('x: String = """q"""', 'x: String = "q"'),
        ("x: S = {z: 1, y: [A]}", "x: S = { z: 1, y: [A] }"),
        ("x: I = null", "x: I = null"),
        ("x: J = {}", "x: J"),
    ],
)
def test_defaults_are_shown_whole(written: str, shown: str) -> None:
    sdl = f"{_HEAD} type Query {{ f({written}): Int }} input I {{ a: Int b: Int = 7 e: E = A }} input J {{ a: Int! }}"
    api_sdl = Supergraph.read(f"{sdl} enum E {{ A }} scalar S").api_sdl
    assert f"f({shown}): Int" in api_sdl


def test_the_syntax_is_forgotten_and_read_again_for_who_asks() -> None:
    supergraph = Supergraph.read(_SDL)
    document, schema, sdl = supergraph.document, supergraph.api_schema, supergraph.api_sdl
    supergraph.forget_syntax()
    seen, waiting = set(), [*schema.type_map.values(), *schema.directives]
    while waiting:
        # All that hangs on the types but for what is Python's own, and default values, which are shown to clients.
        found = waiting.pop()
        assert not isinstance(found, Node), found
        if id(found) not in seen and not isinstance(found, (type, ModuleType, GraphQLDefaultInput)):
            seen.add(id(found))
            waiting += [each for each in gc.get_referents(found) if not _is_global(each)]
    assert print_schema(schema) == sdl
    assert supergraph.document == document
    assert supergraph.document is not document
    assert supergraph.api_sdl == print_schema(supergraph.api_schema) == sdl
    assert supergraph == Supergraph.read(_SDL)


def _is_global(found: object) -> bool:
    return isinstance(found, dict) and "__builtins__" in found
