"""Directives that reach the supergraph: access, cost, tags, hiding; nothing that one subgraph demands is weakened."""

import pytest

from tests.unit.router.composition.composing import compose_subgraphs, hints, supergraph


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


def test_requirements_of_an_interface_object_hold_for_the_implementations_and_their_other_interfaces():
    sdl = supergraph(
        a="""
        type Query { i: I }
        interface I @key(fields: "id") { id: ID! }
        interface K { x: Int }
        type T implements I & K @key(fields: "id") { id: ID! x: Int @shareable @authenticated }
        type S implements I @key(fields: "id") { id: ID! }
        """,
        b="""
        type I @key(fields: "id") @interfaceObject {
          id: ID! x: Int @shareable @requiresScopes(scopes: [["k"]]) z: Int @policy(policies: [["p"]])
        }
        """,
    )
    types = {
        name: sdl[sdl.index(f"\n{name}") :].split("\n}")[0] for name in ("interface K", "type T", "type S")
    }
    both = '@authenticated @requiresScopes(scopes: [["k"]])'
    assert f"x: Int {both}" in types["type T"]
    assert f"x: Int {both}" in types["interface K"]
    # What another implementation asks for is no business of this one.
    assert 'x: Int @join__field @requiresScopes(scopes: [["k"]])\n' in types["type S"]
    assert 'z: Int @join__field @policy(policies: [["p"]])' in types["type S"]


def test_merged_arguments_are_hinted_at_with_their_place():
    composition = compose_subgraphs(a=field("@cost(weight: 9)"), b=field("@cost(weight: 2)"))
    (hint,) = composition.hints
    assert (hint.code, hint.subgraphs) == ("MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", ("a", "b"))
    assert '"Query.f"' in hint.message
    assert len(hint.locations) == 2


def test_a_missing_argument_is_its_default():
    plain, same, other = (
        "@deprecated",
        '@deprecated(reason: "No longer supported")',
        '@deprecated(reason: "x")',
    )
    assert hints(a=field(plain), b=field(same)) == []
    (hint,) = compose_subgraphs(a=field(plain), b=field(other)).hints
    assert hint.code == "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"
    assert '"Query.f"' in hint.message
    size = "type Query {{ f: [Int] @shareable @listSize({}) }}"
    sizes = [size.format("assumedSize: 3"), size.format("assumedSize: 3, requireOneSlicingArgument: true")]
    assert hints(a=sizes[0], b=sizes[1]) == []


def test_contexts_of_two_subgraphs_are_two():
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@context", "@shareable"])'
    sdl = f'{link} type Query {{ t: T @shareable }} type T @context(name: "c") {{ x: Int @shareable }}'
    merged = supergraph(a=sdl, b=sdl)
    assert '@context(name: "a__c")\n  @context(name: "b__c")' in merged
    assert (
        "directive @context__fromContext(field: context__ContextFieldValue) on ARGUMENT_DEFINITION" in merged
    )
    assert "scalar context__ContextFieldValue" in merged


def test_a_cache_tag_stands_in_join_directive():
    link = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@cacheTag", "@key"])'
    )
    sdl = (
        link
        + ' type Query {{ {}: T }} type T @key(fields: "id") @cacheTag(format: "{{$key.id}}") {{ id: ID! }}'
    )
    merged = supergraph(a=sdl.format("a"), b=sdl.format("b"))
    assert '@link(url: "https://specs.apollo.dev/cacheTag/v0.1", for: EXECUTION)' in merged
    application = (
        '@join__directive(graphs: [A, B], name: "federation__cacheTag", args: {format: "{$key.id}"})'
    )
    assert application in merged
    assert "@cacheTag" not in merged


def test_equal_tags_are_written_once_and_others_each():
    sdl = supergraph(a=field('@tag(name: "x")'), b=field('@tag(name: "x") @tag(name: "y")'))
    assert '  f: Int @tag(name: "x") @tag(name: "y")\n' in sdl


def test_the_most_frequent_reason_of_a_deprecation_wins():
    sdl = '@deprecated(reason: "{}")'
    merged = supergraph(a=field(sdl.format("one")), b=field(sdl.format("two")), c=field(sdl.format("two")))
    assert '@deprecated(reason: "two")' in merged


def test_a_single_scope_is_printed_as_the_list_of_lists_that_it_stands_for():
    assert '@requiresScopes(scopes: [["a"]])' in supergraph(a=field('@requiresScopes(scopes: "a")'))


def test_too_many_alternatives_become_one_that_needs_all():
    names = [[f"{letter}{i}" for i in range(50)] for letter in "abc"]
    sdls = {
        letter: field("@policy(policies: [" + ", ".join(f'["{name}"]' for name in group) + "])")
        for letter, group in zip("abc", names, strict=True)
    }
    every = ", ".join(f'"{name}"' for name in sorted(name for group in names for name in group))
    assert f"@policy(policies: [[{every}]])" in supergraph(**sdls)
