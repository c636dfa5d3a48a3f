"""Where a request comes from, of which a client may say what it likes.

Each proxy appends to `X-Forwarded-For` the address that it was asked from. What the nearest ones, which are ours, have
appended is believed; all before it anybody can make up.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from msgspec.structs import replace

from router.server.messages import HttpRequest, index_headers

FORWARDED_FOR = "x-forwarded-for"

NOWHERE = "nowhere"
"""The network of those who have no address, as behind a Unix socket without a proxy that tells it."""

IPV6_PREFIX = 64
"""One network of IPv6 is one address: who has one has all of it."""

_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*):\d+")
_CACHED = 1024


def find_address(peer: str | None, forwarded_for: str | None, trusted_proxies: int) -> str | None:
    """The client's address; None where there is none.

    What a trusted proxy tells and is no address (`unknown`) leaves nobody without one: it is the peer's then.
    """
    hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
    # The nearest proxy is the peer, and has appended the address that it saw.
    told = hops[-trusted_proxies] if 0 < trusted_proxies <= len(hops) else ""
    address = _read_address(told) or _read_address(peer or "")
    return None if address is None else str(address)


def name_network(address: str | None) -> str:
    """Who is counted together: an address of IPv4, a network of IPv6."""
    parsed = _read_address(address or "")
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_PREFIX), strict=False))
    return NOWHERE if parsed is None else str(parsed)


def tell_address(request: HttpRequest, address: str | None) -> HttpRequest:
    """The request with `X-Forwarded-For` as we know it, for whoever it is sent on to: one address, or none."""
    headers = tuple(each for each in request.headers if each[0] != FORWARDED_FOR)
    if address is not None:
        headers += ((FORWARDED_FOR, address),)
    return replace(request, headers=headers, values=index_headers(headers), address=address)


@lru_cache(_CACHED)
def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    """`1.2.3.4`, `2001:db8::1`; some proxies append the port too: `1.2.3.4:80`, `[2001:db8::1]:80`."""
    match = _WITH_PORT.fullmatch(text)
    try:
        parsed = ip_address((match[1] or match[2] if match is not None else text).partition("%")[0])
    except ValueError:
        return None
    return (isinstance(parsed, IPv6Address) and parsed.ipv4_mapped) or parsed
