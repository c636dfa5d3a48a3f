"""Merging of types, arguments, inputs, enums, unions and descriptions."""

import pytest

from tests.unit.router.composition.composing import api, codes, hints, supergraph


def query(field, more=""):
    return f"type Query {{ {field} @shareable }} {more}"


def test_the_widest_type_of_a_field_wins_and_the_joins_tell_each():
    a, b = query("f: Int!"), query("f: Int")
    assert 'f: Int @join__field(graph: A, type: "Int!") @join__field(graph: B, type: "Int")' in supergraph(
        a=a, b=b
    )
    assert hints(a=a, b=b) == ["INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE"]


def test_a_field_may_be_of_an_interface_here_and_of_its_implementation_there():
    types = "interface I { x: Int } type T implements I { x: Int @shareable }"
    assert "f: [I]" in api(a=query("f: [I]", types), b=query("f: [T!]!", types))


@pytest.mark.parametrize(
    ("one", "two"), [("Int", "Float"), ("Int", "[Int]"), ("ID", "String"), ("[[Int]]", "[Int]")]
)
def test_unrelated_types_of_a_field_are_refused(one, two):
    assert codes(a=query(f"f: {one}"), b=query(f"f: {two}")) == ["FIELD_TYPE_MISMATCH"]


def test_the_kinds_of_a_type_agree():
    assert "TYPE_KIND_MISMATCH" in codes(
        a="type Query { f: T } type T { x: Int }", b="interface T { x: Int }"
    )


@pytest.mark.parametrize(
    ("one", "two", "merged"),
    [
        ("x: Int", "x: Int!", "f(x: Int!): Int"),
        ("x: [Int]", "x: [Int!]", "f(x: [Int!]): Int"),
        ("x: Int = 1", "x: Int = 1", "f(x: Int = 1): Int"),
        ("x: Int = 1", "x: Int", "f(x: Int): Int"),
        ("x: Int, y: Int", "x: Int", "f(x: Int): Int"),
        ("x: Int, y: Int! = 3", "x: Int", "f(x: Int): Int"),
    ],
)
def test_arguments_are_what_all_subgraphs_understand(one, two, merged):
    assert merged in api(a=query(f"f({one}): Int"), b=query(f"f({two}): Int"))


@pytest.mark.parametrize(
    ("one", "two", "code"),
    [
        ("x: Int", "x: String", "FIELD_ARGUMENT_TYPE_MISMATCH"),
        ("x: Int = 1", "x: Int = 2", "FIELD_ARGUMENT_DEFAULT_MISMATCH"),
        ("x: Int, y: Int!", "x: Int", "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"),
    ],
)
def test_arguments_that_not_all_subgraphs_understand(one, two, code):
    assert codes(a=query(f"f({one}): Int"), b=query(f"f({two}): Int")) == [code]


def test_the_fields_of_an_input_are_those_of_all_subgraphs():
    a, b = query("f(i: I): Int", "input I { x: Int y: Int }"), query("f(i: I): Int", "input I { x: Int! }")
    assert "input I {\n  x: Int!\n}" in api(a=a, b=b)
    assert "INCONSISTENT_INPUT_OBJECT_FIELD" in hints(a=a, b=b)


@pytest.mark.parametrize(
    ("one", "two", "code"),
    [
        ("x: Int", "x: String", "FIELD_TYPE_MISMATCH"),
        ("x: Int = 1", "x: Int = 2", "INPUT_FIELD_DEFAULT_MISMATCH"),
        ("x: Int y: Int!", "x: Int", "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH"),
        ("x: Int", "y: Int", "EMPTY_MERGED_INPUT_TYPE"),
    ],
)
def test_inputs_that_not_all_subgraphs_understand(one, two, code):
    sdl = "type Query {{ f(i: I): Int @shareable }} input I {{ {} }}"
    assert codes(a=sdl.format(one), b=sdl.format(two)) == [code]


ENUMS = ("enum E { A B }", "enum E { B C }")


def test_an_enum_of_answers_has_the_values_of_all():
    sdl = supergraph(a=query("f: E", ENUMS[0]), b=query("f: E", ENUMS[1]))
    assert "B @join__enumValue(graph: A) @join__enumValue(graph: B)\n  C @join__enumValue(graph: B)" in sdl


def test_an_enum_of_questions_has_the_values_that_all_understand():
    assert "enum E {\n  B\n}" in api(a=query("f(e: E): Int", ENUMS[0]), b=query("f(e: E): Int", ENUMS[1]))


def test_an_enum_of_both_is_the_same_everywhere():
    found = codes(a=query("f(e: E): E", ENUMS[0]), b=query("f(e: E): E", ENUMS[1]))
    assert found == ["ENUM_VALUE_MISMATCH"] * 2
    assert codes(a=query("f(e: E): E", ENUMS[0]), b=query("f(e: E): E", "enum E { B A }")) == []


def test_an_enum_may_not_lose_all_values():
    assert codes(a=query("f(e: E): Int", "enum E { A }"), b=query("f(e: E): Int", "enum E { B }")) == [
        "EMPTY_MERGED_ENUM_TYPE"
    ]


def test_a_union_has_the_members_of_all():
    sdl = supergraph(
        a=query("f: U", "union U = X type X @shareable { x: Int }"),
        b=query("f: U", "union U = X | Y type X @shareable { x: Int } type Y { y: Int }"),
    )
    assert '@join__unionMember(graph: B, member: "Y")\n = X | Y' in sdl


def test_the_most_frequent_description_wins():
    sdl = '"""{}""" type Query {{ f: Int @shareable }}'
    assert '"""two"""' in supergraph(a=sdl.format("one"), b=sdl.format("two"), c=sdl.format("two"))
    assert '"""one"""' in supergraph(a=sdl.format("one"), b=sdl.format("two"))
    assert '"""two"""' in supergraph(a=sdl.format(""), b=sdl.format("two"))


def test_an_interfaces_fields_are_on_every_implementation():
    a = "type Query { i: I @shareable } interface I { x: Int } type T implements I { x: Int @shareable }"
    b = "type Query { i: I @shareable } interface I { x: Int y: Int } type T implements I { x: Int @shareable y: Int }"
    assert codes(a=a, b=b) == []
    assert codes(a=a, b="interface I { y: Int } type Other { x: Int }") == ["INTERFACE_FIELD_NO_IMPLEM"]


def test_a_type_that_is_everywhere_an_extension_has_no_base():
    assert codes(a="type Query { t: T } extend type T { x: Int }") == ["EXTENSION_WITH_NO_BASE"]
    b = "type Query { t: T @shareable } type T { y: Int }"
    assert codes(a="type Query { t: T @shareable } extend type T { x: Int }", b=b) == []
