"""Operations that no plan can answer are refused, with the field named; never answered in part."""

import sys

import pytest
from graphql import parse

from router.operation.normalize import SELECTIONS_MAX
from router.planner import PlanningError, UnreachableFieldError
from tests.support.federation_plans import Federation, size

_SPLIT_KEYS = Federation(
    {
        "a": "type Query { thing(id: ID): Thing @shareable } interface Thing { id: ID! } "
        'type Acct implements Thing @key(fields: "id") { id: ID! name: String } '
        'type Room implements Thing @key(fields: "id") { id: ID! @external }',
        "b": "type Query { thing(id: ID): Thing @shareable } interface Thing { id: ID! } "
        'type Acct implements Thing @key(fields: "id") { id: ID! @external } '
        'type Room implements Thing @key(fields: "id") { id: ID! text: String }',
    }
)

_CLOSED = Federation(
    {
        "a": 'type Query { knot: Knot snack: Snack } interface Knot @key(fields: "id") { id: ID! } '
        'type Snack @interfaceObject @key(fields: "id", resolvable: false) { id: ID! }',
        "b": 'type Query { k: Knot } type Knot @interfaceObject @key(fields: "id", resolvable: false) { id: ID! extra: Int } '
        'interface Snack @key(fields: "id") { id: ID! } type Roll implements Snack @key(fields: "id") { id: ID! }',
    }
)


def test_objects_of_two_subgraphs_are_not_mixed_behind_one_interface() -> None:
    with pytest.raises(UnreachableFieldError) as caught:
        _SPLIT_KEYS.plan('{ thing(id: "1") { id } }')
    assert (caught.value.type_name, caught.value.field_name) == ("Thing", "id")
    assert 'Cannot plan field "Thing.id" at "thing"' in str(caught.value)


def test_the_deepest_place_is_told_and_who_could_have_answered() -> None:
    federation = Federation(
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! knots: [Knot!] } interface Knot @key(fields: "id") { id: ID! }',
            "b": 'type Query { k: Knot } type Knot @interfaceObject @key(fields: "id", resolvable: false) { id: ID! extra: Int }',
        }
    )
    with pytest.raises(UnreachableFieldError) as caught:
        federation.plan("{ t { id all: knots { id extra } } }")
    assert (caught.value.path, caught.value.homes) == ("t.all.@", ("b",))


def test_each_type_alone_is_answered_by_the_subgraph_that_knows_it() -> None:
    plan = _SPLIT_KEYS.plan(
        '{ x: thing(id: "1") { ... on Acct { id name } } y: thing(id: "2") { ... on Room { id text } } }'
    )
    assert size(plan) == (2, 1)


def test_a_subgraph_without_resolvable_key_cannot_be_entered() -> None:
    with pytest.raises(UnreachableFieldError, match=r"Knot\.extra"):
        _CLOSED.plan("{ knot { extra } }")


def test_a_subgraph_without_resolvable_key_can_be_left() -> None:
    assert size(_CLOSED.plan("{ snack { id } }")) == (1, 1)
    assert size(_CLOSED.plan("{ snack { ... on Roll { id } } }")) == (2, 2)


def test_an_unreachable_field_refuses_the_whole_operation() -> None:
    with pytest.raises(UnreachableFieldError):
        _CLOSED.plan("{ snack { id } knot { extra } }")


def test_fragments_that_multiply_are_refused_before_they_are_expanded() -> None:
    chain = "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    document = parse("{ ...F0 }" + chain + "fragment F40 on Query { snack { id } }")
    with pytest.raises(PlanningError, match=str(SELECTIONS_MAX)):
        _CLOSED.planner.plan(document)


def test_an_operation_nested_past_what_python_can_follow_is_refused() -> None:
    federation = Federation({"a": "type Query { t: T } type T { t: T x: Int }"})
    document = parse("{ " + "t { " * 190 + "x" + " }" * 190 + " }", no_location=True)
    planner, before = federation.planner, sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    try:
        with pytest.raises(PlanningError, match="nested"):
            planner.plan(document)
    finally:
        sys.setrecursionlimit(before)


def test_an_unknown_operation_name_is_refused() -> None:
    with pytest.raises(PlanningError, match="Unknown operation named 'B'"):
        _CLOSED.planner.plan(parse("query A { snack { id } }"), "B")
