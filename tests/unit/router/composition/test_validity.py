"""What fits in each subgraph fits in the supergraph, or the error names who declares it."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs


@pytest.mark.parametrize(
    ("one", "two", "subgraphs"),
    [
        (
            "type Query { i: I } interface I { f: Int! } type T implements I { f: Int! @shareable }",
            "type T { f: Int @shareable }",
            {"a", "b"},
        ),
        (
            "type Query { i: I } interface I { f(a: Int): Int } type T implements I { f(a: Int): Int @shareable }",
            "type T { f: Int @shareable }",
            {"a", "b"},
        ),
        ("type Query { f(e: E = A): Int } enum E { A B }", "type Query { g(e: E): Int } enum E { B }", {"a"}),
        (
            "type Query { f(i: I): Int @shareable } input I { x: Int @deprecated }",
            "type Query { f(i: I): Int @shareable } input I { x: Int! }",
            {"a", "b"},
        ),
        ("type Query { f: join__Graph } enum join__Graph { A }", "type Query { g: Int }", {"a"}),
        ("type Query { f: Int s: federation__Scope }", "type Query { g: Int }", {"a"}),
    ],
)
def test_the_merged_schema_is_valid(one, two, subgraphs):
    errors = compose_subgraphs(a=one, b=two).errors
    assert {error.code for error in errors} == {"INVALID_GRAPHQL"}
    assert {name for error in errors for name in error.subgraphs} == subgraphs
    assert all(error.locations for error in errors)


def test_a_deprecated_field_may_implement_one_that_is_not():
    assert (
        codes(a="type Query { i: I } interface I { f: Int } type T implements I { f: Int @deprecated }") == []
    )
