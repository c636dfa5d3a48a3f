"""Which transport reaches which subgraph, by what is set about it."""

from collections.abc import Mapping

from router.executor.http import HttpOptions, HttpTransport
from router.executor.http_pool import HttpPoolTransport, PoolOptions
from router.executor.options import Http2, SubgraphTraffic, TrafficOptions
from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport, TransportError


class TransportBySubgraph:
    """Sends each request by its subgraph's own transport: one of `transports`, by name."""

    def __init__(self, transports: Mapping[str, SubgraphTransport]) -> None:
        self.transports = dict(transports)

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            TransportError: no usable answer.
        """
        transport = self.transports.get(request.subgraph)
        if transport is None:
            msg = "there is no such subgraph"
            raise TransportError(msg)
        return await transport.send(request)

    async def close(self) -> None:
        """Close every transport."""
        for transport in dict.fromkeys(self.transports.values()):
            await transport.close()


def build_http_transport(urls: Mapping[str, str], traffic: TrafficOptions) -> TransportBySubgraph:
    """A transport to each subgraph's URL; subgraphs with the same settings share one."""
    groups: dict[SubgraphTraffic, dict[str, str]] = {}
    for name, url in urls.items():
        groups.setdefault(traffic.of_subgraph(name), {})[name] = url
    return TransportBySubgraph(
        {
            name: transport
            for settings, group in groups.items()
            for transport in [_build(group, settings)]
            for name in group
        }
    )


def _build(urls: Mapping[str, str], settings: SubgraphTraffic) -> SubgraphTransport:
    idle_s = settings.connection_idle_s
    if settings.http2 is Http2.DISABLE:
        return HttpPoolTransport(urls, PoolOptions(connection_idle_s=idle_s))
    is_known = settings.http2 is Http2.ONLY
    return HttpTransport(urls, HttpOptions(connection_idle_s=idle_s, is_http2_known=is_known))
