"""Directives that clients may write, and those that are applied to the schema."""

import pytest

from tests.unit.router.checks.changing import diff, told
from tests.unit.router.checks.diff.test_fields import INPUT_TYPES

MORE = "enum E { A B } input I { x: Int } type Query { a: Int }"


def changed(before, after):
    return told(f"{MORE} directive @d{before}", f"{MORE} directive @d{after}")


def test_a_directive_may_come_and_not_go():
    assert told("directive @d on FIELD", "") == ["breaking DIRECTIVE_REMOVED @d"]
    assert told("", "directive @d on FIELD") == ["safe DIRECTIVE_ADDED @d"]


def test_it_may_stand_in_more_places_and_not_in_fewer():
    assert changed(" on FIELD", " on FIELD | QUERY") == ["safe DIRECTIVE_LOCATION_ADDED @d"]
    assert changed(" on FIELD | QUERY", " on FIELD") == ["breaking DIRECTIVE_LOCATION_REMOVED @d"]
    (change,) = diff("directive @d on FIELD | QUERY", "directive @d on FIELD")
    assert change.message == "Directive @d can no longer stand on QUERY."


def test_it_may_become_repeatable_and_not_cease_to_be():
    assert changed(" on FIELD", " repeatable on FIELD") == ["safe DIRECTIVE_REPEATABLE_ADDED @d"]
    assert changed(" repeatable on FIELD", " on FIELD") == ["breaking DIRECTIVE_REPEATABLE_REMOVED @d"]


def test_a_removed_argument_is_breaking():
    assert changed("(x: Int) on FIELD", " on FIELD") == ["breaking DIRECTIVE_ARGUMENT_REMOVED @d(x:)"]


@pytest.mark.parametrize(
    ("argument", "criticality"),
    [("x: Int", "safe"), ("x: Int = 1", "safe"), ("x: Int!", "breaking"), ("x: Int! = 1", "breaking")],
)
def test_an_added_argument_is_breaking_if_it_must_not_be_null(argument, criticality):
    expected = [f"{criticality} DIRECTIVE_ARGUMENT_ADDED @d(x:)"]
    assert changed(" on FIELD", f"({argument}) on FIELD") == expected


@pytest.mark.parametrize(("before", "after", "criticality"), INPUT_TYPES)
def test_an_argument_may_only_ask_for_less(before, after, criticality):
    expected = [f"{criticality} DIRECTIVE_ARGUMENT_TYPE_CHANGED @d(x:)"]
    assert changed(f"(x: {before}) on FIELD", f"(x: {after}) on FIELD") == expected


@pytest.mark.parametrize(
    ("before", "after", "criticality"),
    [("Int = 1", "Int = 2", "dangerous"), ("Int = 1", "Int", "dangerous"), ("Int! = 1", "Int!", "breaking")],
)
def test_another_default_is_dangerous_and_a_missing_one_may_break(before, after, criticality):
    expected = [f"{criticality} DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED @d(x:)"]
    assert changed(f"(x: {before}) on FIELD", f"(x: {after}) on FIELD") == expected


def test_descriptions_and_deprecations_are_safe():
    assert told("directive @d on FIELD", '"x" directive @d on FIELD') == [
        "safe DIRECTIVE_DESCRIPTION_CHANGED @d"
    ]
    expected = ["safe DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED @d(x:)"]
    assert changed("(x: Int) on FIELD", '("new" x: Int) on FIELD') == expected
    expected = ["safe DIRECTIVE_ARGUMENT_DEPRECATION_ADDED @d(x:)"]
    assert changed("(x: Int) on FIELD", "(x: Int @deprecated) on FIELD") == expected


MARK = "directive @mark(of: String) on OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | ENUM_VALUE"


@pytest.mark.parametrize(
    ("sdl", "coordinate"),
    [
        ("type T ? { a: Int }", "T"),
        ("type T { a: Int ? }", "T.a"),
        ("type T { a(x: Int ?): Int }", "T.a(x:)"),
        ("enum T { A ? }", "T.A"),
        ("input T { a: Int ? }", "T.a"),
    ],
)
def test_a_directive_that_comes_or_goes_somewhere_is_dangerous(sdl, coordinate):
    plain, marked = (f"{MARK} {sdl.replace('?', mark)}" for mark in ("", '@mark(of: "x")'))
    assert told(plain, marked) == [f"dangerous DIRECTIVE_USAGE_ADDED {coordinate} @mark"]
    assert told(marked, plain) == [f"dangerous DIRECTIVE_USAGE_REMOVED {coordinate} @mark"]


def test_another_argument_is_one_that_goes_and_one_that_comes():
    one, other = (f'{MARK} type T @mark(of: "{value}") {{ a: Int }}' for value in "xy")
    assert [change.message for change in diff(one, other)] == [
        '@mark(of: "x") is no longer applied to T.',
        '@mark(of: "y") is applied to T.',
    ]


def test_a_directive_on_the_schema_has_no_element_before_it():
    plain, marked = (
        f"schema {mark} {{ query: Query }} type Query {{ a: Int }} directive @m on SCHEMA"
        for mark in ("", "@m")
    )
    (change,) = diff(plain, marked)
    assert (change.coordinate, change.message) == ("@m", "@m is applied to the schema.")
