"""The normal form: what is left of an operation when its spelling is taken away."""

import pytest
from graphql import OperationType, parse

from router.operation.errors import OperationError
from router.operation.need import Need, fields_for
from router.operation.normalize import normalize_operation
from router.operation.response_keys import ResponseKeys
from router.supergraph import Supergraph

_SUPERGRAPH = Supergraph.read(
    """
    schema { query: Query }
    enum join__Graph { A @join__graph(name: "a", url: "") }
    type Query { n: N t: T u: U }
    interface N { id: ID! }
    interface M { m: Int }
    type T implements N & M { id: ID! m: Int x(a: Int, b: [Int]): Int }
    type V implements N { id: ID! }
    type W { w: Int }
    union U = T | W
    """
)


def _write(need: Need) -> str:
    parts = []
    for field in need.fields:
        text = field.key if field.key == field.name else f"{field.key}:{field.name}"
        text += "".join(f"({name}={value})" for name, value in field.arguments)
        text += "".join(f"@{variable}={wanted}" for variable, wanted in sorted(field.conditions))
        parts.append(text + (f"{{{_write(field.need)}}}" if field.need is not None else ""))
    parts += [f"on {arm.type_name}{{{_write(arm.need)}}}" for arm in need.arms]
    return " ".join(parts)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ t { id id } t { m } }", "t{id m}"),
        ("{ ...F } fragment F on Query { t { ...G } } fragment G on T { id }", "t{id}"),
        ("{ t { ... on N { id } ... on T { m } } }", "t{id m}"),
        ("{ n { ... on T { ... on M { m } } ... on W { w } } }", "n{on T{m}}"),
        ("{ n { ... on M { m } } }", "n{on M{m}}"),
        ("query ($c: Boolean!) { t { ... @include(if: $c) { id m @skip(if: $c) } m } }", "t{id@c=True m}"),
        ("query ($c: Boolean!) { t { id @include(if: $c) id @skip(if: $c) } }", "t{id@c=True id@c=False}"),
        ("{ t { id @skip(if: true) m @include(if: true) } }", "t{m}"),
        ("{ t { a: x(b: [1], a: 2) } }", "t{a:x(a=2)(b=[1])}"),
        ("{ u { ... on W { w } __typename } __typename __schema { description } }", "u{__typename on W{w}}"),
        ("{ t { id @skip(if: true) } }", "t{}"),
    ],
)
def test_normal_form(query: str, expected: str) -> None:
    assert _write(normalize_operation(parse(query), None, _SUPERGRAPH).need) == expected


def test_what_is_wanted_of_one_type_is_gathered_from_all_arms() -> None:
    query = "{ n { id ... on T { m x } ... on M { m } ... on V { id } } }"
    need = normalize_operation(parse(query), None, _SUPERGRAPH).need.fields[0].need
    assert need is not None
    assert [field.key for field in fields_for(need, "T", _SUPERGRAPH)] == ["id", "m", "x"]
    assert [field.key for field in fields_for(need, "V", _SUPERGRAPH)] == ["id"]


def test_variables_keep_type_and_default() -> None:
    operation = normalize_operation(
        parse("query Q($a: Int = 3, $b: [Int]) { t { x(a: $a, b: $b) } }"), "Q", _SUPERGRAPH
    )
    assert operation.kind is OperationType.QUERY
    assert [(v.name, v.type, v.default) for v in operation.variables.values()] == [
        ("a", "Int", " = 3"),
        ("b", "[Int]", ""),
    ]
    need = operation.need.fields[0].need
    assert need is not None
    assert need.fields[0].variables == ("a", "b")


@pytest.mark.parametrize(
    ("document", "name", "message"),
    [
        ("query A { t { id } } query B { t { id } }", None, "Must provide operation name"),
        ("query A { t { id } }", "B", "Unknown operation"),
        ("mutation { t { id } }", None, "no mutation type"),
    ],
)
def test_an_operation_that_cannot_be_chosen_is_refused(document: str, name: str | None, message: str) -> None:
    with pytest.raises(OperationError, match=message):
        normalize_operation(parse(document), name, _SUPERGRAPH)


def test_hidden_fields_share_a_key_only_with_the_same_field() -> None:
    need = normalize_operation(parse("{ t { id: m _h0: id x(a: 1) } }"), None, _SUPERGRAPH).need
    keys = ResponseKeys.of(need).child("t")
    assert keys.hidden_key("id") == "_h0"
    assert keys.hidden_key("m") == "m"
    assert keys.hidden_key("x", (("a", "1"),)) == "x"
    assert keys.hidden_key("x", (("a", "2"),)) == "_h1"
    assert keys.hidden_key("x", (("a", "2"),)) == "_h1"
