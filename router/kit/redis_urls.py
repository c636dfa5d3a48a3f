"""The URLs by which a Redis is named: one server, a cluster of them, or whichever sentinels say is the primary.

`redis://`, `rediss://` and `unix://` are redis-py's own; the others are Apollo Router's: `redis-cluster://host:port`,
`redis-sentinel://host:port?sentinelServiceName=name`, both also `rediss-` for TLS, and further servers as further URLs or as
`?node=host:port`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

CLUSTER_PORT, SENTINEL_PORT = 6379, 26379


class Arrangement(StrEnum):
    """How servers belong together."""

    SINGLE = "single"
    CLUSTER = "cluster"
    SENTINEL = "sentinel"


_SCHEMES = {
    "redis": Arrangement.SINGLE,
    "rediss": Arrangement.SINGLE,
    "unix": Arrangement.SINGLE,
    "redis-cluster": Arrangement.CLUSTER,
    "rediss-cluster": Arrangement.CLUSTER,
    "redis-sentinel": Arrangement.SENTINEL,
    "rediss-sentinel": Arrangement.SENTINEL,
}


@dataclass(frozen=True, slots=True)
class RedisServers:
    """What some URLs say.

    Attributes:
        nodes: host and port of each server that may be asked first; empty for a single one.
        service: what sentinels call the primary.
    """

    arrangement: Arrangement
    is_tls: bool
    nodes: tuple[tuple[str, int], ...] = ()
    username: str = ""
    password: str = field(default="", repr=False)
    service: str = ""
    database: int = 0


def read_redis_urls(urls: Sequence[str]) -> RedisServers:
    """What `urls` say; several `redis://` are a cluster, as in Apollo Router.

    Raises:
        ValueError: they are not understood, or do not fit together.
    """
    parts = [urlsplit(url) for url in urls]
    if not parts or any(each.scheme not in _SCHEMES for each in parts):
        raise ValueError(f"must be URLs that begin with {', '.join(f'{each}://' for each in _SCHEMES)}")
    first = parts[0]
    if any(each.scheme != first.scheme for each in parts):
        raise ValueError("must all begin in the same way")
    arrangement, is_tls = _SCHEMES[first.scheme], first.scheme.startswith("rediss")
    if arrangement is Arrangement.SINGLE:
        if len(parts) == 1:
            return RedisServers(arrangement, is_tls)
        arrangement = Arrangement.CLUSTER
        if first.scheme == "unix":
            raise ValueError("must be one URL where it is a unix:// one")
    default = SENTINEL_PORT if arrangement is Arrangement.SENTINEL else CLUSTER_PORT
    nodes = [node for each in parts for node in _read_nodes(each, default)]
    service = parse_qs(first.query).get("sentinelServiceName", [""])[0]
    if arrangement is Arrangement.SENTINEL and not service:
        raise ValueError("must name the primary: ?sentinelServiceName=...")
    database = first.path.strip("/") or "0"
    if not database.isascii() or not database.isdigit():
        raise ValueError("must end in the number of a database, if in anything")
    return RedisServers(
        arrangement,
        is_tls,
        tuple(nodes),
        unquote(first.username or ""),
        unquote(first.password or ""),
        service,
        int(database),
    )


def _read_nodes(url: SplitResult, default: int) -> list[tuple[str, int]]:
    nodes = [url, *(urlsplit(f"//{each}") for each in parse_qs(url.query).get("node", ()))]
    if not all(node.hostname for node in nodes):
        raise ValueError("must name a host each")
    return [(node.hostname or "", node.port or default) for node in nodes]
