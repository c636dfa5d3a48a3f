"""Parts of an answer: where nulls and errors end, and for which objects there are parts at all."""

import asyncio
import json

import pytest

from router.executor.parts import ResultPart
from router.executor.transport import SubgraphAnswer
from tests.support.federation_parts import plan_parts, prepare_executor
from tests.support.federation_plans import Federation
from tests.support.federation_queries import RandomQuery

FEDERATION = Federation(
    {
        "a": """
            type Query { ts: [T] t: T n: Node }
            interface Node { id: ID! }
            type T implements Node @key(fields: "id") { id: ID! x: Int! plain: Plain! }
            type U implements Node @key(fields: "id") { id: ID! v: Int }
            type Plain { p: Int! q: Int! }
        """,
        "b": 'type T @key(fields: "id") { id: ID! y: Int! z: Int }',
        "c": 'type T @key(fields: "id") { id: ID! slow: Int }',
    }
)


class Canned:
    """Subgraphs that answer the same each time; `held` ones when they are let."""

    def __init__(self, answers, held=()):
        self.answers, self.held, self.opened = answers, held, asyncio.Event()
        self.asked = {name: asyncio.Event() for name in answers}

    async def send(self, request):
        self.asked[request.subgraph].set()
        if request.subgraph in self.held:
            await self.opened.wait()
        answer = self.answers[request.subgraph]
        return SubgraphAnswer(200, json.dumps(answer).encode())

    async def close(self):
        pass


async def run(text, answers, held=()):
    query = RandomQuery(text, {})
    transport = Canned(answers, held)
    executor, shape, context = prepare_executor(FEDERATION, query, transport)
    result = await executor.execute(plan_parts(FEDERATION, query), shape, context)
    return result, transport


async def collect(text, answers) -> tuple[object, list[ResultPart]]:
    result, _ = await run(text, answers)
    parts = [part async for told in result.later for part in told.parts]
    await result.later.aclose()
    return result.data, parts


def items(*ids):
    return {"data": {"ts": [{"__typename": "T", "id": each} if each else None for each in ids]}}


async def test_a_null_stays_in_the_part_that_it_rises_in():
    b = {"data": {"_entities": [{"y": None, "z": 1}, {"y": 2, "z": 3}]}}
    data, parts = await collect(
        "{ ts { id ... @defer { y } ... @defer { z } } }", {"a": items("1", "2"), "b": b}
    )

    assert data == {"ts": [{"id": "1"}, {"id": "2"}]}
    told = {(part.path, str(part.data)) for part in parts}
    assert told == {
        (("ts", 0), "None"),
        (("ts", 1), "{'y': 2}"),
        (("ts", 0), "{'z': 1}"),
        (("ts", 1), "{'z': 3}"),
    }
    (part,) = (part for part in parts if part.data is None)
    assert part.extensions["valueCompletion"][0]["path"] == ["ts", 0, "y"]


async def test_items_that_are_null_have_no_part():
    b = {"data": {"_entities": [{"z": 1}]}}
    _, parts = await collect("{ ts { id ... @defer { z } } }", {"a": items(None, "2"), "b": b})
    assert [part.path for part in parts] == [("ts", 1)]


async def test_what_a_null_has_taken_away_has_no_part():
    a = {"data": {"t": {"__typename": "T", "id": "1", "x": None, "plain": {"p": 1, "q": 2}}}}
    data, parts = await collect("{ t { x plain { p ... @defer { q } } } }", {"a": a})
    assert data == {"t": None}
    assert parts == []


async def test_a_part_within_a_part_that_is_null_never_comes():
    b = {"data": {"_entities": [{"y": None, "z": 1}]}}
    a = {"data": {"t": {"__typename": "T", "id": "1"}}}
    _, parts = await collect("{ t { id ... @defer { y ... @defer { z } } } }", {"a": a, "b": b})
    assert [(part.path, part.data) for part in parts] == [(("t",), None)]


@pytest.mark.parametrize(("typename", "paths"), [("T", [("n",)]), ("U", [])])
async def test_a_fragment_of_another_type_has_no_part(typename, paths):
    a = {"data": {"n": {"__typename": typename, "id": "1"}}}
    b = {"data": {"_entities": [{"z": 1}]}}
    _, parts = await collect("{ n { id ... on T @defer { z } } }", {"a": a, "b": b})
    assert [part.path for part in parts] == paths


async def test_a_part_does_not_wait_for_the_fetches_of_another():
    answers = {
        "a": {"data": {"t": {"__typename": "T", "id": "1"}}},
        "b": {"data": {"_entities": [{"z": 1}]}},
        "c": {"data": {"_entities": [{"slow": 2}]}},
    }
    text = '{ t { id ... @defer(label: "slow") { slow } ... @defer(label: "fast") { z } } }'
    result, transport = await run(text, answers, held=("c",))
    first = await anext(result.later)
    assert [part.label for part in first.parts] == ["fast"]
    assert first.has_next
    transport.opened.set()
    second = await anext(result.later)
    assert ([part.label for part in second.parts], second.has_next) == (["slow"], False)
    await result.later.aclose()


async def test_the_primary_part_does_not_wait_for_deferred_fetches_nor_these_for_it():
    answers = {
        "a": {"data": {"t": {"__typename": "T", "id": "1"}}},
        "b": {"data": {"_entities": [{"z": 1}]}},
        "c": {"data": {"_entities": [{"slow": 2}]}},
    }
    query = RandomQuery("{ t { slow ... @defer { z } } }", {})
    transport = Canned(answers, held=("c",))
    executor, shape, context = prepare_executor(FEDERATION, query, transport)
    running = asyncio.create_task(executor.execute(plan_parts(FEDERATION, query), shape, context))
    await asyncio.wait_for(transport.asked["b"].wait(), 20)
    assert not running.done()
    transport.opened.set()
    result = await running
    assert result.data == {"t": {"slow": 2}}
    await result.later.aclose()


async def test_an_error_of_all_items_is_told_once():
    b = {"data": None, "errors": [{"message": "down"}]}
    result, _ = await run("{ ts { id ... @defer { z } } }", {"a": items("1", "2"), "b": b})
    parts = [part async for told in result.later for part in told.parts]
    assert result.errors == []
    assert [len(part.errors) for part in parts] == [1, 0]
    assert parts[0].errors[0].path == ("ts",)


async def test_an_error_in_a_part_of_one_of_several_types_is_told_with_it():
    a = {"data": {"n": {"__typename": "T", "id": "1"}}}
    b = {"data": {"_entities": [{"z": None}]}, "errors": [{"message": "no", "path": ["_entities", 0, "z"]}]}
    _, (part,) = await collect("{ n { id ... on T { ... @defer { z } } } }", {"a": a, "b": b})

    assert (part.data, part.path) == ({"z": None}, ("n",))
    assert [error.path for error in part.errors] == [("n", "z")]
