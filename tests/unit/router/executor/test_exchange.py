"""One operation's requests: which are one, and which never are."""

import asyncio

import pytest

from router.executor.exchange import Exchange
from router.executor.headers import HeaderSource
from router.executor.options import ExecutorOptions
from router.executor.transport import SubgraphAnswer, SubgraphRequest, TransportError
from router.query_plan.nodes import EntitySelection, Fetch, OperationKind

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
