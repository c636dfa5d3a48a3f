"""Which transport reaches which subgraph."""

import asyncio

import pytest
from msgspec.structs import replace

from router.executor.http import HttpTransport
from router.executor.http_pool import HttpPoolTransport
from router.executor.options import Http2, SubgraphTraffic, TrafficOptions
from router.executor.transport import SubgraphAnswer, SubgraphRequest, TransportError
from router.executor.transport_dedupe import DeduplicatingTransport
from router.executor.transport_encoding import EncodingTransport
from router.executor.transports import TransportBySubgraph, build_http_transport
from router.kit.content_encoding import decode_body
from tests.support.turns import let_arrive

REQUEST = SubgraphRequest("a", b"{}", (("authorization", "x"),), is_repeatable=True)


class Slow:
    """Answers when told to."""

    def __init__(self):
        self.sent, self.go = [], asyncio.Event()
        self.error = None

    async def send(self, request):
        self.sent.append(request)
        await self.go.wait()
        if self.error:
            raise self.error
        return SubgraphAnswer(200, b"%d" % len(self.sent))

    async def close(self):
        self.go.set()


async def gather_deduplicated(slow, *requests):
    transport = DeduplicatingTransport(slow)
    asked = [asyncio.create_task(transport.send(request)) for request in requests]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    slow.go.set()
    return await asyncio.gather(*asked, return_exceptions=True)


async def test_identical_queries_under_way_are_sent_once():
    slow = Slow()
    answers = await gather_deduplicated(
        slow,
        REQUEST,
        REQUEST,
        replace(
            REQUEST,
        ),
    )
    assert len(slow.sent) == 1
    assert len({id(answer) for answer in answers}) == 1


async def test_an_answer_that_sets_a_cookie_is_one_clients():
    class Sessions(Slow):
        async def send(self, request):
            answer = await super().send(request)
            return replace(answer, headers={"set-cookie": f"s={len(self.sent)}"})

    slow = Sessions()
    answers = await gather_deduplicated(slow, REQUEST, REQUEST, REQUEST)
    assert len(slow.sent) == 3
    assert len({id(answer) for answer in answers}) == 3


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, subgraph="b"),
        replace(REQUEST, body=b"{ }"),
        replace(REQUEST, headers=()),
        replace(REQUEST, headers=(("authorization", "y"),)),
    ],
)
async def test_what_a_subgraph_can_tell_apart_is_sent_apart(other):
    slow = Slow()
    await gather_deduplicated(slow, REQUEST, other)
    assert len(slow.sent) == 2


async def test_mutations_are_never_shared():
    slow, mutation = Slow(), replace(REQUEST, is_repeatable=False)
    await gather_deduplicated(slow, mutation, mutation)
    assert len(slow.sent) == 2


async def test_who_has_seen_a_mutation_does_not_join_a_query_that_began_before():
    slow, mutation = Slow(), replace(REQUEST, is_repeatable=False)
    transport = DeduplicatingTransport(slow)
    before = asyncio.create_task(transport.send(REQUEST))
    changing = asyncio.create_task(transport.send(mutation))
    await asyncio.sleep(0)
    changing.cancel()
    await asyncio.gather(changing, return_exceptions=True)
    after = asyncio.create_task(transport.send(REQUEST))
    await let_arrive()
    assert len(slow.sent) == 3
    slow.go.set()
    await asyncio.gather(before, after)
    assert not transport._under_way


async def test_what_has_been_answered_is_asked_again():
    slow = Slow()
    transport = DeduplicatingTransport(slow)
    slow.go.set()
    await transport.send(REQUEST)
    await transport.send(REQUEST)
    assert len(slow.sent) == 2


async def test_a_failure_is_everybodys():
    slow = Slow()
    slow.error = TransportError("no")
    assert await gather_deduplicated(slow, REQUEST, REQUEST) == [slow.error] * 2


async def test_who_leaves_does_not_take_the_answer_along():
    slow = Slow()
    transport = DeduplicatingTransport(slow)
    first, second = (asyncio.create_task(transport.send(REQUEST)) for _ in range(2))
    await let_arrive()
    first.cancel()
    await asyncio.sleep(0)
    slow.go.set()
    assert (await second).body == b"1"


async def test_a_failure_that_nobody_waits_for_is_forgotten():
    slow = Slow()
    slow.error = TransportError("no")
    transport = DeduplicatingTransport(slow)
    first = asyncio.create_task(transport.send(REQUEST))
    await let_arrive()
    first.cancel()
    slow.go.set()
    await let_arrive()
    assert not transport._under_way


class Recorder:
    def __init__(self):
        self.sent, self.closed = [], 0

    async def send(self, request):
        self.sent.append(request.subgraph)

    async def close(self):
        self.closed += 1


async def test_each_subgraph_has_its_transport_and_a_shared_one_is_closed_once():
    one, other = Recorder(), Recorder()
    transport = TransportBySubgraph({"a": one, "b": one, "c": other})
    for name in "abc":
        await transport.send(SubgraphRequest(name, b""))
    with pytest.raises(TransportError, match="no such subgraph"):
        await transport.send(SubgraphRequest("d", b""))
    await transport.close()

    assert (one.sent, one.closed, other.sent, other.closed) == (["a", "b"], 1, ["c"], 1)


def test_http_2_is_left_to_the_library():
    traffic = TrafficOptions(subgraphs={"b": SubgraphTraffic(http2=Http2.ENABLE)})
    transport = build_http_transport({"a": "http://a", "b": "https://b", "c": "http://c"}, traffic)
    chosen = transport.transports

    assert isinstance(chosen["a"], HttpPoolTransport)
    assert chosen["a"] is chosen["c"]
    assert isinstance(chosen["b"], HttpTransport)


async def test_requests_are_packed_where_it_is_wanted():
    slow = Slow()
    slow.go.set()
    await EncodingTransport(slow, "gzip").send(REQUEST)
    (sent,) = slow.sent
    assert decode_body(sent.body, "gzip", 100) == REQUEST.body
    assert sent.headers == (*REQUEST.headers, ("content-encoding", "gzip"))
    traffic = TrafficOptions(SubgraphTraffic(encoding="br"))
    assert isinstance(build_http_transport({"a": "http://a"}, traffic).transports["a"], EncodingTransport)


def test_what_the_pool_cannot_is_left_to_the_library_but_for_unix_sockets():
    traffic = TrafficOptions(SubgraphTraffic(proxy="http://p"), {"c": SubgraphTraffic(is_deduplicated=True)})
    urls = {"a": "http://a", "b": "unix:///b", "c": "http://c"}
    chosen = build_http_transport(urls, traffic).transports

    assert isinstance(chosen["a"], HttpTransport)
    assert isinstance(chosen["b"], HttpPoolTransport)
    assert isinstance(chosen["c"], DeduplicatingTransport)
    assert isinstance(chosen["c"].transport, HttpPoolTransport)
