"""Input objects: the rules of arguments, and `@oneOf`."""

import pytest

from tests.unit.router.checks.changing import told
from tests.unit.router.checks.diff.test_fields import DEFAULTS, INPUT_TYPES, SAME_DEFAULTS

MORE = "enum E { A B } input I { x: Int } type Query { a: Int }"


def changed(before, after):
    return told(f"{MORE} input T {{ a: Int {before} }}", f"{MORE} input T {{ a: Int {after} }}")


def test_a_removed_field_is_breaking():
    assert changed("x: Int", "") == ["breaking INPUT_FIELD_REMOVED T.x"]


@pytest.mark.parametrize(
    ("field", "criticality"),
    [("x: Int", "safe"), ("x: Int = 1", "dangerous"), ("x: Int! = 1", "dangerous"), ("x: Int!", "breaking")],
)
def test_an_added_field_is_breaking_if_it_has_to_be_given(field, criticality):
    assert changed("", field) == [f"{criticality} INPUT_FIELD_ADDED T.x"]


@pytest.mark.parametrize(("before", "after", "criticality"), INPUT_TYPES)
def test_a_field_may_only_ask_for_less(before, after, criticality):
    assert changed(f"x: {before}", f"x: {after}") == [f"{criticality} INPUT_FIELD_TYPE_CHANGED T.x"]


@pytest.mark.parametrize(("before", "after", "criticality"), DEFAULTS)
def test_another_default_is_dangerous_and_a_missing_one_may_break(before, after, criticality):
    expected = [f"{criticality} INPUT_FIELD_DEFAULT_VALUE_CHANGED T.x"]
    assert changed(f"x: {before}", f"x: {after}") == expected


@pytest.mark.parametrize(("before", "after"), SAME_DEFAULTS)
def test_one_default_written_differently_is_the_same(before, after):
    assert changed(f"x: {before}", f"x: {after}") == []


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("", "@deprecated", "DEPRECATION_ADDED"),
        ("@deprecated", "", "DEPRECATION_REMOVED"),
        ("@deprecated", '@deprecated(reason: "x")', "DEPRECATION_REASON_CHANGED"),
    ],
)
def test_deprecation_is_safe(before, after, kind):
    assert changed(f"x: Int {before}", f"x: Int {after}") == [f"safe INPUT_FIELD_{kind} T.x"]


def test_a_description_is_safe():
    assert changed("x: Int", '"new" x: Int') == ["safe INPUT_FIELD_DESCRIPTION_CHANGED T.x"]


def test_one_of_may_go_and_not_come():
    many, one = "input T { a: Int b: Int }", "input T @oneOf { a: Int b: Int }"
    assert told(many, one) == ["breaking INPUT_ONE_OF_ADDED T"]
    assert told(one, many) == ["safe INPUT_ONE_OF_REMOVED T"]
