"""Directives that reach the supergraph: access, cost, tags, hiding; nothing that one subgraph demands is weakened."""

import pytest

from tests.unit.router.composition.composing import codes, supergraph


def field(directives):
    return f"type Query {{ f: Int @shareable {directives} }}"


@pytest.mark.parametrize(
    ("one", "two", "merged"),
    [
        ('[["a"]]', '[["b"]]', '[["a", "b"]]'),
        ('[["a"], ["b"]]', '[["c"]]', '[["a", "c"], ["b", "c"]]'),
        ('[["a"], ["b"]]', '[["a"]]', '[["a"]]'),
        ("[]", '[["a"]]', '[["a"]]'),
        ('["a"]', '"b"', '[["a", "b"]]'),
    ],
)
def test_access_requirements_of_two_subgraphs_hold_both(one, two, merged):
    sdl = supergraph(a=field(f"@requiresScopes(scopes: {one})"), b=field(f"@requiresScopes(scopes: {two})"))
    assert f"f: Int @requiresScopes(scopes: {merged})" in sdl
    sdl = supergraph(a=field(f"@policy(policies: {one})"), b=field(f"@policy(policies: {two})"))
    assert f"f: Int @policy(policies: {merged})" in sdl


def test_what_one_subgraph_protects_is_protected():
    assert "  f: Int @authenticated\n" in supergraph(a=field("@authenticated"), b=field(""))


def test_requirements_of_implementations_hold_for_their_interface():
    sdl = supergraph(
        a="""
        type Query { i: I }
        interface I { f: Int }
        type S implements I { f: Int @requiresScopes(scopes: [["s"]]) }
        type T implements I @authenticated { f: Int @requiresScopes(scopes: [["t"]]) }
        """
    )
    interface = sdl[sdl.index("interface I") : sdl.index("scalar join__FieldSet")]
    assert "@authenticated" in interface
    assert '@requiresScopes(scopes: [["s", "t"]])' in interface


def test_requirements_may_not_stand_on_interfaces():
    found = codes(
        a="type Query { i: I } interface I @authenticated { f: Int @authenticated } type T implements I { f: Int }"
    )
    assert found == ["AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"] * 2


def test_the_larger_cost_holds():
    assert "@cost(weight: 9)" in supergraph(a=field("@cost(weight: 9)"), b=field("@cost(weight: 2)"))


def test_list_sizes_are_joined():
    sdl = "type Query {{ f(first: Int, last: Int): [Int] @shareable @listSize({}) }}"
    merged = supergraph(
        a=sdl.format('assumedSize: 5, slicingArguments: ["first"]'),
        b=sdl.format('assumedSize: 9, slicingArguments: ["last"], requireOneSlicingArgument: false'),
    )
    assert (
        '@listSize(assumedSize: 9, slicingArguments: ["first", "last"], requireOneSlicingArgument: false)'
        in merged
    )


@pytest.mark.parametrize(
    ("signature", "size", "code"),
    [
        ("f: [Int]", "assumedSize: 1", None),
        ("f: [Int]", "assumedSize: -1", "LIST_SIZE_INVALID_ASSUMED_SIZE"),
        ("f: Int", "assumedSize: 1", "LIST_SIZE_APPLIED_TO_NON_LIST"),
        ("f(n: Int!): [Int]", 'slicingArguments: ["n"]', None),
        ("f(n: String): [Int]", 'slicingArguments: ["n"]', "LIST_SIZE_INVALID_SLICING_ARGUMENT"),
        ("f: [Int]", 'slicingArguments: ["n"]', "LIST_SIZE_INVALID_SLICING_ARGUMENT"),
        ("f: P", 'sizedFields: ["l"]', None),
        ("f: P", 'sizedFields: ["m"]', "LIST_SIZE_INVALID_SIZED_FIELD"),
    ],
)
def test_a_list_size_is_about_a_list(signature, size, code):
    found = codes(a=f"type Query {{ {signature} @listSize({size}) }} type P {{ l: [Int] }}")
    assert found == ([code] if code else [])


def test_equal_tags_are_written_once_and_others_each():
    sdl = supergraph(a=field('@tag(name: "x")'), b=field('@tag(name: "x") @tag(name: "y")'))
    assert '  f: Int @tag(name: "x") @tag(name: "y")\n' in sdl


def test_the_most_frequent_reason_of_a_deprecation_wins():
    sdl = '@deprecated(reason: "{}")'
    merged = supergraph(a=field(sdl.format("one")), b=field(sdl.format("two")), c=field(sdl.format("two")))
    assert '@deprecated(reason: "two")' in merged


def test_a_composed_directive_has_one_name_everywhere():
    a = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"]) type Query { a: Int @tag(name: "x") }'
    b = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9") type Query { b: Int @federation__tag(name: "x") }'
    assert codes(a=a, b=b) == ["LINK_IMPORT_NAME_MISMATCH"]
    assert (
        '@link(url: "https://specs.apollo.dev/tag/v0.3", import: [{name: "@tag", as: "@federation__tag"}])'
        in supergraph(b=b)
    )


def test_a_single_scope_is_printed_as_the_list_of_lists_that_it_stands_for():
    assert '@requiresScopes(scopes: [["a"]])' in supergraph(a=field('@requiresScopes(scopes: "a")'))
