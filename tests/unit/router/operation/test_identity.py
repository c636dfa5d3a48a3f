"""Operations that ask the same are the same, however they are written."""

import pytest
from graphql import parse

from router.operation.identity import identify_operation, print_normal_form
from router.operation.normalize import normalize_operation
from tests.support.federation_plans import Federation

_SUPERGRAPH = Federation(
    {
        "a": "type Query { n(x: Int, y: In): N t: T } input In { a: Int b: [Int] } interface N { id: ID! } "
        "type T implements N { id: ID! m(s: String): Int } type V implements N { id: ID! t: T }"
    }
).supergraph


def identify(text: str, name: str | None = None) -> bytes:
    return identify_operation(normalize_operation(parse(text), name, _SUPERGRAPH))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ t { id m } }", "query Named {\n  # a comment\n  t { id, m }\n}"),
        ("{ t { id m } }", "{ ...F } fragment G on T { m } fragment F on Query { t { id ...G } }"),
        ("{ t { id m } }", "{ ...A } fragment A on Query { t { ...B m } } fragment B on T { ... { id } }"),
        ("{ t { id } t { m } }", "{ t { id m } }"),
        ("{ n { ... on T { m } } }", "{ n { ...T } } fragment T on T { m }"),
        ("{ n(x: 1, y: { a: 1, b: [2] }) { id } }", "{ n(y: {b: [2], a: 1} x: 1) { id } }"),
        ("{ t { id @include(if: true) m @skip(if: true) } }", "{ t { id } }"),
        ("{ t: t { id: id } }", "{ t { id } }"),
        (
            "query ($c: Boolean!) { t { ... @include(if: $c) { id m } } }",
            "query A($c: Boolean!) { t { id @include(if: $c) m @include(if: $c) } }",
        ),
        ("query ($c: Boolean!) { t @skip(if: $c) { id @skip(if: $c) m } }", "query ($c: Boolean!) { t @skip(if: $c) { id m } }"),
        ("{ t { id } __typename __schema { queryType { name } } }", "{ t { id } }"),
    ],
)  # fmt: skip
def test_two_spellings_of_one_operation(one: str, other: str) -> None:
    assert identify(one) == identify(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ t { id m } }", "{ t { m id } }"),
        ("{ t { id } }", "{ x: t { id } }"),
        ("{ t { m } }", '{ t { m(s: "") } }'),
        ('{ t { m(s: "a") } }', '{ t { m(s: "b") } }'),
        ("{ n { id } }", "{ n { ... on T { id } } }"),
        ("query ($x: Int = 1) { n(x: $x) { id } }", "query ($x: Int = 2) { n(x: $x) { id } }"),
        ("query ($x: Int) { n(x: $x) { id } }", "query ($y: Int) { n(x: $y) { id } }"),
        ("query ($x: Int) { n(x: $x) { id } }", "query ($x: Int!) { n(x: $x) { id } }"),
        ("query ($c: Boolean!) { t @skip(if: $c) { id } }", "query ($c: Boolean!) { t @include(if: $c) { id } }"),
        ("query ($c: Boolean!) { t @skip(if: $c) { id } }", "query ($c: Boolean!) { t { id @skip(if: $c) } }"),
        ('{ t { m(s: "x){id}") } }', '{ t { m(s: "x") } }'),
    ],
)  # fmt: skip
def test_two_operations(one: str, other: str) -> None:
    assert identify(one) != identify(other)


def test_of_several_operations_the_one_that_is_asked_counts() -> None:
    both = "query A { t { id } } query B { t { m } }"
    assert identify(both, "A") == identify("{ t { id } }")
    assert identify(both, "B") == identify("{ t { m } }")


@pytest.mark.parametrize(
    "query",
    [
        "query ($c: Boolean!, $d: Boolean = true) { t @include(if: $c) @skip(if: $d) { m @include(if: $d) } n { ... on V { t { id } } } }",
        "query ($c: Boolean!) { t { id @include(if: $c) @skip(if: $c) } }",
        "{ __typename }",
    ],
)
def test_the_normal_form_of_a_normal_form_is_itself(query: str) -> None:
    text = print_normal_form(normalize_operation(parse(query), None, _SUPERGRAPH))
    assert print_normal_form(normalize_operation(parse(text), None, _SUPERGRAPH)) == text
