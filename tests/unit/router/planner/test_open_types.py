"""Unions whose members differ by subgraph: only what does not depend on the planner's choice is answered."""

from router.query_plan.nodes import Fetch
from tests.support.federation_plans import Federation, size

_BOXES = Federation(
    {
        "a": 'type Query { boxA: Box } type Box @key(fields: "id") { id: ID! wrap: Wrap @shareable } '
        "type Wrap @shareable { acts: [Act!]! } union Act = Both | OnlyX type Both @shareable { id: ID! } type OnlyX { x: Int }",
        "b": 'type Query { boxB: Box } type Box @key(fields: "id") { id: ID! wrap: Wrap @shareable yWrap: Wrap } '
        "type Wrap @shareable { acts: [Act!]! } union Act = Both | OnlyY type Both @shareable { id: ID! } type OnlyY { y: Int }",
    }
)


def test_a_member_that_not_all_sources_know_is_left_out() -> None:
    plan = _BOXES.plan("{ boxA { wrap { acts { ... on OnlyX { x } ... on Both { id } } } } }")
    assert size(plan) == (1, 1)
    assert "OnlyX" not in str(plan)
    assert "... on Both" in str(plan)


def test_a_field_of_one_subgraph_settles_the_members() -> None:
    plan = _BOXES.plan("{ boxA { yWrap { acts { ... on OnlyY { y } ... on OnlyX { x } } } } }")
    assert size(plan) == (2, 2)
    assert "... on OnlyY" in str(plan)
    assert "OnlyX" not in str(plan)


def test_a_subgraph_out_of_reach_does_not_restrict_the_members() -> None:
    federation = Federation(
        {
            "a": "type Query { r: W } type W @shareable { u: U } union U = P | Q type P @shareable { p: Int } type Q { q: Int }",
            "b": "type Query { z: Int } type W @shareable { u: U } union U = P type P @shareable { p: Int }",
        }
    )
    assert "... on Q" in str(federation.plan("{ r { u { ... on P { p } ... on Q { q } } } }"))


def test_an_empty_choice_still_asks_whether_there_is_an_object() -> None:
    plan = _BOXES.plan("{ boxA { wrap { acts { ... on OnlyY { y } } } } }")
    assert isinstance(plan.node, Fetch)
    assert plan.node.operation == "query { boxA { wrap { acts { __typename } } } }"
