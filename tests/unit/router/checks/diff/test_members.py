"""What belongs to enums, unions and interfaces."""

import pytest

from tests.unit.router.checks.changing import diff, told


def test_a_value_may_come_with_care_and_not_go():
    assert told("enum E { A B }", "enum E { A }") == ["breaking ENUM_VALUE_REMOVED E.B"]
    assert told("enum E { A }", "enum E { A B }") == ["dangerous ENUM_VALUE_ADDED E.B"]
    assert told("enum E { A B }", "enum E { B A }") == []


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("", "@deprecated", "DEPRECATION_ADDED"),
        ("@deprecated", "", "DEPRECATION_REMOVED"),
        ("@deprecated", '@deprecated(reason: "x")', "DEPRECATION_REASON_CHANGED"),
    ],
)
def test_deprecation_of_a_value_is_safe(before, after, kind):
    assert told(f"enum E {{ A {before} }}", f"enum E {{ A {after} }}") == [f"safe ENUM_VALUE_{kind} E.A"]


def test_a_description_of_a_value_is_safe():
    assert told("enum E { A }", 'enum E { "new" A }') == ["safe ENUM_VALUE_DESCRIPTION_CHANGED E.A"]


OBJECTS = "type A { x: Int } type B { x: Int }"


def test_a_member_may_come_with_care_and_not_go():
    both, one = f"{OBJECTS} union U = A | B", f"{OBJECTS} union U = A"
    assert told(both, one) == ["breaking UNION_MEMBER_REMOVED U"]
    assert told(one, both) == ["dangerous UNION_MEMBER_ADDED U"]
    assert diff(both, one)[0].affects == ("U", "B")


@pytest.mark.parametrize("keyword", ["type", "interface"])
def test_an_interface_may_come_with_care_and_not_go(keyword):
    plain = f"interface N {{ x: Int }} {keyword} T {{ x: Int }}"
    implementing = plain.replace(f"{keyword} T", f"{keyword} T implements N")
    assert told(implementing, plain) == ["breaking OBJECT_TYPE_INTERFACE_REMOVED T"]
    assert told(plain, implementing) == ["dangerous OBJECT_TYPE_INTERFACE_ADDED T"]
    assert diff(implementing, plain)[0].affects == ("T", "N")
