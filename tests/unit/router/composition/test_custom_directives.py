"""`@composeDirective`: directives of other specs in the supergraph, with their links and definitions."""

import pytest

from tests.unit.router.composition.composing import api, codes, hints, linked, supergraph


def composing(name, version="v1.0", imports='"@foo"', spec="foo"):
    link = f'@link(url: "https://x.dev/{spec}/{version}", import: [{imports}])'
    return linked(f'{link} @composeDirective(name: "@{name}")')


FOO = composing("foo") + "directive @foo(n: Int = 1) on FIELD_DEFINITION "


def test_a_composed_directive_is_linked_defined_and_applied():
    sdl = supergraph(a=FOO + "type Query { a: Int @foo }")
    assert '@link(url: "https://x.dev/foo/v1.0", import: ["@foo"])' in sdl
    assert "directive @foo(n: Int = 1) on FIELD_DEFINITION" in sdl
    assert "a: Int @foo\n" in sdl


def test_clients_see_nothing_of_it():
    sdl = FOO.replace("FIELD_DEFINITION", "FIELD_DEFINITION | FIELD").replace("n: Int = 1", "n: foo__S")
    assert api(a=sdl + "scalar foo__S type Query { a: Int @foo }") == "type Query {\n  a: Int\n}"


def test_only_those_who_compose_it_apply_it():
    other = linked('@link(url: "https://x.dev/foo/v1.0", import: ["@foo"])')
    sdl = supergraph(
        a=FOO + "type Query { a: Int @shareable @foo }",
        b=other + "directive @foo on FIELD_DEFINITION type Query { a: Int @shareable b: Int @foo }",
    )
    assert "a: Int @foo\n" in sdl
    assert "b: Int @join__field(graph: B)\n" in sdl


def test_the_newest_minor_version_defines_it():
    newer = (
        composing("foo", "v1.2")
        + '"""doc""" directive @foo("arg" n: Int, m: Int) repeatable on FIELD_DEFINITION | OBJECT '
    )
    sdl = supergraph(a=newer + "type Query { a: Int @foo(m: 1) }", b=FOO + "type Query { b: Int @foo }")
    assert 'url: "https://x.dev/foo/v1.2"' in sdl
    assert (
        '"""doc"""\ndirective @foo(\n  """arg"""\n  n: Int\n  m: Int\n) repeatable on FIELD_DEFINITION | OBJECT'
        in sdl
    )


def test_what_an_older_version_says_has_to_fit_the_newest_definition():
    newer = (
        composing("foo", "v1.2")
        + "directive @foo(m: Int!) on FIELD_DEFINITION type Query { b: Int @foo(m: 1) }"
    )
    older = composing("foo")
    for definition in ("(n: Int) on FIELD_DEFINITION", "on OBJECT | FIELD_DEFINITION"):
        sdl = older + f"directive @foo{definition} type Query {{ a: Int @foo }}"
        assert codes(a=sdl, b=newer) == ["INVALID_GRAPHQL"]
    assert (
        codes(
            a=older + "directive @foo(m: Int) on FIELD_DEFINITION type Query { a: Int @foo(m: 2) }", b=newer
        )
        == []
    )


def test_its_values_are_inputs():
    sdl = "directive @foo(e: E) on FIELD_DEFINITION enum E {{ A {0} }} type Query {{ {0}: Int @foo(e: {1}) }}"
    a, b = (composing("foo") + sdl.format(value, "A") for value in "BC")
    assert "enum E\n  @join__type(graph: A)\n  @join__type(graph: B)\n{\n  A " in supergraph(a=a, b=b)
    assert codes(a=a, b=b.replace("@foo(e: A)", "@foo(e: C)")) == ["INVALID_GRAPHQL"]


def test_names_without_an_import_are_imported_by_the_supergraph():
    sdl = (
        composing("foo__bar", imports="")
        + "directive @foo__bar on FIELD_DEFINITION type Query { a: Int @foo__bar }"
    )
    merged = supergraph(a=sdl)
    assert 'import: [{name: "@bar", as: "@foo__bar"}]' in merged
    assert "a: Int @foo__bar\n" in merged


@pytest.mark.parametrize(("spec", "alias"), [("tag", "_0tag"), ("my-spec", "_0myspec"), ("other", None)])
def test_a_spec_whose_name_cannot_be_used_gets_another(spec, alias):
    sdl = (
        composing("foo", spec=spec)
        + 'directive @foo on FIELD_DEFINITION type Query { a: Int @foo @tag(name: "x") }'
    )
    if spec == "tag":
        sdl = sdl.replace('v1.0", import', 'v1.0", as: "custom", import')
    written = f', as: "{alias}"' if alias else ""
    assert f'@link(url: "https://x.dev/{spec}/v1.0"{written}, import: ["@foo"])' in supergraph(a=sdl)


@pytest.mark.parametrize("name", ["tag__foo", "tag"])
def test_a_composed_name_that_looks_like_a_known_spec_s_gives_that_spec_another(name):
    sdl = (
        composing(name, imports=f'{{name: "@foo", as: "@{name}"}}').replace(
            '"@tag",', '{name: "@tag", as: "@t"},'
        )
        + f"directive @{name} on FIELD_DEFINITION "
        + f'type Query {{ a: Int @{name} @t(name: "x") }}'
    )
    merged = supergraph(a=sdl)
    assert '/tag/v0.3", as: "_0tag", import: [{name: "@tag", as: "@t"}])' in merged
    assert f'foo/v1.0", import: [{{name: "@foo", as: "@{name}"}}])' in merged


@pytest.mark.parametrize("name", ["join", "join__field", "join__own"])
def test_no_composed_name_looks_like_the_join_spec_s(name):
    sdl = (
        composing(name, imports=f'{{name: "@foo", as: "@{name}"}}')
        + f"directive @{name} on FIELD_DEFINITION type Query {{ a: Int @{name} }}"
    )
    assert codes(a=sdl) == ["INVALID_LINK_DIRECTIVE_USAGE"]


def test_the_join_spec_cannot_be_composed():
    link = '@link(url: "https://specs.apollo.dev/join/v0.2", for: EXECUTION)'
    sdl = linked(f'{link} @composeDirective(name: "@join__field")')
    assert codes(a=sdl + "directive @join__field on FIELD_DEFINITION type Query { a: Int }") == [
        "DIRECTIVE_COMPOSITION_ERROR"
    ]


def test_a_repeatable_one_is_the_union_of_what_is_said():
    sdl = FOO.replace(" on ", " repeatable on ") + "type Query {{ a: Int @shareable {} }}"
    merged = supergraph(a=sdl.format("@foo @foo(n: 2)"), b=sdl.format("@foo(n: 1) @foo(n: 2) @foo(n: 3)"))
    assert "a: Int @foo @foo(n: 2) @foo(n: 3)\n" in merged


def test_of_one_that_is_not_repeatable_the_most_frequent_application_wins():
    sdl = FOO + "type Query {{ a: Int @shareable {} }}"
    sdls = {"a": sdl.format("@foo(n: 7)"), "b": sdl.format("@foo"), "c": sdl.format("@foo(n: 1)")}
    assert "a: Int @foo\n" in supergraph(**sdls)
    assert hints(**sdls) == ["INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"]


def test_it_may_stand_on_the_schema_and_on_everything_else():
    everywhere = (
        "SCHEMA | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | ENUM | ENUM_VALUE | INPUT_OBJECT "
        "| INPUT_FIELD_DEFINITION | SCALAR | UNION | INTERFACE"
    )
    sdl = (
        composing("foo").rstrip()
        + f""" @foo
        directive @foo on {everywhere}
        type Query @foo {{ a(i: I @foo): U @foo }} union U @foo = T type T implements N @foo {{ s: S }}
        input I @foo {{ e: E @foo }} enum E @foo {{ A @foo }} scalar S @foo interface N @foo {{ s: S }}
        """
    )
    assert supergraph(a=sdl).count(" @foo") == 13
