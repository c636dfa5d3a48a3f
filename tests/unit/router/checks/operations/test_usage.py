"""What an operation uses. Whatever a variable may hold counts."""

import pytest
from graphql import build_schema

from router.checks import read_client_operations
from router.checks.operations.usage import find_used

SCHEMA = build_schema("""
directive @trace(level: Int) on FIELD | QUERY
type Query {
  item(id: ID, by: By): Item
  node: Node
  any: Any
  mode(of: [Mode!]): Mode
  filtered(filter: Filter): Int
}
interface Node { id: ID! }
type Item implements Node { id: ID! name(short: Boolean): String }
type Other implements Node { id: ID! }
union Any = Item | Other
enum Mode { ON OFF }
input By { name: String mode: Mode }
input Filter { by: By and: [Filter!] limit: Int }
""")


def used(text):
    (operation,) = read_client_operations({"a": text})
    return find_used(SCHEMA, operation) - {"Query", "ID", "String", "Int", "Boolean"}


def test_fields_and_the_types_that_they_give():
    assert used("{ item { name } }") == {"Query.item", "Item", "Item.name"}


def test_arguments_that_are_given():
    assert used("{ item(id: 1) { name(short: true) } }") == {
        *("Query.item", "Query.item(id:)", "Item", "Item.name", "Item.name(short:)"),
    }


def test_a_field_of_an_interface_is_that_of_its_objects():
    assert used("{ node { id } }") == {
        "Query.node",
        "Node",
        "Node.id",
        "Item",
        "Item.id",
        "Other",
        "Other.id",
    }


def test_type_conditions():
    assert used("{ any { ... on Item { id } } }") == {"Query.any", "Any", "Item", "Item.id"}
    assert used("{ any { ...F } } fragment F on Item { id }") == used("{ any { ... on Item { id } } }")


def test_input_that_is_written_out_uses_what_is_written():
    assert used("{ item(by: {name: null}) { id } }") == {
        *("Query.item", "Query.item(by:)", "By", "By.name", "Item", "Item.id"),
    }
    assert used("{ mode(of: ON) }") == {"Query.mode", "Query.mode(of:)", "Mode", "Mode.ON"}


def test_an_enum_that_is_only_read_has_no_value_in_use():
    assert used("{ mode }") == {"Query.mode", "Mode"}


@pytest.mark.parametrize("type_", ["Filter", "Filter!", "[Filter!]"])
def test_a_variable_may_hold_all_that_its_type_allows(type_):
    found = used(f"query ($f: {type_}) {{ filtered(filter: $f) }}")
    assert found == {
        *("Query.filtered", "Query.filtered(filter:)", "Filter", "Filter.by", "Filter.and", "Filter.limit"),
        *("By", "By.name", "By.mode", "Mode", "Mode.ON", "Mode.OFF"),
    }


def test_a_variable_inside_of_input_counts_with_its_type():
    found = used("query ($m: Mode) { item(by: {mode: $m}) { id } }")
    assert {"By.mode", "Mode.ON", "Mode.OFF"} <= found
    assert "By.name" not in found


def test_directives_and_their_arguments():
    assert used("query @trace { mode @trace(level: 1) }") == {
        "@trace",
        "@trace(level:)",
        "Query.mode",
        "Mode",
    }
