"""Entity fetches that take values of objects further up: one field for each set of values."""

from router.query_plan.nodes import (
    ContextInput,
    Fetch,
    OperationKind,
    RequiredField,
    RequiredFragment,
    Sequence,
)
from tests.unit.router.executor.test_execute import at, root, run

QUERY = "{ products { reviews { body } } }"
ASKED = "query($representations: [_Any!]!, $cur: String, $n: Int) { _entities(representations: $representations) { ... on Review { body(cur: $cur, n: $n) } } }"
REVIEW = (RequiredFragment("Review", (RequiredField("__typename", "__typename"), RequiredField("id", "id"))),)


def review(number):
    return {"__typename": "Review", "id": number}


def plan(type_="String"):
    given = ContextInput("cur", type_, 2, (RequiredField("name", "name"),))
    selection = at("products", "@", "reviews", "@", requires=REVIEW, contexts=(given,))
    fetch = Fetch("b", OperationKind.QUERY, ASKED, variable_usages=("n",), entities=(selection,))
    return Sequence((root("a"), fetch))


def products(*names):
    return {"data": {"products": [{"name": name, "reviews": [review(i)]} for i, name in enumerate(names)]}}


async def test_objects_under_equal_values_share_a_field():
    answer = {"data": {"_entities_0": [{"body": "x"}, {"body": "y"}]}}
    result, subgraphs = await run(QUERY, plan(), {"a": [products("EUR", "EUR")], "b": [answer]}, n=3)

    assert result.data == {"products": [{"reviews": [{"body": "x"}]}, {"reviews": [{"body": "y"}]}]}
    assert subgraphs.requests_to("b")[0]["variables"] == {
        "representations_0": [review(0), review(1)],
        "cur_0": "EUR",
        "n": 3,
    }


async def test_each_value_has_a_field_and_variables_of_its_own():
    answer = {"data": {"_entities_0": [{"body": "x"}], "_entities_1": [{"body": "y"}]}}
    result, subgraphs = await run(QUERY, plan(), {"a": [products("EUR", "USD")], "b": [answer]}, n=3)

    assert result.data == {"products": [{"reviews": [{"body": "x"}]}, {"reviews": [{"body": "y"}]}]}
    (request,) = subgraphs.requests_to("b")
    assert (request["variables"]["cur_0"], request["variables"]["cur_1"]) == ("EUR", "USD")
    assert "_entities_1: _entities(representations: $representations_1)" in request["query"]
    assert "body(cur: $cur_1, n: $n)" in request["query"]


async def test_a_null_is_given_where_the_subgraph_takes_one_and_else_nobody_is_asked():
    answers = {"a": [products(None)], "b": [{"data": {"_entities_0": [{"body": "x"}]}}]}
    result, _ = await run(QUERY, plan("String"), answers, n=3)
    assert result.data == {"products": [{"reviews": [{"body": "x"}]}]}

    result, subgraphs = await run(QUERY, plan("String!"), answers, n=3)
    assert result.data == {"products": [{"reviews": [{"body": None}]}]}
    assert subgraphs.requests_to("b") == []


async def test_a_value_that_was_never_fetched_asks_nobody():
    first = {"data": {"products": [{"reviews": [review(0)]}]}}
    result, subgraphs = await run(QUERY, plan(), {"a": [first], "b": [{"data": {}}]}, n=3)

    assert result.data == {"products": [{"reviews": [{"body": None}]}]}
    assert subgraphs.requests_to("b") == []
