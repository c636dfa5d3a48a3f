"""Connecting to hosts of several addresses: which are tried, in which order, and what one that is silent costs."""

import asyncio
import errno
import socket

import pytest

from router.config.router_yaml import read_router_config
from router.executor.http_pool import dial as dialling
from router.executor.http_pool.dial import ADDRESSES_MAX, dial
from router.executor.http_pool.origin import read_origin
from router.executor.options import Dns
from tests.support.listening import listening

SILENT_6, REFUSING_4 = "2001:db8::1", "127.0.0.2"
SERVER_4 = "127.0.0.1"


@pytest.fixture
async def network(monkeypatch):
    """Connects by the fake `network.addresses`; silent ones hear nothing for ever. `network.tried` has all in order."""

    class Network:
        addresses = ()
        tried = ()
        families = ()

    network, loop = Network(), asyncio.get_running_loop()
    network.tried, network.families = [], []

    async def sock_connect(sock, address):
        network.tried.append(address[0])
        if address[0] == SILENT_6:
            await loop.create_future()
        if address[0] == REFUSING_4:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"Connect call failed {address}")
        # At once, as long as the machine may take for it.
        sock.setblocking(True)
        sock.connect(address)
        sock.setblocking(False)

    async def getaddrinfo(_host, port, *, family, type):  # noqa: A002 -- its name there
        network.families.append(family)
        found = [
            (socket.AF_INET6, type, 0, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, type, 0, "", (each, port))
            for each in network.addresses
        ]
        return [each for each in found if family in (socket.AF_UNSPEC, each[0])]

    monkeypatch.setattr(loop, "sock_connect", sock_connect, raising=False)
    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo, raising=False)
    monkeypatch.setattr(dialling, "DELAY_S", 0.001)

    async def close(_reader, _writer):
        pass

    async with listening(close) as port:
        network.origin = lambda dns: read_origin(f"http://shop.example:{port}/", None, dns)
        yield network


async def connect(network, dns=Dns.BOTH):
    async with asyncio.timeout(10):
        protocol = await dial(Answer, network.origin(dns))
        await protocol.ended
    return network.tried


class Answer(asyncio.Protocol):
    def __init__(self):
        self.ended = asyncio.get_running_loop().create_future()

    def connection_lost(self, _error):
        self.ended.set_result(None)


async def test_an_address_that_is_silent_does_not_keep_the_next_one_waiting(network):
    network.addresses = (SILENT_6, SERVER_4)
    assert await connect(network) == [SILENT_6, SERVER_4]


@pytest.mark.parametrize(
    ("dns", "addresses", "tried"),
    [
        (Dns.BOTH, (SILENT_6, SILENT_6, SERVER_4), [SILENT_6, SERVER_4]),
        (Dns.IPV4_FIRST, (SILENT_6, REFUSING_4, SERVER_4), [REFUSING_4, SERVER_4]),
        (Dns.IPV6_FIRST, (SERVER_4, SILENT_6), [SILENT_6, SERVER_4]),
        (Dns.IPV4_ONLY, (SILENT_6, SERVER_4), [SERVER_4]),
    ],
)
async def test_which_addresses_are_tried_in_which_order_is_configured(dns, addresses, tried, network):
    network.addresses = addresses
    assert await connect(network, dns) == tried


async def test_ipv6_alone_asks_for_nothing_else(network):
    network.addresses = (SERVER_4, SILENT_6)
    waiting = asyncio.create_task(connect(network, Dns.IPV6_ONLY))
    while not network.tried:  # noqa: ASYNC110 -- the loop's own turns
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (network.tried, network.families) == ([SILENT_6], [socket.AF_INET6])


async def test_where_nobody_answers_that_is_the_reason_and_not_every_address_is_tried(network):
    network.addresses = (REFUSING_4,) * 50
    with pytest.raises(ConnectionRefusedError):
        await connect(network)
    assert len(network.tried) == ADDRESSES_MAX


def test_apollos_names_are_read_and_its_default_holds():
    subgraphs = {name: {"dns_resolution_strategy": name} for name in Dns}
    traffic = read_router_config({"traffic_shaping": {"subgraphs": subgraphs}}, {}).executor.traffic
    assert [traffic.of_subgraph(name).dns for name in Dns] == list(Dns)
    assert traffic.all.dns is Dns.IPV4_FIRST
