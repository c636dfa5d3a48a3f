"""Which transport reaches which subgraph, by what is set about it."""

from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, NamedTuple

from router.executor.batching import BatchingTransport
from router.executor.http_pool import HttpPoolTransport, PoolOptions
from router.executor.options import (
    AwsSigning,
    Http2,
    SigningOptions,
    SubgraphSwitch,
    SubgraphTls,
    SubgraphTraffic,
    TlsOptions,
    TrafficOptions,
)
from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport, TransportError
from router.executor.transport_automatic_queries import AutomaticQueriesTransport
from router.executor.transport_encoding import EncodingTransport
from router.executor.transport_shape import shape_transport
from router.executor.transport_tls import build_tls_context


class TransportBySubgraph:
    """Sends each request by its subgraph's own transport: one of `transports`, by name."""

    def __init__(self, transports: Mapping[str, SubgraphTransport]) -> None:
        self.transports = dict(transports)

    def send(self, request: SubgraphRequest) -> Coroutine[Any, Any, SubgraphAnswer]:
        """Send and wait for the whole answer.

        Raises:
            TransportError: no usable answer.
        """
        transport = self.transports.get(request.subgraph)
        if transport is None:
            msg = "there is no such subgraph"
            raise TransportError(msg)
        return transport.send(request)

    async def close(self) -> None:
        """Close every transport."""
        for transport in dict.fromkeys(self.transports.values()):
            await transport.close()


def shape_given_transport(
    names: Iterable[str], transport: SubgraphTransport, traffic: TrafficOptions
) -> dict[str, SubgraphTransport]:
    """By subgraph, a transport that somebody has brought, with what is set about the traffic to each."""
    settings = {name: traffic.of_subgraph(name) for name in names}
    shaped = {each: shape_transport(transport, each) for each in settings.values()}
    return {name: shaped[settings[name]] for name in settings}


def shape_bodies(
    transports: Mapping[str, SubgraphTransport], batching: SubgraphSwitch, automatic: SubgraphSwitch
) -> dict[str, SubgraphTransport]:
    """The transports, each in those that make something else of single requests: arrays, hashes for operations."""
    shaped: dict[str, SubgraphTransport] = {}
    for name, given in transports.items():
        transport = BatchingTransport(given) if batching.is_for(name) else given
        shaped[name] = AutomaticQueriesTransport(transport) if automatic.is_for(name) else transport
    return shaped


def build_http_transport(
    urls: Mapping[str, str],
    traffic: TrafficOptions,
    tls: TlsOptions | None = None,
    signing: SigningOptions | None = None,
) -> TransportBySubgraph:
    """A transport to each subgraph's URL; subgraphs with the same settings share one."""
    tls, signing = tls or TlsOptions(), signing or SigningOptions()
    groups: dict[_Settings, dict[str, str]] = {}
    for name, url in urls.items():
        settings = traffic.of_subgraph(name)
        is_for_library = settings.http2 is not Http2.DISABLE or settings.proxy is not None
        # The library knows nothing of Unix sockets, and there is no proxy on the way to one.
        is_for_library = is_for_library and not url.startswith("unix:")
        key = _Settings(settings, tls.of_subgraph(name), signing.of_subgraph(name), is_for_library)
        groups.setdefault(key, {})[name] = url
    return TransportBySubgraph(
        {
            name: transport
            for settings, group in groups.items()
            for transport in [_build(group, settings)]
            for name in group
        }
    )


class _Settings(NamedTuple):
    """What makes one transport another than the next."""

    traffic: SubgraphTraffic
    tls: SubgraphTls
    signing: AwsSigning | None
    is_for_library: bool


def _build(urls: Mapping[str, str], chosen: _Settings) -> SubgraphTransport:
    settings, tls = chosen.traffic, chosen.tls
    idle_s = settings.connection_idle_s
    transport: SubgraphTransport
    if chosen.is_for_library:
        # Which is 7 MB.
        from router.executor.http import HttpOptions, HttpTransport  # noqa: PLC0415

        is_known = settings.http2 is Http2.ONLY
        is_possible = settings.http2 is not Http2.DISABLE
        options = HttpOptions(
            connection_idle_s=idle_s,
            is_http2_possible=is_possible,
            is_http2_known=is_known,
            tls=tls,
            proxy=settings.proxy,
            ping_s=settings.http2_ping_s,
            ping_timeout_s=settings.http2_ping_timeout_s,
        )
        transport = HttpTransport(urls, options)
    else:
        context = build_tls_context(tls) if tls != SubgraphTls() else None
        transport = HttpPoolTransport(
            urls, PoolOptions(connection_idle_s=idle_s, tls=context, dns=settings.dns)
        )
    if chosen.signing is not None:
        # Its library is optional. What is signed is what is sent: packed, if it is.
        from router.executor.transport_signing import SigningTransport  # noqa: PLC0415

        transport = SigningTransport(transport, urls, chosen.signing)
    if settings.encoding is not None:
        transport = EncodingTransport(transport, settings.encoding)
    return shape_transport(transport, settings)
