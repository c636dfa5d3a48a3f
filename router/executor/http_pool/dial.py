"""Connecting to a host of several addresses, of which some may not answer.

The next address is tried while the one before it is silent, and whoever answers first is taken: a host whose IPv6 leads nowhere
costs a quarter of a second, not the time that a system waits for it.

Spec: RFC 8305 (Happy Eyeballs), sections 4 and 5.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from aiohappyeyeballs import AddrInfoType, start_connection

from router.executor.http_pool.origin import Origin
from router.executor.options import Dns

Protocol = TypeVar("Protocol", bound=asyncio.BaseProtocol)

DELAY_S = 0.25
"""After which the next address is tried; RFC 8305's recommendation."""

ADDRESSES_MAX = 8
"""Of a host that has more the first are tried."""

_FAMILIES = {Dns.IPV4_ONLY: socket.AF_INET, Dns.IPV6_ONLY: socket.AF_INET6}


async def dial(make: Callable[[], Protocol], origin: Origin) -> Protocol:
    """A protocol with a connection to `origin`.

    Raises:
        OSError: nobody answers at any address, or there is none.
    """
    loop = asyncio.get_running_loop()
    if origin.socket is not None:
        _, protocol = await loop.create_unix_connection(make, origin.socket)
    elif _is_address(origin.host):
        _, protocol = await loop.create_connection(make, origin.host, origin.port, ssl=origin.tls)
    else:
        addresses = await _resolve(loop, origin)
        # Which family comes first is decided, or both take turns.
        turns = 1 if origin.dns is Dns.BOTH else 0
        connected = await start_connection(addresses, happy_eyeballs_delay=DELAY_S, interleave=turns)
        try:
            name = None if origin.tls is None else origin.host
            _, protocol = await loop.create_connection(
                make, sock=connected, ssl=origin.tls, server_hostname=name
            )
        except BaseException:
            connected.close()
            raise
    return protocol


async def _resolve(loop: asyncio.AbstractEventLoop, origin: Origin) -> Sequence[AddrInfoType]:
    family = _FAMILIES.get(origin.dns, socket.AF_UNSPEC)
    found = await loop.getaddrinfo(origin.host, origin.port, family=family, type=socket.SOCK_STREAM)
    first = socket.AF_INET6 if origin.dns is Dns.IPV6_FIRST else socket.AF_INET
    if origin.dns is not Dns.BOTH:
        found = sorted(found, key=lambda each: each[0] != first)
    return found[:ADDRESSES_MAX]


@lru_cache(maxsize=256)
def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
