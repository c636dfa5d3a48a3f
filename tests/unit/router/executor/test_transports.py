"""Which transport reaches which subgraph."""

import pytest

from router.executor.http import HttpTransport
from router.executor.http_pool import HttpPoolTransport
from router.executor.options import Http2, SubgraphTraffic, TrafficOptions
from router.executor.transport import SubgraphRequest, TransportError
from router.executor.transports import TransportBySubgraph, build_http_transport


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
