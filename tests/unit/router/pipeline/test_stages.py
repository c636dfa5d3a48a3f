"""A request's whole life, with subgraphs in memory: answers, refusals, permissions, plans kept."""

import asyncio

import pytest

from router.executor.memory import MemoryTransport
from router.pipeline.caches import PlanCache
from router.pipeline.request import Request
from router.pipeline.stages import answer
from router.pipeline.validate import OperationKey
from router.policy.authorization import AccessDecision
from router.query_plan.nodes import OperationKind, QueryPlan
from tests.support.small_graph import SmallGraph


class Claims:
    """Stands for a token that has been checked."""

    def __init__(self, monkeypatch, claims):
        async def read(*_):
            return claims

        monkeypatch.setattr("router.pipeline.authenticate._read_claims", read)


async def ask(query, graph=None, *, config=None, policies=None, **request):
    app = (graph or SmallGraph()).build_app(config, policies)
    response = await answer(Request(query, **request), app._server._generation)
    await app.close()
    return response


def code(response):
    return response.body["errors"][0]["extensions"]["code"]


async def test_an_operation_over_two_subgraphs():
    response = await ask(
        "query Q($n: Int) { products(first: $n) { name seller { name } } }", variables={"n": 1}
    )
    assert response.status == 200
    assert response.body == {"data": {"products": [{"name": "One", "seller": {"name": "Ann"}}]}}


async def test_variables_have_their_defaults_before_anything_is_fetched():
    graph = SmallGraph()
    await ask("query ($n: Int = 1) { products(first: $n) { id } }", graph)
    assert graph.products.requests[0]["variables"] == {"n": 1}


async def test_a_variable_of_the_wrong_type_is_named_and_nothing_is_fetched():
    graph = SmallGraph()
    response = await ask("query ($n: Int) { products(first: $n) { id } }", graph, variables={"n": "x"})
    assert (response.status, code(response)) == (400, "VALIDATION_INVALID_TYPE_VARIABLE")
    assert response.body["errors"][0]["extensions"]["name"] == "n"
    assert "data" not in response.body
    assert graph.products.requests == []


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        (None, 400, "INVALID_GRAPHQL_REQUEST"),
        ("", 400, "MISSING_QUERY_STRING"),
        (" \n", 400, "MISSING_QUERY_STRING"),
        ("{", 400, "PARSING_ERROR"),
        ("{}", 400, "PARSING_ERROR"),
        ("{ me {} }", 400, "PARSING_ERROR"),
        ("{ nope }", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { me { id } } query B { me { id } }", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on User { id }", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ticked }", 406, "SUBSCRIPTION_DISABLED"),
    ],
)
async def test_what_is_no_operation_is_refused_with_apollos_codes(query, status, expected):
    response = await ask(query)
    assert (response.status, code(response)) == (status, expected)
    assert "data" not in response.body


async def test_validation_errors_are_all_told_with_their_places():
    response = await ask("{ a\n b }")
    assert [error["locations"] for error in response.body["errors"]] == [
        [{"line": 1, "column": 3}],
        [{"line": 2, "column": 2}],
    ]


async def test_an_unknown_operation_name_is_refused():
    response = await ask("query A { me { id } }", operation_name="B")
    assert code(response) == "GRAPHQL_UNKNOWN_OPERATION_NAME"
    assert response.body["errors"][0]["message"] == 'Unknown operation named "B"'


async def test_the_named_one_of_several_operations_runs():
    response = await ask("query A { me { id } } query B { me { name } }", operation_name="B")
    assert response.body == {"data": {"me": {"name": "Ann"}}}


async def test_tokens_and_nesting_are_bounded():
    config = {"limits": {"parser_max_tokens": 6, "parser_max_recursion": 2}}
    assert (await ask("{ me { id } }", config=config)).status == 200
    assert code(await ask("{ me { id id } }", config=config)) == "PARSING_ERROR"
    assert (
        code(await ask("{ a { b { c } } }", config={"limits": {"parser_max_recursion": 2}}))
        == "PARSING_ERROR"
    )
    assert code(await ask("{a" * 5000 + "}" * 5000)) == "PARSING_ERROR"


async def test_a_long_document_is_read_like_a_short_one():
    long = "{ me { name " + "# comment\n" * 500 + "} }"
    assert (await ask(long)).body == {"data": {"me": {"name": "Ann"}}}
    assert code(await ask(long.replace("name", "nope"))) == "GRAPHQL_VALIDATION_FAILED"


async def test_introspection_is_off_unless_it_is_on():
    off = {"supergraph": {"introspection": False}}
    assert code(await ask("{ __schema { queryType { name } } }", config=off)) == "INTROSPECTION_DISABLED"
    assert (await ask("{ __typename }", config=off)).body == {"data": {"__typename": "Query"}}
    suggestion = (await ask("{ product { id } }", config=off)).body["errors"][0]["message"]
    assert "Did you mean" not in suggestion
    assert (await ask("{ __schema { queryType { name } } }")).body["data"] == {
        "__schema": {"queryType": {"name": "Query"}}
    }


async def test_an_anonymous_caller_gets_null_where_a_login_is_needed():
    graph = SmallGraph()
    response = await ask("{ products(first: 1) { seller { name email } } }", graph)
    assert response.status == 200
    assert response.body["data"] == {"products": [{"seller": {"name": "Ann", "email": None}}]}
    assert response.body["errors"] == [
        {
            "message": "Unauthorized field or type",
            "path": ["products", "@", "seller", "email"],
            "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE"},
        }
    ]
    assert "email" not in graph.users.requests[0]["query"]


async def test_claims_and_scopes_open_fields(monkeypatch):
    query = "{ me { email risk } secret }"
    Claims(monkeypatch, {"scope": "c"})
    response = await ask(query)
    assert response.body["data"] == {"me": {"email": "ann@example.org", "risk": None}, "secret": "s"}
    assert [error["path"] for error in response.body["errors"]] == [["me", "risk"]]
    Claims(monkeypatch, {"scope": "a b risk"})
    assert "errors" not in (await ask(query)).body


async def test_an_operation_of_which_nothing_is_permitted_fetches_nothing():
    graph = SmallGraph()
    response = await ask("{ me { email } }", graph)
    assert (response.status, response.body["data"]) == (200, None)
    assert graph.users.requests == []


async def test_reject_unauthorized_refuses_the_whole():
    graph = SmallGraph()
    config = {"authorization": {"directives": {"reject_unauthorized": True}}}
    response = await ask("{ me { name email } }", graph, config=config)
    assert (response.status, response.body["data"], code(response)) == (
        200,
        None,
        "UNAUTHORIZED_FIELD_OR_TYPE",
    )
    assert graph.users.requests == []


async def test_unauthorized_places_can_be_told_in_extensions_or_not_at_all():
    for place in ("extensions", "disabled"):
        config = {"authorization": {"directives": {"errors": {"response": place}}}}
        body = (await ask("{ me { name email } }", config=config)).body
        assert "errors" not in body
        assert ("authorizationErrors" in body.get("extensions", {})) is (place == "extensions")


async def test_a_dry_run_tells_and_takes_nothing_out():
    config = {"authorization": {"directives": {"dry_run": True}}}
    response = await ask("{ me { email } }", config=config)
    assert response.body["data"] == {"me": {"email": "ann@example.org"}}
    assert code(response) == "UNAUTHORIZED_FIELD_OR_TYPE"


async def test_directives_can_be_switched_off():
    response = await ask("{ me { email } }", config={"authorization": {"directives": {"enabled": False}}})
    assert response.body == {"data": {"me": {"email": "ann@example.org"}}}


async def test_a_policy_is_asked_once_and_only_if_it_matters():
    asked = []

    async def verified(claims):
        asked.append(claims)
        return True

    mutation = 'mutation { a: rename(id: "p1", name: "N") { name } b: rename(id: "p1", name: "M") { name } }'
    response = await ask(mutation, policies={"verified": verified})
    assert response.body == {"data": {"a": {"name": "N"}, "b": {"name": "M"}}}
    assert asked == [{}]
    await ask("{ me { name } }", policies={"verified": verified})
    assert len(asked) == 1


async def test_a_policy_that_is_missing_fails_or_says_anything_but_true_is_a_no():
    async def failing(_claims):
        raise RuntimeError

    async def truthy(_claims):
        return "yes"

    mutation = 'mutation { rename(id: "p1", name: "N") { name } }'
    for policies in ({}, {"verified": failing}, {"verified": truthy}):
        assert (await ask(mutation, policies=policies)).body["data"] is None


async def test_require_authentication_refuses_anonymous_callers():
    response = await ask("{ me { id } }", config={"authorization": {"require_authentication": True}})
    assert (response.status, code(response)) == (401, "AUTH_ERROR")
    assert response.body["errors"][0]["message"] == "unauthenticated"


async def test_mutations_can_be_forbidden():
    graph = SmallGraph()
    response = await ask(
        'mutation { rename(id: "p1", name: "N") { id } }', graph, config={"forbid_mutations": True}
    )
    assert (response.status, code(response)) == (400, "MUTATION_FORBIDDEN")
    assert response.body["errors"][0]["message"] == "Mutations are forbidden"
    assert graph.products.requests == []


async def test_skipped_fields_are_left_out_and_not_null():
    query = "query ($c: Boolean!) { me @include(if: $c) { id } products(first: 1) { id name @skip(if: $c) } }"
    yes = await ask(query, variables={"c": True})
    no = await ask(query, variables={"c": False})
    assert yes.body == {"data": {"me": {"id": "u1"}, "products": [{"id": "p1"}]}}
    assert no.body == {"data": {"products": [{"id": "p1", "name": "One"}]}}


async def test_the_whole_request_has_a_deadline():
    async def hang(_request):
        await asyncio.Event().wait()

    app = SmallGraph().build_app(
        {"traffic_shaping": {"router": {"timeout": "50ms"}}}, transport=MemoryTransport({"users": hang})
    )
    response = await answer(Request("{ me { id } }"), app._server._generation)
    assert (response.status, code(response)) == (504, "GATEWAY_TIMEOUT")
    await app.close()


async def test_a_fault_of_ours_is_not_shown(monkeypatch):
    def fail(*_):
        msg = "internal detail"
        raise RuntimeError(msg)

    monkeypatch.setattr("router.pipeline.stages.write_response", fail)
    response = await ask("{ me { id } }")
    assert (response.status, code(response)) == (500, "INTERNAL_SERVER_ERROR")
    assert "internal detail" not in str(response.body)


async def test_headers_go_to_the_subgraphs_that_the_rules_name():
    seen = {}
    graph = SmallGraph()

    async def spy(request):
        seen[request.subgraph] = request.headers
        return await getattr(graph, request.subgraph)(request)

    config = {
        "headers": {
            "all": {"request": [{"propagate": {"named": "authorization"}}]},
            "subgraphs": {"users": {"request": [{"insert": {"name": "x-from", "value": "router"}}]}},
        }
    }
    app = graph.build_app(config, transport=MemoryTransport({"users": spy, "products": spy}))
    headers = (("authorization", "Bearer t"), ("cookie", "secret"))
    await answer(Request("{ products { seller { name } } }", headers=headers), app._server._generation)
    await app.close()
    assert seen["products"] == (("authorization", "Bearer t"),)
    assert seen["users"] == (("authorization", "Bearer t"), ("x-from", "router"))


EXPOSED = {"plugins": {"experimental.expose_query_plan": True}}


async def test_a_plan_is_shown_to_those_who_ask_where_it_is_switched_on():
    asks = {"headers": (("apollo-expose-query-plan", "true"),)}
    shown = (await ask("{ me { id } }", config=EXPOSED, **asks)).body
    assert shown["data"] == {"me": {"id": "u1"}}
    assert shown["extensions"]["apolloQueryPlan"]["object"]["kind"] == "QueryPlan"
    assert shown["extensions"]["apolloQueryPlan"]["text"].startswith("QueryPlan {")
    assert "extensions" not in (await ask("{ me { id } }", **asks)).body
    assert "extensions" not in (await ask("{ me { id } }", config=EXPOSED)).body


async def test_a_dry_run_of_a_plan_fetches_nothing():
    graph = SmallGraph()
    asks = {"headers": (("apollo-expose-query-plan", "dry-run"),)}
    body = (await ask("{ me { id } }", graph, config=EXPOSED, **asks)).body
    assert (body["data"], "apolloQueryPlan" in body["extensions"]) == (None, True)
    assert graph.users.requests == []


KEY = ((OperationKey("{ x }", None, 5), AccessDecision()), frozenset(), None)
PLAN = QueryPlan(OperationKind.QUERY, None)


async def test_requests_for_the_same_new_plan_wait_for_one_planning():
    cache, made = PlanCache(2), []

    def make():
        made.append(1)
        return PLAN

    plans = await asyncio.gather(*(cache.get(KEY, make) for _ in range(5)))
    assert (plans, made) == ([PLAN] * 5, [1])
    await cache.get(KEY, make)
    assert made == [1]
    cache.close()


async def test_a_plan_that_failed_is_tried_again():
    cache = PlanCache(1)

    def fail():
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            await cache.get(KEY, fail)
    assert await cache.get(KEY, lambda: PLAN) is PLAN
    cache.close()


async def test_plans_of_different_permissions_are_kept_apart():
    graph = SmallGraph()
    app = graph.build_app()
    generation = app._server._generation
    await answer(Request("{ me { name email } }"), generation)
    assert len(generation.caches.plans._plans) == 1
    await answer(Request("{ me { name email } }"), generation)
    assert len(generation.caches.plans._plans) == 1
    await app.close()


async def test_an_operation_over_a_limit_is_refused_or_only_logged(caplog):
    config = {"limits": {"max_depth": 1}}
    refused = await ask("{ me { id } }", config=config)
    assert (refused.status, code(refused)) == (400, "MAX_DEPTH_LIMIT")

    config["limits"]["warn_only"] = True
    assert "data" in (await ask("{ me { id } }", config=config)).body
    assert "MAX_DEPTH_LIMIT" in caplog.text
