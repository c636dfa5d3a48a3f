"""Fields of objects and interfaces: nullability in both directions, lists, arguments, deprecation."""

import pytest

from tests.unit.router.checks.changing import diff, field, told

CHANGED = "FIELD_TYPE_CHANGED Query.a"


def test_a_removed_field_is_breaking_and_an_added_one_safe():
    assert told("type Query { a: Int b: Int }", "type Query { a: Int }") == ["breaking FIELD_REMOVED Query.b"]
    assert told("type Query { a: Int }", "type Query { a: Int b: Int }") == ["safe FIELD_ADDED Query.b"]


def test_a_deprecated_field_still_breaks_and_the_message_says_so():
    (change,) = diff('type Query { a: Int b: Int @deprecated(reason: "x") }', "type Query { a: Int }")
    assert (change.criticality.value, change.message) == (
        "breaking",
        "Field Query.b was removed. It was deprecated.",
    )


def test_fields_of_interfaces_count_like_those_of_objects():
    old = "interface N { a: Int b: Int } type Query { a: Int }"
    assert told(old, old.replace("b: Int", "")) == ["breaking FIELD_REMOVED N.b"]


@pytest.mark.parametrize(
    ("before", "after", "criticality"),
    [
        ("Int", "Int!", "safe"),
        ("Int!", "Int", "breaking"),
        ("[Int]", "[Int!]", "safe"),
        ("[Int!]", "[Int]", "breaking"),
        ("[Int]", "[Int]!", "safe"),
        ("[Int]", "[Int!]!", "safe"),
        ("[Int]!", "[Int!]", "breaking"),
        ("[[Int]]", "[[Int!]!]!", "safe"),
        ("[[Int!]]", "[[Int]!]!", "breaking"),
        ("Int", "[Int]", "breaking"),
        ("[Int]", "Int", "breaking"),
        ("Int", "String", "breaking"),
        ("Int", "String!", "breaking"),
        ("Int", "Float", "breaking"),
        ("Query", "Query!", "safe"),
        ("E", "String", "breaking"),
    ],
)
def test_an_output_may_only_promise_more(before, after, criticality):
    assert told(field(before), field(after)) == [f"{criticality} {CHANGED}"]


def test_a_narrower_type_is_breaking_too():
    old = "interface N { a: Int } type T implements N { a: Int } type Query { a: N }"
    assert told(old, old.replace("{ a: N }", "{ a: T }")) == [f"breaking {CHANGED}"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("", "@deprecated", "ADDED"),
        ("@deprecated", "", "REMOVED"),
        ("@deprecated", '@deprecated(reason: "x")', "REASON_CHANGED"),
    ],
)
def test_deprecation_is_safe(before, after, kind):
    expected = [f"safe FIELD_DEPRECATION_{kind} Query.a"]
    assert told(field("Int", directives=before), field("Int", directives=after)) == expected


def test_a_description_is_safe():
    assert told("type Query { a: Int }", 'type Query { "x" a: Int }') == [
        "safe FIELD_DESCRIPTION_CHANGED Query.a"
    ]


def test_a_removed_argument_is_breaking():
    assert told(field("Int", "(x: Int)"), field("Int")) == ["breaking FIELD_ARGUMENT_REMOVED Query.a(x:)"]


@pytest.mark.parametrize(
    ("argument", "criticality"),
    [
        ("x: Int", "dangerous"),
        ("x: Int = 1", "dangerous"),
        ("x: Int! = 1", "dangerous"),
        ("x: Int!", "breaking"),
    ],
)
def test_an_added_argument_is_breaking_if_it_has_to_be_given(argument, criticality):
    expected = [f"{criticality} FIELD_ARGUMENT_ADDED Query.a(x:)"]
    assert told(field("Int"), field("Int", f"({argument})")) == expected


INPUT_TYPES = [
    ("Int", "Int!", "breaking"),
    ("Int!", "Int", "safe"),
    ("[Int]", "[Int!]", "breaking"),
    ("[Int!]", "[Int]", "safe"),
    ("[Int]!", "[Int]", "safe"),
    ("[Int!]!", "[Int]", "safe"),
    ("[Int!]", "[Int]!", "breaking"),
    ("[[Int!]!]!", "[[Int]]", "safe"),
    ("Int", "[Int]", "breaking"),
    ("[Int]", "Int", "breaking"),
    ("Int", "Float", "breaking"),
    ("Int!", "Float", "breaking"),
    ("I", "E", "breaking"),
    ("I!", "I", "safe"),
]


@pytest.mark.parametrize(("before", "after", "criticality"), INPUT_TYPES)
def test_an_argument_may_only_ask_for_less(before, after, criticality):
    expected = [f"{criticality} FIELD_ARGUMENT_TYPE_CHANGED Query.a(x:)"]
    assert told(field("Int", f"(x: {before})"), field("Int", f"(x: {after})")) == expected


DEFAULTS = [
    ("Int", "Int = 1", "dangerous"),
    ("Int = 1", "Int", "dangerous"),
    ("Int = 1", "Int = 2", "dangerous"),
    ("Int = null", "Int", "dangerous"),
    ("Int", "Int = null", "dangerous"),
    ("Int = 1", "Int = null", "dangerous"),
    ("Int!", "Int! = 1", "dangerous"),
    ("Int! = 1", "Int!", "breaking"),
    ("E = A", "E = B", "dangerous"),
    ("I = {x: 1}", "I = {x: 2}", "dangerous"),
    ("[Int] = [1]", "[Int] = [1, 2]", "dangerous"),
]
SAME_DEFAULTS = [("[Int] = 1", "[Int] = [1]"), ("Float = 1", "Float = 1.0"), ("I = {x: 1}", "I = { x: 1 }")]


@pytest.mark.parametrize(("before", "after", "criticality"), DEFAULTS)
def test_another_default_of_an_argument_is_dangerous_and_a_missing_one_may_break(before, after, criticality):
    expected = [f"{criticality} FIELD_ARGUMENT_DEFAULT_CHANGED Query.a(x:)"]
    assert told(field("Int", f"(x: {before})"), field("Int", f"(x: {after})")) == expected


@pytest.mark.parametrize(("before", "after"), SAME_DEFAULTS)
def test_one_default_written_differently_is_the_same(before, after):
    assert told(field("Int", f"(x: {before})"), field("Int", f"(x: {after})")) == []


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("", "@deprecated", "DEPRECATION_ADDED"),
        ("@deprecated", "", "DEPRECATION_REMOVED"),
        ("@deprecated", '@deprecated(reason: "x")', "DEPRECATION_REASON_CHANGED"),
    ],
)
def test_deprecation_of_an_argument_is_safe(before, after, kind):
    expected = [f"safe FIELD_ARGUMENT_{kind} Query.a(x:)"]
    assert told(field("Int", f"(x: Int {before})"), field("Int", f"(x: Int {after})")) == expected


def test_a_description_of_an_argument_is_safe():
    expected = ["safe FIELD_ARGUMENT_DESCRIPTION_CHANGED Query.a(x:)"]
    assert told(field("Int", "(x: Int)"), field("Int", '("new" x: Int)')) == expected
