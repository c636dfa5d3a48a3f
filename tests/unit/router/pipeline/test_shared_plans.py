"""Texts that ask the same have one plan."""

import pytest
from graphql import parse

from router.pipeline.request import Request
from router.pipeline.shared_plans import SharedPlans
from router.pipeline.stages import answer
from router.planner import Planner, PlanningError
from router.query_plan.nodes import Defer, Fetch
from tests.support.federation_plans import Federation
from tests.support.small_graph import SmallGraph

_OVERRIDDEN = Federation(
    {
        "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int y: Int z: Int }',
        "b": 'type T @key(fields: "id") { id: ID! x: Int @override(from: "a", label: "one") y: Int @override(from: "a", label: "two") }',
    }
)
_NONE: frozenset[str] = frozenset()


class _CountingPlanner(Planner):
    """Counts how often it has to search."""

    def __init__(self) -> None:
        super().__init__(_OVERRIDDEN.supergraph)
        self.searches = 0

    def plan_normalized(self, operation, labels):
        self.searches += 1
        return super().plan_normalized(operation, labels)


def find(plans: SharedPlans, planner: Planner, text: str, labels: frozenset[str] = _NONE):
    return plans.find_or_make(planner, parse(text), None, labels)


def test_what_is_spelt_differently_is_planned_once() -> None:
    plans, planner = SharedPlans(10), _CountingPlanner()
    one = find(plans, planner, "{ t { x } }")
    other = find(plans, planner, "{ ...F } fragment F on Query { t { ... on T { x } } }")
    assert one is other
    assert planner.searches == 1


def test_the_fetches_have_the_names_of_the_operation_that_is_run() -> None:
    plans, planner = SharedPlans(10), _CountingPlanner()
    nodes = [find(plans, planner, f"{head} {{ t {{ z }} }}").node for head in ("query A", "query B", "query")]
    assert planner.searches == 1
    assert [node.operation for node in nodes if isinstance(node, Fetch)] == [
        "query A__a__0 { t { z } }",
        "query B__a__0 { t { z } }",
        "query { t { z } }",
    ]
    assert find(plans, planner, "query A { t { z } }").node is nodes[0]


@pytest.mark.parametrize(
    ("query", "labels", "searches"),
    [
        ("{ t { z } }", [_NONE, {"one"}, {"one", "two"}], 1),
        ("{ t { x } }", [_NONE, {"two"}, {"one"}, {"one", "two"}], 2),
        ("{ t { x y } }", [_NONE, {"two"}, {"one"}, {"one", "two"}], 4),
    ],
)
def test_only_the_override_labels_that_matter_tell_plans_apart(query, labels, searches) -> None:
    plans, planner = SharedPlans(10), _CountingPlanner()
    for on in labels * 2:
        plan = find(plans, planner, query, frozenset(on))
        assert str(plan) == str(
            Planner(_OVERRIDDEN.supergraph).plan(parse(query), override_labels=frozenset(on))
        )
    assert planner.searches == searches
    assert len(plans) == 1


def test_no_more_operations_are_kept_than_there_is_room_for() -> None:
    plans, planner = SharedPlans(2), _CountingPlanner()
    for number in range(5):
        find(plans, planner, f"{{ a{number}: t {{ x }} }}")
    assert len(plans) == 2


def test_what_cannot_be_planned_is_not_kept() -> None:
    plans, planner = SharedPlans(2), _CountingPlanner()
    with pytest.raises(PlanningError):
        plans.find_or_make(planner, parse("query A { t { x } }"), "B", _NONE)
    assert len(plans) == 0


async def test_requests_that_ask_the_same_share_a_plan() -> None:
    app = SmallGraph().build_app()
    generation = app._server._generation
    for query in ("{ products { name } }", "query Q { ...F } fragment F on Query { products { name } }"):
        assert (await answer(Request(query), generation)).status == 200
    assert len(generation.caches.plans) == 2
    assert len(generation.caches.plans.shared) == 1
    await app.close()


def test_parts_are_known_by_their_places_so_texts_that_defer_elsewhere_have_plans_of_their_own() -> None:
    plans, planner = SharedPlans(10), _CountingPlanner()
    texts = (
        "{ t { x ... @defer { y } } }",
        "{  t { x ... @defer { y } } }",
        "query A { t { x ... @defer { y } } }",
    )
    found = [
        plans.find_or_make(planner, parse(text), None, _NONE, deferring=frozenset())
        for text in (*texts, texts[0])
    ]
    assert planner.searches == 3
    assert found[0] is found[3]
    assert [plan.node.deferred[0].place for plan in found if isinstance(plan.node, Defer)] == [
        text.index("@defer") for text in (*texts, texts[0])
    ]
    assert find(plans, planner, texts[0]) == find(plans, planner, "{ t { x y } }")
