"""The walk is bounded, whatever it is given, and does not depend on any order."""

from tests.unit.router.composition.composing import compose_subgraphs
from tests.unit.router.composition.satisfiability.unanswered import unanswered


def test_a_path_may_be_thousands_of_fields_long() -> None:
    types = " ".join(f"type V{i} @shareable {{ n: V{i + 1} }}" for i in range(2000))
    a = f"type Query {{ v: V0 }} {types} type V2000 @shareable {{ x: Int }}"
    (operation,) = unanswered(a=a, b="type V2000 @shareable { y: Int }")
    assert operation.count("{ n") == 2000


def test_many_labels_that_lead_in_circles() -> None:
    fields = [f"r{i}: T" for i in range(20)]
    a = f'type Query {{ t: T }} type T @key(fields: "id") {{ id: ID! {" ".join(fields)} }}'
    moved = [f'{field} @override(from: "a", label: "l{i}")' for i, field in enumerate(fields)]
    assert unanswered(a=a, b=f'type T @key(fields: "id") {{ id: ID! {" ".join(moved)} }}') == []


def test_many_subgraphs_that_know_a_type_by_one_key() -> None:
    subgraphs = {
        f"s{i}": f'type Query {{ q{i}: T }} type T @key(fields: "id") {{ id: ID! f{i}: Int n{i}: T }}'
        for i in range(60)
    }
    assert unanswered(**subgraphs) == []


def test_the_order_of_subgraphs_and_fields_does_not_matter() -> None:
    a = 'type Query { t: T s: T } type T @key(fields: "id") { id: ID! x: Int }'
    b = 'type Query { u: T } type T @key(fields: "code") { code: ID! y: Int z: Int }'
    found = compose_subgraphs(a=a, b=b).errors
    assert compose_subgraphs(b=b, a=a).errors == found
    shuffled = 'type T @key(fields: "code") { z: Int y: Int code: ID! } type Query { u: T }'
    assert len(compose_subgraphs(a=a, b=shuffled).errors) == len(found) == 5
