"""Moving by keys: between subgraphs that can resolve what the next one wants to be told."""

import pytest

from tests.unit.router.composition.satisfiability.unanswered import unanswered


def test_a_key_leads_into_the_subgraph_that_declares_it() -> None:
    a = 'type Query { t: T } type T @key(fields: "id") { id: ID! }'
    assert unanswered(a=a, b='type T @key(fields: "id") { id: ID! x: Int }') == []


def test_a_key_that_is_not_resolvable_leads_out_only() -> None:
    a = 'type Query { t: T } type T @key(fields: "id") { id: ID! }'
    b = 'type Query { s: T } type T @key(fields: "id", resolvable: false) { id: ID! x: Int }'
    assert unanswered(a=a, b=b) == ["{ t { x } }"]
    assert unanswered(a=a + " extend type T { y: Int }", b=b.replace(" x: Int", "")) == []


def test_a_subgraph_may_be_reached_through_others() -> None:
    chain = {
        f"s{i}": f'type T @key(fields: "k{i}") @key(fields: "k{i + 1}") '
        f"{{ k{i}: ID! @shareable k{i + 1}: ID! @shareable f{i}: Int }}"
        for i in range(30)
    }
    assert unanswered(a="type Query { first: T } type T { k0: ID! @shareable }", **chain) == []
    del chain["s7"]
    broken = unanswered(a="type Query { first: T } type T { k0: ID! @shareable }", **chain)
    assert "{ first { f8 } }" in broken
    assert "{ first { f6 } }" not in broken


def test_a_key_of_several_fields_may_be_gathered_in_several_subgraphs() -> None:
    a = 'type Query { t: T } type T @key(fields: "a") { a: ID! }'
    b = 'type T @key(fields: "a") { a: ID! b: ID! @shareable }'
    c = 'type T @key(fields: "a") { a: ID! c: ID! @shareable }'
    d = 'type T @key(fields: "b c") { b: ID! c: ID! x: Int }'
    assert unanswered(a=a, b=b, c=c, d=d) == []
    assert "{ t { x } }" in unanswered(a=a, b=b, d=d)


def test_what_is_below_a_key_may_be_gathered_elsewhere() -> None:
    a = 'type Query { t: T } type T { o: O @shareable } type O @key(fields: "id") { id: ID! }'
    b = 'type O @key(fields: "id") { id: ID! code: ID! @shareable }'
    c = 'type T @key(fields: "o { code }") { o: O x: Int } type O { code: ID! }'
    assert unanswered(a=a, b=b, c=c) == []


def test_what_is_below_a_key_is_not_gathered_in_the_subgraph_that_it_leads_into() -> None:
    a = 'type Query { t: T } type T { o: O @shareable } type O @key(fields: "id") { id: ID! }'
    c = 'type T @key(fields: "o { code }") { o: O x: Int } type O @key(fields: "id") { id: ID! code: ID! }'
    assert unanswered(a=a, c=c) == ["{ t { x } }"]


def test_keys_that_need_each_other_lead_nowhere() -> None:
    a = "type Query { t: T } type T { z: Int }"
    b = 'type T @key(fields: "p") { p: ID! q: ID! @shareable }'
    c = 'type T @key(fields: "q") { q: ID! p: ID! @shareable }'
    assert unanswered(a=a, b=b, c=c) == ["{ t { p } }", "{ t { q } }"]


def test_values_without_key_stay_where_they_are() -> None:
    v = "type V @shareable {{ x: Int {} }}"
    a, b = "type Query { a: V @shareable } " + v.format(""), v.format("y: Int")
    assert unanswered(a=a, b=b) == ["{ a { y } }"]
    assert unanswered(a=a, b="type Query { a: V @shareable } " + b) == []


def test_the_way_that_the_data_came_by_counts() -> None:
    a = "type Query { v: V @shareable one: Int } type V @shareable { x: Int n: V }"
    b = "type Query { v: V @shareable } type V @shareable { x: Int y: Int }"
    # By `n` the data is in subgraph a, whatever there was to choose before.
    assert unanswered(a=a, b=b) == ["{ v { n { y } } }"]


def test_an_external_key_field_is_not_resolved() -> None:
    a = 'type Query { t: T } type T @key(fields: "id") { id: ID! @external x: Int }'
    b = 'type T @key(fields: "id") { id: ID! y: Int }'
    assert unanswered(a=a, b=b) == ["{ t { id } }", "{ t { y } }"]


def test_a_root_type_can_be_entered_anywhere_again() -> None:
    a = "type Query { a: Int box: Box } type Box { again: Query }"
    assert unanswered(a=a, b="type Query { b: Int }") == []


@pytest.mark.parametrize("kind", ["Query", "Subscription"])
def test_every_kind_of_operation_is_walked(kind: str) -> None:
    a = 'type Query { q: Int } type T @key(fields: "id") { id: ID! }'
    a += f" extend type {kind} {{ t: T }}"
    b = 'type T @key(fields: "id", resolvable: false) { id: ID! x: Int }'
    head = "" if kind == "Query" else "subscription "
    assert unanswered(a=a, b=b) == [f"{head}{{ t {{ x }} }}"]


def test_hidden_fields_are_not_asked_for_and_serve_as_keys() -> None:
    a = 'type Query { t: T } type T @key(fields: "id") { id: ID! @inaccessible x: Int }'
    assert unanswered(a=a, b='type T @key(fields: "id") { id: ID! y: Int }') == []
    v = "type V @shareable { x: Int }"
    assert unanswered(a=f"type Query {{ v: V }} {v}", b=f"{v} extend type V {{ y: Int @inaccessible }}") == []


def test_a_field_that_is_overridden_is_asked_in_its_new_subgraph() -> None:
    a = 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }'
    b = 'type T @key(fields: "id"{}) {{ id: ID! x: Int @override(from: "a") }}'
    assert unanswered(a=a, b=b.format("")) == []
    assert unanswered(a=a, b=b.format(", resolvable: false")) == ["{ t { x } }"]
