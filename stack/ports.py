"""Are our ports free, and do those who listen on them answer as healthy?"""

import http.client
import socket
from collections.abc import Mapping

from stack.errors import PortTakenError

_ANSWER_TIMEOUT_S = 2.0


def check_ports_free(host: str, ports: Mapping[str, int]) -> None:
    """Check that each port can be listened on.

    Raises:
        PortTakenError: naming every one that cannot, with whom it is for.
    """
    taken = {name: port for name, port in ports.items() if not _is_free(host, port)}
    if taken:
        told = ", ".join(f"port {port} (for {name})" for name, port in taken.items())
        name, port = next(iter(taken.items()))
        raise PortTakenError(
            f"Another program, or another marketplace, already listens on {told}.",
            f"Stop it (`ss -ltnp 'sport = :{port}'` names it), or choose another port for each: "
            f"{name.upper()}_PORT={port + 100} make up",
        )


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose old connections linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def is_healthy(port: int, path: str) -> bool:
    """Tell whether `GET path` on our own machine is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
