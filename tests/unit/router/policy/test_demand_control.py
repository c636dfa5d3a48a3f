"""Costs, reckoned by hand: what a plan will cost and what an answer has cost."""

import pytest
from graphql import parse

from router import Supergraph, compose, plan
from router.policy.demand_control import estimate_plan, measure_answer
from router.policy.options import DemandOptions, SubgraphDemand
from router.policy.reckoning import CostError
from router.supergraph.cost import read_cost_rules

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize"])'
SHOP = """
type Query {
  apps(first: Int = 2, last: Int): [App] @listSize(slicingArguments: ["first"])
  either(first: Int, last: Int): [App] @listSize(slicingArguments: ["first", "last"])
  any(first: Int, last: Int): [App] @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
  page(first: Int, input: Page): Result @listSize(slicingArguments: ["first"], sizedFields: ["items"])
  assumed: [App] @listSize(assumedSize: 7)
  unknown: [App]
  things: [Thing]
  one(id: ID): App
  dear: App @cost(weight: 50)
  search(text: String @cost(weight: 3), filter: Filter): App
}
type Mutation { buy: App }
input Page { first: Int }
input Filter { max: Int @cost(weight: 4), tags: [Tag] }
input Tag { name: String @cost(weight: 2) }
type Result { items: [App] total: Int }
type App @key(fields: "id") { id: ID! name: String score: Score maker: Maker }
type Free @cost(weight: 0) { id: ID name: String }
union Thing = App | Free
type Maker @key(fields: "id") { id: ID! }
scalar Score @cost(weight: 5)
"""
PEOPLE = 'type Maker @key(fields: "id") { id: ID! name: String friends: [Maker] @listSize(assumedSize: 3) }'


def build(link=LINK, shop=SHOP):
    composed = compose({"shop": link + shop, "people": LINK + PEOPLE})
    assert not composed.errors, composed.errors
    # Composition knows arguments only; supergraphs of others may name a field of an input object.
    sized = '@listSize(slicingArguments: ["{}"], sizedFields: ["items"])'
    return Supergraph.read(
        composed.supergraph_sdl.replace(sized.format("first"), sized.format("input.first"))
    )


SUPERGRAPH = build()
RULES = read_cost_rules(SUPERGRAPH.document)


def options(list_size=10, cost_max=1000, **subgraphs):
    return DemandOptions(True, cost_max, SubgraphDemand(list_size), subgraphs)


def estimate(query, variables=None, supergraph=SUPERGRAPH, given=None):
    return estimate_plan(
        plan(supergraph, query),
        read_cost_rules(supergraph.document),
        supergraph.root_types,
        variables or {},
        given or options(),
    )


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ one { id name } }", 1),
        ("{ one { __typename } }", 1),
        ("{ a: one { id } b: one { id } }", 2),
        ("{ dear { id } }", 50),
        ("{ one { score } }", 1 + 5),
        ("{ apps { id } }", 2),
        ("{ apps(first: 5) { id } }", 5),
        ("{ apps(first: 0) { id } }", 0),
        ("{ assumed { score } }", 7 * (1 + 5)),
        ("{ unknown { id } }", 10),
        ("{ either(last: 4) { id } }", 4),
        ("{ any { id } }", 10),
        ("{ any(first: 3, last: 4) { id } }", 4),
        ("{ page(input: {first: 6}) { total items { id } } }", 1 + 1 + 6),
        ("{ page { items { id } } }", None),
        ("{ either { id } }", None),
        ("{ either(first: 1, last: 2) { id } }", None),
        ('{ search(text: "x") { id } }', 3 + 1),
        ('{ search(filter: {max: 1, tags: [{name: "a"}, {name: "b"}]}) { id } }', 1 + (1 + 4 + 2 * (1 + 2))),
        ("{ search(text: null) { id } }", 1),
        ("{ things { ... on App { score } ... on Free { name } } }", 10 * (1 + 5)),
        ("{ one @skip(if: true) { id } dear @include(if: true) { id } }", 50),
        ("mutation { buy { id } }", 10 + 1),
        # The entity fetch: as many makers as an unknown list may have.
        ("{ one { maker { name } } }", (1 + 1) + 10 * 1),
        ("{ one { maker { friends { id } } } }", (1 + 1) + 10 * (1 + 3)),
    ],
)
def test_what_is_reckoned(query, cost):
    if cost is None:
        with pytest.raises(CostError, match="Exactly one slicing argument is required, but found"):
            estimate(query)
    else:
        assert estimate(query).total == cost


@pytest.mark.parametrize("size", [5, 5.0])
def test_a_size_in_a_variable_is_an_int_however_json_writes_it(size):
    assert estimate("query ($n: Int) { apps(first: $n) { id } }", {"n": size}).total == 5


def test_of_a_conditions_two_sides_the_dearer_counts():
    query = "query ($x: Boolean!) { dear @include(if: $x) { id } one @skip(if: $x) { id } }"
    assert estimate(query, {"x": False}).total == estimate(query, {"x": True}).total >= 50


def test_only_variables_that_matter_are_named():
    found = estimate(
        "query ($n: Int, $t: String, $i: ID) { apps(first: $n) { id } one(id: $i) { id } search(text: $t) { id } }",
        {"n": 3, "t": "x"},
    )
    assert found.total == 3 + 1 + 3 + 1
    assert found.variables == {"n", "t"}
    assert (
        estimate("query ($x: Boolean!) { one { id @include(if: $x) } }", {"x": True}).variables == frozenset()
    )


def test_a_subgraph_may_have_its_own_size_and_bound_and_is_left_out_beyond_it():
    query = "{ unknown { id maker { name } } }"
    found = estimate(query, given=options(people=SubgraphDemand(100, 99)))
    assert dict(found.by_subgraph) == {"shop": 10 * (1 + 1), "people": 100}
    assert found.too_expensive == ("people",)
    assert "people" not in str(found.plan)
    assert "shop" in str(found.plan)
    within = estimate(query, given=options(people=SubgraphDemand(100, 100)))
    assert within.too_expensive == ()
    assert within.plan == plan(SUPERGRAPH, query)


def test_directives_under_any_name_mean_the_same():
    link = LINK.replace(
        '"@cost", "@listSize"', '{name: "@cost", as: "@price"}, {name: "@listSize", as: "@many"}'
    )
    shop = SHOP.replace("@cost", "@price").replace("@listSize", "@many")
    people = PEOPLE.replace("@listSize(assumedSize: 3)", "")
    composed = compose({"shop": link + shop, "people": link + people})
    assert not composed.errors, composed.errors
    supergraph = Supergraph.read(composed.supergraph_sdl)
    assert "@price" in supergraph.sdl
    assert estimate("{ dear { id } assumed { score } }", supergraph=supergraph).total == 50 + 7 * (1 + 5)


@pytest.mark.parametrize(
    ("query", "data", "cost"),
    [
        ("{ one { id } }", {"one": None}, 0),
        ("{ one { id } }", {"one": {"id": "1"}}, 1),
        ("{ apps(first: 100) { id } }", {"apps": [{"id": "1"}, None, {"id": "2"}]}, 2),
        ("{ one { score } }", {"one": {"score": 3}}, 1 + 5),
        ("{ one { score } }", {"one": {"score": None}}, 1),
        ("{ a: dear { n: name } }", {"a": {"n": "x"}}, 50),
        ("{ one { id } ...F } fragment F on Query { one { name } }", {"one": {"id": "1", "name": "x"}}, 1),
        (
            "{ things { ... on App { score } ... on Free { name } } }",
            {"things": [{"score": 1}, {"name": "x"}]},
            2 + 5,
        ),
        ('{ search(text: "x") { id } }', {"search": {"id": "1"}}, 3 + 1),
        ("mutation { buy { id } }", {"buy": {"id": "1"}}, 11),
        ("{ one { id } }", None, 0),
        ("{ __schema { types { name } } one { id } }", {"__schema": {"types": []}, "one": {"id": "1"}}, 1),
        (
            "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Maker { name friends { id } } } }",
            {"_entities": [{"name": "a", "friends": [{"id": "1"}, {"id": "2"}]}, None]},
            1 + 2,
        ),
    ],
)
def test_what_is_counted(query, data, cost):
    assert measure_answer(parse(query), data, RULES, SUPERGRAPH.root_types, {}) == cost


def test_a_bomb_of_fragments_is_counted_at_once():
    bomb = "".join(f"fragment F{i} on App {{ ...F{i + 1} ...F{i + 1} }} " for i in range(60))
    document = parse("{ one { ...F0 } } " + bomb + "fragment F60 on App { id }")
    assert measure_answer(document, {"one": {"id": "1"}}, RULES, SUPERGRAPH.root_types, {}) == 1


def test_a_negative_size_is_no_credit():
    assert estimate("{ dear { id } apps(first: -1000) { id } }").total == 50
