"""Mutations and subscriptions: what runs where, and in which order."""

from router.query_plan.nodes import Condition, Fetch, OperationKind, Sequence, Subscription
from tests.support.federation_plans import Federation

_FEDERATION = Federation(
    {
        "a": 'type Query { x: Int } type Mutation { a1(n: Int): T a2: Int } type Subscription { changed(n: Int): T } type T @key(fields: "id") { id: ID! }',
        "b": 'type Mutation { b1: Int } type T @key(fields: "id") { id: ID! p(n: Int): Int }',
    }
)


def test_a_subscription_follows_one_subgraph_and_completes_each_event() -> None:
    plan = _FEDERATION.plan("subscription S($n: Int = 2) { changed(n: $n) { id p(n: $n) } }")
    assert plan.operation_kind is OperationKind.SUBSCRIPTION
    assert isinstance(plan.node, Subscription)
    primary, rest = plan.node.primary, plan.node.rest
    assert primary.operation_kind is OperationKind.SUBSCRIPTION
    assert primary.operation == "subscription S__a__0($n: Int = 2) { changed(n: $n) { __typename id } }"
    assert isinstance(rest, Fetch)
    assert rest.operation_kind is OperationKind.QUERY
    assert rest.operation == (
        "query S__b__1($representations: [_Any!]!, $n: Int = 2) "
        "{ _entities(representations: $representations) { ... on T { p(n: $n) } } }"
    )
    assert rest.variable_usages == ("n",)
    assert rest.operation_name == "S__b__1"


def test_a_subscription_that_needs_nothing_more_has_no_rest() -> None:
    plan = _FEDERATION.plan("subscription { changed { id } }")
    assert isinstance(plan.node, Subscription)
    assert plan.node.rest is None


def test_mutations_keep_their_order_over_subgraphs() -> None:
    plan = _FEDERATION.plan("mutation { one: a1(n: 1) { id } two: a1(n: 2) { id } b1 a2 }")
    assert isinstance(plan.node, Sequence)
    operations = [node.operation for node in plan.node.nodes if isinstance(node, Fetch)]
    assert operations == [
        "mutation { one: a1(n: 1) { id } two: a1(n: 2) { id } }",
        "mutation { b1 }",
        "mutation { a2 }",
    ]


def test_what_a_mutation_field_needs_more_is_fetched_before_the_next_subgraph_writes() -> None:
    plan = _FEDERATION.plan("mutation { a1 { p } b1 }")
    assert isinstance(plan.node, Sequence)
    kinds = [node.operation_kind.value for node in plan.node.nodes if isinstance(node, Fetch)]
    assert kinds == ["mutation", "query", "mutation"]


def test_a_condition_that_all_fields_share_is_lifted_to_the_fetch() -> None:
    plan = _FEDERATION.plan("query ($c: Boolean!) { x @include(if: $c) y: x @include(if: $c) }")
    assert isinstance(plan.node, Condition)
    assert isinstance(plan.node.if_node, Fetch)
    assert plan.node.if_node.operation == "query { x y: x }"
    assert plan.node.if_node.variable_usages == ()


def test_two_conditions_of_one_kind_on_one_field_are_both_sent() -> None:
    plan = _FEDERATION.plan(
        "query ($c: Boolean!, $d: Boolean!) { x y: x @skip(if: $c) @include(if: $d) ... @skip(if: $c) { z: x @skip(if: $d) } }"
    )
    assert isinstance(plan.node, Fetch)
    assert "... @skip(if: $c) { z: x @skip(if: $d) }" in plan.node.operation
