"""Standard attributes of a client's connection, by what the server says of it.

Spec: OpenTelemetry, HTTP server and general network semantic conventions; ASGI 3.0, HTTP connection scope.
"""

from collections.abc import Mapping

from router.hooks.known import Known, Selector
from router.kit.json import JsonValue


def _find_end(end: str, part: int) -> Selector:
    def find(known: Known) -> JsonValue:
        pair = known.scope.get(end)
        return pair[part] if pair else None

    return find


_find_peer, _find_local_port = _find_end("client", 0), _find_end("server", 1)


def _find_type(known: Known) -> JsonValue:
    peer = _find_peer(known)
    return None if peer is None else "ipv6" if ":" in str(peer) else "ipv4"


def _find_transport(known: Known) -> JsonValue:
    """Who listens at a Unix socket has no port."""
    return "unix" if _find_local_port(known) is None else "tcp"


CONNECTION: Mapping[str, Selector] = {
    "client.address": lambda known: known.address,
    "network.local.address": _find_end("server", 0),
    "network.local.port": _find_local_port,
    "network.peer.address": _find_peer,
    "network.peer.port": _find_end("client", 1),
    "network.protocol.name": lambda _: "http",
    "network.protocol.version": lambda known: known.scope.get("http_version"),
    "network.transport": _find_transport,
    "network.type": _find_type,
    "url.scheme": lambda known: known.scope.get("scheme"),
}
"""By names, with what chooses their values."""
