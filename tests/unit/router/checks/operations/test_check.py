"""What becomes of operations under another schema."""

import pytest

from router import check
from tests.unit.router.checks.changing import diff

OLD = """
type Query { item(id: ID, mode: Mode): Item any: Any node: Node }
interface Node { id: ID! }
type Item implements Node { id: ID! name: String! note: String old: Int }
type Other { id: ID! text: String }
union Any = Item | Other
enum Mode { ON OFF }
"""


def checked(new, *operations, old=OLD):
    return check(
        {"a": new}, against={"a": old}, operations={str(i): text for i, text in enumerate(operations)}
    )


def test_a_field_that_no_operation_uses_can_be_removed():
    result = checked(OLD.replace("old: Int", ""), "query A { item { name } }")
    (change,) = result.changes
    assert (change.criticality.value, change.operations, change.is_harmful) == ("breaking", (), False)
    assert (result.is_safe, result.broken) == (True, ())


def test_a_field_that_an_operation_uses_breaks_it_and_it_is_told_why():
    result = checked(OLD.replace("old: Int", ""), "query A { item { old } }", "query B { item { id } }")
    (broken,) = result.broken
    assert (broken.name, broken.errors) == (
        "A",
        ("Cannot query field 'old' on type 'Item'. Did you mean 'id'?",),
    )
    assert [change.coordinate for change in broken.changes] == ["Item.old"]
    assert (result.changes[0].operations, result.is_safe) == (("A",), False)


def test_an_operation_that_stays_valid_can_break_all_the_same():
    result = checked(OLD.replace("name: String!", "name: String"), "query A { item { name } }")
    (broken,) = result.broken
    assert (broken.errors, broken.changes[0].message) == (
        (),
        "Field Item.name changed its type from String! to String.",
    )


def test_a_safe_change_can_make_an_operation_invalid():
    result = checked(
        OLD.replace("note: String", "note: String!"),
        "query A { any { ... on Item { x: note } ... on Other { x: text } } }",
    )
    assert [change.criticality.value for change in result.changes] == ["safe"]
    (broken,) = result.broken
    assert "conflicting types 'String!' and 'String'" in broken.errors[0]
    assert not result.is_safe


def test_what_was_not_valid_before_is_told_and_breaks_nothing():
    result = checked(OLD.replace("old: Int", ""), "query A { item { old missing } }")
    (operation,) = result.operations
    assert (operation.was_valid, operation.is_broken, len(operation.errors)) == (False, False, 2)
    assert result.is_safe


def test_without_operations_everything_may_be_in_use():
    result = check({"a": OLD.replace("old: Int", "")}, against={"a": OLD})
    assert (result.operations, result.changes[0].operations, result.is_safe) == (None, None, False)


@pytest.mark.parametrize(
    ("removed", "replaced", "text", "is_hit"),
    [
        (" | Other", "", "{ any { ... on Other { id } } }", True),
        (" | Other", "", "{ any { ... on Item { id } } }", False),
        ("Item implements Node", "Item", "{ node { ... on Item { id } } }", True),
        ("Item implements Node", "Item", "{ item { ... on Node { id } } }", True),
        ("Item implements Node", "Item", "{ item { id } }", False),
        ("ON OFF", "ON", "{ item(mode: OFF) { id } }", True),
        ("ON OFF", "ON", "{ item(mode: ON) { id } }", False),
        ("ON OFF", "ON", "query ($m: Mode) { item(mode: $m) { id } }", True),
        (", mode: Mode", "", "{ item(mode: ON) { id } }", True),
        (", mode: Mode", "", "{ item(id: 1) { id } }", False),
        ("mode: Mode", "mode: Mode!", "{ item(id: 1) { id } }", True),
        ("mode: Mode", "mode: Mode!", "{ any { __typename } }", False),
        ("id: ID,", "id: ID, more: ID!,", "{ item { id } }", True),
    ],
)
def test_a_breaking_change_concerns_those_who_can_notice(removed, replaced, text, is_hit):
    new = OLD.replace(removed, replaced) + "extend type Query { kept: Other }"
    result = checked(new, text, old=OLD + "extend type Query { kept: Other }")
    assert diff(OLD, OLD.replace(removed, replaced))[0].criticality.value == "breaking"
    assert bool(result.broken) == is_hit
    assert result.is_safe is not is_hit


def test_two_operations_of_one_name_are_named_once():
    result = checked(OLD.replace("old: Int", ""), "query A { item { old } }", "query A { item { o: old } }")
    assert result.changes[0].operations == ("A",)
    assert len(result.broken) == 2
