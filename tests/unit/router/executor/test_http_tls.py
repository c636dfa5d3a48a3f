"""TLS to subgraphs: verified, whatever is set; and what comes over it, HTTP/2 and proxies among it."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest

from router.executor.options import Http2, SubgraphTls, SubgraphTraffic, TlsOptions, TrafficOptions
from router.executor.transport import SubgraphRequest, TransportError
from router.executor.transport_tls import build_tls_context
from router.executor.transports import build_http_transport
from tests.support.certificates import Authority
from tests.support.http2_server import Http2Subgraph
from tests.support.listening import listening, read_http
from tests.support.turns import let_arrive

REQUEST = SubgraphRequest("a", b'{"query":"{x}"}', timeout_s=5, is_repeatable=True)
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
OURS, THEIRS = Authority("ours"), Authority("theirs")

BY_POOL, BY_LIBRARY = SubgraphTraffic(), SubgraphTraffic(http2=Http2.ENABLE)


def serve(context):
    """A server that answers over TLS; gives its port."""

    async def handle(reader, writer):
        while True:
            await read_http(reader)
            writer.write(ANSWER)

    return listening(handle, ssl=context)


@asynccontextmanager
async def connect(port, tls, traffic=BY_POOL, host="localhost"):
    transport = build_http_transport(
        {"a": f"https://{host}:{port}/graphql"}, TrafficOptions(traffic), TlsOptions(tls)
    )
    try:
        yield transport
    finally:
        await transport.close()


@pytest.fixture(params=[BY_POOL, BY_LIBRARY], ids=["pool", "library"])
def traffic(request):
    return request.param


async def test_an_authority_of_our_own_is_trusted(tmp_path, traffic):
    context = OURS.sign("localhost").build_server_context(tmp_path)
    async with (
        serve(context) as port,
        connect(port, SubgraphTls(certificate_authorities=OURS.pem), traffic) as transport,
    ):
        assert (await transport.send(REQUEST)).body == b"{}"
        assert (await transport.send(REQUEST)).body == b"{}"


@pytest.mark.parametrize(
    ("certificate", "trusted"),
    [
        (THEIRS.sign("localhost"), OURS.pem),
        (OURS.sign("localhost"), ""),
        (OURS.sign("elsewhere"), OURS.pem),
        (OURS.sign("localhost", days=-1), OURS.pem),
    ],
    ids=["of another authority", "of an authority that nobody knows", "for another host", "ended"],
)
async def test_a_certificate_that_proves_nothing_is_refused(tmp_path, traffic, certificate, trusted):
    async with (
        serve(certificate.build_server_context(tmp_path)) as port,
        connect(port, SubgraphTls(certificate_authorities=trusted), traffic) as transport,
    ):
        with pytest.raises(TransportError) as caught:
            await transport.send(REQUEST)
    assert "certificate" in str(caught.value).lower()


async def test_we_show_our_certificate_to_who_asks(tmp_path, traffic):
    context = OURS.sign("localhost").build_server_context(tmp_path, clients_of=OURS)
    shown = OURS.sign("router")
    known = SubgraphTls(OURS.pem, shown.chain, shown.key)
    async with serve(context) as port:
        async with connect(port, known, traffic) as transport:
            assert (await transport.send(REQUEST)).body == b"{}"
        async with connect(port, SubgraphTls(OURS.pem), traffic) as transport:
            with pytest.raises(TransportError):
                await transport.send(REQUEST)


def test_what_is_no_certificate_is_refused():
    shown, other = OURS.sign("router"), OURS.sign("other")
    for tls in (
        SubgraphTls("no PEM"),
        SubgraphTls(OURS.pem, "no PEM", "no PEM"),
        SubgraphTls(OURS.pem, shown.chain, other.key),
    ):
        with pytest.raises((ssl.SSLError, ValueError)):
            build_tls_context(tls)


def test_certificates_are_always_verified():
    for tls in (SubgraphTls(), SubgraphTls(OURS.pem)):
        context = build_tls_context(tls)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("is_secure", [True, False])
async def test_http_2_shares_a_connection(tmp_path, is_secure):
    seen, connections, context = [], [], None
    if is_secure:
        context = OURS.sign("localhost").build_server_context(tmp_path)
        context.set_alpn_protocols(["h2"])

    def make():
        connections.append(Http2Subgraph(b'{"data":{}}', seen))
        return connections[-1]

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=context)
    scheme, http2 = ("https", Http2.ENABLE) if is_secure else ("http", Http2.ONLY)
    url = f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}/graphql"
    transport = build_http_transport(
        {"a": url}, TrafficOptions(SubgraphTraffic(http2=http2)), TlsOptions(SubgraphTls(OURS.pem))
    )
    try:
        await transport.send(REQUEST)
        answers = await asyncio.gather(*(transport.send(REQUEST) for _ in range(20)))
    finally:
        await transport.close()
        server.close()
        for connection in connections:
            connection.close()
        await let_arrive()
    assert [answer.body for answer in answers] == [b'{"data":{}}'] * 20
    assert seen == ["/graphql"] * 21
    assert len(connections) == 1


async def test_a_proxy_is_asked_instead_of_the_subgraph():
    asked = []

    async def handle(reader, writer):
        asked.append((await read_http(reader))[0])
        writer.write(ANSWER)

    async with listening(handle) as port:
        traffic = SubgraphTraffic(proxy=f"http://127.0.0.1:{port}")
        transport = build_http_transport({"a": "http://a.invalid/graphql"}, TrafficOptions(traffic))
        assert (await transport.send(REQUEST)).body == b"{}"
        await transport.close()
    assert asked[0].startswith(b"POST http://a.invalid/graphql HTTP/1.1")


async def test_http_2_connections_are_asked_whether_they_are_alive_where_that_is_set():
    seen, connections = [], []

    def make():
        connections.append(Http2Subgraph(b'{"data":{}}', seen))
        return connections[-1]

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    url = f"http://localhost:{server.sockets[0].getsockname()[1]}/graphql"
    settings = SubgraphTraffic(http2=Http2.ONLY, http2_ping_s=0.05)
    transport = build_http_transport({"a": url}, TrafficOptions(settings))
    try:
        await transport.send(REQUEST)
        async with asyncio.timeout(20):
            while "ping" not in seen:  # noqa: ASYNC110 -- the library has no event for it
                await asyncio.sleep(0.01)
    finally:
        await transport.close()
        server.close()
        for connection in connections:
            connection.close()
        await let_arrive()
