"""Demand control in a request's life: refusals, subgraphs left out, what is told in the context."""

import httpx
import pytest

from router.pipeline.request import Request, Taken
from router.pipeline.stages import answer
from tests.support.small_graph import SmallGraph

KEYS = "apollo::demand_control::"


def configure(mode="enforce", cost_max=100, **static):
    return {
        "demand_control": {
            "enabled": True,
            "mode": mode,
            "strategy": {"static_estimated": {"list_size": 10, "max": cost_max, **static}},
        }
    }


async def ask(query, config, monkeypatch, graph=None, times=1):
    contexts = []

    async def read_claims(*_):
        return None

    monkeypatch.setattr("router.pipeline.authenticate._read_claims", read_claims)
    app = (graph or SmallGraph()).build_app(config)
    import router.pipeline.demand_control as stage

    execute = stage.execute_plan

    async def spy(plan, authorized, variables, context, generation):
        contexts.append(context)
        return await execute(plan, authorized, variables, context, generation)

    monkeypatch.setattr(stage, "execute_plan", spy)
    for _ in range(times):
        response = await answer(Request(query, takes=Taken.PARTS), app._server._generation)
    await app.close()
    return response, (contexts[-1].entries if contexts else {})


async def test_what_costs_too_much_is_refused_and_nothing_is_fetched(monkeypatch):
    graph = SmallGraph()
    response, _ = await ask("{ products { id } }", configure(cost_max=9.5), monkeypatch, graph)
    assert response.status == 200
    assert response.body == {
        "errors": [
            {
                "message": "query estimated cost 10 exceeded configured maximum 9.5",
                "extensions": {"cost.estimated": 10, "cost.max": 9.5, "code": "COST_ESTIMATED_TOO_EXPENSIVE"},
            }
        ]
    }
    assert graph.products.requests == []


async def test_a_cost_that_is_just_allowed_is_served_and_told(monkeypatch):
    response, entries = await ask("{ products { id } }", configure(cost_max=10), monkeypatch)
    assert len(response.body["data"]["products"]) == 2
    assert entries == {
        f"{KEYS}strategy": "static_estimated",
        f"{KEYS}estimated_cost": 10,
        f"{KEYS}estimated_cost_by_subgraph": {"products": 10},
        f"{KEYS}result": "COST_OK",
        f"{KEYS}actual_cost_by_subgraph": {"products": 2},
        f"{KEYS}actual_cost": 2,
    }


async def test_measuring_refuses_nothing(monkeypatch):
    response, entries = await ask("{ products { id } }", configure("measure", 1), monkeypatch)
    assert "errors" not in response.body
    assert entries[f"{KEYS}result"] == "COST_ESTIMATED_TOO_EXPENSIVE"


async def test_an_answer_that_costs_more_than_reckoned_is_told_and_not_withheld(monkeypatch):
    response, entries = await ask("{ products { id } }", configure(cost_max=1, list_size=1), monkeypatch)
    assert len(response.body["data"]["products"]) == 2
    assert entries[f"{KEYS}result"] == "COST_ACTUAL_TOO_EXPENSIVE"


@pytest.mark.parametrize("times", [1, 4])
async def test_both_ways_to_count_compiled_or_not(monkeypatch, times):
    query = "{ products { id seller { name } } }"
    _, entries = await ask(query, configure(), monkeypatch, times=times)
    # Two products with their sellers; the one seller is asked for once.
    assert entries[f"{KEYS}actual_cost_by_subgraph"] == {"products": 4, "users": 1}
    _, entries = await ask(query, configure(actual_cost_mode="by_response_shape"), monkeypatch, times=times)
    assert entries[f"{KEYS}actual_cost"] == 4
    assert f"{KEYS}actual_cost_by_subgraph" not in entries


@pytest.mark.parametrize("mode", ["by_subgraph", "by_response_shape"])
async def test_all_parts_of_an_answer_are_counted(monkeypatch, mode):
    config = configure(cost_max=3, list_size=1, actual_cost_mode=mode)
    query = "{ me { id } ... @defer { products { id seller { id } } } }"
    _, whole = await ask(query.replace("@defer", ""), config, monkeypatch)
    response, told = await ask(query, config, monkeypatch)
    assert [each async for each in response.later][-1]["hasNext"] is False
    assert told[f"{KEYS}actual_cost"] == whole[f"{KEYS}actual_cost"] == 5
    assert told[f"{KEYS}result"] == "COST_ACTUAL_TOO_EXPENSIVE"


async def test_a_subgraph_over_its_bound_is_left_out(monkeypatch):
    graph = SmallGraph()
    config = configure(cost_max=100, subgraph={"subgraphs": {"users": {"max": 5}}})
    response, _ = await ask("{ products(first: 1) { name seller { name } } }", config, monkeypatch, graph)
    assert response.body["data"] == {"products": [{"name": "One", "seller": {"name": None}}]}
    assert response.body["errors"] == [
        {
            "message": "query estimated cost 10 exceeded configured maximum 5 for subgraph users",
            "extensions": {
                "cost.subgraph": "users",
                "cost.estimated": 10,
                "cost.max": 5,
                "code": "SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE",
            },
        }
    ]
    assert graph.users.requests == []


async def test_an_estimate_is_reckoned_once(monkeypatch):
    calls = []
    from router.pipeline import costs

    reckon = costs.estimate_plan
    monkeypatch.setattr(costs, "estimate_plan", lambda *given: calls.append(1) or reckon(*given))
    await ask("{ products { id } }", configure(), monkeypatch, times=3)
    assert len(calls) == 1


async def test_without_the_option_nothing_is_reckoned(monkeypatch):
    _, entries = await ask("{ products { id } }", {}, monkeypatch)
    assert entries == {}
    app = SmallGraph().build_app({"demand_control": {"enabled": False}})
    assert app._server._generation.demand is None
    await app.close()


async def test_over_http_the_status_is_200():
    app = SmallGraph().build_app(configure(cost_max=0))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        response = await client.post("/", json={"query": "{ me { id } }"})
    await app.close()
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
        200,
        "COST_ESTIMATED_TOO_EXPENSIVE",
    )
