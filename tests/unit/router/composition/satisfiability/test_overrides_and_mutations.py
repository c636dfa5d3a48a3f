"""Labels of overrides have both values, the same along a path; a mutation is answered from one subgraph."""

from tests.unit.router.composition.satisfiability.unanswered import unanswered

OLD = "type V { x: Int @shareable }"
A = f'type Query {{ t: T }} type T @key(fields: "id") {{ id: ID! v: V }} {OLD}'
B = 'type T @key(fields: "id") { id: ID! v: V @override(from: "a", label: "one") } type V { x: Int @override(from: "a", label: "%s") }'


def test_a_label_keeps_its_value_along_a_path() -> None:
    assert unanswered(a=A, b=B % "one") == []
    assert unanswered(a=A, b=B % "two") == ["{ t { v { x } } }"] * 2


def test_both_values_of_a_label_have_to_work() -> None:
    b = 'type T @key(fields: "id"%s) { id: ID! v: V @override(from: "a", label: "one") } type V { x: Int @shareable }'
    assert unanswered(a=A, b=b % "") == []
    assert unanswered(a=A, b=b % ", resolvable: false") == ["{ t { v { ... } } }"]


def test_a_key_does_not_depend_on_a_label() -> None:
    a = 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }'
    b = 'type T @key(fields: "id") { id: ID! @override(from: "a", label: "one") y: Int }'
    assert "{ t { y } }" in unanswered(a=a, b=b)


MUTATION = "type Mutation { m: T @shareable } "


def test_one_subgraph_has_to_answer_all_below_a_shared_mutation() -> None:
    a = "type Query { q: Int } " + MUTATION + "type T @shareable { id: ID! x: Int }"
    b = MUTATION + "type T @shareable { id: ID! y: Int }"
    assert unanswered(a=a, b=b) == ["mutation { m { y } } mutation { m { x } }"]
    assert unanswered(a=a, b=b.replace("y: Int", "x: Int y: Int")) == []


def test_a_query_may_take_each_field_from_another_subgraph() -> None:
    a = "type Query { m: T @shareable } type T @shareable { id: ID! x: Int }"
    assert unanswered(a=a, b=a.replace("x: Int", "y: Int")) == []


def test_a_mutation_of_one_subgraph_goes_on_from_there() -> None:
    a = 'type Query { q: Int } type Mutation { m: T } type T @key(fields: "id") { id: ID! }'
    assert unanswered(a=a, b='type T @key(fields: "id") { id: ID! x: Int }') == []
    b = 'type T @key(fields: "id", resolvable: false) { id: ID! x: Int }'
    assert unanswered(a=a, b=b) == ["mutation { m { x } }"]
