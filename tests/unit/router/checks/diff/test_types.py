"""Types as a whole, and what operations start from."""

import pytest

from tests.unit.router.checks.changing import diff, told

KINDS = {
    "type": "type T { a: Int }",
    "interface": "interface T { a: Int }",
    "union": "union T = Query",
    "enum": "enum T { A }",
    "input": "input T { a: Int }",
    "scalar": "scalar T",
}


@pytest.mark.parametrize("sdl", KINDS.values(), ids=KINDS)
def test_a_removed_type_is_breaking_and_an_added_one_safe(sdl):
    assert told(sdl, "") == ["breaking TYPE_REMOVED T"]
    assert told("", sdl) == ["safe TYPE_ADDED T"]
    assert told(sdl, sdl) == []


@pytest.mark.parametrize("after", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_another_kind_is_breaking(before, after):
    expected = [] if before == after else ["breaking TYPE_KIND_CHANGED T"]
    assert told(KINDS[before], KINDS[after]) == expected


def test_a_type_names_its_kind_in_the_message():
    assert diff("union U = Query", "")[0].message == "The union U was removed."
    assert "kind enum" in diff(KINDS["enum"], KINDS["scalar"])[0].message


def test_descriptions_are_safe():
    assert told("scalar T", '"New." scalar T') == ["safe TYPE_DESCRIPTION_CHANGED T"]
    assert told('"Old." scalar T', '"New." scalar T') == ["safe TYPE_DESCRIPTION_CHANGED T"]
    assert told('"Old." scalar T', "scalar T") == ["safe TYPE_DESCRIPTION_CHANGED T"]
    assert told('"" scalar T', "scalar T") == []


def test_another_specification_of_a_scalar_is_dangerous():
    specified = 'scalar T @specifiedBy(url: "https://example.org/t")'
    assert told("scalar T", specified) == ["dangerous SCALAR_SPECIFIED_BY_CHANGED T"]
    assert told(specified, "scalar T") == ["dangerous SCALAR_SPECIFIED_BY_CHANGED T"]
    assert told(specified, specified) == []


SUBSCRIPTIONS = "type Query { a: Int } type S { a: Int }"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("query: Query", "query: Query subscription: S", ["safe SCHEMA_SUBSCRIPTION_TYPE_CHANGED S"]),
        ("query: Query subscription: S", "query: Query", ["breaking SCHEMA_SUBSCRIPTION_TYPE_CHANGED S"]),
        ("query: Query mutation: S", "query: Query", ["breaking SCHEMA_MUTATION_TYPE_CHANGED S"]),
        ("query: Query", "query: S", ["breaking SCHEMA_QUERY_TYPE_CHANGED Query"]),
        ("query: S mutation: Query", "query: S mutation: Query", []),
    ],
)
def test_operations_may_begin_to_start_somewhere_and_not_cease_to(before, after, expected):
    assert told(f"schema {{ {before} }} {SUBSCRIPTIONS}", f"schema {{ {after} }} {SUBSCRIPTIONS}") == expected


def test_the_schemas_own_description_is_safe():
    schema = "schema { query: Query } type Query { a: Int }"
    assert told(schema, f'"All." {schema}') == ["safe SCHEMA_DESCRIPTION_CHANGED"]


def test_what_is_in_a_type_that_comes_or_goes_is_not_told_one_by_one():
    assert told("", "type T { a(b: Int!): Int @deprecated }") == ["safe TYPE_ADDED T"]


def test_graphqls_own_types_and_directives_are_no_changes():
    assert told("type Query { a: Int }", "type Query { a: Int b: Float c: ID }") == [
        "safe FIELD_ADDED Query.b",
        "safe FIELD_ADDED Query.c",
    ]
