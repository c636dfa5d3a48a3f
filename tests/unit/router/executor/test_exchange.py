"""One operation's requests: which are one, and which never are."""

import asyncio

import pytest
from graphql import build_schema, get_operation_ast, parse

from router.executor.exchange import Exchange
from router.executor.execute import ExecutionContext, Executor
from router.executor.headers import HeaderSource
from router.executor.interpret.typenames import read_typenames
from router.executor.memory import MemoryTransport
from router.executor.options import ExecutorOptions
from router.executor.transport import SubgraphAnswer, SubgraphRequest, TransportError
from router.kit.json import RawJson, write_json
from router.operation.shape import build_shape
from router.query_plan.nodes import (
    EntitySelection,
    Fetch,
    OperationKind,
    Parallel,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Sequence,
)

SELECTION = EntitySelection("_entities", "r", ((),), ())


def entities():
    return Fetch("a", OperationKind.QUERY, "{ e }", entities=(SELECTION,))


class Slow:
    """Answers when it is let, each request with its number."""

    def __init__(self, failure=None):
        self.requests: list[SubgraphRequest] = []
        self.gate = asyncio.Event()
        self.failure = failure

    async def send(self, request):
        self.requests.append(request)
        number = len(self.requests)
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return SubgraphAnswer(200, b"%d" % number)

    async def close(self):
        pass


def exchange(transport, kind=OperationKind.QUERY):
    return Exchange(transport, ExecutorOptions(), HeaderSource(()), kind)


async def ask_all(transport, given, *fetches):
    tasks = [asyncio.create_task(given.send(fetch, b"same")) for fetch in fetches]
    await asyncio.sleep(0)
    transport.gate.set()
    return [await task for task in tasks]


async def test_equal_entity_requests_of_a_query_are_one():
    transport = Slow()
    first, second = await ask_all(transport, exchange(transport), entities(), entities())
    assert first is second
    assert len(transport.requests) == 1


async def test_a_plan_that_runs_compiled_asks_once_too():
    asked = []

    async def send(request):
        asked.append(request.body)
        if b"_entities" not in request.body:
            return SubgraphAnswer(
                200, b'{"data":{"a":{"__typename":"T","id":"1"},"b":{"__typename":"T","id":"1"}}}'
            )
        return SubgraphAnswer(200, b'{"data":{"_entities":[{"name":"N"}]}}')

    document = parse("{ a { name } b { name } }")
    schema = "type Query { a: T b: T } type T { id: ID! name: String }"
    shape = build_shape(build_schema(schema), document, get_operation_ast(document), {})
    key = (RequiredFragment("T", (RequiredField("__typename", "__typename"), RequiredField("id", "id"))),)
    text = "query($r: [_Any!]!) { _entities(representations: $r) { ... on T { name } } }"
    root = Fetch("a", OperationKind.QUERY, "{ a { __typename id } b { __typename id } }")
    names = [
        Fetch("b", OperationKind.QUERY, text, entities=(EntitySelection("_entities", "r", ((place,),), key),))
        for place in ("a", "b")
    ]
    plan = QueryPlan(OperationKind.QUERY, Sequence((root, Parallel(tuple(names)))))
    executor = Executor(
        read_typenames(parse(schema)),
        MemoryTransport({"a": send, "b": send}),
        ExecutorOptions(compile_after=0),
    )
    result = await executor.execute(plan, shape, ExecutionContext({}))
    assert write_json(result.data) == b'{"a":{"name":"N"},"b":{"name":"N"}}'
    assert isinstance(result.data, RawJson)
    assert len(asked) == 2


async def test_its_failure_is_everyones():
    transport = Slow(TransportError("reset"))
    first, second = await ask_all(transport, exchange(transport), entities(), entities())
    assert first is second is transport.failure


async def test_in_a_mutation_each_is_asked():
    transport = Slow()
    answers = await ask_all(transport, exchange(transport, OperationKind.MUTATION), entities(), entities())
    assert [answer.body for answer in answers] == [b"1", b"2"]


async def test_fetches_at_the_root_are_each_asked():
    transport, root = Slow(), Fetch("a", OperationKind.QUERY, "{ e }")
    answers = await ask_all(transport, exchange(transport), root, root)
    assert [answer.body for answer in answers] == [b"1", b"2"]


async def test_one_that_stops_waiting_takes_nothing_from_the_other():
    transport = Slow()
    given = exchange(transport)
    first = asyncio.create_task(given.send(entities(), b"same"))
    second = asyncio.create_task(given.send(entities(), b"same"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    transport.gate.set()
    assert (await first).body == b"1"


async def test_what_was_heard_once_is_heard_again():
    transport = Slow()
    transport.gate.set()
    given, fetch = exchange(transport, OperationKind.MUTATION), Fetch("a", OperationKind.MUTATION, "m")
    heard = await given.send_once(fetch, b"m")
    assert await given.send(fetch, b"m") is heard
    assert len(transport.requests) == 1
