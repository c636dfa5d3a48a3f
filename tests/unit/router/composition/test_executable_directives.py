"""Directives that clients apply: in the supergraph and the API as far as all subgraphs understand them."""

import pytest

from tests.unit.router.composition.composing import api, codes, compose_subgraphs, hints, supergraph

QUERY = " type Query { a: Int @shareable }"


@pytest.mark.parametrize(
    ("one", "two", "merged", "hint"),
    [
        ("@x on FIELD", "@x on FIELD", "@x on FIELD", None),
        ("@x on FIELD | QUERY | OBJECT", "@x on SCHEMA | QUERY | FIELD", "@x on FIELD | QUERY", None),
        ("@x on FIELD", "@y on OBJECT", None, "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE"),
        ("@x on FIELD", "@x on QUERY", None, "NO_EXECUTABLE_DIRECTIVE_INTERSECTION"),
        ("@x on FIELD", "@x on OBJECT", None, "NO_EXECUTABLE_DIRECTIVE_INTERSECTION"),
        ("@x on FIELD | QUERY", "@x on FIELD", "@x on FIELD", "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS"),
        (
            "@x repeatable on FIELD",
            "@x on FIELD",
            "@x on FIELD",
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
        ),
        ("@x(a: Int) on FIELD", "@x on FIELD", "@x on FIELD", "INCONSISTENT_ARGUMENT_PRESENCE"),
        (
            "@x(a: Int) on FIELD",
            "@x(a: Int!) on FIELD",
            "@x(a: Int!) on FIELD",
            "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
        ),
        ("@x on OBJECT", "@x on OBJECT", None, None),
        ("@defer on FIELD", "@defer on FIELD", None, None),
        ("@a__b on FIELD", "@a__b on FIELD", "@a__b on FIELD", None),
    ],
)
def test_the_definition_is_what_is_common_to_all(one, two, merged, hint):
    sdls = {"a": f"directive {one}{QUERY}", "b": f"directive {two}{QUERY}"}
    definition = f"directive {merged}\n\n" if merged else ""
    assert api(**sdls) == f"{definition}type Query {{\n  a: Int\n}}"
    assert (f"\n\n{definition}" in supergraph(**sdls)) if merged else ("@x" not in supergraph(**sdls))
    assert hints(**sdls) == ([hint] if hint else [])


@pytest.mark.parametrize(
    ("one", "two", "code"),
    [
        ("a: Int!", "b: Int", "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"),
        ("a: Int", "a: String", "FIELD_ARGUMENT_TYPE_MISMATCH"),
        ("a: Int = 1", "a: Int = 2", "FIELD_ARGUMENT_DEFAULT_MISMATCH"),
    ],
)
def test_arguments_have_to_fit_together(one, two, code):
    sdls = {name: f"directive @x({given}) on FIELD{QUERY}" for name, given in (("a", one), ("b", two))}
    assert {error.code for error in compose_subgraphs(**sdls).errors} == {code}


def test_hidden_arguments_and_applied_directives_are_merged():
    sdl = 'directive @x("why" a: Int @inaccessible, b: Int @tag(name: "t")) on FIELD' + QUERY
    assert 'a: Int @inaccessible\n  b: Int @tag(name: "t")\n) on FIELD' in supergraph(a=sdl)
    assert "directive @x(b: Int) on FIELD" in api(a=sdl)


def test_an_enum_of_an_argument_is_an_input():
    sdl = "directive @x(e: E) on FIELD enum E {{ A {} }}" + QUERY.replace("{", "{{").replace("}", "}}")
    assert "enum E {\n  A\n}" in api(a=sdl.format("B"), b=sdl.format("C"))


def test_a_composed_directive_of_that_name_comes_first():
    link = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@shareable"])'
        ' @link(url: "https://x.dev/x/v1.0") @composeDirective(name: "@x") directive @x on FIELD_DEFINITION | FIELD'
    )
    sdls = {"a": link + QUERY, "b": "directive @x on FIELD" + QUERY}
    assert "directive @x on FIELD_DEFINITION | FIELD\n" in supergraph(**sdls)
    assert "@x" not in api(**sdls)
    assert codes(**sdls) == []
